"""The minutes of a meeting, signed by both as acts are: in the browser with its proof, or as a scan; the PDF."""

import datetime as dt
import re

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from arml.models import User
from conventions.enums import DocumentPurpose
from conventions.models import Signature, SigningAttempt
from conventions.services.signing import browser
from cpo.lib.files import stored
from cpo.lib.models import OutboxMessage
from cpo.lib.work import jobs
from cpo.lib.workflow import Refused
from reporting.guards import address
from reporting.models import Meeting, Report
from reporting.services import minutes, signing
from reporting.services.minutes import DecisionInput
from reporting.todo.home import agenda
from reporting.workflow.meetings import MEETING, apply
from tests.factories.arml import PASSWORD, make_user
from tests.factories.meetings import concluded, reviewed
from tests.factories.reporting import person, sign_by_hand
from tests.lib.test_pdf import assert_conformant, read

pytestmark = pytest.mark.django_db
ON = dt.date(2026, 10, 1)
DECISIONS = (DecisionInput(None, "Suivre les effectifs", "beneficiary", None, dt.date(2027, 4, 30)),)


def printed(**fields: object) -> Report:
    report = reviewed(decisions=DECISIONS, **fields)
    jobs.take_up()
    return Report.objects.get(pk=report.pk)


def meeting_of(report: Report) -> Meeting:
    return Meeting.objects.select_related("minutes__file", "minutes__act").get(convention=report.convention_id)


def scan(report: Report, role: str, *, data: bytes = b"", on: dt.date = ON) -> Meeting:
    meeting = sign_by_hand(signing.minutes_of(meeting_of(report)), person(report, role), data=data, on=on)
    assert isinstance(meeting, Meeting)
    return meeting


def to_sign(user: User) -> list[str]:
    return [task.title for task in agenda(user).mine if "relevé" in task.title]


def test_nothing_is_signed_before_it_is_printed_nor_by_who_does_not_sign() -> None:
    report = reviewed()
    meeting = report.dialogue
    assert not MEETING.attempt("sign", meeting, person(report, "manager")).ready
    jobs.take_up()
    meeting = meeting_of(report)
    assert MEETING.attempt("sign", meeting, person(report, "signatory")).ready
    for role in ("officer", "director"):
        with pytest.raises(PermissionDenied):
            MEETING.attempt("sign", meeting, person(report, role))
    with pytest.raises(PermissionDenied):
        MEETING.attempt("sign", meeting, make_user("manager"))


def test_both_sign_each_is_told_and_the_second_closes_the_minutes() -> None:
    report = printed()
    assert to_sign(person(report, "president")) == ["Signer le relevé\u00a0: Dialogue de gestion 2025"]
    meeting = scan(report, "manager")
    assert meeting.signed_on is None
    body = OutboxMessage.objects.filter(template="releve_signe", to=person(report, "president").email).get().body
    assert "Il reste à signer pour l’ARML" in body
    with pytest.raises(Refused):
        scan(report, "signatory")
    meeting = scan(report, "president", on=dt.date(2026, 10, 5))
    assert meeting.signed_on == dt.date(2026, 10, 5)
    last = OutboxMessage.objects.filter(template="releve_signe", to=person(report, "officer").email).latest("pk").body
    assert "signé des deux parties" in last
    assert to_sign(person(report, "president")) == []


def test_signed_minutes_are_corrected_only_once_taken_back_with_a_reason() -> None:
    report = printed()
    scan(report, "manager")
    officer = person(report, "officer")

    def correct() -> Meeting:
        fields = {"summary": "Corrigé."}
        rest = {"attendance": {}, "decisions": (), "expected_revision": None}
        return minutes.save_minutes(meeting_of(report), fields=fields, by=officer, **rest)  # type: ignore[arg-type]

    with pytest.raises(Refused):
        correct()
    with pytest.raises(Refused):
        apply("take_back", meeting_of(report), by=officer)
    apply("take_back", meeting_of(report), by=officer, comment="Une erreur de date.")
    assert Signature.objects.filter(voided_at=None, document__purpose=DocumentPurpose.MINUTES).count() == 0
    assert "Une erreur de date." in OutboxMessage.objects.filter(template="releve_repris")[0].body
    assert correct().summary == "Corrigé."
    jobs.take_up()
    scan(report, "manager")
    scan(report, "president")
    concluded(Report.objects.get(pk=report.pk))
    with pytest.raises(Refused, match="conclue"):
        apply("take_back", meeting_of(report), by=officer, comment="Trop tard.")


