"""Recognition of a file, or of a reference with a hash: the signed convention, an older version, or unknown.

The page is public: the answer, a `Finding`, contains only a reference, a version and dates. A person who has the file,
or the whole hash of a text, already has its content. The short hash printed on each page gives an answer only for
documents to sign and for documents that were sent.
"""

import datetime as dt
import itertools
import re
from dataclasses import dataclass, replace
from enum import StrEnum

from django.db.models import F, Max, Q, QuerySet, Value
from django.db.models.functions import Lower, Replace

from conventions.enums import ActKind, ConventionState, DocumentPurpose, LetterState, Origin, PartyRole
from conventions.evidence.names import bare, bare_hash
from conventions.later.in_force import signed_acts
from conventions.models import Act, Document, Signature, Version
from cpo.lib import zones
from cpo.lib.files.fingerprints import Fingerprint
from cpo.lib.files.hashing import SHORT

from .parts.parties import signing_rank

WHOLE = 64
RECOGNISED_BY_SHORT_HASH = (
    *(DocumentPurpose.TO_SIGN, DocumentPurpose.ACKNOWLEDGEMENT, DocumentPurpose.MINUTES),
    *(DocumentPurpose.FINANCIAL_REPORT, DocumentPurpose.REPORT_FORM, DocumentPurpose.CONCLUSION),
    # The other party received the letter; both parties are notified of the other documents.
    *(DocumentPurpose.NOTICE_LETTER, DocumentPurpose.TERMINATION, DocumentPurpose.CLOSING, DocumentPurpose.ABANDONMENT),
)


class Verdict(StrEnum):
    """In order of priority: if several documents have the hash, the first verdict of this list is the answer."""

    SIGNED = "signed"
    SIGNED_COPY = "signed_copy"
    COPY = "copy"
    CONSOLIDATED = "consolidated"
    TO_SIGN = "to_sign"
    RECORDED = "recorded"
    OLDER = "older"
    WORKING = "working"
    VOIDED = "voided"


TEXTS = (
    Verdict.SIGNED,
    Verdict.SIGNED_COPY,
    Verdict.COPY,
    Verdict.CONSOLIDATED,
)  # that give the text of a signed act
OF_SIGNED = (Verdict.SIGNED, Verdict.SIGNED_COPY, Verdict.COPY)  # those of which each signature is told
SIDES = {
    PartyRole.BENEFICIARY: "pour l’association",
    PartyRole.LEAD: "pour l’État",
    PartyRole.COSIGNER: "pour un service de l’État cosignataire",
    PartyRole.COFUNDER: "pour un cofinanceur",
}
_RANK = {verdict: rank for rank, verdict in enumerate(Verdict)}


SIGNED = {
    ActKind.CONVENTION: "C’est la convention signée",
    ActKind.AMENDMENT: "C’est l’avenant signé",
    ActKind.ANNUAL: "C’est l’acte financier signé",
    ActKind.ADAPTATION: "C’est l’information d’adaptation notifiée",
}


@dataclass(frozen=True)
class Finding:
    """A recognised file or text.

    `kind`: kind of the act, for the words only. `produced_at`: when the file was produced; `date`: the date to show
    (that of the signature, if signed). `whole`: False for a file that a party signed before another did. `completed`:
    something was added to a known file. `content`: the file is the content that a document renders, not a document.
    `scan`: it is the scan of an original signed on paper. `signatures`: the side of each party and its way to sign,
    without any name.
    `changes`: the acts signed since, which changed the text that the document gives, with the day of their effect.
    """

    kind: str
    verdict: Verdict
    reference: str
    version: int | None
    date: dt.date | dt.datetime
    produced_at: dt.datetime
    whole: bool = True
    completed: bool = False
    content: bool = False
    changes: tuple[tuple[str, dt.date], ...] = ()
    scan: bool = False
    signatures: tuple[tuple[str, str], ...] = ()

    @property
    def title(self) -> str:
        """The title for a document that was signed, or notified."""
        return SIGNED[ActKind(self.kind)]

    @property
    def signed(self) -> bool:
        """Whether the act is signed: a budget adaptation is notified, not signed."""
        return self.kind != ActKind.ADAPTATION


def identify(sha256: str) -> Finding | None:
    """Recognise the file with this hash, or the version whose content has this hash; None if unknown."""
    return _best(_documents(_is_file(sha256) | Q(content_sha256=sha256)), _versions(sha256))


def identify_file(fingerprint: Fingerprint) -> Finding | None:
    """Recognise a file as produced, as the content of a version, or as a known file with additions (as a signature).

    Additions never hide the status of the known file: a voided document stays voided. None if unknown.
    """
    documents = _documents(_is_file(fingerprint.sha256))
    exact = _best(documents, None)
    if exact and exact.verdict == Verdict.SIGNED:
        whole = any(document.signed_file.sha256 == fingerprint.sha256 for document in documents)
        scans = Signature.objects.filter(scan__sha256=fingerprint.sha256, voided_at=None)
        return replace(exact, whole=whole, scan=exact.scan or scans.exists())
    if exact:
        return exact
    content = _best(
        _documents(Q(content_sha256=fingerprint.sha256, version__isnull=False)), _versions(fingerprint.sha256)
    )
    if content:
        return replace(content, content=True, signatures=())
    inside = _best(_documents(Q(file__sha256__in=fingerprint.parts)), None)
    # Only the production date is certain: the additions may change what the file shows.
    return replace(inside, completed=True, date=inside.produced_at, signatures=()) if inside else None


