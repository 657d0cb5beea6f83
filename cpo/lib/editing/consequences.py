"""Messages about the side effects of a save, for the person who saves.

The receiver that causes the effect has no request: it calls `tell`, and `ConsequencesMiddleware` (cpo/middleware.py)
shows the sentence after the message of the page.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db.models import Model

from cpo.lib.hooks import Hook

_sentences: ContextVar[list[str] | None] = ContextVar("sentences", default=None)


# What a save of a row of reference data does to the texts that the person may see, in words. `conventions` answers.
of_reference: Hook[[Model, Any], str] = Hook(lambda row, user: "")


def tell(sentence: str) -> None:
    """Add a sentence, once, for the current request; do nothing outside a request."""
    sentences = _sentences.get()
    if sentences is not None and sentence not in sentences:
        sentences.append(sentence)


@contextmanager
def gathering() -> Iterator[list[str]]:
    """Collect the sentences told in this context."""
    sentences: list[str] = []
    token = _sentences.set(sentences)
    try:
        yield sentences
    finally:
        _sentences.reset(token)
