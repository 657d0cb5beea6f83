"""Verification of a signed file against the stored one: first bytes, then appended bytes, then each signature."""

import hashlib
import io
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

import pikepdf
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import DEFAULT_DIFF_POLICY, ModificationLevel, SuspiciousModification
from pyhanko.sign.fields import enumerate_sig_fields

from cpo.lib.wording import french

from .answers import UNSIGNED_REST, bytes_words, refusal_text
from .report import Refusal, Report
from .signatures import CheckedSignature, check, embedded_signatures
from .trust import Trust

MAX_BYTES = 40_000_000
MOST_REVISIONS = 40
# With a larger share of changed bytes, a file is considered as another file.
SAME_FILE = 0.02
# The end of a revision: after the mark, only an end of line.
LAST_LINES = re.compile(rb"startxref\s+\d+\s+%%EOF(?:\r\n|\r|\n)?")

CHANGES = {
    ModificationLevel.NONE: "none",
    ModificationLevel.LTA_UPDATES: "validation",
    ModificationLevel.FORM_FILLING: "signing",
}


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
    if not data.startswith(b"%PDF-"):
        return replace(report, refusals=(_refusal("not_pdf"),))
    if hashlib.sha256(data[: len(stored)]).hexdigest() != report.stored_sha256 or len(data) < len(stored):
        return replace(report, refusals=(_other_file(data, stored, lookup),))
    report = replace(report, prefix_equal=True)
    if len(data) == len(stored):
        return replace(report, refusals=(_refusal("not_signed"),))
    if b"%%EOF" not in data[-1024:]:
        return replace(report, refusals=(_refusal("truncated"),))
    try:
        return _verify_appended(report, data, stored, trust, at)
    except (PdfError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
        # The file may contain anything: after any error of pyHanko, it is not accepted.
        logging.getLogger(__name__).info("A deposited PDF can't be read", exc_info=True)
        return replace(report, refusals=(_refusal("unreadable"),))


def _verify_appended(report: Report, data: bytes, stored: bytes, trust: Trust, at: datetime) -> Report:
    """Check that only signatures were appended to the stored bytes, then check these signatures."""
    reader, before = PdfFileReader(io.BytesIO(data)), PdfFileReader(io.BytesIO(stored))
    if reader.encrypted:
        return replace(report, refusals=(_refusal("encrypted"),))
    base = before.xrefs.total_revisions
    if not _continues(reader, before):
        return replace(report, refusals=(_refusal(_kind_of_rest(reader, before)),))
    difference = DEFAULT_DIFF_POLICY.review_file(reader, base - 1)
    if isinstance(difference, SuspiciousModification) or difference.modification_level not in CHANGES:
        return replace(report, changes="content", refusals=(_refusal(_kind_of_change(reader, before)),))
    if _unsigned_fields(reader) - _unsigned_fields(before):
        return replace(report, changes="content", refusals=(_refusal("annotation_added"),))
    report = replace(report, changes=CHANGES[difference.modification_level])
    earlier_fields = {signature.field_name for signature in embedded_signatures(before)}
    checks: list[CheckedSignature] = [
        check(signature, reader, trust=trust, at=at, new=signature.field_name not in earlier_fields)
        for signature in embedded_signatures(reader)
    ]
    report = replace(report, signatures=tuple(item.report for item in checks))
    if not any(item.report.person for item in checks if item.report.new):
        return replace(report, refusals=(_refusal("not_signed"),))
    refusal_after, has_unsigned_revisions = _after_the_last_signature(reader, data)
    problems = [refusal_after, *(item.report.problem for item in checks if item.report.new)]
    # An earlier signature stays accepted when its certificate expires, but it must stay intact.
    problems += [item.report.problem for item in checks if not item.report.new and not item.report.intact]
    warnings = [warning for item in checks if item.report.new for warning in item.warnings]
    warnings += [UNSIGNED_REST] if has_unsigned_revisions else []
    # A refusal is given once, even if it concerns several signatures.
    refusals = tuple(dict.fromkeys(problem for problem in problems if problem))
    return replace(report, refusals=refusals, warnings=tuple(warnings))


def _continues(reader: PdfFileReader, before: PdfFileReader) -> bool:
    """Whether the revisions of the stored file are the first revisions of the signed one.

    A second document appended to the first begins with the same bytes, but shows another content.
    """
    revisions = before.xrefs.total_revisions
    if not revisions < reader.xrefs.total_revisions <= revisions + MOST_REVISIONS:
        return False
    return _same_revisions(reader, before)


def _same_revisions(reader: PdfFileReader, before: PdfFileReader) -> bool:
    return all(
        reader.xrefs.get_xref_container_info(rank).start_location
        == before.xrefs.get_xref_container_info(rank).start_location
        for rank in range(before.xrefs.total_revisions)
    )


def _kind_of_rest(reader: PdfFileReader, before: PdfFileReader) -> str:
    """The code of the refusal for appended bytes that are not new revisions: a second document, or stray bytes."""
    if reader.xrefs.total_revisions != before.xrefs.total_revisions or not _same_revisions(reader, before):
        return "hidden_document"
    return "trailing" if reader.embedded_signatures else "not_signed"


def _after_the_last_signature(reader: PdfFileReader, data: bytes) -> tuple[Refusal | None, bool]:
    """The refusal for the bytes after the last person's signature, and whether there are acceptable ones.

    Revisions are acceptable (revocation lists, timestamps of the whole file). Stray bytes are not: no tool adds them,
    and people would think that they are signed.
    """
    people = [one for one in embedded_signatures(reader) if one.sig_object_type == "/Sig"]
    if len(data) <= max(int(one.byte_range[-2]) + int(one.byte_range[-1]) for one in people):
        return None, False
    revision, total = max(one.signed_revision for one in people), reader.xrefs.total_revisions
    if revision == total - 1 or not LAST_LINES.fullmatch(data, max(data.rfind(b"startxref"), 0)):
        return _refusal("trailing"), False
    difference = DEFAULT_DIFF_POLICY.review_file(reader, revision)
    validation = (ModificationLevel.NONE, ModificationLevel.LTA_UPDATES)
    if isinstance(difference, SuspiciousModification) or difference.modification_level not in validation:
        return _refusal("changed"), False
    return None, True


def _unsigned_fields(reader: PdfFileReader) -> set[str]:
    """The unsigned places to sign. A new one is refused: it could be drawn over the text of a page."""
    return {name for name, value, _ in enumerate_sig_fields(reader) if value is None}


def _kind_of_change(reader: PdfFileReader, before: PdfFileReader) -> str:
    """The code of the refusal for a change: a page, an annotation, or something else."""
    if "/Perms" in reader.root and "/Perms" not in before.root:
        return "certified"
    pages, earlier = _annotations_by_page(reader), _annotations_by_page(before)
    if len(pages) != len(earlier):
        return "page_added"
    if any(number > earlier_number for number, earlier_number in zip(pages, earlier, strict=True)):
        return "annotation_added"
    return "changed"


def _annotations_by_page(reader: PdfFileReader) -> list[int]:
    """For each page, the number of annotations that are not form fields."""
    return [_annotations(reader.find_page_for_modification(rank)[0].get_object()) for rank in range(_pages(reader))]


def _pages(reader: PdfFileReader) -> int:
    return int(reader.root["/Pages"]["/Count"])


def _annotations(page: Any) -> int:
    return sum(1 for item in page.get("/Annots", ()) if item.get_object().get("/Subtype") != "/Widget")


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
