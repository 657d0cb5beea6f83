"""The compte rendu financier, signed by the presidency as acts are: of one sending, once, in the three ways."""

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.test import Client

from arml.models import AttachmentKind, Membership, User
from conventions.documents import register
from conventions.enums import DepositAnswer, DocumentPurpose
from conventions.models import Document, Signature, SignedDeposit
from conventions.services.signing import deposits
from conventions.services.signing.scan import OriginalMismatch
from cpo.lib import clock
from cpo.lib.files import stored
from cpo.lib.models import JournalEntry, OutboxMessage
from cpo.lib.work import jobs
from cpo.lib.workflow import Refused
from reporting import guards, workflow
from reporting.models import Report, ReportVersion
from reporting.services import signing
from reporting.todo.home import agenda
from tests import pki
from tests.factories.arml import PASSWORD, make_user
from tests.factories.meetings import reviewed
from tests.factories.reporting import (
    admissible,
    answer,
    fill,
    make_report,
    person,
    sent_back,
    sign_by_hand,
    sign_financial,
    submitted,
)
from tests.factories.signed_files import AUTHORITY, plain_document, trusted
from tests.lib.test_pdf import assert_conformant, read

pytestmark = pytest.mark.django_db
TO_SIGN = "Signer le compte rendu financier 2025"


def fresh(report: Report) -> Report:
    return Report.objects.select_related("convention__dossier").get(pk=report.pk)


def printed(report: Report | None = None) -> Report:
    """Sent, with a page that stands for its compte rendu financier, which a certificate can sign."""
    report = report or submitted()
    sending = report.last_sending()
    paper = register.enter(
        plain_document(f"{report.pk} {sending.number}", places=1),
        act=report.act,
        purpose=DocumentPurpose.FINANCIAL_REPORT,
        label=f"Compte rendu financier, envoi {sending.number}",
        content_sha256=sending.content_sha256,
    )
    ReportVersion.objects.filter(pk=sending.pk).update(financial_document=paper)
    return fresh(report)


def paper_of(report: Report) -> signing.FinancialReport:
    paper = signing.financial_report_of(fresh(report))
    assert paper is not None
    return paper


def titles(user: User) -> list[str]:
    return [task.title for task in agenda(User.objects.get(pk=user.pk)).mine]


def mandate(report: Report, *, on: dt.date | None = dt.date(2026, 1, 1), until: dt.date | None = None) -> User:
    """The director, with a mandate of the presidency."""
    director = person(report, "director")
    Membership.objects.filter(user=director, role="director").update(mandated_on=on, mandate_until=until)
    return User.objects.get(pk=director.pk)


# -- Who signs, what and when ------------------------------------------------------------------------------------------


def test_only_the_presidency_or_whom_it_mandated_signs() -> None:
    report = printed()
    assert workflow.REPORT.attempt("sign", report, person(report, "president")).ready
    for role in ("director", "officer", "manager"):
        with pytest.raises(PermissionDenied):
            workflow.REPORT.attempt("sign", report, person(report, role))
    with pytest.raises(PermissionDenied):
        workflow.REPORT.attempt("sign", report, make_user("president"))
    assert workflow.REPORT.attempt("sign", report, mandate(report)).ready


@pytest.mark.parametrize(("until", "signs"), [(0, True), (-1, False)])
def test_a_mandate_signs_until_its_last_day(until: int, signs: bool) -> None:
    report = printed()
    director = mandate(report, until=clock.today(clock.PARIS) + dt.timedelta(days=until))
    if signs:
        assert workflow.REPORT.attempt("sign", report, director).ready
    else:
        with pytest.raises(PermissionDenied):
            workflow.REPORT.attempt("sign", report, director)


def test_nothing_is_signed_before_it_is_printed_nor_before_it_is_sent() -> None:
    report = submitted()
    assert not workflow.REPORT.attempt("sign", report, person(report, "president")).ready
    assert signing.financial_report_of(report) is None
    other = sent_back(printed(report))
    with pytest.raises(Refused):
        workflow.REPORT.attempt("sign", other, person(other, "president"))


def test_a_report_is_not_admissible_before_its_compte_rendu_financier_is_signed() -> None:
    report = printed()
    manager = person(report, "manager")
    with pytest.raises(Refused) as refusal:
        workflow.apply("declare_admissible", report, by=manager)
    assert [line.text for line in refusal.value.missing] == ["Signature du compte rendu financier"]
    sign_financial(report)
    assert list(guards.missing_documents(fresh(report))) == []
    assert workflow.apply("declare_admissible", fresh(report), by=manager).state == "admissible"


