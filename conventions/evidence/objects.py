"""Objects of PDF files, read by qpdf: whether two are equal (numbers, keys, bytes), whether one reaches out."""

from decimal import Decimal
from typing import Any

import pikepdf

from cpo.lib.files.inspection import dictionaries_of

# The actions that change what is shown, or send or fetch something (ISO 32000-1, 12.6.4); scripts are told apart.
ACTIONS = {
    "/SubmitForm", "/ImportData", "/ResetForm", "/GoToR", "/GoToE", "/URI", "/Named", "/Thread", "/Hide",
    "/SetOCGState", "/Trans", "/Rendition", "/Movie", "/Sound", "/GoTo3DView", "/RichMediaExecute",
}  # fmt: skip
# Tools write numbers with fewer decimals; a thousandth of a point shows nowhere.
TOLERANCE = Decimal("0.002")
NUMBERS = (int, float, Decimal)


def same(one: Any, other: Any, depth: int = 0) -> bool:
    """Whether two values are equal. A reference equals the same reference; else what it refers to is compared."""
    if depth > 30 or _kind(one) != _kind(other):
        return False
    if depth and _indirect(one) and _indirect(other) and one.objgen == other.objgen:
        return True  # the caller compares each object of the file once
    if isinstance(one, pikepdf.Stream):
        return same_dictionaries(one, other, depth) and one.read_raw_bytes() == other.read_raw_bytes()
    if isinstance(one, pikepdf.Dictionary):
        return same_dictionaries(one, other, depth)
    if isinstance(one, pikepdf.Array):
        pairs = zip(one, other, strict=True) if len(one) == len(other) else None
        return pairs is not None and all(same(item, new, depth + 1) for item, new in pairs)
    if isinstance(one, pikepdf.String):
        return bytes(one) == bytes(other) or str(one) == str(other)  # the same text in another encoding
    if isinstance(one, NUMBERS) and not isinstance(one, bool):
        return abs(Decimal(one) - Decimal(other)) < TOLERANCE
    return bool(one == other)


def same_dictionaries(one: Any, other: Any, depth: int) -> bool:
    keys = set(one.keys())
    return keys == set(other.keys()) and all(same(one.get(key), other.get(key), depth + 1) for key in keys)


def _kind(value: Any) -> str:
    for kind in (pikepdf.Stream, pikepdf.Dictionary, pikepdf.Array, pikepdf.String, pikepdf.Name, bool):
        if isinstance(value, kind):
            return kind.__name__
    return "number" if isinstance(value, NUMBERS) else type(value).__name__


def _indirect(value: Any) -> bool:
    return isinstance(value, pikepdf.Object) and bool(value.is_indirect)


def reaches_out(item: Any) -> bool:
    """Whether an object, or what it holds directly, is an action, or a stream whose bytes are in another file."""
    return any(
        str(found.get("/S", "")) in ACTIONS or (isinstance(found, pikepdf.Stream) and "/F" in found)
        for found in dictionaries_of(item)
    )