def identify_typed(reference: str, sha256: str) -> Finding | None:
    """Recognise the document with this reference and this hash, short or whole, typed from paper; None if unknown."""
    bare_reference = Lower(Replace(F("reference"), Value("-")))
    act = Act.objects.alias(bare=bare_reference).filter(bare=bare(reference)).first()
    if act is None:
        return None
    if len(sha256) == WHOLE:
        documents = _documents(Q(file__sha256=sha256) | Q(content_sha256=sha256))
        return _best(documents.filter(act=act), _versions(sha256).filter(act=act))
    begins = Q(file__sha256__startswith=sha256) | Q(content_sha256__startswith=sha256)
    sent = Q(purpose=DocumentPurpose.LETTER, letter__state=LetterState.SENT)
    printed = _documents(begins).filter(sent | Q(purpose__in=RECOGNISED_BY_SHORT_HASH), act=act)
    return _best(printed, None)


def clean_hash(text: str) -> str:
    """The digits of a typed hash, without spaces and dashes. Raises ValueError if it is not a hash."""
    digits = bare_hash(text)
    if not re.fullmatch(r"[0-9a-f]+", digits) or not SHORT <= len(digits) <= WHOLE:
        raise ValueError("not a hash")
    return digits


def _is_file(sha256: str) -> Q:
    """Condition: the file of a document, or what a party handed in: signed with a certificate, or scanned."""
    deposited = Q(signed_file__sha256=sha256) | Q(scan__sha256=sha256)
    signed_documents = Signature.objects.filter(deposited, voided_at=None).values("document")
    return Q(file__sha256=sha256) | Q(pk__in=signed_documents)


def _documents(condition: Q) -> QuerySet[Document]:
    return Document.objects.filter(condition).select_related("act", "version").defer("version__content")


def _versions(sha256: str) -> QuerySet[Version]:
    return Version.objects.filter(content_sha256=sha256).select_related("act").defer("content")


def _best(documents: QuerySet[Document], versions: QuerySet[Version] | None) -> Finding | None:
    findings = [_of_document(document) for document in documents]
    findings += [_of_version(version) for version in versions or ()]
    return min(findings, key=lambda finding: _RANK[finding.verdict], default=None)


def _of_document(document: Document) -> Finding:
    act, version = document.act, document.version
    if document.voided_at:
        return _finding(Verdict.VOIDED, act, version, document)
    done = act.notified_on if act.kind == ActKind.ADAPTATION else act.signed_on
    if document.purpose == DocumentPurpose.WORKING:
        return _finding(Verdict.WORKING, act, version, document)
    if document.purpose == DocumentPurpose.CONSOLIDATED:
        return _finding(Verdict.CONSOLIDATED, act, version, document)
    if document.purpose in (DocumentPurpose.TO_SIGN, DocumentPurpose.SEALED):
        if act.state == ConventionState.ABANDONED:
            return _finding(Verdict.VOIDED, act, version, document)
        if done:
            return _finding(Verdict.SIGNED, act, version, document, done)
        return _finding(Verdict.TO_SIGN, act, version, document)
    if document.purpose == DocumentPurpose.SIGNED_COPY:
        return _finding(Verdict.SIGNED_COPY, act, version, document, done)
    if document.purpose == DocumentPurpose.COPY and done and _signs(act, version):
        return _finding(Verdict.COPY, act, version, document, done)
    if version:
        return _of_version(version)
    return _finding(Verdict.RECORDED, act, None, document)


def _signs(act: Act, version: Version | None) -> bool:
    return act.documents.to_sign().filter(version=version).exists()


def _of_version(version: Version) -> Finding:
    if version.act.origin == Origin.PAPER:  # what was typed of an original, which is the text that was signed
        return _finding(Verdict.RECORDED, version.act, version, version)
    latest = version.act.versions.aggregate(latest=Max("number"))["latest"]
    closed = version.act.state not in (ConventionState.DRAFT, ConventionState.NEGOTIATION)
    older = version.number < latest or closed
    return _finding(Verdict.OLDER if older else Verdict.WORKING, version.act, version, version)


def _finding(
    verdict: Verdict, act: Act, version: Version | None, source: Document | Version, day: dt.date | None = None
) -> Finding:
    number = version.number if version else None
    produced_at = zones.at(source.created_at, act.dossier)
    finding = Finding(act.kind, verdict, act.reference, number, day or produced_at, produced_at)
    finding = replace(finding, scan=version is None and act.origin == Origin.PAPER)
    if verdict in OF_SIGNED:
        finding = replace(finding, signatures=_signatures(act))
    return replace(finding, changes=_changes(act)) if verdict in TEXTS else finding


def _signatures(act: Act) -> tuple[tuple[str, str], ...]:
    rows = Signature.objects.of_text(act).filter(voided_at=None, document__voided_at=None).select_related("party")
    signed = sorted(rows, key=lambda row: (signing_rank(row.party.role), row.pk))
    return tuple((SIDES[PartyRole(row.party.role)], row.get_mode_display()) for row in signed)


def _changes(act: Act) -> tuple[tuple[str, dt.date], ...]:
    """The acts signed after this one, in their order. Each of them holds the whole text, so each of them changes it."""
    following = itertools.takewhile(lambda one: one.pk != act.pk, signed_acts(act.convention))
    return tuple((one.name_in_sentence, one.effective_on) for one in reversed(list(following)))
