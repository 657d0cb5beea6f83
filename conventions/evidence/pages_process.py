"""A process that draws the pages of two PDF files and compares them. It imports nothing of the application.

Pdfium is written in C++ and the file comes from outside: it is read in a process that has little memory and time, and
whose death harms nobody. Input: JSON on standard input; output: JSON on standard output.
"""

import base64
import io
import json
import resource
import sys
from typing import Any

import pypdfium2
from PIL import Image, ImageChops, ImageDraw

MEMORY = 3_000_000_000  # bytes
SECONDS = 40
SCALE = 1.0  # pixels per point: 72 dpi, at which a digit has some ten pixels
# Grey levels that differ by less than this are the rounding of a library, not a drawing.
NOISE = 24
MARGIN = 2  # pixels around a frame
WHITE = 250


def extremes(picture: Image.Image) -> tuple[int, int]:
    """The darkest and the lightest grey of an image."""
    grey = picture.tobytes()
    return (min(grey), max(grey)) if grey else (255, 0)


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    question = json.load(sys.stdin)
    before, after = opened(question["before"]), opened(question["after"])
    json.dump(compare(before, after, question["frames"]), sys.stdout)


def opened(path: str) -> pypdfium2.PdfDocument:
    document = pypdfium2.PdfDocument(path)
    document.init_forms()
    return document


def compare(before: Any, after: Any, frames: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the first page (from 1; 0: none) that differs outside the frames, or where an own frame is on text.

    Each frame: page (from 0), rect in points, `own`: it must lie on blank space. `drawn`: the images of these.
    """
    answer: dict[str, Any] = {"different": 0, "covered": 0, "drawn": []}
    if len(before) != len(after):
        return answer | {"different": min(len(before), len(after)) + 1}
    for rank in range(len(before)):
        old, new = image(before[rank]), image(after[rank])
        here = [frame for frame in frames if frame["page"] == rank]
        for frame in here:
            box = pixels(frame["rect"], old.size)
            if frame["own"] and box[0] < box[2] and box[1] < box[3]:
                if extremes(old.crop(box))[0] < WHITE:
                    return answer | {"covered": rank + 1}
                answer["drawn"].append({"page": rank + 1, "image": picture(after[rank], frame["rect"])})
        if old.size != new.size or differs(old, new, [pixels(frame["rect"], old.size) for frame in here]):
            return answer | {"different": rank + 1}
    return answer


def image(page: Any, scale: float = SCALE) -> Image.Image:
    drawn: Image.Image = page.render(scale=scale, grayscale=True).to_pil()
    return drawn


def pixels(rect: list[float], size: tuple[int, int], scale: float = SCALE) -> tuple[int, int, int, int]:
    """The box in an image, from its top left corner, of a rectangle in points from the bottom left of the page.

    What is beyond the page shows nowhere; a rectangle out of the page gives an empty box.
    """
    left, bottom, right, top = (side * scale for side in rect)
    width, height = size
    return (
        min(max(int(left) - MARGIN, 0), width), min(max(int(height - top) - MARGIN, 0), height),
        max(min(int(right) + MARGIN, width), 0), max(min(int(height - bottom) + MARGIN, height), 0),
    )  # fmt: skip


def differs(old: Image.Image, new: Image.Image, boxes: list[tuple[int, int, int, int]]) -> bool:
    difference = ImageChops.difference(old, new)
    pen = ImageDraw.Draw(difference)
    for box in boxes:
        if box[0] < box[2] and box[1] < box[3]:
            pen.rectangle(box, fill=0)
    return bool(extremes(difference)[1] >= NOISE)


def picture(page: Any, rect: list[float]) -> str:
    """The drawing of a frame as PNG, in base64, twice as large and at most 1,000 pixels wide."""
    drawn = image(page, 2)
    part = drawn.crop(pixels(rect, drawn.size, 2))
    part.thumbnail((1000, 1000))
    out = io.BytesIO()
    part.quantize(16).save(out, "PNG", optimize=True)
    return base64.b64encode(out.getvalue()).decode()


if __name__ == "__main__":
    main()
