"""What a file, or a reference and a hash, is: the signed convention, an older version, or nothing that is known.

The page that asks is public: the answer is a `Finding`, which says no more than reference, version and date. Who holds
the file, or the whole hash of a text, already has what it says; the short hash printed on each page tells only of what
was to be signed or was received.
"""

import datetime as dt
import re
from dataclasses import dataclass, replace
from enum import StrEnum

from django.db.models import F, Max, Q, QuerySet, Value
from django.db.models.functions import Lower, Replace

from conventions.enums import ActKind, ConventionState, DocumentPurpose
from conventions.evidence.names import bare
from conventions.models import Act, Document, Signature, Version
from cpo.lib.files.fingerprints import Fingerprint
from cpo.lib.files.hashing import SHORT

WHOLE = 64
TOLD_BY_SHORT_HASH = (
    *(DocumentPurpose.TO_SIGN, DocumentPurpose.ACKNOWLEDGEMENT, DocumentPurpose.MINUTES),
    # A letter is known to who received it; the others are notified.
    *(DocumentPurpose.NOTICE_LETTER, DocumentPurpose.TERMINATION, DocumentPurpose.CLOSING, DocumentPurpose.ABANDONMENT),
)


class Verdict(StrEnum):
    """Most telling first: of several documents with one hash, the first of these answers."""

    SIGNED = "signed"
    COPY = "copy"
    CONSOLIDATED = "consolidated"
    TO_SIGN = "to_sign"
    RECORDED = "recorded"
    OLDER = "older"
    WORKING = "working"
    VOIDED = "voided"


_RANK = {verdict: rank for rank, verdict in enumerate(Verdict)}


SIGNED = {
    ActKind.CONVENTION: "C’est la convention signée",
    ActKind.AMENDMENT: "C’est l’avenant signé",
    ActKind.ANNUAL: "C’est l’acte financier signé",
    ActKind.ADAPTATION: "C’est l’information d’adaptation notifiée",
}


@dataclass(frozen=True)
class Finding:
    """`kind`: of the act, for the words alone. `produced`: when the file was, whatever happened since; `date`: the day
    that matters. `whole`: not a file that a party signed before another one did. `completed`: the file is more than the
    one that was found, something was added to it. `content`: it is not a document, but what a document renders."""

    kind: str
    verdict: Verdict
    reference: str
    version: int | None
    date: dt.date | dt.datetime
    produced: dt.datetime
    whole: bool = True
    completed: bool = False
    content: bool = False

    @property
    def title(self) -> str:
        """Of a document that was signed, or notified."""
        return SIGNED[ActKind(self.kind)]

    @property
    def signed(self) -> bool:
        """An adaptation notice is notified, not signed."""
        return self.kind != ActKind.ADAPTATION


def identify(sha256: str) -> Finding | None:
    """What the file with this hash is, or the version whose content has it; None when it is not known."""
    return _best(_documents(_is_file(sha256) | Q(content_sha256=sha256)), _versions(sha256))


def identify_file(found: Fingerprint) -> Finding | None:
    """What a file is: as it was produced, the content of a version, or one of ours to which a signature or anything
    else was added since. What was added never hides what the file was: annulled, it stays so."""
    documents = _documents(_is_file(found.sha256))
    exact = _best(documents, None)
    if exact and exact.verdict == Verdict.SIGNED:
        return replace(exact, whole=any(one.signed_file.sha256 == found.sha256 for one in documents))
    if exact:
        return exact
    content = _best(_documents(Q(content_sha256=found.sha256, version__isnull=False)), _versions(found.sha256))
    if content:
        return replace(content, content=True)
    inside = _best(_documents(Q(file__sha256__in=found.parts)), None)
    # It was produced on a day that is certain; whether what was signed is still what the file shows is not.
    return replace(inside, completed=True, date=inside.produced) if inside else None


def identify_typed(reference: str, sha256: str) -> Finding | None:
    """What bears this reference and this hash, short or whole, as somebody reads them on paper."""
    printed = Lower(Replace(F("reference"), Value("-")))
    act = Act.objects.alias(bare=printed).filter(bare=bare(reference)).first()
    if act is None:
        return None
    if len(sha256) == WHOLE:
        documents = _documents(Q(file__sha256=sha256) | Q(content_sha256=sha256))
        return _best(documents.filter(act=act), _versions(sha256).filter(act=act))
    begins = Q(file__sha256__startswith=sha256) | Q(content_sha256__startswith=sha256)
    return _best(_documents(begins).filter(act=act, purpose__in=TOLD_BY_SHORT_HASH), None)


def clean_hash(text: str) -> str:
    """The digits of a typed hash, spaces and dashes left out. Raises ValueError when it is not one."""
    digits = bare(text)
    if not re.fullmatch(r"[0-9a-f]+", digits) or not SHORT <= len(digits) <= WHOLE:
        raise ValueError("not a hash")
    return digits


def _is_file(sha256: str) -> Q:
    """The file of a document, or the one that a party signed with a certificate and handed in."""
    signed = Q(pk__in=Signature.objects.filter(signed_file__sha256=sha256, voided_at=None).values("document"))
    return Q(file__sha256=sha256) | signed


def _documents(found: Q) -> QuerySet[Document]:
    return Document.objects.filter(found).select_related("act", "version").defer("version__content")


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
    if document.purpose == DocumentPurpose.COPY and done and _signs(act, version):
        return _finding(Verdict.COPY, act, version, document, done)
    if version:
        return _of_version(version)
    return _finding(Verdict.RECORDED, act, None, document)


def _signs(act: Act, version: Version | None) -> bool:
    return act.documents.to_sign().filter(version=version).exists()


def _of_version(version: Version) -> Finding:
    latest = version.act.versions.aggregate(latest=Max("number"))["latest"]
    closed = version.act.state not in (ConventionState.DRAFT, ConventionState.NEGOTIATION)
    older = version.number < latest or closed
    return _finding(Verdict.OLDER if older else Verdict.WORKING, version.act, version, version)


def _finding(
    verdict: Verdict, act: Act, version: Version | None, made: Document | Version, day: dt.date | None = None
) -> Finding:
    number = version.number if version else None
    return Finding(act.kind, verdict, act.reference, number, day or made.created_at, made.created_at)
