"""The only clock of the application. Deadlines are dates; « today » is the local day of a service.

Whoever asks for a day says where: the zone of a dossier, or PARIS for what is of the whole country (roles, reference
data, the weekly digest). `cpo.lib.zones` says how an instant is written.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from zoneinfo import ZoneInfo

from django.utils import timezone

PARIS = "Europe/Paris"  # what belongs to no dossier is dated there

_fixed_time: ContextVar[dt.datetime | None] = ContextVar("fixed_time", default=None)


def now() -> dt.datetime:
    """Return the present instant, aware, in UTC."""
    return _fixed_time.get() or timezone.now()


def today(time_zone: str) -> dt.date:
    """Return the local day in `time_zone` (an IANA name)."""
    return local_day(now(), time_zone)


def local_day(moment: dt.datetime, time_zone: str) -> dt.date:
    """Return the day in `time_zone` at that instant."""
    return moment.astimezone(ZoneInfo(time_zone)).date()


@contextmanager
def set_to(moment: dt.datetime) -> Iterator[None]:
    """Set the clock to `moment` in this context. The demonstration builds its history with the real services."""
    token = _fixed_time.set(moment)
    try:
        yield
    finally:
        _fixed_time.reset(token)
