"""Verification of a signed file against the stored one: first bytes, then appended bytes, then each signature."""

import hashlib
import io
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

import pikepdf
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader

from cpo.lib.wording import french

from .additions import Additions, has_signature, read
from .answers import UNSIGNED_REST, bytes_words, key_words, refusal_text
from .report import Refusal, Report
from .revisions import MOST_REVISIONS
from .signatures import CheckedSignature, check, embedded_signatures
from .syntax import Ambiguous
from .trust import Trust

MAX_BYTES = 40_000_000
# With a larger share of changed bytes, a file is considered as another file.
SAME_FILE = 0.02
# The refusals that say that what is read was changed.
CONTENT = {
    "page_added", "annotation_added", "changed", "layers", "active", "metadata", "form", "field_key", "field_action",
    "field_twice", "earlier_signature", "certified",
}  # fmt: skip
# The errors of the two libraries. The file may contain anything: after any of them, it is not accepted.
UNREADABLE = (
    PdfError, pikepdf.PdfError, Ambiguous, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError,
    NotImplementedError, ArithmeticError,
)  # fmt: skip


@dataclass(frozen=True)
class KnownFile:
    """A stored file that a deposited file begins with. `code`: code of the refusal that names it (`what`)."""

    code: Literal["other_version", "other_act", "other_convention"]
    what: str


# Finds a stored file by the SHA-256 of the beginnings of a file, for a better answer than « unknown ».
Lookup = Callable[[Sequence[str]], KnownFile | None]


def too_big(size: int, *, limit: int = MAX_BYTES) -> Refusal | None:
    """Refuse a file by its size alone, without reading it."""
    if size <= limit:
        return None
    return _refusal("too_big", size=french.file_size(size), limit=french.file_size(limit))


def no_pdf(data: bytes) -> Refusal | None:
    """Refuse what does not even begin as a PDF."""
    return None if data.startswith(b"%PDF-") else _refusal("not_pdf")


def verify(
    data: bytes,
    stored: bytes,
    *,
    trust: Trust,
    at: datetime,
    lookup: Lookup = lambda hashes: None,
    limit: int = MAX_BYTES,
) -> Report:
    """Verify `data`, which should be the stored file with new signatures.

    `at`: the moment when certificates must be valid, unless a trusted timestamp proves an earlier moment. Never raises
    for the content of the file.
    """
    report = Report(
        checked_at=at, size=len(data), sha256="", stored_sha256=hashlib.sha256(stored).hexdigest(), prefix_equal=False
    )
    big = too_big(len(data), limit=limit)
    if big:
        return replace(report, refusals=(big,))
    report = replace(report, sha256=hashlib.sha256(data).hexdigest())
    if other := no_pdf(data):
        return replace(report, refusals=(other,))
    if hashlib.sha256(data[: len(stored)]).hexdigest() != report.stored_sha256 or len(data) < len(stored):
        return replace(report, refusals=(_other_file(data, stored, lookup),))
    report = replace(report, prefix_equal=True)
    if len(data) == len(stored):
        return replace(report, refusals=(_refusal("not_signed"),))
    if b"%%EOF" not in data[-1024:]:
        return replace(report, refusals=(_refusal("truncated"),))
    try:
        return _verify_appended(report, data, stored, trust, at)
    except UNREADABLE:
        logging.getLogger(__name__).info("A deposited PDF can't be read", exc_info=True)
        return replace(report, refusals=(_refusal("unreadable"),))


def _verify_appended(report: Report, data: bytes, stored: bytes, trust: Trust, at: datetime) -> Report:
    """Check that only signatures were appended to the stored bytes, then check these signatures."""
    try:
        additions = read(data, stored)
    except Ambiguous as error:
        code = "not_signed" if error.code == "trailing" and not has_signature(stored) else error.code
        return replace(
            report,
            changes="content" if code in CONTENT else report.changes,
            refusals=(_refusal(code, limit=str(MOST_REVISIONS), keys=key_words(error.keys)),),
        )
    report = replace(report, changes=additions.changes.level, frames=additions.changes.fields)
    # The appended part was read strictly by `revisions`; pyHanko would refuse the generations that poppler writes.
    reader = PdfFileReader(io.BytesIO(data), strict=False)
    earlier_fields = additions.earlier_fields
    checks: list[CheckedSignature] = [
        check(signature, reader, trust=trust, at=at, new=signature.field_name not in earlier_fields)
        for signature in embedded_signatures(reader)
    ]
    report = replace(report, signatures=tuple(item.report for item in checks))
    if not any(item.report.person for item in checks if item.report.new):
        return replace(report, refusals=(_refusal("not_signed"),))
    refusal_after, has_unsigned_revisions = _after_the_last_signature(reader, data, additions)
    problems = [refusal_after, *(item.report.problem for item in checks if item.report.new)]
    # An earlier signature stays accepted when its certificate expires, but it must stay intact.
    problems += [item.report.problem for item in checks if not item.report.new and not item.report.intact]
    warnings = [warning for item in checks if item.report.new for warning in item.warnings]
    warnings += [UNSIGNED_REST] if has_unsigned_revisions else []
    # A refusal is given once, even if it concerns several signatures.
    refusals = tuple(dict.fromkeys(problem for problem in problems if problem))
    return replace(report, refusals=refusals, warnings=tuple(warnings))


