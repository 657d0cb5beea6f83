"""The one clock of the application. Deadlines are dates; « today » is the local day of a service."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from zoneinfo import ZoneInfo

from django.utils import timezone

_told: ContextVar[dt.datetime | None] = ContextVar("told", default=None)


def now() -> dt.datetime:
    """Return the present instant, aware, in UTC."""
    return _told.get() or timezone.now()


def today(time_zone: str = "Europe/Paris") -> dt.date:
    """Return the local day in `time_zone` (an IANA name)."""
    return local_day(now(), time_zone)


def local_day(moment: dt.datetime, time_zone: str = "Europe/Paris") -> dt.date:
    """Return the day that it is in `time_zone` at that instant."""
    return moment.astimezone(ZoneInfo(time_zone)).date()


@contextmanager
def telling(moment: dt.datetime) -> Iterator[None]:
    """Make the clock say `moment` in this context: the demonstration tells its past through the real services."""
    token = _told.set(moment)
    try:
        yield
    finally:
        _told.reset(token)
