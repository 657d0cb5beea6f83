"""Scans of a paper original → its pages in order, by the code that each page bears. No table is read here.

The files may be several, mixed, turned and incomplete. A page whose code can't be read is shown to the person, who
places it by hand. What was received is kept as it is; the original put in order is one more file.
"""

import base64
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pikepdf
import pypdfium2
import zxingcpp

from . import page_marks
from .page_marks import Mark

DPI = (150, 250)  # the second is tried where the first reads nothing
THUMBNAIL = 36  # dots per inch
MOST_THUMBNAILS = 24
QR = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
LEFT_OUT = 0  # the place of a page that the person puts aside
Step = Callable[[int, int], None]


@dataclass(frozen=True)
class ScannedPage:
    """A page as received: `file` and `page` count from 0, `turned` is in degrees clockwise, `code` may be empty."""

    file: int
    page: int
    turned: int = 0
    code: str = ""

    @property
    def mark(self) -> Mark | None:
        return page_marks.read(self.code)


@dataclass(frozen=True)
class Reading:
    """Where each page goes. Keys and values are ranks of the received pages (from 0), and numbers of pages (from 1)."""

    pages: Sequence[ScannedPage]
    expected: int
    places: dict[int, int] = field(default_factory=dict)  # number → rank
    duplicates: list[int] = field(default_factory=list)
    unreadable: list[int] = field(default_factory=list)
    left_out: list[int] = field(default_factory=list)
    foreign: list[tuple[int, Mark]] = field(default_factory=list)

    @property
    def missing(self) -> list[int]:
        return [number for number in range(1, self.expected + 1) if number not in self.places]

    @property
    def complete(self) -> bool:
        """Whether the original is whole, and nothing received is left unexplained."""
        return not self.missing and not self.unreadable and not self.foreign

    @property
    def as_received(self) -> bool:
        """Whether the only file received is the original in order and upright: nothing need be made of it."""
        in_order = [self.places.get(number) for number in range(1, self.expected + 1)] == list(range(len(self.pages)))
        return in_order and all(page.file == 0 and page.turned == 0 for page in self.pages)


def read_pages(files: Sequence[bytes], step: Step = lambda done, total: None) -> list[ScannedPage]:
    """Read the code of every page. `step` is called after each page. Raises ValueError for what is no PDF."""
    documents = []
    try:
        for data in files:
            documents.append(_open(data))
        total = sum(len(document) for document in documents)
        pages: list[ScannedPage] = []
        for file, document in enumerate(documents):
            for number in range(len(document)):
                pages.append(_read(document, file, number))
                step(len(pages), total)
        return pages
    finally:
        for document in documents:
            document.close()


def _open(data: bytes) -> Any:
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise ValueError("not a PDF that opens") from error


def _image(document: Any, number: int, dpi: int) -> Any:
    page = document[number]
    try:
        return page.render(scale=dpi / 72, grayscale=True).to_pil()
    finally:
        page.close()


def _read(document: Any, file: int, number: int) -> ScannedPage:
    for dpi in DPI:
        codes = zxingcpp.read_barcodes(_image(document, number, dpi), formats=QR)
        ours = next((code for code in codes if page_marks.read(code.text)), None)
        if ours:
            return ScannedPage(file, number, round(ours.orientation / 90) % 4 * 90, ours.text)
    return ScannedPage(file, number)


def sort(
    pages: Sequence[ScannedPage], *, reference: str, short_hash: str, expected: int, placed: Mapping[int, int]
) -> Reading:
    """Place the pages of the document with this reference and hash. `placed`: rank → number, or LEFT_OUT, by hand."""
    reading = Reading(pages, expected)
    for rank, page in enumerate(pages):
        if (mark := page.mark) is None:
            continue
        if (mark.reference, mark.short_hash, mark.pages) != (reference.upper(), short_hash, expected):
            reading.foreign.append((rank, mark))
        elif mark.page in reading.places:
            reading.duplicates.append(rank)  # the first of a page scanned twice is kept
        else:
            reading.places[mark.page] = rank
    for rank in (rank for rank, page in enumerate(pages) if page.mark is None):
        number = placed.get(rank)
        if number == LEFT_OUT:
            reading.left_out.append(rank)
        elif number in reading.missing:
            reading.places[number] = rank
        else:  # not placed, or where another page is
            reading.unreadable.append(rank)
    return reading


def assemble(files: Sequence[bytes], reading: Reading) -> bytes:
    """One PDF of the pages in their order, upright. The images of the pages are copied as they are."""
    with pikepdf.new() as original:
        sources = [pikepdf.open(io.BytesIO(data)) for data in files]
        for number in sorted(reading.places):
            page = reading.pages[reading.places[number]]
            original.pages.append(sources[page.file].pages[page.page])
            original.pages[-1].rotate(-page.turned, relative=True)
        buffer = io.BytesIO()
        original.save(buffer, deterministic_id=True)
        for source in sources:
            source.close()
    return buffer.getvalue()


def thumbnails(files: Sequence[bytes], reading: Reading) -> dict[int, str]:
    """A small image, as a data address, of each page that the person has to place, by its rank."""
    return dict(_thumbnails(files, reading))


def _thumbnails(files: Sequence[bytes], reading: Reading) -> Iterator[tuple[int, str]]:
    for rank in [*reading.unreadable, *reading.left_out][:MOST_THUMBNAILS]:
        page = reading.pages[rank]
        document = _open(files[page.file])
        image = io.BytesIO()
        _image(document, page.page, THUMBNAIL).save(image, "PNG", optimize=True)
        document.close()
        yield rank, f"data:image/png;base64,{base64.b64encode(image.getvalue()).decode()}"
