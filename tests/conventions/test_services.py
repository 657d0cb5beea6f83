"""The services that write an act: what they store, what they refuse, and who may call them."""

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from actions.models import Cycle
from arml.models import Dossier
from conventions.content.freeze import build_content
from conventions.forms.drafting import PaperCreateForm
from conventions.guards.parties import signatories_complete
from conventions.guards.signing import unsigned_parties
from conventions.models import Act, Convention, ModelArticle
from conventions.services.articles import set_article
from conventions.services.drafting import create_convention, next_number, set_options, set_territories
from conventions.services.money import ContributionRow, InstalmentRow, set_contributions, set_instalments
from conventions.services.paper import PaperSignature, record_paper_original
from conventions.services.parties import add_party, remove_party, set_party
from conventions.services.texts import set_values
from cpo.lib import journal
from cpo.lib.editing.lock import StaleRevision
from cpo.lib.models import JournalEntry
from tests.factories.arml import (
    ArmlFactory,
    MembershipFactory,
    OrganisationFactory,
    ServiceFactory,
    TerritoryFactory,
    make_user,
)
from tests.factories.conventions import PDF, actor, cycle, lead_with_territory, make_act, make_convention, member

pytestmark = pytest.mark.django_db


def revision(act: Act) -> int:
    return Act.objects.get(pk=act.pk).programme.revision


def test_a_new_convention_opens_its_dossier_its_articles_and_gives_the_turn_to_the_state():
    convention = make_convention()
    act = convention.act
    territory = convention.dossier.territories.get()
    assert convention.number == f"CPO-2025-{territory.code3}-001"
    assert (act.state, act.programme.side, act.number) == ("draft", "state", 0)
    assert (act.effective_on, act.ends_on) == (dt.date(2025, 1, 1), dt.date(2027, 12, 31))
    assert act.articles.count() == ModelArticle.objects.filter(version=act.model_version).count() > 15
    assert not act.articles.get(model_article__key="sieg").included
    assert act.options["services_etat"] == "unique"
    assert convention.dossier.shared_on is None
    entry = journal.entries(convention.dossier, [actor(act, "officer")]).get()
    assert entry.audience == "state" and convention.number in entry.sentence


def test_signatories_are_proposed_from_the_roles_and_the_delegation_in_force():
    act = make_act()
    lead, beneficiary = act.parties.get(role="lead"), act.parties.get(role="beneficiary")
    assert lead.by_delegation and lead.delegation and lead.signatory == member(act, "signatory")
    assert lead.capacity == "directrice régionale" and act.options["signataire_etat"] == "delegation"
    assert (beneficiary.signatory_name, beneficiary.capacity) == (str(member(act, "president")), "présidente")


def test_cosigning_services_are_parties_and_change_the_wording():
    act = make_act(cosigners=2)
    assert act.parties.filter(role="cosigner").count() == 2
    assert act.options["services_etat"] == "plusieurs"


def test_numbers_of_a_region_follow_one_another_even_after_an_abandonment():
    convention = make_convention()
    Convention.objects.filter(pk=convention.pk).update(state="abandoned")
    dossier = convention.dossier
    second = create_convention(
        beneficiary=dossier.beneficiary,
        lead=dossier.lead,
        cycle=convention.cycle,
        territories=list(dossier.territories.all()),
        by=dossier.officer,
    )
    assert second.number == convention.number[:-3] + "002"


def test_an_association_has_one_convention_per_cycle_and_service():
    dossier = make_convention().dossier
    with pytest.raises(ValidationError) as refusal:
        create_convention(
            beneficiary=dossier.beneficiary,
            lead=dossier.lead,
            cycle=cycle(),
            territories=list(dossier.territories.all()),
            by=dossier.officer,
        )
    assert "beneficiary" in refusal.value.message_dict


def test_only_those_who_draft_in_the_lead_service_create():
    lead, territory = lead_with_territory()
    for role, organisation in (("signatory", lead), ("officer", None), ("national_admin", None)):
        with pytest.raises(PermissionDenied):
            create_convention(
                beneficiary=ArmlFactory(),
                lead=lead,
                cycle=cycle(),
                territories=[territory],
                by=make_user(role, organisation),
            )
    assert not Dossier.objects.exists()


