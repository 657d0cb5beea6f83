"""What a write undid elsewhere, told to the person who saves: the receiver that knows it has no request.

A receiver says it with `tell`; `ConsequencesMiddleware` (cpo/middleware.py) shows it beside the message of the page.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_gathered: ContextVar[list[str] | None] = ContextVar("gathered", default=None)


def tell(sentence: str) -> None:
    """Say it once to whoever is being served; outside a request nobody listens."""
    sentences = _gathered.get()
    if sentences is not None and sentence not in sentences:
        sentences.append(sentence)


@contextmanager
def gathering() -> Iterator[list[str]]:
    """The sentences told meanwhile in this context."""
    sentences: list[str] = []
    token = _gathered.set(sentences)
    try:
        yield sentences
    finally:
        _gathered.reset(token)
