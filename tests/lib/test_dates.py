"""Months as the code civil counts them; public holidays of the country and of the place where a service works."""

import datetime as dt

import pytest

from cpo.lib.dates import add_months, next_working_day, public_holidays

day = dt.date.fromisoformat


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2026-03-15", -3, "2025-12-15"),
        ("2024-02-29", 12, "2025-02-28"),
    ],
)
def test_months_end_on_the_same_day_or_the_last_of_the_month(start: str, months: int, end: str) -> None:
    assert add_months(day(start), months) == day(end)


def test_the_country_has_eleven_public_holidays_and_easter_moves_three_of_them() -> None:
    for year, easter_monday in ((2024, "2024-04-01"), (2025, "2025-04-21"), (2026, "2026-04-06"), (2030, "2030-04-22")):
        found = public_holidays(year)
        assert dt.date(year, 5, 8) in found
        assert {day(easter_monday), day(easter_monday) + dt.timedelta(days=38)} <= found
        assert day(easter_monday) + dt.timedelta(days=49) in found
    assert len(public_holidays(2026)) == 11


@pytest.mark.parametrize(
    ("territory", "closed", "opens"),
    [
        ("", "2026-08-15", "2026-08-17"),
        ("02", "2026-05-22", "2026-05-26"),  # the Friday before Whit Monday
        ("01", "2026-05-27", "2026-05-28"),
        ("03", "2026-06-10", "2026-06-11"),
        ("04", "2027-12-20", "2027-12-21"),
        ("06", "2026-04-27", "2026-04-28"),
        ("977", "2026-10-09", "2026-10-12"),
        ("978", "2026-05-28", "2026-05-29"),
        ("44", "2026-04-03", "2026-04-07"),  # Good Friday, then Easter Monday
        ("44", "2025-12-26", "2025-12-29"),
    ],
)
def test_a_territory_has_the_holidays_that_the_law_gives_it(territory: str, closed: str, opens: str) -> None:
    assert next_working_day(day(closed), territory) == day(opens)
    if territory:
        assert next_working_day(day(closed), "53") == day(closed)


def test_a_custom_is_no_public_holiday() -> None:
    assert next_working_day(day("2026-07-21"), "02") == day("2026-07-21")
    assert next_working_day(day("2026-04-03"), "01") == day("2026-04-03")
