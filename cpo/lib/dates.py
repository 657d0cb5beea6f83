"""Months, legal delays and working days. How a date is written is in `french`."""

import datetime as dt
from functools import lru_cache

import holidays
from dateutil.relativedelta import relativedelta

MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip

# What the law adds where the service sits, by the INSEE code of its territory: the abolition of slavery overseas (code
# du travail, article L. 3422-2), Good Friday and 26 December in Strasbourg (L. 3134-13). `holidays` knows customs too
# (Mi-Carême, Victor Schœlcher), which stop no delay: the names say what is taken.
ABOLITION = ("Abolition of Slavery",)
LOCAL = {
    "01": ("971", ABOLITION),
    "02": ("972", ABOLITION),
    "03": ("973", ABOLITION),
    "04": ("974", ABOLITION),
    "06": ("976", ABOLITION),
    "977": ("BL", ABOLITION),
    "978": ("MF", ABOLITION),
    "44": ("6AE", ("Good Friday", "Saint Stephen's Day")),
}


def parse_iso(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def add_months(day: dt.date, months: int) -> dt.date:
    """Return the same day some months later, or the last day of that month (code civil, delays in months)."""
    return day + relativedelta(months=months)


@lru_cache(maxsize=256)
def public_holidays(year: int, territory: str = "") -> frozenset[dt.date]:
    """The eleven public holidays of code du travail, article L. 3133-1, and those of the territory (its INSEE code)."""
    everywhere = frozenset(holidays.France(years=year))
    if territory not in LOCAL:
        return everywhere
    place, names = LOCAL[territory]
    local = holidays.France(years=year, subdiv=place, language="en_US")
    return everywhere | {day for name in names for day in local.get_named(name)}


def next_working_day(day: dt.date, territory: str = "") -> dt.date:
    """Return the day itself or the next one that is neither a Saturday, a Sunday nor a public holiday there."""
    while day.weekday() >= 5 or day in public_holidays(day.year, territory):
        day += dt.timedelta(days=1)
    return day
