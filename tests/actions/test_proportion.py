"""An amount of a budget out of proportion is asked about on its page, then kept: it is never refused."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from conventions.models import Act
from cpo.lib.forms.confirming import UNUSUAL
from tests.actions.test_views import budget, revision
from tests.factories.conventions import add_sheet, make_act, member

pytestmark = pytest.mark.django_db

PENCE = "64 Charges de personnel, 2026\u00a0: 9\u00a0563\u00a0400\u00a0€"


@pytest.fixture
def act() -> Act:
    return make_act()


def send(client: Client, act: Act, address: str, amount: str, *confirm: str) -> Any:
    client.force_login(member(act, "officer"))
    rows = [{"account": "64", "y2025": "93 960", "y2026": amount}]
    return client.post(address, budget(rows, [], revision=revision(act), confirm=list(confirm)))


def questions(answer: Any) -> list[str]:
    return [figure for figure, _ in answer.context["budget"].check.fields["confirm"].choices]


@pytest.mark.parametrize("name", ["sheet-budget", "programme-structure"])
def test_cents_typed_as_euros_are_asked_about_until_they_are_confirmed(client: Client, act: Act, name: str) -> None:
    sheet = add_sheet(act)
    sheet.expenses.all().delete()
    address = reverse(name, args=[act.reference, *([sheet.key] if name == "sheet-budget" else [])])
    answer = send(client, act, address, "9 563 400")
    assert questions(answer) == [PENCE]
    assert answer.context["budget"].check.errors["confirm"] == [UNUSUAL]
    page = answer.content.decode()
    assert "C’est plus de 50 fois le montant d’une autre année (93\u00a0960)" in page
    assert 'href="#id_confirm_0"' in page, "the summary leads to the box"
    assert send(client, act, address, "9 563 400", PENCE).status_code == 302
    assert act.programme.expenses.get(year=2026).amount == Decimal(9563400)
    assert send(client, act, address, "9 563 400").status_code == 302, "what was confirmed is not asked again"


def test_a_box_answers_for_its_amount_alone(client: Client, act: Act) -> None:
    sheet = add_sheet(act)
    address = reverse("sheet-budget", args=[act.reference, sheet.key])
    answer = send(client, act, address, "9 999 999", PENCE)
    assert questions(answer) == ["64 Charges de personnel, 2026\u00a0: 9\u00a0999\u00a0999\u00a0€"]


def test_the_page_asks_nothing_before(client: Client, act: Act) -> None:
    sheet = add_sheet(act)
    client.force_login(member(act, "officer"))
    assert (
        "Montants inhabituels"
        not in client.get(reverse("sheet-budget", args=[act.reference, sheet.key])).content.decode()
    )
