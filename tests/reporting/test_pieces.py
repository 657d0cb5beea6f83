"""The documents of a year: checked by the service, refused with a reason, replaced without losing the former ones."""

import datetime as dt
import io

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.test import Client

from arml.models import Attachment
from cpo.lib import clock
from cpo.lib.models import JournalEntry, OutboxMessage
from cpo.lib.workflow import Refused
from reporting import guards, workflow
from reporting.models import Deadline, PieceCheck, Report
from reporting.services.documents import add_document, check_document
from reporting.todo.home import agenda
from tests.factories.conventions import PDF
from tests.factories.reporting import admissible, person, sign_financial, submitted

pytestmark = pytest.mark.django_db
REASON = "Les comptes ne sont pas signés du commissaire."


def accounts(report: Report) -> Attachment:
    return Attachment.objects.current().get(dossier=report.dossier, kind__key="comptes_annuels")


def refuse(report: Report, reason: str = REASON) -> PieceCheck | None:
    return check_document(report, accounts(report), refusal=reason, by=person(report, "officer"))


def replace(report: Report, mark: bytes = b"signed", **fields: object) -> Attachment:
    data = PDF + mark + b"%%EOF"
    kind = accounts(report).kind
    upload = {"upload": io.BytesIO(data), "name": "comptes.pdf", "size": len(data)}
    return add_document(report, kind=kind, by=person(report, "director"), **upload, **fields)  # type: ignore[arg-type]


def missing(report: Report) -> list[str]:
    return [line.text for line in guards.missing_documents(Report.objects.get(pk=report.pk))]


def deadline(report: Report) -> Deadline:
    return Deadline.objects.get(convention=report.convention_id, rule__key="piece_refusee", year=2025)


def test_a_refused_document_is_missing_again_and_the_association_is_told_why() -> None:
    report = submitted()
    sign_financial(report)
    assert missing(report) == []
    refuse(report)
    assert len(missing(report)) == 1 and "Comptes annuels" in missing(report)[0]
    with pytest.raises(Refused):
        workflow.apply("declare_admissible", report, by=person(report, "manager"))
    messages = OutboxMessage.objects.filter(template="piece_refusee")
    assert {message.to for message in messages} >= {person(report, "director").email, person(report, "president").email}
    assert REASON in messages[0].body
    entry = JournalEntry.objects.get(verb="piece_checked")
    assert "refuse la pièce" in entry.sentence and entry.comment == REASON


def test_the_deadline_opens_and_the_new_document_meets_it() -> None:
    report = submitted()
    refuse(report)
    due = deadline(report)
    assert due.due_on == clock.today(report.dossier.time_zone) + dt.timedelta(days=15) and due.met_on is None
    assert any("Pièce refusée" in task.title for task in agenda(person(report, "director")).mine)
    former = accounts(report)
    replace(report)
    assert deadline(report).met_on == clock.today(report.dossier.time_zone)
    assert Attachment.objects.filter(pk=former.pk).exists() and accounts(report) != former
    assert "Comptes annuels" not in "".join(missing(report))


def test_a_second_refusal_opens_the_deadline_again() -> None:
    report = submitted()
    refuse(report)
    replace(report)
    refuse(report, "Le fichier est illisible.")
    assert deadline(report).met_on is None


def test_a_refusal_is_taken_back_by_another_finding() -> None:
    report = submitted()
    sign_financial(report)
    refuse(report)
    check_document(report, accounts(report), by=person(report, "manager"))
    assert missing(report) == []
    assert [row.is_refusal for row in PieceCheck.objects.order_by("pk")] == [True, False]


def test_the_same_finding_twice_is_one() -> None:
    report = submitted()
    assert refuse(report) is not None
    assert refuse(report) is None
    assert OutboxMessage.objects.filter(template="piece_refusee", to=person(report, "director").email).count() == 1


def test_only_the_lead_service_checks_and_only_while_it_examines() -> None:
    report = submitted()
    for role in ("director", "president"):
        with pytest.raises(PermissionDenied):
            check_document(report, accounts(report), by=person(report, role))
    settled = admissible(report)
    with pytest.raises(PermissionDenied):
        refuse(settled)


def test_a_document_that_was_replaced_is_not_checked_any_more() -> None:
    report = submitted()
    former = accounts(report)
    replace(report)
    with pytest.raises(Refused, match="remplacée"):
        check_document(report, former, by=person(report, "officer"))


def test_the_database_keeps_each_finding() -> None:
    report = submitted()
    refuse(report)
    with pytest.raises(DatabaseError), transaction.atomic():
        PieceCheck.objects.update(refusal="")
    with pytest.raises(DatabaseError), transaction.atomic():
        PieceCheck.objects.all().delete()


@pytest.mark.parametrize(("day", "refused"), [("1999-12-31", True), ("2024-12-31", True), ("2025-01-01", False)])
def test_accounts_of_a_year_that_cannot_be_are_refused(day: str, refused: bool) -> None:
    report = submitted()
    if refused:
        with pytest.raises(ValidationError) as refusal:
            replace(report, dated=dt.date.fromisoformat(day))
        assert list(refusal.value.error_dict) == ["dated"]
    else:
        assert replace(report, dated=dt.date.fromisoformat(day))


def test_the_page_checks_refuses_and_keeps_what_was_refused(client: Client) -> None:
    report = submitted()
    client.force_login(person(report, "officer"))
    page, piece = guards.url(report, "report-documents"), accounts(report)
    send = guards.url(report, "report-piece-check", pk=piece.pk)
    prefix = f"verification-{piece.pk}"
    wrong = client.post(send, {f"{prefix}-answer": "refused", f"{prefix}-refusal": " "})
    assert wrong.status_code == 200 and "pourquoi la pièce est refusée" in wrong.content.decode()
    assert client.post(send, {f"{prefix}-answer": "refused", f"{prefix}-refusal": REASON}).status_code == 302
    assert REASON in client.get(page).content.decode()
    replace(report)
    client.force_login(person(report, "director"))
    body = client.get(page).content.decode()
    assert REASON in body and "1 version" in body
    assert client.get(guards.url(report, "report-attachment", pk=piece.pk)).status_code == 200
