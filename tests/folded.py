"""The test client reads a page as a browser draws it: a line break of a template is a space, or nothing at an edge.

So a test looks for a sentence, wherever the template breaks its lines. What is kept as typed (`textarea`, `pre`,
`script`) stays. Only the client of the tests: a browser gets the page as it is.
"""

import re
from typing import Any

from django.http import HttpResponse
from django.test.client import ClientHandler

from tests.dom.tree import packed

# Elements of a line at whose ends a browser draws no space, as the classes of the interface make boxes of them.
EDGE = r"(?:title|button|legend|summary|a|label)"
START = re.compile(rf"(<{EDGE}(?:\s[^>]*)?>) ")
END = re.compile(rf" (</{EDGE}>)")
TAG_END = re.compile(r"(?<=\") (/?>)")  # attributes that stand on lines of their own
KEPT = re.compile(r"(<(textarea|pre|script)\b.*?</\2>)", re.DOTALL)


def folded(page: bytes) -> bytes:
    parts = KEPT.split(page.decode())
    # Three parts a turn: what is between, the element that is kept, its name.
    read = [_fold(part) if rank % 3 == 0 else part if rank % 3 == 1 else "" for rank, part in enumerate(parts)]
    return "".join(read).encode()


def _fold(text: str) -> str:
    return END.sub(r"\1", START.sub(r"\1", TAG_END.sub(r"\1", packed(text))))


def install() -> None:
    answer = ClientHandler.__call__

    def read(self: ClientHandler, environ: dict[str, Any]) -> HttpResponse:
        response = answer(self, environ)
        if response.get("Content-Type", "").startswith("text/html") and not response.streaming:
            response.content = folded(response.content)
        return response

    ClientHandler.__call__ = read  # type: ignore[method-assign]
