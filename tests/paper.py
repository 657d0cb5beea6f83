"""A stand-in for the renderer: a rendered document takes half a second to three, and few tests read what it shows.

The tests that are about a document say so (`@pytest.mark.pdf`, or `pytestmark` for a file): they get the real one. The
stand-in keeps what callers rely on: a file that opens, the same bytes for the same arguments, others for others.
"""

import hashlib
import io
from typing import Any

import pikepdf
import pytest


def stand_in(html: str, **said: Any) -> bytes:
    if said["dated"].tzinfo is None:
        raise ValueError("dated must be aware: a PDF's date without time zone means nothing")
    told = sorted((name, repr(value)) for name, value in said.items())
    held = io.BytesIO()
    with pikepdf.new() as file:
        file.add_blank_page()
        file.docinfo["/Title"] = said["title"]
        file.docinfo["/Subject"] = hashlib.sha256(repr((html, told)).encode()).hexdigest()
        file.save(held, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return held.getvalue()


@pytest.fixture(autouse=True)
def _renderer(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if not request.node.get_closest_marker("pdf"):
        monkeypatch.setattr("cpo.lib.printing.pdf.html_to_pdf", stand_in)
