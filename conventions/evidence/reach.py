"""What a signature may complete later (proofs, extensions, resources of the form) leads to nothing of the document.

If it led to a page or to a font, the next signatory could change that one, and nothing would tell.
"""

from collections.abc import Iterator
from typing import Any

import pikepdf

from .syntax import Ambiguous


def check_reach(before: pikepdf.Pdf, after: pikepdf.Pdf, known: set[tuple[int, int]]) -> None:
    """Refuse what leads anew to an object that the stored file has already. `known`: the objects of that file."""
    for old, new in zip(_completed(before), _completed(after), strict=True):
        if (_reached(new) - _reached(old)) & known:
            raise Ambiguous("reaches")


def containers(value: Any) -> Iterator[Any]:
    """The dictionaries and arrays that a value is and leads to, each once (ETSI EN 319 142-1, 5.4.2)."""
    return (item for item in _items(value) if isinstance(item, pikepdf.Dictionary | pikepdf.Array))


def _completed(pdf: pikepdf.Pdf) -> list[Any]:
    form = pdf.Root.get("/AcroForm")
    return [pdf.Root.get("/DSS"), pdf.Root.get("/Extensions"), form.get("/DR") if form is not None else None]


def _reached(value: Any) -> set[tuple[int, int]]:
    return {item.objgen for item in _items(value) if item.is_indirect}


def _items(value: Any) -> Iterator[Any]:
    waiting, seen = [value], set[tuple[int, int]]()
    while waiting:
        item = waiting.pop()
        if not isinstance(item, pikepdf.Dictionary | pikepdf.Array | pikepdf.Stream):
            continue
        if item.is_indirect:
            if item.objgen in seen:
                continue
            seen.add(item.objgen)
        yield item
        waiting += list(item) if isinstance(item, pikepdf.Array) else list(item.values())  # type: ignore[operator]
