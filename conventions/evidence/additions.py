"""All that was appended to the stored file, read by two libraries, saving by saving."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pikepdf
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.reader import PdfFileReader

from .comparison import Changes, changes, form_fields
from .engines import check_agreement
from .revisions import Revision, appended
from .syntax import HEX, Ambiguous

# A warning of qpdf for a table that doesn't list itself, as PDFBox writes it: all programs read it alike.
HARMLESS = "xref entry for the xref stream itself is missing"


# What a value of another type than ISO 32000-1 gives it makes pikepdf, pyHanko and Python raise.
MISSHAPEN = (TypeError, ValueError, KeyError, AttributeError, IndexError, ArithmeticError, PdfReadError)


@dataclass(frozen=True)
class Additions:
    """What `data` adds to the stored file. `rest`: bytes after the last revision; `changes`: at the end of the file."""

    data: bytes
    revisions: tuple[Revision, ...]
    rest: int
    changes: Changes
    earlier_fields: frozenset[str]

    def ends_at(self, place: int) -> bool:
        """Whether a revision but the last one ends at this place, with its end of line or just before it."""
        return any(revision.end - place in (0, 1, 2) for revision in self.revisions[:-1])

    def level_after(self, place: int) -> str:
        """What the revisions after this place change: « none », « validation », « signing », « content »."""
        try:
            with opened(self.data[:place]) as before, opened(self.data) as after:
                found = changes(before, after)
        except MISSHAPEN:  # Ambiguous is one of them
            return "content"
        stamps = all(_is_stamp(field.name, self._after) for field in found.fields)
        return "validation" if found.level == "signing" and stamps else found.level

    @cached_property
    def _after(self) -> dict[str, str]:
        with opened(self.data) as pdf:
            return {str(item.get("/T", "")): _kind(item) for item in form_fields(pdf)}


def read(data: bytes, stored: bytes) -> Additions:
    """Read what was appended, and check that it only signs. Raises Ambiguous, pikepdf.PdfError."""
    try:
        return _read(data, stored)
    except (Ambiguous, pikepdf.PdfError):
        raise
    except MISSHAPEN as error:
        raise Ambiguous("misshapen") from error


def _read(data: bytes, stored: bytes) -> Additions:
    revisions, rest = appended(data, len(stored))
    with opened(stored) as before:
        found = Changes("none", ())
        for revision in revisions:
            with opened(data[: revision.end]) as after:
                found = changes(before, after, whole=revision is revisions[-1])
        earlier = frozenset(str(item.get("/T", "")) for item in form_fields(before) if item.get("/V") is not None)
        with opened(data[: len(data) - rest]) as after:
            _check_ranges(data, after, revisions, earlier)
            reader = PdfFileReader(io.BytesIO(data), strict=False)
            check_agreement(reader, after, set().union(*(revision.objects for revision in revisions)))
    return Additions(data, tuple(revisions), rest, found, earlier)


def _check_ranges(data: bytes, pdf: pikepdf.Pdf, revisions: list[Revision], earlier: frozenset[str]) -> None:
    """Check that each new signature leaves out its own bytes only, from the beginning to the end of a revision."""
    for field in form_fields(pdf):
        value = field.get("/V")
        if value is None or str(field.get("/T", "")) in earlier:
            continue
        first, length, second, rest = (int(number) for number in value["/ByteRange"])
        ends = {revision.end - short for revision in revisions for short in (0, 1, 2)}
        gap = HEX.fullmatch(data, length, second) if 0 < length < second else None
        if first or not gap or second + rest not in ends:
            raise Ambiguous("signature_range")


def has_signature(data: bytes) -> bool:
    with opened(data) as pdf:
        return any(item.get("/V") is not None for item in form_fields(pdf))


@contextmanager
def opened(data: bytes) -> Iterator[pikepdf.Pdf]:
    """Open a PDF without repairing it: a file that qpdf must repair has no certain meaning."""
    with pikepdf.open(io.BytesIO(data), attempt_recovery=False, suppress_warnings=True) as pdf:
        yield pdf
        if any(HARMLESS not in str(warning) for warning in pdf.get_warnings()):
            raise Ambiguous


def _kind(field: Any) -> str:
    value = field.get("/V")
    return str(value.get("/Type", "/Sig")) if isinstance(value, pikepdf.Dictionary) else ""


def _is_stamp(name: str, kinds: dict[str, str]) -> bool:
    return kinds.get(name) == "/DocTimeStamp"