def test_the_dgefp_may_withdraw_the_type_and_nothing_is_then_missing() -> None:
    report = printed()
    AttachmentKind.objects.filter(key=guards.SIGNED).update(withdrawn=True)
    assert list(guards.missing_documents(report)) == []


def test_it_is_signed_once_told_to_both_sides_and_written_in_the_journal() -> None:
    report = printed()
    president = person(report, "president")
    asked = OutboxMessage.objects.get(template="compte_rendu_financier_a_signer")
    assert asked.to == president.email and "une personne qu’elle a mandatée" in asked.body
    assert TO_SIGN in titles(president)
    assert TO_SIGN not in titles(person(report, "director"))
    sign_financial(report)
    assert TO_SIGN not in titles(president)
    told = set(OutboxMessage.objects.filter(template="compte_rendu_financier_signe").values_list("to", flat=True))
    assert told == {person(report, "officer").email, person(report, "director").email}
    entry = JournalEntry.objects.get(verb="sign", subject=f"report:{report.pk}")
    assert entry.sentence.endswith("signe le compte rendu financier 2025, envoi n° 1.")
    with pytest.raises(Refused, match="déjà signé"):
        sign_financial(report)


def test_the_officer_reads_that_it_waits_for_its_signature() -> None:
    report = printed()
    details = [task.detail for task in agenda(person(report, "officer")).mine if "compte rendu 2025" in task.title]
    assert "compte rendu financier à signer" in details[0]
    sign_financial(report)
    details = [task.detail for task in agenda(person(report, "officer")).mine if "compte rendu 2025" in task.title]
    assert "à signer" not in details[0]


def test_a_mandated_director_sees_what_she_may_send_and_sign() -> None:
    report = fill(make_report())
    assert "Envoyer le compte rendu 2025" not in titles(person(report, "director"))
    director = mandate(report)
    assert "Envoyer le compte rendu 2025" in titles(director)
    submitted(report, by=director)
    printed(fresh(report))
    assert TO_SIGN in titles(director)


# -- Bound to one sending ----------------------------------------------------------------------------------------------


def test_a_report_sent_again_is_signed_again_and_the_old_signature_stays(client: Client) -> None:
    report = admissible(printed())
    former = ReportVersion.objects.get(report=report, number=1)
    assert former.signature is not None
    data = {"scope": "full", "parts": [("general", "Synthèse")]}
    manager = person(report, "manager")
    workflow.apply("reopen", fresh(report), by=manager, comment="Une erreur de saisie.", data=data)
    with pytest.raises(Refused):
        workflow.REPORT.attempt("sign", fresh(report), person(report, "president"))
    answer(fresh(report))
    printed(workflow.apply("submit", fresh(report), by=person(report, "president")))
    with pytest.raises(Refused):
        workflow.apply("declare_admissible", fresh(report), by=manager)
    sign_financial(report)
    former, latest = ReportVersion.objects.filter(report=report).order_by("number")
    assert former.signature is not None and latest.signature is not None
    assert former.signature.file_sha256 != latest.signature.file_sha256
    client.force_login(manager)
    page = client.get(guards.url(fresh(report), "report-detail")).content.decode()
    assert page.count("original numérisé") == 2
    address = f"/conventions/{report.act.reference}/signatures/{former.signature.pk}/original/"
    assert address in page


def test_what_was_opened_of_an_older_sending_is_not_signed() -> None:
    report = printed()
    old, president = paper_of(report), person(report, "president")
    workflow.apply("send_back", fresh(report), by=person(report, "officer"), data={"requests": [("general", "S", "R")]})
    answer(fresh(report))
    printed(workflow.apply("submit", fresh(report), by=president))
    old.row = fresh(report)
    with pytest.raises(Refused, match="Un autre envoi"):
        sign_by_hand(old, president)
    assert not Signature.objects.exists()


def test_the_database_keeps_the_file_of_a_sending() -> None:
    report = printed()
    other = Document.objects.exclude(pk=paper_of(report).document.pk).first()
    with pytest.raises(DatabaseError), transaction.atomic():
        ReportVersion.objects.filter(report=report).update(financial_document=other)


