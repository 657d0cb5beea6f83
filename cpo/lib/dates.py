"""Months, legal delays and working days. How a date is written is in `french`."""

import datetime as dt

MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip


def parse_iso(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def add_months(day: dt.date, months: int) -> dt.date:
    """Return the same day some months later, or the last day of that month (code civil, delays in months)."""
    index = day.month - 1 + months
    year, month = day.year + index // 12, index % 12 + 1
    for last in (31, 30, 29, 28):
        try:
            return dt.date(year, month, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("unreachable")


def _easter(year: int) -> dt.date:
    """Meeus/Jones/Butcher algorithm."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    weekday = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 19 * weekday) // 433
    month, day = divmod(h + weekday - 7 * m + 114, 31)
    return dt.date(year, month, day + 1)


def holidays(year: int) -> set[dt.date]:
    """The eleven public holidays of code du travail, article L. 3133-1."""
    easter = _easter(year)
    fixed = {(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}
    moving = {easter + dt.timedelta(days=n) for n in (1, 39, 50)}
    return {dt.date(year, month, day) for month, day in fixed} | moving


def next_working_day(day: dt.date) -> dt.date:
    """Return the day itself or the next one that is neither a Saturday, a Sunday nor a public holiday."""
    while day.weekday() >= 5 or day in holidays(day.year):
        day += dt.timedelta(days=1)
    return day
