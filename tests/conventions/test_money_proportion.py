"""A contribution out of proportion is asked about, then kept."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from conventions.models import Act
from tests.conventions.test_views_drafting import address, contribution
from tests.factories.conventions import add_sheet, make_act, member

pytestmark = pytest.mark.django_db


def send(client: Client, act: Act, *confirm: str, **amounts: str) -> Any:
    client.force_login(member(act, "officer"))
    data: dict[str, Any] = contribution(act, **amounts) | {"confirm": list(confirm)}
    return client.post(address(act, "convention-contribution"), data | {"revision": act.programme.revision})


def questions(answer: Any) -> list[str]:
    return [figure for figure, _ in answer.context["form"].fields["confirm"].choices]


def test_cents_typed_as_euros_are_asked_about_until_they_are_confirmed(client: Client) -> None:
    act = make_act()
    amounts = {"socle_2025": "430 000", "socle_2026": "43 100 000"}
    [figure] = questions(send(client, act, **amounts))
    assert figure.endswith(", socle, 2026\u00a0: 43\u00a0100\u00a0000\u00a0€")
    assert not act.contributions.exists()
    assert send(client, act, figure, **amounts).status_code == 302
    assert act.contributions.get(year=2026).amount == Decimal(43100000)


def test_what_the_budgets_ask_of_the_state_is_a_measure_too(client: Client) -> None:
    act = make_act()
    add_sheet(act)
    state_resources = act.programme.resources.filter(account__code="74-ETAT", year=2025).get().amount
    [figure] = questions(send(client, act, socle_2025=str(int(state_resources * 100))))
    assert ", socle, 2025" in figure
