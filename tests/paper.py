"""A stand-in for the renderer, which takes half a second to three seconds, while few tests read a document.

The tests about a document are marked (`@pytest.mark.pdf`, or `pytestmark` for a file) and get the real renderer. The
stand-in does what callers rely on: the file opens, equal arguments give equal bytes, and different arguments do not.
"""

import hashlib
import io
from typing import Any

import pikepdf
import pytest


def stand_in(html: str, **options: Any) -> bytes:
    if options["dated"].tzinfo is None:
        raise ValueError("dated must be aware: a PDF's date without time zone means nothing")
    sorted_options = sorted((name, repr(value)) for name, value in options.items())
    buffer = io.BytesIO()
    with pikepdf.new() as file:
        file.add_blank_page()
        file.docinfo["/Title"] = options["title"]
        file.docinfo["/Subject"] = hashlib.sha256(repr((html, sorted_options)).encode()).hexdigest()
        file.save(buffer, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return buffer.getvalue()


@pytest.fixture(autouse=True)
def _renderer(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if not request.node.get_closest_marker("pdf"):
        monkeypatch.setattr("cpo.lib.printing.pdf.html_to_pdf", stand_in)
