"""The signature of the papers of the year, as acts are signed: in the browser, with a certificate, as a scan.

The steps, the code, the verification and the proof are those of `conventions.services.signing`; a paper says who signs
it, until when, and by which transition.
"""

import datetime as dt
from abc import ABC, abstractmethod
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q

from arml.enums import Role
from arml.models import Membership, User
from conventions.enums import DocumentPurpose, SignatureMode
from conventions.guards.signing import why_closed
from conventions.models import Document, Party, Signature, SigningAttempt
from conventions.services.signing import browser, scan
from conventions.services.signing.scan import Original
from conventions.services.signing.subjects import Signatory, Subject, Text
from cpo.lib import clock
from cpo.lib.actor import Actor
from cpo.lib.enums import Side
from cpo.lib.wording import french
from cpo.lib.workflow import Option, Refused, Workflow
from reporting.guards import address, url
from reporting.models import Meeting, Report, ReportVersion
from reporting.workflow.meetings import MEETING
from reporting.workflow.reports import REPORT

OF_STATE = (Role.MANAGER, Role.SIGNATORY)
WAYS = {
    SignatureMode.BROWSER: "Signer dans l’application",
    SignatureMode.PADES: "Déposer un PDF signé avec un certificat",
    SignatureMode.SCAN: "Déposer un original signé sur papier",
}


def to_sign(workflow: Workflow, row: Any, user: User) -> Option:
    """The signature of the paper of a row. Raises PermissionDenied, Refused (not printed yet, signed already)."""
    option = workflow.attempt("sign", row, user)
    if not option.ready:
        raise Refused(option.blocking[0].text)
    return option


class Paper(ABC):
    """A printed paper of the year; a `conventions.services.signing.subjects.Subject`.

    `name`: « le relevé (dialogue de gestion 2025) ». `earliest`: nobody signs before this day, `too_early` says why.
    """

    workflow: Workflow
    document: Document
    name: str
    title: str
    file_name: str
    earliest: dt.date | None
    too_early: str

    def __init__(self, row: Any, document: Document) -> None:
        self.row, self.document = row, document

    @abstractmethod
    def page(self, mode: str) -> str:
        """The page that signs in this way."""

    def option(self, user: User, mode: str) -> Option:
        """Raises PermissionDenied, Refused (signed already, replaced since, not admitted in this way)."""
        option = to_sign(self.workflow, self.row, user)
        if words := why_closed(self.document.act, mode):
            raise Refused(words)
        return option

    def attempt(self, by: User) -> Actor:
        return self.option(by, SignatureMode.PADES).actor

    def party_of(self, actor: Actor) -> Party:
        """The party that an actor signs for, among those of the act that the paper rests on."""
        assert actor.organisation is not None  # noqa: S101  `option` checked it
        return self.document.act.parties.select_related("organisation").get(organisation=actor.organisation.pk)

    def parties(self, actor: Actor) -> list[Party]:
        return [self.party_of(actor)]

    def signatories(self, party: Party) -> list[Signatory]:
        """Who may sign for a party today: the presidency or a director whom it mandated; for the service, its heads."""
        today = clock.today(clock.PARIS)
        roles = Membership.objects.in_force(today).filter(organisation=party.organisation_id, user__is_active=True)
        roles = roles.filter(Q(role__in=(Role.PRESIDENT, *OF_STATE)) | Q(role=Role.DIRECTOR, mandated_on__isnull=False))
        rows = roles.select_related("user").order_by("user__last_name", "pk")
        return [Signatory(str(row.user), capacity_of(row.role)) for row in rows if _signs(row, today)]

    def delegates(self) -> bool:
        return False

    @property
    def reference(self) -> str:
        return str(self.row.convention.number)

    def record(self, by: User, *, comment: str, data: dict[str, Any]) -> Any:
        return self.workflow.apply("sign", self.row, by=by, comment=comment, data=data)

    def sentence(self, words: str) -> str:
        return f"{words.removesuffix('.')} – {french.lower_first(self.title)}."

    def ways(self, *, but: str = "") -> list[tuple[str, str]]:
        """The ways to sign that are admitted: address and words."""
        act = self.document.act
        return [(self.page(mode), words) for mode, words in WAYS.items() if mode != but and not why_closed(act, mode)]

    def deposit_address(self) -> str:
        return self.page(SignatureMode.PADES)

    @abstractmethod
    def back(self) -> tuple[str, str]: ...

    @abstractmethod
    def expected(self) -> list[Party]:
        """The parties that sign it, the association first."""

    @abstractmethod
    def done(self) -> str:
        """The message after a signature."""

    def signing_parties(self, *organisations: int) -> list[Party]:
        rows = self.document.act.parties.filter(organisation__in=organisations).select_related("organisation")
        return sorted(rows, key=lambda party: organisations.index(party.organisation_id))

    def signatures(self) -> list[Signature]:
        rows = self.document.signatures.filter(voided_at=None)
        return list(rows.select_related("party__organisation", "recorded_by").order_by("pk"))