def _after_the_last_signature(reader: PdfFileReader, data: bytes, additions: Additions) -> tuple[Refusal | None, bool]:
    """The refusal for the bytes after the last person's signature, and whether there are acceptable ones.

    Revisions are acceptable (revocation lists, timestamps of the whole file). Stray bytes are not: no tool adds them,
    and people would think that they are signed.
    """
    people = [one for one in embedded_signatures(reader) if one.sig_object_type == "/Sig"]
    covered = max(int(one.byte_range[-2]) + int(one.byte_range[-1]) for one in people)
    if additions.rest:
        return _refusal("trailing"), False
    if not data[covered:].strip(b"\r\n"):
        return None, False
    if not additions.ends_at(covered):
        return _refusal("trailing"), False
    level = additions.level_after(covered)
    # The proofs of validity and the timestamps of the file are what the standard puts there (PAdES B-LT, B-LTA).
    return (None if level in ("none", "validation") else _refusal("changed")), level == "none"


# -- Another file ------------------------------------------------------------------------------------------------------


def _other_file(data: bytes, stored: bytes, lookup: Lookup) -> Refusal:
    """The most precise refusal for a file that does not begin with the stored bytes."""
    if stored.startswith(data):
        return _refusal("truncated")
    match = lookup(beginnings(data))
    if match:
        return _refusal(match.code, what=match.what)
    if b"%%EOF" not in data[-1024:]:
        return _refusal("truncated")
    if _is_encrypted(data):
        return _refusal("encrypted")
    number_changed = _changed_bytes(data, stored)
    if len(data) >= len(stored) and number_changed <= SAME_FILE * len(stored):
        return _refusal("altered", count=bytes_words(number_changed))
    identifier = _identifier(stored)
    if not _opens(data):
        return _refusal("unreadable")
    return _refusal("rewritten" if identifier and identifier == _identifier(data) else "unknown")


def beginnings(data: bytes) -> list[str]:
    """SHA-256 of each beginning of a file that may be a whole PDF: each revision ends with %%EOF."""
    ends = [match.end() for match in re.finditer(rb"%%EOF(?:\r\n|\n|\r)?", data)][:MOST_REVISIONS]
    hashes, running, start = [], hashlib.sha256(), 0
    for end in ends:
        running.update(data[start:end])
        hashes.append(running.copy().hexdigest())
        start = end
    return hashes


def _changed_bytes(data: bytes, stored: bytes) -> int:
    """The number of bytes that differ at the same position. Equal blocks are skipped, for speed."""
    size, block = len(stored), 4096
    view, other = memoryview(data)[:size], memoryview(stored)
    return sum(
        sum(one != two for one, two in zip(view[at : at + block], other[at : at + block], strict=False))
        for at in range(0, size, block)
        if view[at : at + block] != other[at : at + block]
    )


def _is_encrypted(data: bytes) -> bool:
    try:
        return bool(PdfFileReader(io.BytesIO(data), strict=False).encrypted)
    except (PdfError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
        return False


def _opens(data: bytes) -> bool:
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            return len(pdf.pages) > 0
    except pikepdf.PdfError:
        return False


def _identifier(data: bytes) -> bytes:
    """The first half of the trailer's /ID: tools that follow the standard do not change it when they rewrite a file."""
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            return bytes(pdf.trailer.ID[0])
    except (pikepdf.PdfError, AttributeError, ValueError, TypeError, IndexError):
        return b""


def _refusal(code: str, **values: str) -> Refusal:
    return Refusal(code, refusal_text(code, **values))
