"""The test client folds white space as a browser does: a line break in a template is a space, or nothing at an edge.

So a test finds a sentence wherever the template breaks its lines. The text of `textarea`, `pre` and `script` does not
change. This concerns the test client only: a browser gets the page as it is.
"""

import re
from typing import Any

from django.http import HttpResponse
from django.test.client import ClientHandler

from tests.dom.tree import packed

# Inline elements that the style draws as boxes: the browser draws no space at their edges.
EDGE = r"(?:title|button|legend|summary|a|label)"
START = re.compile(rf"(<{EDGE}(?:\s[^>]*)?>) ")
END = re.compile(rf" (</{EDGE}>)")
TAG_END = re.compile(r"(?<=\") (/?>)")  # the end of a tag whose attributes are on several lines
KEPT = re.compile(r"(<(textarea|pre|script)\b.*?</\2>)", re.DOTALL)


def folded(page: bytes) -> bytes:
    parts = KEPT.split(page.decode())
    # The split gives three parts in turn: the text between, the unchanged element, the name of this element.
    pieces = [_fold(part) if rank % 3 == 0 else part if rank % 3 == 1 else "" for rank, part in enumerate(parts)]
    return "".join(pieces).encode()


def _fold(text: str) -> str:
    return END.sub(r"\1", START.sub(r"\1", TAG_END.sub(r"\1", packed(text))))


def install() -> None:
    answer = ClientHandler.__call__

    def folded_answer(self: ClientHandler, environ: dict[str, Any]) -> HttpResponse:
        response = answer(self, environ)
        if response.get("Content-Type", "").startswith("text/html") and not response.streaming:
            response.content = folded(response.content)
        return response

    ClientHandler.__call__ = folded_answer  # type: ignore[method-assign]
