"""The number of queries of the programme pages, whatever its size, and the exchanges that a fiche counts."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from actions.models import Sheet, SheetIndicator, Target
from conventions.models import Act, Thread
from cpo.lib import clock
from tests.factories.actions import SheetFactory, fill_sheet
from tests.factories.conventions import member

from .test_views import WHOLE, address, login

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", [*WHOLE, "sheet-detail", "sheet-edit", "sheet-indicators", "sheet-budget"])
def test_as_many_queries_for_three_sheets_as_for_one(
    client: Client, act: Act, name: str, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    login(client, member(act, "director"))
    first = fill_sheet(SheetFactory(programme=act.programme), indicators=2)
    url = address(act, name, None if name in WHOLE else first)
    client.get(url)
    with django_assert_max_num_queries(100) as one:
        client.get(url)
    for _ in range(2):
        fill_sheet(SheetFactory(programme=act.programme), indicators=2)
    with django_assert_max_num_queries(100) as three:
        client.get(url)
    assert len(three) == len(one)


def test_thirty_sheets_cost_no_more_queries(
    client: Client, act: Act, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    """The side that has not the turn reads 30 fiches with 5 indicators over 3 years."""
    sheets = [SheetFactory(programme=act.programme) for _ in range(30)]
    rows = SheetIndicator.objects.bulk_create(
        SheetIndicator(sheet=sheet, label=f"Indicateur {n}", unit="nb") for sheet in sheets for n in range(5)
    )
    Target.objects.bulk_create(
        Target(indicator=row, year=year, number=1) for row in rows for year in (2025, 2026, 2027)
    )
    login(client, member(act, "officer"))
    for url in (address(act, "sheet-detail", sheets[0]), address(act, "programme-budget")):
        with django_assert_max_num_queries(18):
            assert client.get(url).status_code == 200
    with django_assert_max_num_queries(18):
        client.get(address(act, "programme-detail"))


@pytest.mark.parametrize(("role", "label"), [("director", "1 échange ouvert"), ("officer", "2 échanges ouverts")])
def test_exchanges_kept_on_one_side_are_not_counted_for_the_other(
    client: Client, act: Act, sheet: Sheet, role: str, label: str
) -> None:
    for audience in ("both", "state"):
        Thread.objects.create(act=act, path=f"sheet/{sheet.key}", audience=audience, created_at=clock.now())
    login(client, member(act, role))
    assert label in client.get(address(act, "sheet-detail", sheet)).content.decode()
