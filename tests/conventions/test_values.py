"""The values that fill the text of a convention: their source, and their French form."""

from decimal import Decimal

import pytest

from conventions.content.freeze import build_content
from conventions.models import Act
from conventions.services.texts import set_values
from conventions.text.values import contracted, format_value
from tests.factories.conventions import add_sheet, complete_act, fund, make_act, member

pytestmark = pytest.mark.django_db

NBSP = "\u00a0"


def values(act: Act) -> dict:
    return build_content(Act.objects.get(pk=act.pk))["values"]


def test_money_is_formatted_as_the_document_prints_it():
    act = make_act()
    add_sheet(act, state=Decimal(430000), other=Decimal("586000.50"))
    fund(act, Decimal(430000))
    texts = values(act)
    assert texts["contribution_annee_1"] == f"430{NBSP}000{NBSP}€"
    assert texts["contribution_totale"] == f"1{NBSP}290{NBSP}000{NBSP}€"
    assert texts["cout_annee_2"] == f"1{NBSP}016{NBSP}000,50{NBSP}€"
    assert texts["taux_contribution"] == f"42,3{NBSP}%"
    assert texts["avance_annee_1"] == texts["solde_annee_1"] == f"215{NBSP}000{NBSP}€"
    assert texts["liste_lignes_etat"][0] == f"2025, socle{NBSP}: 430{NBSP}000{NBSP}€"
    assert texts["contribution_region_totale"].endswith("€")


def test_contributions_in_kind_stay_out_of_the_eligible_cost():
    from actions.models import Account, Expense

    act = make_act()
    sheet = add_sheet(act)
    Expense.objects.create(
        programme=act.programme, sheet=sheet, account=Account.objects.get(code="864"), year=2025, amount=999
    )
    assert values(act)["cout_annee_1"] == f"60{NBSP}000{NBSP}€"


def test_what_has_no_value_is_empty_never_zero():
    texts = values(make_act(delegated=False))
    assert texts["contribution_totale"] == "" and texts["taux_contribution"] == "" and texts["cout_total"] == ""
    assert texts["date_deliberation"] == "" and texts["liste_fiches_actions"] == []
    assert texts["delegation_reference"] == ""


def test_parties_and_territory_fill_the_wording():
    act = make_act(cosigners=1)
    texts = values(act)
    assert texts["signataire_etat_nom"] == str(member(act, "signatory"))
    assert texts["arml_representant_qualite"] == "présidente"
    assert texts["delegation_reference"] == "l’arrêté n° 2025-EX-01"
    assert texts["date_delegation"] == f"2{NBSP}janvier 2025"
    assert texts["bloc_marque"].startswith("du préfet de")
    assert len(texts["liste_services_cosignataires"]) == 1
    assert texts["numero_convention"] == act.convention.number
    assert texts["iban"].startswith("FR76") and texts["tribunal_administratif"] == "Chef-lieu"


def test_a_typed_value_prevails_over_the_proposal_and_never_over_what_is_computed():
    act = make_act()
    set_values(
        act=act,
        values={"tribunal_administratif": "tribunal administratif d’Ailleurs", "date_deliberation": "2025-07-01"},
        by=member(act, "officer"),
        expected_revision=None,
    )
    Act.objects.filter(pk=act.pk).update(values={**act.values, "numero_convention": "X"})
    texts = values(act)
    assert texts["tribunal_administratif"] == "tribunal administratif d’Ailleurs"
    assert texts["date_deliberation"] == f"1er{NBSP}juillet 2025"
    assert texts["numero_convention"] == act.convention.number


def test_tables_and_variants_are_left_to_the_document():
    texts = values(make_act())
    assert "tableau_echeancier" not in texts and not any(name.startswith("variante_") for name in texts)


def test_a_complete_act_leaves_only_optional_values_empty():
    from conventions.text.wording import missing_variables

    act = complete_act()
    missing = {variable.name for variable in missing_variables(build_content(act))}
    assert missing <= {
        "domaine_fonctionnel", "centre_financier", "centre_couts", "contact_donnees_etat", "contact_donnees_arml",
        "action_budgetaire", "activite_chorus", "cles_repartition",
        "methode_evaluation", "liste_comite_pilotage", "nombre_missions_locales",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        ("2025-01-01", "date", f"1er{NBSP}janvier 2025"),
        ("le 3", "date", "le 3"),
        ("1016000", "amount", f"1{NBSP}016{NBSP}000{NBSP}€"),
        ("0", "amount", f"0{NBSP}€"),
        ("42.40", "percent", f"42,4{NBSP}%"),
        ("10 %", "percent", "10 %"),
        ("", "amount", ""),
    ],
)
def test_typed_values_are_written_in_french(value, kind, text):
    assert format_value(value, kind) == text


def test_the_title_of_the_prefet_is_contracted():
    assert contracted("le préfet de Bretagne") == "du préfet de Bretagne"
    assert contracted("la préfète de Bretagne") == "de la préfète de Bretagne"
