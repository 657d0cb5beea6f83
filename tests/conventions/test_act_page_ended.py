"""The pages of a terminated convention show the amounts still due, and say what was signed for the years after."""

import datetime as dt
import io
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from actions.rows import RemainingRows
from conventions.money import summary
from conventions.pages.act_page import find_page
from conventions.pages.other_texts import address_of
from tests.factories import endings as steps
from tests.factories.scenarios import Scene, active_convention

pytestmark = pytest.mark.django_db
At = Callable[[str], Any]
SAID = "La convention est résiliée : rien n’est dû pour les années après 2026."


@pytest.fixture
def scene(at: At) -> Scene:
    scene = active_convention()
    steps.terminated(scene, at)
    scene.convention.refresh_from_db()
    assert scene.convention.ended_on == dt.date(2026, 12, 16)
    return scene


def read(client: Client, name: str, *args: Any) -> str:
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == 200
    return " ".join(answer.content.decode().replace("\u00a0", " ").replace("&nbsp;", " ").split())


@pytest.mark.parametrize(
    "name", ["programme-budget", "programme-detail", "programme-print", "convention-funding", "sheet-detail"]
)
def test_each_page_of_amounts_says_what_is_due_no_more_and_leads_to_what_was_signed(
    name: str, client: Client, scene: Scene
) -> None:
    client.force_login(scene.officer)
    keys = [scene.act.programme.sheets.get().key] if name == "sheet-detail" else []
    page = read(client, name, scene.number, *keys)
    assert f"{SAID} La contribution signée pour ces années était de 40 000 € en 2027." in page
    signed = address_of(scene.act)
    assert reverse("convention-contribution", args=[signed]) in page
    assert SAID not in read(client, name, signed, *keys), "the pages of the act show what it says"
    assert not re.search("[0-9] (manque|point)", page), "an amount that is due no more is not one that lacks"


def test_budget_programme_and_plan_have_the_amounts_of_synthesis_and_contribution(client: Client, scene: Scene) -> None:
    page, whole = (find_page(scene.officer, number) for number in (scene.number, address_of(scene.act)))
    assert page and whole
    assert isinstance(page.rows, RemainingRows) and not isinstance(whole.rows, RemainingRows)
    synthesis = {row["label"]: row for row in summary.years(page.content, page.money_until)}
    assert (page.years, whole.years) == ([2025, 2026], [2025, 2026, 2027])
    for year in page.years:
        assert page.rows.sums.eligible_by_year[year] == synthesis[str(year)]["cost"] > 0
        assert page.rows.sums.state_by_year[year] == synthesis[str(year)]["state"] == page.planned[year]
    assert page.rows.sums.eligible_by_year[2027] == 0 and 2027 not in page.planned
    assert whole.rows.sums.eligible_by_year[2027] > 0 and whole.planned[2027] == Decimal(40000)
    rows = page.rows
    assert {row.year for row in [*rows.expenses, *rows.resources]} == {2025, 2026}
    assert {line.year for sheet in rows.sheets for line in [*sheet.expenses, *sheet.resources]} == {2025, 2026}
    assert sum(rows.sums.eligible_by_year.values()) == synthesis["Total"]["cost"]


def test_the_workbook_holds_what_remains_and_says_what_was_signed(client: Client, scene: Scene) -> None:
    client.force_login(scene.officer)

    def cells(number: str) -> list[Any]:
        answer = client.get(reverse("programme-export", args=[number]))
        book = load_workbook(io.BytesIO(answer.content))
        return [
            value for sheet in book for row in sheet.iter_rows(values_only=True) for value in row if value is not None
        ]

    ours, signed = cells(scene.number), cells(address_of(scene.act))
    amounts = [sum(isinstance(value, int | float | Decimal) for value in one) for one in (ours, signed)]
    assert amounts[0] < amounts[1]
    assert any(str(value).replace("\u00a0", " ").startswith(SAID) for value in ours)
    assert not any(str(value).replace("\u00a0", " ").startswith(SAID) for value in signed)


def test_a_convention_that_runs_to_its_term_says_nothing_of_it(client: Client) -> None:
    scene = active_convention()
    client.force_login(scene.officer)
    assert "Montants tels que signés" not in read(client, "programme-budget", scene.number)


def test_the_last_year_that_carries_money_is_that_of_the_end(at: At) -> None:
    scene = active_convention()
    page = find_page(scene.officer, scene.number)
    assert page and page.ended is None and page.years == [2025, 2026, 2027]
    steps.terminated(scene, at)
    page = find_page(scene.officer, scene.number)
    assert page and page.ended and page.ended.until == 2026
