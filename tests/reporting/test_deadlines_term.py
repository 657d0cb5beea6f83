"""The deadlines follow the years of the text in force: an extension brings its own, a shorter term ends those after."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from conventions.models import Convention
from cpo.lib import clock
from reporting.deadlines.rules import own_date, years_of
from reporting.models import Deadline, DeadlineRule, Reminder, Report
from reporting.services.campaigns import open_report
from reporting.services.deadlines import sync
from reporting.services.reminders import run
from reporting.services.rules import preview
from tests.factories.arml import make_user
from tests.factories.deadlines import in_force, move_term, person

pytestmark = pytest.mark.django_db
At = Callable[[str], Any]

DATED = {  # the yearly rules whose date is given, with their date in an extension year of twelve months
    "acte_financier_annuel": "2028-02-28",
    "avance_annuelle": "2028-03-31",
    "justificatifs_annuels": "2029-06-30",
    "adaptation_budget": "2028-07-01",
    "instruction_rapport": "2029-10-31",
    "comite_pilotage": "2028-10-31",
    "dialogue_gestion": "2028-12-15",
    "prevision_atterrissage": "2028-11-15",
}


def due(convention: Convention) -> dict[tuple[str, int | None], str]:
    """The day of each deadline that still waits, by rule and year."""
    sync(convention)
    rows = Deadline.objects.filter(convention=convention).of_rules().pending()
    return {(key, year): str(day) for key, year, day in rows.values_list("rule__key", "year", "due_on")}


def of_year(convention: Convention, year: int) -> dict[str, str]:
    return {key: day for (key, own), day in due(convention).items() if own == year}


def test_an_extension_in_force_brings_each_yearly_deadline_of_its_year() -> None:
    convention = in_force()
    assert set(of_year(convention, 2027)) == set(DATED)
    move_term(convention, "2028-12-31", effective_on="2026-10-15")
    assert of_year(convention, 2028) == DATED


@pytest.mark.parametrize(("today", "known"), [("2027-11-30", False), ("2027-12-01", True)])
def test_an_extension_brings_its_deadlines_on_the_day_that_it_takes_effect(at: At, today: str, known: bool) -> None:
    convention = in_force()
    move_term(convention, "2028-12-31", effective_on="2027-12-01")
    at(today)
    assert bool(of_year(convention, 2028)) == known
    assert due(convention)["evaluation_conjointe", None] == ("2028-12-31" if known else "2027-12-31")


def test_a_shorter_term_ends_the_deadlines_and_the_reminders_of_the_years_after_it(at: At) -> None:
    convention = in_force()
    assert of_year(convention, 2027)
    move_term(convention, "2026-12-31", effective_on="2026-11-01")
    at("2026-10-31")
    assert of_year(convention, 2027)
    at("2026-11-01")
    assert of_year(convention, 2027) == {}
    assert set(of_year(convention, 2026)) == set(DATED) - {"adaptation_budget"}, "an optional one that passed is closed"
    gone = Deadline.objects.filter(convention=convention, year=2027)
    assert {row.cancelled_on for row in gone} == {dt.date(2026, 11, 1)}
    assert due(convention)["bilan_ensemble", None] == "2026-09-30"
    at("2027-02-28")
    run()
    assert not Reminder.objects.filter(deadline__in=gone).exists()


def test_the_last_day_of_the_term_and_the_day_after_owe_the_same(at: At) -> None:
    convention = in_force()
    at("2027-12-31")
    last_day = due(convention)
    assert last_day.pop(("prevision_atterrissage", 2027)), "a forecast ends with its year: the report tells what came"
    at("2028-01-01")
    assert due(convention) == last_day
    assert last_day["justificatifs_annuels", 2027] == "2028-06-30"


def test_what_is_due_in_a_year_is_due_on_the_last_day_at_the_latest() -> None:
    convention = in_force()
    move_term(convention, "2028-06-30", effective_on="2026-10-15")
    days = due(convention)
    cut = {"adaptation_budget", "comite_pilotage", "dialogue_gestion", "prevision_atterrissage"}
    assert of_year(convention, 2028) == DATED | dict.fromkeys(cut, "2028-06-30")
    assert days["bilan_ensemble", None] == "2028-03-30"
    assert days["evaluation_conjointe", None] == "2028-06-30"
    assert days["comite_pilotage", 2027] == "2027-10-31"


@pytest.mark.parametrize(("term", "day"), [("2028-06-30", 30), ("2028-07-01", 1), ("2028-07-02", 1), (None, 1)])
def test_a_date_of_the_year_is_cut_by_the_term_alone(term: str | None, day: int) -> None:
    rule = DeadlineRule.objects.get(key="adaptation_budget")
    facts = {"terme": dt.date.fromisoformat(term)} if term else {}
    found = own_date(rule, 2028, facts=facts)
    assert found is not None and found.day == day


def test_the_rules_of_the_last_year_of_the_cycle_hold_for_the_years_added_and_the_others_do_not() -> None:
    rule = DeadlineRule.objects.get(key="acte_financier_annuel")
    assert years_of(rule, [2025, 2026, 2027, 2028]) == [2026, 2027, 2028]
    rule.years = [2025, 2026]
    assert years_of(rule, [2025, 2026, 2027, 2028]) == [2025, 2026]
    assert years_of(DeadlineRule.objects.get(key="cloture"), [2025]) == [None]


def test_the_closing_waits_for_the_report_of_the_last_year_covered(at: At) -> None:
    convention = in_force()
    move_term(convention, "2028-12-31", effective_on="2026-10-15")
    at("2029-07-01")
    for year, closing in ((2027, False), (2028, True)):
        report = open_report(convention, year)
        Report.objects.filter(pk=report.pk if report else None).update(
            state="admissible", submitted_at=clock.now(), submitted_by=person(convention, "president"), round=1,
            admissible_on=dt.date(2029, 7, 1),
        )  # fmt: skip
        assert (("cloture", None) in due(convention)) == closing
    assert due(convention)["cloture", None] == "2029-10-01"


def test_the_preview_of_a_rule_counts_the_messages_of_an_extension_year() -> None:
    convention = in_force()
    move_term(convention, "2028-12-31", effective_on="2026-10-15")
    sync(convention)
    rule = DeadlineRule.objects.get(key="justificatifs_annuels")
    assert [(row.year, row.conventions) for row in preview(rule, by=make_user("national_admin"))][-1] == (2028, 1)


@pytest.mark.parametrize(
    ("notified", "day"), [("2026-07-30", "2026-09-30"), ("2026-07-31", "2026-09-30"), ("2026-08-01", "2026-10-01")]
)
def test_what_starts_from_a_term_that_an_avenant_moves_is_not_born_late(notified: str, day: str) -> None:
    convention = in_force()
    when = dt.date.fromisoformat(notified)
    move_term(convention, "2026-12-31", effective_on=notified, notified_on=when)
    move_term(convention, "2026-12-31", effective_on="2026-10-01", notified_on=dt.date(2026, 9, 30))  # keeps the term
    assert due(convention)["bilan_ensemble", None] == day
