"""The reminder of the time to examine a report: at its edge, without the days that waited for the association."""

import datetime as dt
from typing import Any

import pytest

from conventions.models import Convention
from cpo.lib.models import OutboxMessage
from reporting.models import Deadline, DeadlineRule, Report
from reporting.services import clarifications, reminders
from reporting.services.deadlines import sync
from tests.factories import reporting as reports
from tests.factories.reporting import make_active, person

pytestmark = pytest.mark.django_db
RULE = "delai_instruction"  # ninety days from the sending


@pytest.fixture
def report(at: Any) -> Report:
    at("2026-05-04")
    DeadlineRule.objects.exclude(key=RULE).update(active=False)
    return reports.submitted(reports.fill(reports.make_report(make_active(sheets=1))))


def due(report: Report) -> Deadline:
    sync(Convention.objects.get(pk=report.convention_id))
    return Deadline.objects.get(convention=report.convention, rule__key=RULE, year=report.year)


def told(day: str) -> set[str]:
    """Who the reminders of a day are written to."""
    known = set(OutboxMessage.objects.filter(template__startswith="rappel").values_list("pk", flat=True))
    reminders.run(dt.date.fromisoformat(day))
    rows = OutboxMessage.objects.filter(template__startswith="rappel").exclude(pk__in=known)
    return set(rows.values_list("to", flat=True))


def test_the_service_alone_is_told_at_the_edge_of_its_ninety_days(report: Report, at: Any) -> None:
    assert due(report).due_on == dt.date(2026, 8, 2)
    own = {person(report, "officer").email, person(report, "manager").email}
    for day, expected in (("2026-07-02", set()), ("2026-07-03", own), ("2026-08-01", own), ("2026-08-02", own)):
        at(day)
        due(report)
        assert told(day) == expected, day


def test_the_days_that_wait_for_the_association_move_the_reminder(report: Report, at: Any) -> None:
    at("2026-06-01")
    asked = clarifications.ask(
        report,
        path="finance",
        label="Compte rendu financier",
        question="Pourquoi ?",
        due_on=dt.date(2026, 6, 20),
        by=person(report, "officer"),
    )
    sync(Convention.objects.get(pk=report.convention_id))
    assert Deadline.objects.get(convention=report.convention, rule__key=RULE).cancelled_on  # it is suspended
    at("2026-07-03")
    assert told("2026-07-03") == set()
    at("2026-06-21")
    clarifications.answer(asked, text="Deux recrutements.", by=person(report, "director"))
    assert due(report).due_on == dt.date(2026, 8, 22)  # twenty days later
    for day, expected in (("2026-07-22", 0), ("2026-07-23", 2)):
        at(day)
        due(report)
        assert len(told(day)) == expected, day


def test_nothing_reminds_once_the_report_is_admissible(report: Report, at: Any) -> None:
    at("2026-07-01")
    reports.admissible(Report.objects.get(pk=report.pk))
    at("2026-07-03")
    due(report)
    assert told("2026-07-03") == set()