def test_the_association_does_not_write_while_the_state_has_the_turn():
    act = make_act(state="negotiation", side="state")
    with pytest.raises(PermissionDenied, match="La main est à"):
        set_values(act=act, values={"diagnostic_regional": "x"}, by=member(act, "director"), expected_revision=None)


def test_a_stale_revision_overwrites_nothing():
    act = make_act()
    officer = member(act, "officer")
    set_values(act=act, values={"lieu_signature": "Ici"}, by=officer, expected_revision=0)
    with pytest.raises(StaleRevision):
        set_values(act=act, values={"lieu_signature": "Là"}, by=officer, expected_revision=0)
    assert Act.objects.get(pk=act.pk).values["lieu_signature"] == "Ici"


def test_contributions_are_replaced_as_a_whole_to_the_cent_and_a_zero_is_no_row():
    act = make_act()
    officer, lead = member(act, "officer"), act.dossier.lead
    rows = [ContributionRow(2025, Decimal("1000.10"), lead), ContributionRow(2026, Decimal(0), lead)]
    set_contributions(act=act, rows=rows, by=officer, expected_revision=0)
    rows = [
        ContributionRow(2025, Decimal("1000.25"), lead),
        ContributionRow(2025, Decimal(5), lead, "specifique", "fiche 1-A"),
    ]
    set_contributions(act=act, rows=rows, by=officer, expected_revision=1)
    assert list(act.contributions.values_list("year", "line", "amount")) == [
        (2025, "socle", Decimal("1000.25")),
        (2025, "specifique", Decimal("5.00")),
    ]


@pytest.mark.parametrize(
    ("year", "amount", "message"), [(2031, Decimal(1), "hors de la convention"), (2025, Decimal(-1), "négatif")]
)
def test_a_contribution_that_does_not_fit_the_convention_is_refused(year, amount, message):
    act = make_act()
    with pytest.raises(ValidationError, match=message):
        set_contributions(
            act=act,
            rows=[ContributionRow(year, amount, act.dossier.lead)],
            by=member(act, "officer"),
            expected_revision=0,
        )
    assert revision(act) == 0


def test_a_service_that_is_no_party_contributes_nothing():
    act = make_act()
    other, _ = lead_with_territory()
    with pytest.raises(ValidationError, match="n’est pas partie"):
        set_contributions(
            act=act, rows=[ContributionRow(2025, Decimal(1), other)], by=member(act, "officer"), expected_revision=0
        )


def test_the_association_does_not_write_the_contribution_of_the_state():
    act = make_act(state="negotiation", side="beneficiary")
    with pytest.raises(PermissionDenied, match="Seul le service de l’État"):
        set_contributions(act=act, rows=[], by=member(act, "director"), expected_revision=0)


def test_instalments_are_ranked_within_each_year():
    act = make_act()
    set_instalments(
        act=act,
        rows=[
            InstalmentRow(2025, Decimal(10), "Avance"),
            InstalmentRow(2026, Decimal(20), "Avance"),
            InstalmentRow(2025, Decimal(5), "Solde"),
        ],
        by=member(act, "officer"),
        expected_revision=0,
    )
    assert list(act.instalments.values_list("year", "rank", "label")) == [
        (2025, 1, "Avance"),
        (2025, 2, "Solde"),
        (2026, 1, "Avance"),
    ]


def test_a_locked_article_is_not_edited():
    act = make_act()
    with pytest.raises(PermissionDenied, match="verrouillé"):
        set_article(
            act=act, key="objet", body="Autre", by=member(act, "officer"), expected_revision=0, reason="Parce que"
        )


