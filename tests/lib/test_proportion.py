"""An amount is asked about when it stands out of all that is beside it: at the edge, and never without a comparison."""

from decimal import Decimal

import pytest

from cpo.lib.wording.proportion import Line, excess, unusual_amounts


def questions(lines: dict[str, dict[int, str]], opposite: dict[int, str] | None = None) -> list[str]:
    rows = [Line(name, {year: Decimal(amount) for year, amount in years.items()}) for name, years in lines.items()]
    totals = {year: Decimal(amount) for year, amount in (opposite or {}).items()}
    return [figure for figure, _ in unusual_amounts(rows, totals, "le total des produits de l’année")]


@pytest.mark.parametrize(("number", "is_asked"), [("1000", False), ("1000.01", True)])
def test_ten_times_what_was_expected_is_not_yet_out_of_proportion(number: str, is_asked: bool) -> None:
    assert bool(excess(Decimal(number), Decimal(100), "la cible")) is is_asked


@pytest.mark.parametrize("measure", [None, Decimal(0), Decimal(-3)])
def test_nothing_zero_and_less_are_no_measure(measure: Decimal | None) -> None:
    assert excess(Decimal(10) ** 9, measure, "la cible") == ""


@pytest.mark.parametrize(("amount", "is_asked"), [("4698000", False), ("4698000.01", True)])
def test_fifty_times_another_year_of_the_line_is_asked_about(amount: str, is_asked: bool) -> None:
    assert bool(questions({"64": {2025: "93960", 2026: amount}})) is is_asked


def test_an_amount_is_named_by_its_line_and_its_year() -> None:
    assert questions({"64": {2025: "93960", 2026: "9563400"}}) == ["64, 2026\u00a0: 9\u00a0563\u00a0400\u00a0€"]


def test_two_years_in_cents_are_both_asked_about() -> None:
    assert len(questions({"64": {2025: "93960", 2026: "9563400", 2027: "9600000"}})) == 2


@pytest.mark.parametrize(("amount", "is_asked"), [("5000000", False), ("5000001", True)])
def test_a_thousand_times_the_other_lines_of_the_year_is_asked_about(amount: str, is_asked: bool) -> None:
    lines = {"60": {2025: "5000"}, "61": {2025: "200"}, "64": {2025: amount}}
    assert bool(questions(lines)) is is_asked


@pytest.mark.parametrize(("amount", "is_asked"), [("4698000", False), ("9396000", True)])
def test_all_years_in_cents_are_seen_on_the_other_side_of_the_budget(amount: str, is_asked: bool) -> None:
    assert bool(questions({"64": {2025: amount}}, {2025: "93960"})) is is_asked


@pytest.mark.parametrize(("amount", "is_asked"), [("10000", False), ("10000.01", True)])
def test_a_small_amount_is_never_asked_about(amount: str, is_asked: bool) -> None:
    assert bool(questions({"60": {2025: "1", 2026: amount}})) is is_asked


def test_an_amount_with_nothing_beside_it_is_taken_as_it_is() -> None:
    assert questions({"64": {2025: "939600000"}}) == []
    assert questions({"64": {2025: "939600000"}, "60": {2026: "3"}}) == []
