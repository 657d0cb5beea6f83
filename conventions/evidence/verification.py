"""A signed file against the stored one: the bytes first, then what was appended, then each signature."""

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
from .signatures import Signed, check, embedded
from .trust import Trust

MAX_BYTES = 40_000_000
MOST_REVISIONS = 40
# Beyond this share of changed bytes, a file is another file rather than the same one changed.
SAME_FILE = 0.02
# How a revision ends: nothing but an end of line after the mark.
LAST_LINES = re.compile(rb"startxref\s+\d+\s+%%EOF(?:\r\n|\r|\n)?")

CHANGES = {
    ModificationLevel.NONE: "none",
    ModificationLevel.LTA_UPDATES: "validation",
    ModificationLevel.FORM_FILLING: "signing",
}


@dataclass(frozen=True)
class Known:
    """A stored file that the beginning of another is found to be. `code`: that of the refusal which names it."""

    code: Literal["other_version", "other_act", "other_convention"]
    what: str


# Finds a stored file among SHA-256 of beginnings, for a better answer than « unknown ».
Lookup = Callable[[Sequence[str]], Known | None]


def too_big(size: int, *, limit: int = MAX_BYTES) -> Refusal | None:
    """What is too big is refused on its size alone: nobody reads it."""
    if size <= limit:
        return None
    return _refusal("too_big", size=french.file_size(size), limit=french.file_size(limit))