def test_a_free_article_is_reworded_with_a_reason_and_known_variables_only():
    act = make_act()
    officer = member(act, "officer")
    edit = {"act": act, "key": "preambule", "by": officer, "expected_revision": None}
    with pytest.raises(ValidationError) as refusal:
        set_article(body="Bonjour {{ inconnue }} et {{ arml_nom", **edit)
    assert set(refusal.value.message_dict) == {"body", "reason"}
    assert "Elle est dans «\u00a0Bonjour {{ inconnue }} et {{ arml_nom\u00a0»" in refusal.value.message_dict["body"][0]
    assert "accolades" in refusal.value.message_dict["body"][0]
    article = set_article(body="Avec {{ arml_nom }}.", reason="Plus court", **edit)
    assert article.departs and article.reason == "Plus court" and article.changed_by == officer
    back = set_article(body=article.model_article.body, **edit)
    assert not back.departs and back.reason == ""


def test_an_optional_article_is_left_out_with_a_reason_and_never_reworded():
    act = make_act()
    article = act.articles.select_related("model_article").get(model_article__key="communication")
    edit = {"act": act, "key": "communication", "by": member(act, "officer"), "expected_revision": None}
    with pytest.raises(ValidationError) as refusal:
        set_article(body="Autre", reason="x", **edit)
    assert "body" in refusal.value.message_dict
    with pytest.raises(ValidationError) as refusal:
        set_article(body=article.body, included=False, **edit)
    assert "reason" in refusal.value.message_dict
    assert not set_article(body=article.body, included=False, reason="Charte à part", **edit).included


def test_values_are_kept_typed_and_computed_ones_are_refused():
    act = make_act()
    officer = member(act, "officer")
    set_values(
        act=act,
        values={"date_deliberation": dt.date(2025, 7, 17), "liste_comite_pilotage": "la DREETS\n\nla Région"},
        by=officer,
        expected_revision=None,
    )
    values = Act.objects.get(pk=act.pk).values
    assert values["date_deliberation"] == "2025-07-17"
    assert values["liste_comite_pilotage"] == ["la DREETS", "la Région"]
    for name, value in (("cout_total", "12"), ("inconnue", "x"), ("date_signature", "demain")):
        with pytest.raises(ValidationError) as refusal:
            set_values(act=act, values={name: value}, by=officer, expected_revision=None)
        assert name in refusal.value.message_dict


def test_the_association_leaves_the_information_of_the_service_alone():
    act = make_act(state="negotiation", side="beneficiary")
    with pytest.raises(PermissionDenied):
        set_values(act=act, values={"centre_couts": "X"}, by=member(act, "director"), expected_revision=None)


def test_the_association_names_its_own_signatory_only():
    act = make_act(state="negotiation", side="beneficiary")
    director = member(act, "director")
    for role in ("beneficiary", "lead"):
        party = act.parties.get(role=role)
        call = {"party": party, "signatory_name": "Alex Exemple", "capacity": "vice-présidente", "by": director}
        if role == "lead":
            with pytest.raises(PermissionDenied):
                set_party(**call, expected_revision=None)
        else:
            set_party(**call, expected_revision=None)
            assert act.parties.get(role=role).signatory_name == "Alex Exemple"


def test_a_delegation_belongs_to_the_service_that_signs():
    act = make_act()
    other = make_act()
    with pytest.raises(ValidationError) as refusal:
        set_party(
            party=act.parties.get(role="lead"),
            signatory_name="A",
            capacity="b",
            by_delegation=True,
            delegation=other.parties.get(role="lead").delegation,
            by=member(act, "officer"),
            expected_revision=None,
        )
    assert "delegation" in refusal.value.message_dict


def test_a_signing_region_changes_the_wording_and_leaves_with_it():
    act = make_act()
    region = OrganisationFactory(kind="region")
    officer = member(act, "officer")
    party = add_party(act=act, organisation=region, by=officer, expected_revision=None)
    assert Act.objects.get(pk=act.pk).options["region"] == "cosignataire"
    remove_party(party=party, by=officer, expected_revision=None)
    assert Act.objects.get(pk=act.pk).options["region"] == "absente"


