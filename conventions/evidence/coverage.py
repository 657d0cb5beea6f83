"""Which bytes of a PDF each of its signatures covers.

A PDF signed by several parties grows: each signature covers all that was there when it was made, itself included, and
nothing of what follows. `pdfsig` says « Not total document signed » of every one but the last, which is no fault.
"""

import io
from typing import NamedTuple

from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader


class Coverage(NamedTuple):
    """`field`: name of the signature field; the bytes before `end` are covered, of `size`, but its own."""

    field: str
    end: int
    size: int

    @property
    def whole(self) -> bool:
        return self.end == self.size


def coverage(data: bytes) -> list[Coverage]:
    """The signatures of a PDF in the order in which they were made; none for a file that can't be read."""
    try:
        signatures = PdfFileReader(io.BytesIO(data)).embedded_signatures
        rows = [(str(one.field_name), [int(number) for number in one.byte_range]) for one in signatures]
    except (PdfError, ValueError, KeyError):
        return []
    return sorted((Coverage(name, span[2] + span[3], len(data)) for name, span in rows), key=lambda row: row.end)
