"""The State is chosen among the services of the dossier; nobody types it as another funder."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from actions.models import Account
from actions.services import AmountLine, line_faults, set_sheet_budget, state_funders
from actions.services.funders import names_the_state
from conventions.models import Act
from tests.actions.test_views import budget, revision
from tests.factories.conventions import add_sheet, lead_with_territory, make_act, member

pytestmark = pytest.mark.django_db


@pytest.fixture
def act() -> Act:
    return make_act(cosigners=1)


def line(code: str, funder: str) -> AmountLine:
    return AmountLine(Account.objects.get(code=code), {2025: Decimal(5)}, funder)


def faults(act: Act, code: str, funder: str) -> list[tuple[str, str]]:
    found = line_faults([line(code, funder)], "resource", [2025, 2026, 2027], act.dossier, state_funders(act.programme))
    return [(fault.place, fault.message) for fault in found]


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("Deets Martinik", True),
        ("DREETS Bretagne", True),
        ("l’État", True),
        ("L'ETAT (DGEFP)", True),
        ("Préfète de la région", True),
        ("Ministère du travail", True),
        ("Fondation pour l’État de droit", False),
        ("Étatique SARL", False),
        ("Département", False),
        ("", False),
    ],
)
def test_the_state_is_known_by_the_first_word_of_its_name(name: str, state: bool) -> None:
    assert names_the_state(name) is state


def test_the_services_of_the_dossier_may_be_chosen(act: Act) -> None:
    lead, cosigner = act.dossier.lead, act.dossier.services.get()
    assert state_funders(act.programme) == [lead.short_name, cosigner.short_name]
    assert faults(act, "74-ETAT", lead.short_name) == faults(act, "74-ETAT", cosigner.short_name) == []
    assert faults(act, "74-ETAT", "") == [], "without a name, the lead service funds"


@pytest.mark.parametrize("name", ["Deets Martinik", "Région"])
def test_another_name_is_not_chosen_for_the_contribution_of_the_state(act: Act, name: str) -> None:
    [(place, message)] = faults(act, "74-ETAT", name)
    assert place == "funder" and message.startswith("L’État se choisit parmi les services du dossier\u00a0: ")
    with pytest.raises(ValidationError):
        set_sheet_budget(
            sheet=add_sheet(act), by=member(act, "officer"), expected_revision=None,
            expenses=[], resources=[line("74-ETAT", name)],
        )  # fmt: skip


def test_a_service_of_another_dossier_is_not_chosen(act: Act) -> None:
    stranger, _ = lead_with_territory(short_name="DREETS d’ailleurs")
    assert faults(act, "74-ETAT", stranger.short_name)


def test_the_state_is_not_typed_as_another_funder(act: Act) -> None:
    assert "portez ce montant au compte 74-ETAT" in faults(act, "74-EP", "Deets Martinik")[0][1]
    assert faults(act, "74-ETAT-AUTRE", "Préfecture") == faults(act, "74-EP", "Pôle emploi") == []


def test_a_name_stored_before_may_stay(act: Act) -> None:
    sheet = add_sheet(act)  # its State lines say « État »
    assert state_funders(act.programme)[-1] == "État"
    assert faults(act, "74-ETAT", "État") == []
    assert sheet.resources.filter(funder="État").exists()


def test_the_page_offers_a_list_and_tells_a_typed_name_beside_its_field(client: Client, act: Act) -> None:
    sheet = add_sheet(act)
    client.force_login(member(act, "officer"))
    address = reverse("sheet-budget", args=[act.reference, sheet.key])
    assert f'<option value="{act.dossier.services.get().short_name}"' in client.get(address).content.decode()
    rows: list[dict[str, Any]] = [
        {"account": "74-ETAT", "funder": "Deets Martinik", "y2025": "5"},
        {"account": "74-EP", "funder": "Deets Martinik", "y2025": "5"},
    ]
    page = client.post(address, budget([], rows, revision=revision(act)))
    state, other = page.context["budget"].resources.forms
    assert state.errors["funder"] == ["Choisissez le service de l’État dans la liste."]
    assert "est l’État" in other.errors["funder"][0]