def verify(
    data: bytes,
    stored: bytes,
    *,
    trust: Trust,
    at: datetime,
    known: Lookup = lambda hashes: None,
    limit: int = MAX_BYTES,
) -> Report:
    """Verify `data`, the stored file after somebody signed it. `at`: the moment at which certificates must hold, unless
    a trusted timestamp proves an earlier one. Never raises for what the file holds."""
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
        return replace(report, refusals=(_other_file(data, stored, known),))
    report = replace(report, prefix_equal=True)
    if len(data) == len(stored):
        return replace(report, refusals=(_refusal("not_signed"),))
    if b"%%EOF" not in data[-1024:]:
        return replace(report, refusals=(_refusal("truncated"),))
    try:
        return _appended(report, data, stored, trust, at)
    except (PdfError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
        # pyHanko reads what anybody may have written: whatever it stumbles on, the file is not accepted.
        logging.getLogger(__name__).info("A deposited PDF can't be read", exc_info=True)
        return replace(report, refusals=(_refusal("unreadable"),))


def _appended(report: Report, data: bytes, stored: bytes, trust: Trust, at: datetime) -> Report:
    """What was appended to the stored bytes: signatures, nothing else."""
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
    already = {signature.field_name for signature in embedded(before)}
    found: list[Signed] = [
        check(signature, reader, trust=trust, at=at, new=signature.field_name not in already)
        for signature in embedded(reader)
    ]
    report = replace(report, signatures=tuple(item.report for item in found))
    if not any(item.report.person for item in found if item.report.new):
        return replace(report, refusals=(_refusal("not_signed"),))
    rest, unsigned = _after_the_last_signature(reader, data)
    problems = [rest, *(item.report.problem for item in found if item.report.new)]
    # Those that were accepted earlier stay accepted when their certificate expires; they must stay intact.
    problems += [item.report.problem for item in found if not item.report.new and not item.report.intact]
    warnings = [warning for item in found if item.report.new for warning in item.warnings]
    warnings += [UNSIGNED_REST] if unsigned else []
    # Said once, however many signatures it holds of.
    told = tuple(dict.fromkeys(problem for problem in problems if problem))
    return replace(report, refusals=told, warnings=tuple(warnings))


def _continues(reader: PdfFileReader, before: PdfFileReader) -> bool:
    """Whether the reader goes back through the very revisions of the stored file.

    A second document laid after the first would begin with the same bytes and show others.
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
    """What bytes are that add no revision: a document of their own, or nothing that a reader reads."""
    if reader.xrefs.total_revisions != before.xrefs.total_revisions or not _same_revisions(reader, before):
        return "hidden_document"
    return "trailing" if reader.embedded_signatures else "not_signed"


def _after_the_last_signature(reader: PdfFileReader, data: bytes) -> tuple[Refusal | None, bool]:
    """What is wrong with the bytes that no person's signature covers, and whether there are some that are right.

    Revisions may come after the last signature (revocation lists, timestamps of the whole file); stray bytes may not:
    no tool makes them, and they would pass for signed.
    """
    people = [one for one in embedded(reader) if one.sig_object_type == "/Sig"]
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
    """Places to sign that nobody signed: one added to a page may be drawn over what it says."""
    return {name for name, value, _ in enumerate_sig_fields(reader) if value is None}


def _kind_of_change(reader: PdfFileReader, before: PdfFileReader) -> str:
    """What a person would call the change that was found: a page, an annotation, or something else."""
    if "/Perms" in reader.root and "/Perms" not in before.root:
        return "certified"
    pages, earlier = _annotations_by_page(reader), _annotations_by_page(before)
    if len(pages) != len(earlier):
        return "page_added"
    if any(now > then for now, then in zip(pages, earlier, strict=True)):
        return "annotation_added"
    return "changed"


def _annotations_by_page(reader: PdfFileReader) -> list[int]:
    """For each page, how many annotations it has that are no form field."""
    return [_annotations(reader.find_page_for_modification(rank)[0].get_object()) for rank in range(_pages(reader))]


def _pages(reader: PdfFileReader) -> int:
    return int(reader.root["/Pages"]["/Count"])


def _annotations(page: Any) -> int:
    return sum(1 for item in page.get("/Annots", ()) if item.get_object().get("/Subtype") != "/Widget")


# -- Another file ------------------------------------------------------------------------------------------------------


def _other_file(data: bytes, stored: bytes, known: Lookup) -> Refusal:
    """The best answer to a file that doesn't begin with the stored bytes."""
    if stored.startswith(data):
        return _refusal("truncated")
    found = known(beginnings(data))
    if found:
        return _refusal(found.code, what=found.what)
    if b"%%EOF" not in data[-1024:]:
        return _refusal("truncated")
    if _encrypted(data):
        return _refusal("encrypted")
    changed = _changed_bytes(data, stored)
    if len(data) >= len(stored) and changed <= SAME_FILE * len(stored):
        count = bytes_words(changed)
        return _refusal("altered", count=count)
    identifier = _identifier(stored)
    if not _opens(data):
        return _refusal("unreadable")
    return _refusal("rewritten" if identifier and identifier == _identifier(data) else "unknown")


def beginnings(data: bytes) -> list[str]:
    """SHA-256 of the beginnings of a file that can be a whole PDF: each of its revisions ends with %%EOF."""
    ends = [found.end() for found in re.finditer(rb"%%EOF(?:\r\n|\n|\r)?", data)][:MOST_REVISIONS]
    hashes, running, start = [], hashlib.sha256(), 0
    for end in ends:
        running.update(data[start:end])
        hashes.append(running.copy().hexdigest())
        start = end
    return hashes


def _changed_bytes(data: bytes, stored: bytes) -> int:
    """How many bytes differ, place by place (compared by blocks: only the blocks that differ are counted)."""
    size, block = len(stored), 4096
    view, other = memoryview(data)[:size], memoryview(stored)
    return sum(
        sum(left != right for left, right in zip(view[at : at + block], other[at : at + block], strict=False))
        for at in range(0, size, block)
        if view[at : at + block] != other[at : at + block]
    )


def _encrypted(data: bytes) -> bool:
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
    """The first half of the trailer's /ID: the same through every rewriting by tools that respect the standard."""
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            return bytes(pdf.trailer.ID[0])
    except (pikepdf.PdfError, AttributeError, ValueError, TypeError, IndexError):
        return b""


def _refusal(code: str, **values: str) -> Refusal:
    return Refusal(code, refusal_text(code, **values))