class Minutes(Paper):
    workflow = MEETING
    too_early = "Le relevé ne peut pas être signé avant la réunion."

    def __init__(self, meeting: Meeting, document: Document) -> None:
        super().__init__(meeting, document)
        self.title = f"Relevé, {french.lower_first(meeting.title)}"
        self.name = f"le relevé ({french.lower_first(meeting.title)})"
        self.file_name = f"releve-{meeting.pk}"
        self.earliest = meeting.day

    def page(self, mode: str) -> str:
        return address(self.row, MINUTES_PAGES[mode])

    def back(self) -> tuple[str, str]:
        return address(self.row), self.row.title

    def expected(self) -> list[Party]:
        dossier = self.row.dossier
        return self.signing_parties(dossier.beneficiary_id, dossier.lead_id)

    def done(self) -> str:
        both = len(self.signatures()) == len(Side)
        return f"Le relevé est signé{' des deux parties, qui' if both else '. Les deux parties'} en sont informées."


class FinancialReport(Paper):
    """The compte rendu financier of the last sending."""

    workflow = REPORT
    too_early = "Le compte rendu financier ne peut pas être signé avant son envoi."

    def __init__(self, report: Report, document: Document) -> None:
        super().__init__(report, document)
        sending = f"{report.year}, envoi n° {report.round}"
        self.title = f"Compte rendu financier {sending}"
        self.name = f"le compte rendu financier {sending}"
        self.file_name = f"compte-rendu-financier-{report.convention.number}-{report.year}-envoi-{report.round}"
        sent_at = report.submitted_at
        self.earliest = clock.local_day(sent_at, report.dossier.time_zone) if sent_at else None

    def page(self, mode: str) -> str:
        return url(self.row, FINANCIAL_PAGES[mode])

    def back(self) -> tuple[str, str]:
        return url(self.row, "report-detail"), f"Compte rendu {self.row.year}"

    def expected(self) -> list[Party]:
        return self.signing_parties(self.row.dossier.beneficiary_id)

    def done(self) -> str:
        return "Le compte rendu financier est signé. Le service de l’État en est informé."


MINUTES_PAGES: dict[str, str] = {
    SignatureMode.BROWSER: "meeting-sign",
    SignatureMode.SCAN: "meeting-scan",
    SignatureMode.PADES: "meeting-deposit",
}
FINANCIAL_PAGES: dict[str, str] = {
    SignatureMode.BROWSER: "report-sign",
    SignatureMode.SCAN: "report-scan",
    SignatureMode.PADES: "report-deposit",
}


def capacity_of(role: str) -> str:
    """« responsable », « directeur ou directrice, par mandat de la présidence »: as a paper writes them."""
    words = french.both_genders(Role(role).label)
    return f"{words}, par mandat de la présidence" if role == Role.DIRECTOR else words


def _signs(row: Membership, today: dt.date) -> bool:
    return row.role != Role.DIRECTOR or row.mandated(today)


def minutes_of(meeting: Meeting) -> Minutes | None:
    """The minutes to sign of a meeting; None before they are printed."""
    return Minutes(meeting, meeting.minutes) if meeting.minutes is not None else None


def financial_report_of(report: Report) -> FinancialReport | None:
    """The compte rendu financier to sign: that of the last sending; None before it is printed."""
    version = report.last_sending()
    document = version.financial_document if version else None
    return FinancialReport(report, document) if document is not None else None


def paper_to_sign(row: Meeting | Report) -> Paper | None:
    return minutes_of(row) if isinstance(row, Meeting) else financial_report_of(row)


def opened(row: Meeting | Report, user: User, mode: str) -> tuple[Paper, Option]:
    """The paper of a row that the person signs in this way. Raises PermissionDenied, Refused."""
    to_sign(MEETING if isinstance(row, Meeting) else REPORT, row, user)
    paper = paper_to_sign(row)
    assert paper is not None  # noqa: S101  `to_sign` wants it printed
    return paper, paper.option(user, mode)


class Replaced(Text):
    """A paper of which another one was printed since."""

    def attempt(self, by: User) -> Actor:
        raise Refused("Ce document a été remplacé : il ne se signe plus.")


def paper_of(document: Document) -> Subject:
    """The paper that an entry of the register is."""
    if document.purpose == DocumentPurpose.MINUTES:
        meeting = Meeting.objects.filter(minutes=document).select_related("convention__dossier", "minutes").first()
        return Minutes(meeting, document) if meeting is not None else Replaced(document)
    version = ReportVersion.objects.filter(financial_document=document).select_related("report__convention").first()
    return FinancialReport(version.report, document) if version is not None else Replaced(document)


def sign_in_browser(attempt: SigningAttempt, paper: Paper, code: str, *, shown_sha256: str) -> Any:
    """Check the code and sign. Raises StepRefused (the code), Refused (the paper or the state changed)."""
    actor = paper.option(attempt.user, SignatureMode.BROWSER).actor

    def record(attempt: SigningAttempt, signature: Signature) -> Any:
        return paper.record(attempt.user, comment="", data={"signature": signature})

    return browser.confirm(attempt, code, shown_sha256=shown_sha256, capacity=capacity_of(actor.role), record=record)


def record_scan(paper: Paper, original: Original, *, by: User) -> Any:
    """Record the scan of an original that the party of this person signed.

    Raises ValidationError by field, OriginalMismatch (a reason is wanted), Refused.
    """
    actor = paper.option(by, SignatureMode.SCAN).actor
    if paper.earliest and original.signed_on < paper.earliest:
        raise ValidationError({"signed_on": paper.too_early})
    signature = scan.signature_of(paper, paper.party_of(actor), original, by=by)
    return paper.record(by, comment=scan.comment_of(signature), data={"signature": signature})