# -- By hand -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"short_hash": "0" * 12}, "short_hash"),
        ({"pages": 2}, "file"),
        ({"signatory_name": "Une autre personne"}, "signatory_name"),
    ],
)
def test_an_original_that_differs_wants_a_reason_which_the_dgefp_reads(fields: dict[str, Any], field: str) -> None:
    report = printed()
    president = person(report, "president")
    with pytest.raises(OriginalMismatch) as refusal:
        sign_by_hand(paper_of(report), president, **fields)
    assert [one.field for one in refusal.value.differences] == [field]
    sign_by_hand(paper_of(report), president, override_reason="Vérifié au téléphone.", **fields)
    comment = JournalEntry.objects.get(verb="sign").comment
    assert comment.startswith("Vérifié au téléphone.\nÉcarts")


def test_the_file_that_was_printed_is_no_signed_original() -> None:
    report = printed()
    paper = paper_of(report)
    with pytest.raises(OriginalMismatch) as refusal:
        sign_by_hand(paper, person(report, "president"), data=stored.read(paper.document.file))
    assert [one.field for one in refusal.value.differences] == ["file"]


@pytest.mark.parametrize(("days", "refused"), [(-1, True), (0, False)])
def test_nobody_signs_before_the_day_of_the_sending(days: int, refused: bool) -> None:
    report = printed()
    day = clock.today(report.dossier.time_zone) + dt.timedelta(days=days)
    if refused:
        with pytest.raises(ValidationError):
            sign_by_hand(paper_of(report), person(report, "president"), on=day)
    else:
        assert sign_by_hand(paper_of(report), person(report, "president"), on=day)


# -- In the browser ----------------------------------------------------------------------------------------------------


def test_the_browser_signs_with_a_password_the_document_and_a_code(client: Client) -> None:
    report = printed()
    president = person(report, "president")
    president.set_password(PASSWORD)
    president.save()
    client.force_login(president)
    page = guards.url(report, "report-sign")
    assert client.post(page, {"etape": "identite", "password": PASSWORD}).status_code == 302
    assert client.post(page, {"etape": "ouvrir"}).status_code == 200
    assert client.post(page, {"etape": "code"}).status_code == 302
    message = OutboxMessage.objects.get(template="code_signature")
    assert "le compte rendu financier 2025, envoi n° 1" in message.subject
    code = re.search(r"^[0-9]{6}$", message.body, re.MULTILINE)
    assert code is not None
    document = paper_of(report).document
    done = {"etape": "signer", "code": code[0], "agree": "on", "sha256": document.file.sha256}
    answer = client.post(page, done)
    assert answer.status_code == 302 and answer["Location"] == guards.url(report, "report-detail")
    signature = Signature.objects.get()
    assert (signature.mode, signature.document, signature.capacity) == ("browser", document, "président ou présidente")
    assert signature.proof["content_sha256"] == document.content_sha256
    assert client.get(page).status_code == 409, "it is signed already"


def test_a_mandated_director_signs_by_her_mandate(client: Client) -> None:
    report = printed()
    director = mandate(report)
    sign_by_hand(paper_of(report), director, capacity="directrice")
    assert Signature.objects.get().signatory_name == str(director)
    capacities = {one.capacity for one in paper_of(report).signatories(Signature.objects.get().party)}
    assert "directeur ou directrice, par mandat de la présidence" in capacities


# -- With a certificate ------------------------------------------------------------------------------------------------


@pytest.fixture
def authority(settings: Any, tmp_path: Path) -> None:
    trusted(settings, tmp_path)


def signed_pdf(paper: signing.Paper, name: str, field: str = "signature-1") -> bytes:
    return pki.sign(stored.read(paper.document.signed_file), AUTHORITY.person(name), AUTHORITY, field=field)


def deposit(paper: signing.Paper, by: User, data: bytes, **fields: Any) -> SignedDeposit:
    document = paper.document
    party = paper.party_of(paper.attempt(by))
    shown = document.signed_file.sha256
    row = deposits.receive(document.act, party, data, by=by, document=document, shown_sha256=shown, **fields)
    job = deposits.last_job(row)
    assert job is not None
    jobs.run(job.pk)
    return SignedDeposit.objects.get(pk=row.pk)


@pytest.mark.usefixtures("authority")
def test_a_certificate_signs_the_file_and_the_report_keeps_the_signed_pdf() -> None:
    report = printed()
    president, paper = person(report, "president"), paper_of(report)
    row = deposit(paper, president, signed_pdf(paper, str(president)))
    assert row.answer == DepositAnswer.ACCEPTED, row.refusal
    signature = Signature.objects.get()
    assert (signature.mode, signature.signatory_name) == ("pades", str(president))
    assert signature.signed_file == row.file
    assert list(guards.missing_documents(fresh(report))) == []