def with_password(user: User) -> User:
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.mark.parametrize(("on", "refused"), [(dt.date(2026, 9, 14), True), (dt.date(2026, 9, 15), False)])
def test_a_scan_is_not_older_than_the_meeting(on: dt.date, refused: bool) -> None:
    report = printed()
    if refused:
        with pytest.raises(ValidationError) as refusal:
            scan(report, "manager", on=on)
        assert list(refusal.value.error_dict) == ["signed_on"]
    else:
        assert scan(report, "manager", on=on)


def test_the_browser_signs_with_a_password_the_document_and_a_code_and_keeps_its_proof(client) -> None:
    report = printed()
    president = with_password(person(report, "president"))
    client.force_login(president)
    page = address(meeting_of(report), "meeting-sign")
    assert client.post(page, {"etape": "identite", "password": "non"}).status_code == 200
    assert client.post(page, {"etape": "identite", "password": PASSWORD}).status_code == 302
    assert client.post(page, {"etape": "ouvrir"}).status_code == 200
    assert client.post(page, {"etape": "code"}).status_code == 302
    message = OutboxMessage.objects.get(template="code_signature")
    assert "le relevé (dialogue de gestion 2025)" in message.subject
    assert page in message.body
    code = re.search(r"^[0-9]{6}$", message.body, re.MULTILINE)
    assert code is not None
    document = meeting_of(report).minutes
    assert document is not None
    done = {"etape": "signer", "code": code[0], "agree": "on", "sha256": document.file.sha256}
    assert client.post(page, done | {"code": "000000" if code[0] != "000000" else "111111"}).status_code == 200
    assert client.post(page, done).status_code == 302
    signature = Signature.objects.get(mode="browser")
    assert (signature.mode, signature.document, signature.party.organisation) == (
        "browser",
        document,
        report.dossier.beneficiary,
    )
    assert signature.capacity == "président ou présidente"
    assert signature.proof["account"] == president.email
    assert signature.proof["file_sha256"] == document.file.sha256
    assert client.get(page).status_code == 409, "the party signed already"


def test_minutes_that_changed_since_they_were_opened_are_not_signed() -> None:
    report = printed()
    president, meeting = with_password(person(report, "president")), meeting_of(report)
    paper = signing.minutes_of(meeting)
    assert meeting.minutes is not None and paper is not None
    party = paper.party_of(MEETING.attempt("sign", meeting, president).actor)
    attempt = browser.begin(meeting.minutes.act, party, by=president, password=PASSWORD, document=meeting.minutes)
    browser.open_document(attempt)
    fields = {"summary": "Autre."}
    rest = {"attendance": {}, "decisions": (), "expected_revision": None}
    minutes.save_minutes(meeting, fields=fields, by=person(report, "officer"), **rest)  # type: ignore[arg-type]
    with pytest.raises(Refused):
        browser.send_code(SigningAttempt.objects.get(pk=attempt.pk))


def test_the_signature_of_minutes_is_none_of_the_text_of_the_act() -> None:
    report = printed()
    scan(report, "manager")
    assert list(Signature.objects.of_text(report.act)) == []


@pytest.mark.pdf
def test_the_minutes_hold_their_decisions_and_both_frames_and_pass_both_profiles(tmp_path) -> None:
    report = printed(attendees="Une personne\nUne autre")
    document = meeting_of(report).minutes
    assert document is not None
    data = stored.read(document.file)
    words = read(data, tmp_path)
    for text in (
        "Dialogue de gestion 2025",
        "Suivre les effectifs",
        "30 avril 2027",
        "Une autre",
        "Pour l’association",
    ):
        assert text in words.replace("\u00a0", " "), text
    assert_conformant(data, tmp_path)