def test_a_cofunder_signs_or_not_and_the_wording_follows():
    act = make_act()
    officer, region = member(act, "officer"), OrganisationFactory(kind="region")
    party = add_party(act=act, organisation=region, by=officer, expected_revision=None, signs=False)
    assert Act.objects.get(pk=act.pk).options["region"] == "absente"
    fields = {"signatory_name": "Alix Modèle", "capacity": "présidente", "by": officer, "expected_revision": None}
    for signs, wording in ((True, "cosignataire"), (False, "absente")):
        set_party(party=party, signs=signs, **fields)
        party.refresh_from_db()
        assert party.signs is signs
        assert Act.objects.get(pk=act.pk).options["region"] == wording


def test_a_cofunder_without_signature_is_asked_for_none():
    act = make_act()
    add_party(
        act=act,
        organisation=OrganisationFactory(kind="region"),
        by=member(act, "officer"),
        expected_revision=None,
        signs=False,
    )
    act = Act.objects.get(pk=act.pk)
    kinds = {party.organisation.kind for party in unsigned_parties(act)}
    assert kinds == {"state_service", "arml"}
    lines = " ".join(line.text for line in signatories_complete(act))
    assert str(act.parties.get(role="cofunder").organisation) not in lines


def test_the_region_of_the_wording_is_the_one_that_signs():
    act = make_act()
    officer = member(act, "officer")
    signing, other = OrganisationFactory(kind="region"), OrganisationFactory(kind="other")
    add_party(act=act, organisation=signing, by=officer, expected_revision=None)
    add_party(act=act, organisation=other, by=officer, expected_revision=None, signs=False)
    content = build_content(Act.objects.get(pk=act.pk))
    assert content["values"]["region_nom"] == signing.article_name


def test_a_cosigner_that_pays_is_not_removed_and_a_new_one_becomes_a_party():
    act = make_act(cosigners=1)
    officer = member(act, "officer")
    cosigner = act.parties.get(role="cosigner").organisation
    set_contributions(act=act, rows=[ContributionRow(2025, Decimal(9), cosigner)], by=officer, expected_revision=None)
    where = {"act": act, "territories": list(act.dossier.territories.all()), "by": officer, "expected_revision": None}
    with pytest.raises(ValidationError, match="porte une contribution"):
        set_territories(cosigners=[], **where)
    set_contributions(act=act, rows=[], by=officer, expected_revision=None)
    other, _ = lead_with_territory()
    set_territories(cosigners=[other], **where)
    assert act.parties.get(role="cosigner").organisation == other
    set_territories(cosigners=[], **where)
    assert Act.objects.get(pk=act.pk).options["services_etat"] == "unique"


def test_an_option_that_the_model_does_not_know_is_refused():
    act = make_act()
    with pytest.raises(ValidationError):
        set_options(act=act, options={"exercice": "lunaire"}, by=member(act, "officer"), expected_revision=None)
    set_options(act=act, options={"exercice": "decale"}, by=member(act, "officer"), expected_revision=None)
    assert Act.objects.get(pk=act.pk).options["exercice"] == "decale"


def test_a_paper_original_is_kept_with_one_signature_per_party():
    act = make_act(origin="paper")
    rows = [PaperSignature(party, "Alex", "présidente", dt.date(2025, 9, 1)) for party in act.parties.all()]
    record = {"act": act, "scan": PDF, "by": member(act, "officer")}
    with pytest.raises(ValidationError, match="Il manque la signature"):
        record_paper_original(notified_on=dt.date(2025, 10, 1), signatures=rows[:1], **record)
    with pytest.raises(ValidationError, match="notification"):
        record_paper_original(notified_on=dt.date(2025, 8, 1), signatures=rows, **record)
    first = record_paper_original(notified_on=dt.date(2025, 10, 1), signatures=rows, **record)
    assert first.signatures.filter(mode="paper", voided_at=None).count() == 2
    second = record_paper_original(notified_on=dt.date(2025, 10, 2), signatures=rows, **record)
    first.refresh_from_db()
    assert first.voided_at and second.voided_at is None
    act = Act.objects.get(pk=act.pk)
    assert (act.signed_on, act.notified_on) == (dt.date(2025, 9, 1), dt.date(2025, 10, 2))


