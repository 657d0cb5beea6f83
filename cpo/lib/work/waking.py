"""Wake a worker after the commit, by the name of its task. The request never fails when the broker is down."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from celery import current_app

logger = logging.getLogger(__name__)


_paused: ContextVar[bool] = ContextVar("paused", default=False)


@contextmanager
def without_waking() -> Iterator[None]:
    """Wake no worker in this context: the rows wait for beat (bulk loads, where nobody waits for the result)."""
    token = _paused.set(True)
    try:
        yield
    finally:
        _paused.reset(token)


def wake(task: str, *args: Any) -> Callable[[], None]:
    """Return a callback that wakes the task of this name. The rows wait for beat when the broker is down.

    By name and not by function: an import of the task would be circular.
    """

    def callback() -> None:
        if _paused.get():
            return
        try:
            current_app.signature(task, args).delay()
        except Exception:  # the row exists; beat will process it
            logger.warning("broker out of reach: %s waits for beat", task)

    return callback
