"""What a page keeps of a report is that of its tables: each write that could change it moves the key."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from actions.models import Programme
from actions.services import catalogue
from cpo.lib.workflow import Refused
from reporting import guards, workflow
from reporting.content import freeze
from reporting.models import Report
from reporting.services import late_acts, reports
from tests.factories.arml import make_user
from tests.factories.reporting import (
    account,
    amended,
    fill,
    make_active,
    make_report,
    person,
    sent_back,
    sheet_input,
    submitted,
)

pytestmark = pytest.mark.django_db


def found(report: Report, *, shown: bool) -> Report:
    """The report as a request finds it: a page shows it, or a decision rests on it."""
    row = Report.objects.select_related("convention__cycle", "act__programme").get(pk=report.pk)
    row.shown = {} if shown else None
    return row


def read(report: Report, *, shown: bool) -> tuple[guards.Completeness, Any]:
    row = found(report, shown=shown)
    return guards.completeness(row), freeze.live_standing(row)


def retain_nothing(report: Report) -> None:
    """Make its text follow the reference data, as one does that had not printed these rows when it began."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # a trigger forbids to change a frozen programme
        Programme.objects.filter(pk=report.act.programme_id).update(retained={})
        cursor.execute("SET LOCAL session_replication_role = origin")


def saved_fiche(report: Report) -> None:
    part = report.sheets.select_related("sheet").first()
    data = sheet_input(part) | {"expenses": [reports.AmountInput(account("64").pk, Decimal(77))]}
    reports.save_sheet(part, **data, by=person(report, "director"), expected_revision=None)


def saved_text(report: Report) -> None:
    reports.save_general(report, fields={"highlights": ""}, by=person(report, "director"), expected_revision=None)


def saved_finances(report: Report) -> None:
    row = report.resources.first()
    amounts = [reports.AmountInput(row.account_id, Decimal(5), funder=row.funder)]
    reports.save_finance(
        report, comment="", expenses=[], resources=amounts, by=person(report, "director"), expected_revision=None
    )


def taken_over(report: Report) -> None:
    amended(report.act, on=report.act.effective_on.replace(year=2025, month=6), add="3-B")
    late_acts.take_over(Report.objects.get(pk=report.pk), by=person(report, "director"))


def lowered_threshold(report: Report) -> None:
    cycle = report.convention.cycle
    catalogue.update_values(
        cycle=cycle,
        values={},
        signing={},
        thresholds={"target_threshold": 100, "gap_threshold": 0},
        expected_revision=cycle.revision,
        by=make_user("national_admin"),
    )


def renamed_axis(report: Report) -> None:
    axis = report.sheets.first().sheet.axis
    catalogue.update_axis(
        axis=axis,
        changes={"short_label": "Un autre nom"},
        objectives={},
        expected_revision=axis.revision,
        by=make_user("national_admin"),
    )


def renamed_account(report: Report) -> None:
    row = account("64")
    changes = {"label": "Un autre nom"}
    catalogue.update_account(
        account=row, changes=changes, expected_revision=row.revision, by=make_user("national_admin")
    )


WRITES: list[Callable[[Report], None]] = [
    saved_fiche,
    saved_text,
    saved_finances,
    taken_over,
    lowered_threshold,
    renamed_axis,
    renamed_account,
]


@pytest.mark.parametrize("write", WRITES, ids=lambda write: write.__name__)
def test_each_write_moves_what_a_page_keeps(write):
    report = fill(make_report(make_active(sheets=2)))
    retain_nothing(report)
    before = read(report, shown=True)
    assert before == read(report, shown=False)
    write(report)
    after = read(report, shown=True)
    assert after != before
    assert after == read(report, shown=False)


def test_a_former_year_that_is_sent_again_moves_where_one_stands():
    act = make_active()
    first, report = submitted(fill(make_report(act))), make_report(act, year=2026)
    before = freeze.live_standing(found(report, shown=True))
    first = sent_back(first, "general")
    reports.save_general(first, fields={"highlights": "Précisé."}, by=person(first, "director"), expected_revision=None)
    workflow.apply("submit", first, by=person(first, "president"))
    after = freeze.live_standing(found(report, shown=True))
    assert [base["sending"] for base in before["bases"] if base["year"] == 2025] == [1]
    assert [base["sending"] for base in after["bases"] if base["year"] == 2025] == [2]
    built = freeze.build(found(report, shown=False))
    assert after == {name: built[name] for name in after}


def test_what_a_page_keeps_is_read_once_and_no_decision_rests_on_it():
    report = fill(make_report())
    read(report, shown=True)
    with CaptureQueriesContext(connection) as captured:
        guards.completeness(row := found(report, shown=True))
        guards.completeness(row)
    assert len(captured) == 2  # the report, and whether an account changed
    report.sheets.update(narrative="")  # no service writes so
    assert not list(guards.completeness(found(report, shown=True)).lines())
    assert list(guards.completeness(found(report, shown=False)).lines())
    with pytest.raises(Refused):
        workflow.apply("submit", found(report, shown=True), by=person(report, "president"))


def test_a_page_that_saves_keeps_nothing_of_what_it_had_read_before():
    """Two people write two parts: the object of the second holds the former text of the first, at a new revision."""
    report = fill(make_report())
    mine = found(report, shown=True)
    saved_text(found(report, shown=False))
    part = mine.sheets.select_related("sheet").first()
    part.report = mine
    data = sheet_input(part) | {"expenses": [reports.AmountInput(account("64").pk, Decimal(77))]}
    reports.save_sheet(part, **data, by=person(report, "director"), expected_revision=None)
    assert mine.highlights
    assert [line.text for line in guards.completeness(mine).general] == ["Faits marquants de l’année"]
    assert read(report, shown=True) == read(report, shown=False)
