"""Two libraries read the objects that were appended: what pyHanko checks must be what qpdf shows."""

from decimal import Decimal
from typing import Any

import pikepdf
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from .objects import TOLERANCE
from .syntax import Ambiguous

TABLES = ("/XRef", "/ObjStm")


def check_agreement(reader: PdfFileReader, pdf: pikepdf.Pdf, numbers: set[tuple[int, int]]) -> None:
    """Compare these objects (number, generation) in both libraries. Raises Ambiguous when they differ."""
    for number, generation in numbers:
        theirs = pdf.get_object((number, generation))
        if isinstance(theirs, pikepdf.Stream) and str(theirs.get("/Type", "")) in TABLES:
            continue
        if not _agree(reader.get_object(generic.Reference(number, generation, reader)), theirs):
            raise Ambiguous("engines")


def _agree(ours: Any, theirs: Any, depth: int = 0) -> bool:
    if isinstance(ours, generic.IndirectObject):
        if isinstance(theirs, pikepdf.Object) and theirs.is_indirect:
            return bool(theirs.objgen == (ours.reference.idnum, ours.reference.generation))
        ours = ours.get_object()
    elif depth and isinstance(theirs, pikepdf.Object) and theirs.is_indirect:
        return False
    if depth > 30:
        return False
    if isinstance(ours, generic.StreamObject):
        raw = theirs.read_raw_bytes() if isinstance(theirs, pikepdf.Stream) else None
        return raw == ours.encoded_data and _agree_on_keys(ours, theirs, depth)
    if isinstance(ours, generic.DictionaryObject):
        return isinstance(theirs, pikepdf.Dictionary) and _agree_on_keys(ours, theirs, depth)
    if isinstance(ours, generic.ArrayObject):
        pairs = zip(map(ours.raw_get, range(len(ours))), theirs, strict=True) if _long(theirs) == len(ours) else None
        return pairs is not None and all(_agree(one, other, depth + 1) for one, other in pairs)
    return _agree_on_simple(ours, theirs)


def _long(value: Any) -> int:
    return len(value) if isinstance(value, pikepdf.Array) else -1


def _agree_on_keys(ours: Any, theirs: Any, depth: int) -> bool:
    """qpdf drops the keys whose value is null, which mean the same as no key."""
    keys = {str(key) for key in ours if not isinstance(ours[key], generic.NullObject)} - {"/Length"}
    present = {str(key) for key in theirs.keys()} - {"/Length"}  # noqa: SIM118  pikepdf iterates over streams otherwise
    return keys == present and all(_agree(ours.raw_get(key), theirs.get(key), depth + 1) for key in keys)


def _agree_on_simple(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, generic.NullObject):
        return theirs is None
    if isinstance(ours, generic.BooleanObject):
        return bool(isinstance(theirs, bool) and theirs == ours.value)
    if isinstance(ours, generic.NameObject):
        return isinstance(theirs, pikepdf.Name) and str(theirs) == str(ours)
    if isinstance(ours, int | Decimal | float):
        numeric = isinstance(theirs, int | Decimal | float) and not isinstance(theirs, bool)
        return numeric and abs(Decimal(str(ours)) - Decimal(str(theirs))) < TOLERANCE
    raw = getattr(ours, "original_bytes", None)
    return isinstance(theirs, pikepdf.String) and raw == bytes(theirs)
