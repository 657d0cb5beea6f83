"""Scans are put in order by the code of each page, whatever the order, the sense and the number of files."""

import io
import random
import time

import pikepdf
import pypdfium2
import pytest
from PIL import Image, ImageDraw

from conventions.documents import page_marks, scans
from conventions.documents.scans import ScannedPage
from cpo.lib.printing import page_codes

REFERENCE, SHA256 = "CPO-2025-EXE-001", "0123456789ab" + "c" * 52


def original(pages: int, *, reference: str = REFERENCE, sha256: str = SHA256) -> bytes:
    """A PDF whose pages bear a line and their code, as the renderer draws it."""
    code = page_marks.code_of(reference, sha256)
    with pikepdf.new() as pdf:
        for number in range(1, pages + 1):
            page = pdf.add_blank_page(page_size=(595.28, 841.89))
            page.contents_add(page_codes.drawing(code(number, pages)))
        out = io.BytesIO()
        pdf.save(out)
    return out.getvalue()


def scan(data: bytes, numbers: list[int], *, turned: int = 0, tilted: float = 0, dpi: int = 200) -> bytes:
    """A scan of these pages: grey images, noisy and compressed, turned by quarters and a little askew."""
    document = pypdfium2.PdfDocument(data)
    images = []
    for number in numbers:
        image = document[number - 1].render(scale=dpi / 72, grayscale=True).to_pil()
        ImageDraw.Draw(image).text((200, 200), f"Page {number}", fill=0)
        image = image.rotate(tilted, fillcolor=255)
        image = Image.blend(image, Image.effect_noise(image.size, 40), 0.12)
        images.append(image.rotate(turned, expand=True))
    document.close()
    out = io.BytesIO()
    images[0].save(out, "PDF", save_all=True, append_images=images[1:], resolution=dpi, quality=60)
    return out.getvalue()


def sort(pages: list[ScannedPage], expected: int, placed: dict[int, int] | None = None) -> scans.Reading:
    return scans.sort(
        pages, reference=REFERENCE, short_hash=SHA256[:12], expected=expected, placed=placed or {}
    )  # fmt: skip


def coded(number: int, expected: int = 3, *, reference: str = REFERENCE, sha256: str = SHA256) -> ScannedPage:
    return ScannedPage(0, number - 1, 0, page_marks.code_of(reference, sha256)(number, expected))


BLANK = ScannedPage(0, 9)


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_pages_of_several_files_are_put_in_order_and_upright(turned: int) -> None:
    data = original(4)
    files = [scan(data, [4, 1], turned=turned, tilted=1.5), scan(data, [3, 2])]
    steps: list[tuple[int, int]] = []
    pages = scans.read_pages(files, lambda done, total: steps.append((done, total)))
    assert steps == [(1, 4), (2, 4), (3, 4), (4, 4)]
    reading = sort(pages, 4)
    assert reading.complete and not reading.as_received
    assert reading.places == {4: 0, 1: 1, 3: 2, 2: 3}
    again = scans.read_pages([scans.assemble(files, reading)])
    assert [page.mark.page for page in again] == [1, 2, 3, 4]
    assert {page.turned for page in again} == {0}
    assert sort(again, 4).as_received


def test_a_scan_in_order_is_kept_as_it_was_received() -> None:
    assert sort(scans.read_pages([scan(original(2), [1, 2])]), 2).as_received


def test_missing_twice_and_unreadable_pages_are_told_apart() -> None:
    reading = sort([coded(1), BLANK, coded(1), coded(3)], 3)
    assert (reading.missing, reading.duplicates, reading.unreadable) == ([2], [2], [1])
    assert not reading.complete


def test_a_page_placed_by_hand_fills_a_gap_and_never_hides_another() -> None:
    pages = [coded(1), BLANK, coded(3)]
    assert sort(pages, 3, {1: 2}).complete
    assert sort(pages, 3, {1: 3}).unreadable == [1]
    assert sort(pages, 3, {1: 4}).unreadable == [1]
    assert sort([coded(1), coded(2), coded(3), BLANK], 3, {3: scans.LEFT_OUT}).complete


@pytest.mark.parametrize("other", [{"reference": "CPO-2025-EXE-002"}, {"sha256": "f" * 64}, {"expected": 4}])
def test_a_page_of_another_document_is_never_placed_even_by_hand(other) -> None:
    reading = sort([coded(1), coded(2), coded(3, **other)], 3, {2: 3})
    assert [rank for rank, _ in reading.foreign] == [2]
    assert not reading.complete and reading.missing == [3]


def test_what_a_stranger_writes_in_a_code_is_read_as_nothing() -> None:
    for text in ("", "https://exemple.example", "A:0123456789AB:0:3", "A:0123456789AB:4:3", "A:XYZ:1:3", "A:0123:1:3"):
        assert page_marks.read(text) is None
    assert page_marks.read(page_marks.code_of("CPO-2025-EXE-001-A1", SHA256)(28, 28)) == page_marks.Mark(
        "CPO-2025-EXE-001-A1", "0123456789ab", 28, 28
    )


def test_an_unreadable_page_is_shown_and_a_broken_file_is_refused() -> None:
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        out = io.BytesIO()
        pdf.save(out)
    reading = sort(scans.read_pages([out.getvalue()]), 1)
    assert scans.thumbnails([out.getvalue()], reading)[0].startswith("data:image/png;base64,")
    with pytest.raises(ValueError, match="not a PDF"):
        scans.read_pages([b"%PDF-1.4 rien"])


@pytest.mark.slow
def test_a_hundred_scanned_pages_are_read_at_two_pages_a_second_of_a_core_at_least() -> None:
    data = original(100)
    numbers = list(range(1, 101))
    random.Random(1).shuffle(numbers)
    file = scan(data, numbers, turned=180, tilted=1)
    began = time.process_time()
    pages = scans.read_pages([file])
    assert time.process_time() - began < 50
    assert sort(pages, 100).complete
