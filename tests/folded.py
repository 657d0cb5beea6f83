"""The test client reads a page as a browser draws it: a line break of a template is a space, or nothing at an edge.

So a test looks for a sentence, wherever the template breaks its lines. What is kept as typed (`textarea`, `pre`,
`script`) stays. Only the client of the tests: a browser gets the page as it is.
"""

import re
from typing import Any

from django.http import HttpResponse
from django.test.client import ClientHandler

# Elements at whose ends a browser draws no space.
EDGES = rb"(?:title|p|li|t[dhr]|h[1-6]|div|d[tdl]|ul|option|button|legend|caption|summary|a|label|form|table)"
START = re.compile(rb"(<" + EDGES + rb"(?:\s[^>]*)?>) ")
END = re.compile(rb" (</" + EDGES + rb">)")
KEPT = re.compile(rb"(<(textarea|pre|script)\b.*?</\2>)", re.DOTALL)


def folded(page: bytes) -> bytes:
    parts = KEPT.split(page)
    # Three parts a turn: what is between, the element that is kept, its name.
    return b"".join(_fold(part) if rank % 3 == 0 else part if rank % 3 == 1 else b"" for rank, part in enumerate(parts))


def _fold(text: bytes) -> bytes:
    return END.sub(rb"\1", START.sub(rb"\1", re.sub(rb"[ \t\r\n]+", b" ", text)))


def install() -> None:
    answer = ClientHandler.__call__

    def read(self: ClientHandler, environ: dict[str, Any]) -> HttpResponse:
        response = answer(self, environ)
        if response.get("Content-Type", "").startswith("text/html") and not response.streaming:
            response.content = folded(response.content)
        return response

    ClientHandler.__call__ = read  # type: ignore[method-assign]
