"""A report covers the fiches in force on 31 December and those dropped in the year; it follows an act signed late."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from conventions.models import Act
from cpo.lib.models import JournalEntry
from cpo.lib.workflow import Refused
from reporting import figures, guards, workflow
from reporting.content import freeze
from reporting.content.covered import covered
from reporting.models import Report, Value
from reporting.services import late_acts, reports
from tests.factories.arml import make_user
from tests.factories.reporting import (
    account,
    admissible,
    amended,
    fill,
    make_active,
    make_report,
    person,
    sent_back,
    sheet_input,
    submitted,
)
from tests.reporting.test_reports import as_, text, url

pytestmark = pytest.mark.django_db


def parts(report: Report) -> dict[str, dt.date | None]:
    return {part.sheet.code: part.dropped_on for part in report.sheets.select_related("sheet")}


# -- Fiches dropped during the year ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "codes"),
    [
        (dt.date(2025, 10, 5), {"1-A": None, "2-A": dt.date(2025, 10, 5)}),
        (dt.date(2025, 12, 31), {"1-A": None, "2-A": dt.date(2025, 12, 31)}),
        (dt.date(2026, 1, 1), {"1-A": None, "2-A": None}),
        (dt.date(2025, 1, 1), {"1-A": None}),
        (dt.date(2025, 1, 2), {"1-A": None, "2-A": dt.date(2025, 1, 2)}),
    ],
)
def test_a_report_holds_the_fiches_of_31_december_and_those_dropped_since_1_january(on, codes):
    act = make_active(sheets=2)
    amended(act, on=on, drop="2-A")
    assert parts(make_report(act)) == codes


def test_a_fiche_dropped_by_the_first_of_two_acts_is_dated_by_it():
    act = make_active(sheets=3)
    after = amended(act, on=dt.date(2025, 3, 1), drop="2-A")
    amended(after, on=dt.date(2025, 9, 1), drop="3-A")
    expected = {"1-A": None, "2-A": dt.date(2025, 3, 1), "3-A": dt.date(2025, 9, 1)}
    assert parts(make_report(act)) == expected


def test_a_dropped_fiche_owes_its_story_and_its_charges_and_no_value():
    act = make_active(sheets=2)
    amended(act, on=dt.date(2025, 10, 5), drop="2-A")
    report = make_report(act)
    part = report.sheets.get(sheet__code="2-A")
    lines = [line.text for line in guards.sheet_missing(report, part)]
    assert [line.rpartition(": ")[2] for line in lines] == ["avancement", "ce qui a été fait", "charges réalisées"]
    data = sheet_input(part) | {"values": [], "expenses": [reports.AmountInput(account("64").pk, Decimal(9000))]}
    reports.save_sheet(part, **data, by=person(report, "director"), expected_revision=None)
    part.refresh_from_db()
    assert list(guards.sheet_missing(report, part)) == []
    assert figures.progress([report])[report.pk] == (1, 2)
    assert figures.finance(report).expenses.actual == 9000
    assert freeze.build(report)["sheets"][1]["dropped_on"] == "2025-10-05"


# -- An act signed after the report was opened -----------------------------------------------------------------------


def late(report: Report, **changes: Any) -> Act:
    return amended(report.act, on=dt.date(2025, 6, 1), **changes)


def test_a_report_is_not_sent_on_an_older_act_than_the_one_in_force_on_31_december():
    report = fill(make_report(make_active(sheets=2)))
    late(report, drop="2-A", add="3-B")
    report = Report.objects.get(pk=report.pk)
    with pytest.raises(Refused) as refusal:
        workflow.apply("submit", report, by=person(report, "president"))
    assert any("était en vigueur au 31 décembre 2025" in line.text for line in refusal.value.missing)


def test_taking_over_an_act_keeps_what_was_typed_and_names_what_came_and_left():
    report = fill(make_report(make_active(sheets=2)))
    before = dict(Value.objects.values_list("indicator__key", "number"))
    act = late(report, drop="2-A", add="3-B")
    report = late_acts.take_over(report, by=person(report, "director"))
    assert report.act == act
    assert parts(report) == {"1-A": None, "2-A": dt.date(2025, 6, 1), "3-B": None}
    part = report.sheets.get(sheet__code="1-A")
    assert part.sheet.programme_id == act.programme_id
    assert part.narrative == "Ce qui a été fait."
    assert {value.indicator.sheet_id for value in part.values.all()} == {part.sheet_id}
    assert dict(Value.objects.values_list("indicator__key", "number")) == before
    sentence = JournalEntry.objects.get(verb="report_act_taken_over").sentence
    assert "3-B ajoutée" in sentence
    assert "2-A retirée" in sentence
    with pytest.raises(Refused):
        late_acts.take_over(report, by=person(report, "director"))


def test_a_value_whose_indicator_left_the_fiche_is_named_with_what_it_was():
    report = fill(make_report())
    late(report, measured=False)
    late_acts.take_over(report, by=person(report, "director"))
    assert not Value.objects.exists()
    assert "(90" in JournalEntry.objects.get(verb="report_act_taken_over").sentence


def test_after_the_sending_the_association_takes_over_once_the_service_sent_it_back():
    report = submitted()
    late(report, add="3-B")
    report = Report.objects.get(pk=report.pk)
    director = person(report, "director")
    with pytest.raises(PermissionDenied):
        late_acts.take_over(report, by=director)
    report = late_acts.take_over(sent_back(report, "general"), by=director)
    part = report.sheets.get(sheet__code="3-B")
    reports.save_sheet(part, **sheet_input(part), by=director, expected_revision=None)


@pytest.mark.parametrize("role", ["officer", "manager"])
def test_the_service_does_not_take_over_for_the_association(role):
    report = make_report()
    late(report)
    with pytest.raises(PermissionDenied):
        late_acts.take_over(report, by=person(report, role))
    with pytest.raises(PermissionDenied):
        late_acts.take_over(report, by=make_user("director"))


def test_both_sides_read_the_banner_and_the_association_has_the_button(client):
    report = make_report()
    assert "acte est arrivé" not in text(as_(client, report, "director").get(url(report)))
    late(report)
    address = url(report, "report-take-over")
    assert address in text(as_(client, report, "director").get(url(report)))
    page = text(as_(client, report, "officer").get(url(report)))
    assert "acte est arrivé" in page
    assert address not in page
    assert client.post(address).status_code == 403
    assert as_(client, report, "director").post(address).status_code == 302
    assert "acte est arrivé" not in text(client.get(url(report)))


def test_an_admissible_report_keeps_its_act(client):
    report = admissible()
    late(report, add="3-B")
    before = report.act_id
    with pytest.raises(PermissionDenied):
        late_acts.take_over(Report.objects.get(pk=report.pk), by=person(report, "director"))
    assert Report.objects.get(pk=report.pk).act_id == before
    assert covered(report.convention, report.year).act.pk != before
