"""Measure the PDF of a convention of twenty-five pages against WeasyPrint alone on the same HTML and styles."""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from conventions.documents import render
from conventions.documents.render import document_html, render_version
from cpo.lib.files.hashing import canonical
from cpo.lib.printing import pdf

from .measure import Ratio, compare

SAMPLE = Path(__file__).resolve().parent.parent / "conventions" / "data" / "convention_bretagne.json"
PAGES, PURPOSE, VERSION = 25, "a_signer", 1


@cache
def content_of_pages() -> tuple[dict[str, Any], int]:
    """The sample convention with as many fiches as fit on `PAGES` pages, and its number of pages."""
    whole = json.loads(SAMPLE.read_text(encoding="utf-8"))
    for count in range(len(whole["sheets"]), 0, -1):
        content = whole | {"sheets": whole["sheets"][:count]}
        fonts = FontConfiguration()
        html = HTML(string=html_of(content), base_url="file:///")
        document = html.render(stylesheets=stylesheets(fonts), font_config=fonts)
        if len(document.pages) <= PAGES:
            break
    return content, len(document.pages)


def digest(content: dict[str, Any]) -> str:
    return hashlib.sha256(canonical(content)).hexdigest()


def html_of(content: dict[str, Any]) -> str:
    return document_html(content, version_number=VERSION, content_sha256=digest(content), purpose=PURPOSE)


def bare(html: str) -> bytes:
    """The same HTML and styles, parsed anew and printed as a plain PDF without tags."""
    fonts = FontConfiguration()
    return bytes(HTML(string=html, base_url="file:///").write_pdf(stylesheets=stylesheets(fonts), font_config=fonts))


def stylesheets(fonts: FontConfiguration) -> list[CSS]:
    state = settings.STATE_DEPLOYMENT
    texts = [pdf._faces(state), pdf._stylesheet(pdf.BASE_CSS), pdf._stylesheet(render.CSS)]
    texts += [pdf._block_mark_css()] if state else []
    return [CSS(string=text, font_config=fonts) for text in texts]


def produced(content: dict[str, Any]) -> bytes:
    return render_version(content, version_number=VERSION, content_sha256=digest(content), purpose=PURPOSE)


def measure(content: dict[str, Any], *, times: int) -> tuple[Ratio, Ratio]:
    """The time from the content of a version to its PDF/A-3a and PDF/UA-1, in a warm worker.

    Two ratios: over a plain PDF of the same HTML and styles, and over the same HTML without our styles.
    """
    html = html_of(content)

    def ours() -> bytes:
        return produced(content)

    unstyled = HTML(string=html, base_url="file:///")
    return compare(lambda: bare(html), ours, times=times), compare(unstyled.write_pdf, ours, times=times)