@pytest.mark.usefixtures("authority")
def test_the_certificate_of_a_stranger_wants_a_reason() -> None:
    report = printed()
    president, paper = person(report, "president"), paper_of(report)
    data = signed_pdf(paper, "Zoé Inconnue")
    row = deposit(paper, president, data)
    assert (row.answer, row.field) == (DepositAnswer.REFUSED, "override_reason")
    assert not Signature.objects.exists()
    told = OutboxMessage.objects.get(template="pdf_signe_refuse")
    assert told.to == president.email
    row = deposit(paper, president, data, override_reason="Nom de naissance.")
    assert row.answer == DepositAnswer.ACCEPTED
    assert JournalEntry.objects.get(verb="sign").comment == "Nom de naissance."


@pytest.mark.usefixtures("authority")
def test_a_deposit_of_a_sending_that_was_replaced_is_refused() -> None:
    report = printed()
    president, paper = person(report, "president"), paper_of(report)
    party, document = paper.party_of(paper.attempt(president)), paper.document
    data = signed_pdf(paper, str(president))
    shown = document.signed_file.sha256
    row = deposits.receive(document.act, party, data, by=president, document=document, shown_sha256=shown)
    workflow.apply("send_back", fresh(report), by=person(report, "officer"), data={"requests": [("general", "S", "R")]})
    jobs.run(deposits.last_job(row).pk)  # type: ignore[union-attr]
    row.refresh_from_db()
    assert row.answer == DepositAnswer.REFUSED
    assert not Signature.objects.exists()


@pytest.mark.usefixtures("authority")
def test_the_minutes_are_signed_with_certificates_one_party_after_the_other() -> None:
    report = reviewed()
    meeting = report.dialogue
    document = register.enter(
        plain_document("minutes", places=2),
        act=report.act,
        purpose=DocumentPurpose.MINUTES,
        label="Relevé",
        content_sha256="a" * 64,
    )
    type(meeting).objects.filter(pk=meeting.pk).update(minutes=document)
    president, manager = person(report, "president"), person(report, "manager")

    def paper() -> signing.Paper:
        found = signing.minutes_of(fresh(report).dialogue)
        assert found is not None
        return found

    assert deposit(paper(), president, signed_pdf(paper(), str(president))).answer == DepositAnswer.ACCEPTED
    wrong = deposit(paper(), manager, signed_pdf(paper(), str(manager), "signature-2")[:-10])
    assert wrong.answer == DepositAnswer.REFUSED
    second = deposit(paper(), manager, signed_pdf(paper(), str(manager), "signature-2"))
    assert second.answer == DepositAnswer.ACCEPTED, second.refusal
    assert fresh(report).dialogue.signed_on is not None
    assert [one.mode for one in Signature.objects.filter(document=document)] == ["pades", "pades"]


@pytest.mark.usefixtures("authority")
def test_the_page_of_the_deposit_leads_back_to_the_report(client: Client) -> None:
    report = printed()
    president, paper = person(report, "president"), paper_of(report)
    client.force_login(president)
    page = guards.url(report, "report-deposit")
    form = client.get(page).content.decode()
    assert paper.document.file.sha256 in form and "Compte rendu financier 2025" in form
    row = deposit(paper, president, signed_pdf(paper, "Zoé Inconnue"))
    answer = client.get(f"/conventions/{report.act.reference}/pdf-signe/{row.pk}/")
    body = answer.content.decode()
    assert f"{page}?depot={row.pk}" in body and guards.url(report, "report-detail") in body


def test_a_way_that_the_act_does_not_admit_is_closed_for_its_papers_too(client: Client, settings: Any) -> None:
    settings.SIGNATURE_TRUST_ROOTS = ""
    report = printed()
    client.force_login(person(report, "president"))
    assert client.get(guards.url(report, "report-deposit")).status_code == 409, "no authority is configured"
    words = "Aucune autorité de certification"
    assert words in client.get(guards.url(report, "report-deposit")).content.decode()


# -- The document ------------------------------------------------------------------------------------------------------


@pytest.mark.pdf
def test_the_printed_document_has_a_place_to_sign_and_passes_both_profiles(tmp_path: Path) -> None:
    report = submitted()
    jobs.take_up()
    document = paper_of(report).document
    data = stored.read(document.file)
    words = read(data, tmp_path).replace("\u00a0", " ")
    assert "Certifié exact pour l’association" in words and "mandat écrit" in words
    assert b"/Sig" in data
    assert_conformant(data, tmp_path)
