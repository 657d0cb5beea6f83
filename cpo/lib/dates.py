"""Months, legal delays and working days. `cpo.lib.wording.french` writes dates."""

import datetime as dt
from functools import lru_cache

import holidays
from dateutil.relativedelta import relativedelta

MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip

# Legal holidays of a territory, by its INSEE code: the abolition of slavery overseas (code du travail, article
# L. 3422-2), Good Friday and 26 December in Strasbourg (L. 3134-13). `holidays` also has customary days (Mi-Carême,
# Victor Schœlcher), which do not extend a delay: only the days named here count.
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
    """Return the eleven public holidays of the code du travail, article L. 3133-1, and those of the territory."""
    everywhere = frozenset(holidays.France(years=year))
    if territory not in LOCAL:
        return everywhere
    subdivision, names = LOCAL[territory]
    local = holidays.France(years=year, subdiv=subdivision, language="en_US")
    return everywhere | {day for name in names for day in local.get_named(name)}


def next_working_day(day: dt.date, territory: str = "") -> dt.date:
    """Return the day itself or the next one that is neither a Saturday, a Sunday nor a public holiday there."""
    while day.weekday() >= 5 or day in public_holidays(day.year, territory):
        day += dt.timedelta(days=1)
    return day
