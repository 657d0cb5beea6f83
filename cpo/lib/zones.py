"""Where an event is dated: in the time zone of its dossier, everywhere; and the French names of the zones.

An instant is written in a place: the one given with `at(moment, dossier)`, else the dossier of the page, which the code
that finds a dossier gives with `set_page`; else the reader's own. So a page, its export and its e-mails have one date.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from . import clock
from .clock import PARIS

# All the legal times of France; an IANA name is never shown to a reader.
NAMES = {
    PARIS: "heure de Paris",
    "America/Guadeloupe": "heure de Guadeloupe",
    "America/Martinique": "heure de Martinique",
    "America/Cayenne": "heure de Guyane",
    "America/Miquelon": "heure de Saint-Pierre-et-Miquelon",
    "America/St_Barthelemy": "heure de Saint-Barthélemy",
    "America/Marigot": "heure de Saint-Martin",
    "Indian/Reunion": "heure de La Réunion",
    "Indian/Mayotte": "heure de Mayotte",
    "Indian/Kerguelen": "heure des Terres australes",
    "Pacific/Noumea": "heure de Nouvelle-Calédonie",
    "Pacific/Wallis": "heure de Wallis-et-Futuna",
    "Pacific/Tahiti": "heure de Tahiti",
    "Pacific/Marquesas": "heure des Marquises",
    "Pacific/Gambier": "heure des Gambier",
}


class _Reading:
    """One request or one message: who reads, and the dossier of the page, looked up when a date needs them."""

    def __init__(self, who: Callable[[], Any]) -> None:
        self._who, self._page = who, None
        self._zones: dict[str, str] = {}

    @property
    def reader(self) -> str:
        """The zone of the reader; "" while nobody is signed in: they are told the name of any zone."""
        if "reader" not in self._zones:
            who = self._who()
            self._zones["reader"] = who if isinstance(who, str) else getattr(who, "time_zone", "")
        return self._zones["reader"]

    @property
    def page(self) -> str:
        if "page" not in self._zones:
            self._zones["page"] = of(self._page) if self._page is not None else self.reader or PARIS
        return self._zones["page"]

    def set_page(self, place: Any) -> None:
        self._page = place
        self._zones.pop("page", None)


_reading: ContextVar[_Reading | None] = ContextVar("reading", default=None)


def of(place: Any) -> str:
    """Return the IANA name of a place: itself, or the `time_zone` of a dossier, a territory, an organisation, a person.

    Paris for who has none: nobody is signed in.
    """
    return place if isinstance(place, str) else getattr(place, "time_zone", PARIS)


@contextmanager
def read_by(who: Callable[[], Any]) -> Iterator[None]:
    """What is written inside is for this reader: a page (`cpo.middleware`), a message."""
    token = _reading.set(_Reading(who))
    try:
        yield
    finally:
        _reading.reset(token)


def set_page(place: Any) -> None:
    """Say of which dossier the page speaks: its dates are those of this dossier. Without a reader, nothing."""
    if reading := _reading.get():
        reading.set_page(place)


def of_reader() -> str:
    reading = _reading.get()
    return reading.reader if reading else PARIS


def of_page() -> str:
    reading = _reading.get()
    return reading.page if reading else PARIS


def at(moment: dt.datetime, place: Any) -> dt.datetime:
    """Return an instant as it is dated there; what writes it afterwards keeps that place."""
    return moment.astimezone(ZoneInfo(of(place)))


def midnight(day: dt.date, place: Any) -> dt.datetime:
    """Return the first instant of a day there."""
    return instant(day, dt.time.min, place)


def instant(day: dt.date, hour: dt.time, place: Any) -> dt.datetime:
    """Return the instant of an hour that a clock shows there."""
    return dt.datetime.combine(day, hour, ZoneInfo(of(place)))


def local(moment: dt.datetime) -> dt.datetime:
    """Return an instant in the place that it was put in by `at`, else in that of the page."""
    return moment if moment.tzinfo is None or isinstance(moment.tzinfo, ZoneInfo) else at(moment, of_page())


def name_of(place: Any) -> str:
    """« heure de Guadeloupe ». A zone that we do not know (older data) is named by its offset: « UTC+5 »."""
    zone = of(place)
    if zone in NAMES:
        return NAMES[zone]
    hours = (clock.now().astimezone(ZoneInfo(zone)).utcoffset() or dt.timedelta()) / dt.timedelta(hours=1)
    return f"UTC{hours:+g}".replace("-", "−").replace(".", ",")


def name_elsewhere(moment: dt.datetime) -> str:
    """The name of the zone of an instant that `local` returned, when it is not the reader's; else nothing."""
    zone = getattr(moment.tzinfo, "key", "")
    return name_of(zone) if zone and zone != of_reader() else ""


def today() -> dt.date:
    """Return the day of the page's dossier, else the reader's."""
    return clock.today(of_page())


def days() -> dict[str, dt.date]:
    """Return the present day in each zone: there are two or three at once."""
    return dict(_days_at(clock.now().replace(second=0, microsecond=0)))  # a day begins with a minute everywhere


@lru_cache(maxsize=10)
def _days_at(minute: dt.datetime) -> dict[str, dt.date]:
    return {zone: clock.local_day(minute, zone) for zone in NAMES}
