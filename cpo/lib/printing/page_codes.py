"""A QR code at the foot of each page, so that a scanner puts the pages of a paper original back in order.

It is drawn as the file is written, in a content stream of its own before that of the page: the document is rendered
once, and the layout does not know the code. A screen reader passes over it, as over the foot of a page (artifact).
"""

from collections.abc import Callable
from typing import Any

import pydyf
import segno

# The text of the code of a page, from its number and the number of pages. Digits, capitals, « -: » make small codes.
PageCode = Callable[[int, int], str]

MM = 72 / 25.4
SIDE, LEFT, BOTTOM = 13 * MM, 192 * MM, 5 * MM  # in the corner, right of the foot of the page, where printers reach


def add(file: pydyf.PDF, code: PageCode) -> None:
    """Draw the code on each page of a file that is about to be written."""
    pages = [item for item in file.objects if isinstance(item, dict) and item.get("Type") == "/Page"]
    for number, page in enumerate(pages, start=1):
        stream = pydyf.Stream([drawing(code(number, len(pages)))])
        file.add_object(stream)
        page["Contents"] = pydyf.Array([stream.reference, page["Contents"]])


def drawing(text: str) -> bytes:
    """The operators that draw the code, a rectangle for each run of dark modules."""
    matrix = segno.make_qr(text, error="m").matrix
    module = SIDE / len(matrix)
    runs = [
        f"{LEFT + start * module:.3f} {BOTTOM + SIDE - (row + 1) * module:.3f} {length * module:.3f} {module:.3f} re"
        for row, line in enumerate(matrix)
        for start, length in _runs(line)
    ]
    return "\n".join(["/Artifact <</Type /Pagination>> BDC", "q", "0 0 0 rg", *runs, "f", "Q", "EMC"]).encode()


def _runs(line: Any) -> list[tuple[int, int]]:
    """The dark modules of a line that touch: the first, and how many."""
    runs: list[tuple[int, int]] = []
    for column, dark in enumerate(line):
        if dark and runs and sum(runs[-1]) == column:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        elif dark:
            runs.append((column, 1))
    return runs
