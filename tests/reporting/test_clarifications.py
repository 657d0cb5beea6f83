"""Requests for details reopen nothing; the days that wait for the association do not count for the service."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from conventions.models import Convention
from cpo.lib.models import OutboxMessage
from cpo.lib.workflow import Refused
from reporting.deadlines.examination import examination_time
from reporting.deadlines.facts import facts_of
from reporting.models import Clarification, Deadline, Report
from reporting.services import clarifications as services
from reporting.services.deadlines import sync
from tests import now
from tests.factories import reporting as reports
from tests.factories.conventions import PDF
from tests.factories.reporting import make_active, person

pytestmark = pytest.mark.django_db
QUESTION = "Que recouvre cette hausse ?"
SENT = "2026-05-04"
PATH = "finance"


def at(day: str) -> None:
    """Nine in the morning of a day, in Paris."""
    assert now.traveller is not None
    now.traveller.move_to(dt.datetime.fromisoformat(f"{day} 09:00").replace(tzinfo=ZoneInfo("Europe/Paris")), tick=True)


@pytest.fixture
def report() -> Report:
    at(SENT)
    return reports.submitted(reports.fill(reports.make_report(make_active(sheets=1))))


def fresh(report: Report) -> Report:
    return Report.objects.get(pk=report.pk)


def ask(report: Report, day: str, *, by: Any = None, due: dt.date | None = None) -> Clarification:
    at(day)
    due = due or dt.date.fromisoformat(day) + dt.timedelta(days=15)
    who = by or person(report, "officer")
    return services.ask(report, path=PATH, label="Compte rendu financier", question=QUESTION, due_on=due, by=who)


def answer(row: Clarification, day: str, role: str = "director") -> None:
    at(day)
    services.answer(row, text="Deux recrutements.", by=person(row.report, role))


def times(report: Report) -> tuple[int, int, bool]:
    time = examination_time(fresh(report))
    assert time is not None
    return time.days, time.waited, time.paused


def deadline(report: Report, rule: str) -> Deadline | None:
    sync(Convention.objects.get(pk=report.convention_id))
    return Deadline.objects.filter(convention=report.convention, rule__key=rule, year=report.year).first()


def test_a_request_is_numbered_told_answered_and_judged_while_the_report_stays_sent(report: Report) -> None:
    row = ask(report, "2026-05-10")
    other = ask(report, "2026-05-11")
    assert (row.number, other.number, fresh(report).state) == (1, 2, "submitted")
    told = OutboxMessage.objects.filter(subject__contains="des précisions sont demandées")
    assert {message.recipient for message in told} >= {person(report, "director")}
    with pytest.raises(PermissionDenied):
        answer(row, "2026-05-12", "officer")
    answer(row, "2026-05-12")
    answer(row, "2026-05-13", "president")
    with pytest.raises(ValidationError, match="ne peut pas être satisfaisante"):
        services.judge(other, satisfactory=True, judgment="", by=person(report, "officer"))
    with pytest.raises(ValidationError, match="en quoi"):
        services.judge(row, satisfactory=False, judgment=" ", by=person(report, "officer"))
    with pytest.raises(PermissionDenied):
        services.judge(row, satisfactory=True, judgment="", by=person(report, "director"))
    assert services.judge(row, satisfactory=True, judgment="", by=person(report, "officer")).satisfactory
    with pytest.raises(Refused):
        answer(row, "2026-05-14")
    with pytest.raises(Refused) as refusal:
        reports.admissible(fresh(report))
    assert [line.text for line in refusal.value.missing] == ["Demande de précisions n° 2\xa0: la réponse est à juger"]
    services.judge(other, satisfactory=False, judgment="Sans réponse.", by=person(report, "officer"))
    assert reports.admissible(fresh(report)).state == "admissible"


@pytest.mark.parametrize("role", ["director", "president", "signatory"])
def test_only_the_lead_service_asks(report: Report, role: str) -> None:
    with pytest.raises(PermissionDenied):
        ask(report, "2026-05-10", by=person(report, role))


def test_a_request_is_due_between_today_and_a_year(report: Report) -> None:
    for due in (dt.date(2026, 5, 9), dt.date(2027, 5, 11)):
        with pytest.raises(ValidationError, match="entre aujourd’hui et un an"):
            ask(report, "2026-05-10", due=due)
    ask(report, "2026-05-10", due=dt.date(2026, 5, 10))
    ask(report, "2026-05-10", due=dt.date(2027, 5, 10))


def test_what_is_asked_and_answered_never_changes(report: Report) -> None:
    answer(ask(report, "2026-05-10"), "2026-05-12")
    for sql in (
        "UPDATE reporting_clarification SET question = 'autre'",
        "DELETE FROM reporting_clarification",
        "UPDATE reporting_clarificationanswer SET text = 'autre'",
        "UPDATE reporting_clarification SET satisfactory = true",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


# -- The time of the examination --------------------------------------------------------------------------------------


def test_the_days_that_wait_for_the_association_do_not_count_and_count_once(report: Report) -> None:
    at("2026-05-10")
    assert times(report) == (6, 0, False)
    first = ask(report, "2026-05-10")
    second = ask(report, "2026-05-12")
    at("2026-05-14")
    assert times(report) == (6, 4, True)
    answer(first, "2026-05-14")
    answer(second, "2026-05-20")
    at("2026-05-25")
    assert times(report) == (11, 10, False)  # from the 4th to the 10th, then from the 20th to the 25th
    reports.sent_back(fresh(report), "finance")
    at("2026-06-04")
    assert times(report) == (11, 20, True)


def test_the_deadline_of_the_service_moves_by_the_days_waited_and_is_put_off_meanwhile(report: Report) -> None:
    found = deadline(report, "delai_instruction")
    assert found is not None and found.due_on == dt.date(2026, 8, 2)  # ninety days after 4 May
    row = ask(report, "2026-05-10")
    found = deadline(report, "delai_instruction")
    assert found is not None and found.cancelled_on == dt.date(2026, 5, 10)
    asked = deadline(report, "precisions_rapport")
    assert asked is not None and (asked.due_on, asked.met_on) == (dt.date(2026, 5, 25), None)
    answer(row, "2026-05-20")
    found, asked = deadline(report, "delai_instruction"), deadline(report, "precisions_rapport")
    assert found is not None and (found.due_on, found.cancelled_on) == (dt.date(2026, 8, 12), None)
    assert asked is not None and asked.met_on == dt.date(2026, 5, 20)
    ask(report, "2026-05-22")
    asked = deadline(report, "precisions_rapport")
    assert asked is not None and (asked.due_on, asked.met_on) == (dt.date(2026, 6, 6), None)


# -- The pages --------------------------------------------------------------------------------------------------------


def page(report: Report, name: str = "report-clarifications", **more: Any) -> str:
    return reverse(name, kwargs={"number": report.convention.number, "year": report.year, **more})


def as_(report: Report, role: str) -> Client:
    client = Client()
    client.force_login(person(report, role))
    return client


def test_each_side_writes_on_its_page_and_opens_the_files(report: Report) -> None:
    at("2026-05-10")
    officer, director = as_(report, "officer"), as_(report, "director")
    data = {"part": PATH, "question": QUESTION, "due_on": "20/05/2026"}
    wrong = officer.post(page(report), data | {"due_on": "01/05/2026"})
    assert "due_on" in wrong.context["form"].errors and QUESTION in wrong.content.decode()
    assert officer.post(page(report), data).status_code == 302
    one = page(report, "report-clarification", sequence=1)
    file = SimpleUploadedFile("facture.pdf", PDF + b"%%EOF", "application/pdf")
    assert director.get(one).context["form"].fields.keys() == {"text", "file"}
    assert director.post(one, {"text": "Voici.", "file": file}).status_code == 302
    assert "facture.pdf" in officer.get(one).content.decode()
    assert officer.get(page(report, "clarification-file", sequence=1, rank=1)).status_code == 200
    assert officer.get(page(report, "clarification-file", sequence=1, rank=0)).status_code == 404
    assert officer.post(one, {"satisfactory": "oui"}).status_code == 302
    assert director.post(one, {"text": "Encore."}).status_code == 409
    assert director.post(page(report), data).status_code == 403


def test_a_request_that_nobody_answered_gives_no_day_once_the_report_is_settled(report: Report) -> None:
    """« Recevable » asks for a judgment of each request; a row that is older than this rule stops no deadline."""
    ask(report, "2026-05-11")
    assert f"precisions_attendues:{report.year}" in facts_of(report.convention)
    Report.objects.filter(pk=report.pk).update(state="admissible")
    told = facts_of(Convention.objects.get(pk=report.convention_id))
    assert not [name for name in told if name.startswith("precisions_")]
