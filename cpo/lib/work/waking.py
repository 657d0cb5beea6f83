"""Wake a worker after the commit, by the name of its task; never fail the request when the broker is away."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from celery import current_app

logger = logging.getLogger(__name__)


_held: ContextVar[bool] = ContextVar("held", default=False)


@contextmanager
def holding() -> Iterator[None]:
    """Wake no worker in this context: rows wait for beat (bulk loads, where nobody waits for the result)."""
    token = _held.set(True)
    try:
        yield
    finally:
        _held.reset(token)


def wake(task: str, *args: Any) -> Callable[[], None]:
    """Return a callback that wakes the task of this name. Rows wait for beat when the broker is away.

    By its name, as tasks call what calls this: the library would import itself in a circle.
    """

    def callback() -> None:
        if _held.get():
            return
        try:
            current_app.signature(task, args).delay()
        except Exception:  # the row is there; beat takes it up
            logger.warning("broker out of reach: %s waits for beat", task)

    return callback