def test_every_write_leaves_one_line_in_the_journal_for_its_side_only_while_it_is_a_draft():
    act = make_act()
    set_values(act=act, values={"lieu_signature": "Ici"}, by=member(act, "officer"), expected_revision=None)
    entry = JournalEntry.objects.filter(root=journal.key(act.dossier)).latest("pk")
    assert entry.audience == "state" and entry.role == "officer" and "modifie" in entry.sentence


def test_nobody_stands_on_both_sides_of_a_new_dossier():
    service = ServiceFactory(serves=[TerritoryFactory()])
    association = ArmlFactory(territories=list(service.served_territories.all()))
    officer = make_user("officer", service)
    MembershipFactory(user=make_user("director", association), organisation=service, role="reader")
    with pytest.raises(ValidationError) as refusal:
        create_convention(
            beneficiary=association,
            lead=service,
            cycle=Cycle.objects.latest("first_year"),
            territories=list(service.served_territories.all()),
            by=officer,
        )
    assert "des deux côtés" in refusal.value.message_dict["cosigners"][0]


def test_a_service_opens_conventions_of_its_own_territories_only():
    """A dossier shows the bank account of the association, so only a service of its territory may open one."""
    act = make_act()
    other_lead, _ = lead_with_territory()
    outsider = make_user("officer", other_lead)
    beneficiary = act.dossier.beneficiary
    with pytest.raises(ValidationError) as refusal:
        create_convention(
            beneficiary=beneficiary,
            lead=other_lead,
            cycle=cycle(),
            territories=list(beneficiary.territories.all()),
            by=outsider,
        )
    assert "chef de file" in refusal.value.message_dict["lead"][0]
    assert act.convention.number not in str(refusal.value)
    with pytest.raises(ValidationError) as refusal:
        create_convention(
            beneficiary=beneficiary,
            lead=other_lead,
            cycle=cycle(),
            territories=list(other_lead.served_territories.all()),
            by=outsider,
        )
    assert "parmi les territoires" in refusal.value.message_dict["territories"][0]


@pytest.mark.parametrize("ending", ["²", "٣", "³²", "A1", "999999999", "9999999999", "-12", "1_0"])
def test_a_paper_number_of_any_shape_leaves_a_number_to_the_next_convention(ending: str) -> None:
    """« … -00² » answered 500 to every later creation of its territory; a rank of nine nines left no room."""
    convention = make_act().convention
    territory = convention.dossier.territories.first()
    prefix = f"{convention.cycle.number_prefix}-{convention.cycle.first_year}-{territory.code3}-"
    Convention.objects.filter(pk=convention.pk).update(number=f"{prefix}{ending}"[:30])
    number = next_number(convention.cycle, territory)
    assert re.fullmatch(rf"{prefix}[0-9]{{3,10}}", number)
    assert not Convention.objects.filter(number=number).exists()
    second = make_act().convention
    Convention.objects.filter(pk=second.pk).update(number=number)
    assert next_number(convention.cycle, territory) != number


@pytest.mark.parametrize("number", ["CPO-2025-BRE-00²", "CPO-٢٠٢٥", "É-1", "CPO--1", "-", "A_1"])
def test_a_paper_number_is_ascii_letters_digits_and_hyphens(number: str) -> None:
    form = PaperCreateForm({"number": number}, user=make_user("officer"))
    assert form.errors["number"] == ["Un numéro ne contient que lettres sans accent, chiffres et tirets."]
    assert "number" not in PaperCreateForm({"number": "cpo-2025-bre-001"}, user=make_user("officer")).errors


def test_a_refusal_names_the_convention_that_exists_to_those_only_who_may_see_it():
    act = make_act()
    beneficiary, lead = act.dossier.beneficiary, act.dossier.lead
    neighbour, own = lead_with_territory()
    beneficiary.territories.add(own)
    named = {}
    for service in (lead, neighbour):
        with pytest.raises(ValidationError) as refusal:
            create_convention(
                beneficiary=beneficiary,
                lead=service,
                cycle=cycle(),
                territories=list(beneficiary.territories.all()),
                by=make_user("officer", service),
            )
        named[service] = act.convention.number in refusal.value.message_dict["beneficiary"][0]
    assert named == {lead: True, neighbour: False}
