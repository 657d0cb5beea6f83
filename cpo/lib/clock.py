"""The one clock of the application. Deadlines are dates; « today » is the local day of a service."""

import datetime as dt
from zoneinfo import ZoneInfo

from django.utils import timezone


def now() -> dt.datetime:
    """Return the present instant, aware, in UTC."""
    return timezone.now()


def today(time_zone: str = "Europe/Paris") -> dt.date:
    """Return the local day in `time_zone` (an IANA name)."""
    return now().astimezone(ZoneInfo(time_zone)).date()
