"""Months, legal delays and working days, at their edges. Every expected day is written by hand."""

from datetime import date

import pytest

from cpo.lib.dates import MONTHS, add_months, next_working_day, parse_iso, public_holidays


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        ("2026-10-15", 2, "2026-12-15"),
        ("2026-10-15", 0, "2026-10-15"),
        ("2026-11-15", 1, "2026-12-15"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-12-31", 2, "2027-02-28"),
        ("2026-10-31", 1, "2026-11-30"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-01-30", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2028-01-29", 1, "2028-02-29"),
        ("2026-11-30", 1, "2026-12-30"),  # the same day, not the last one
        ("2026-02-28", 1, "2026-03-28"),
        ("2028-02-29", 12, "2029-02-28"),
        ("2028-02-29", 48, "2032-02-29"),
        ("2096-02-29", 48, "2100-02-28"),  # 2100 is no leap year
        ("2026-01-01", 48, "2030-01-01"),
        ("2026-03-31", -1, "2026-02-28"),
        ("2026-01-31", -1, "2025-12-31"),
        ("2026-01-15", -13, "2024-12-15"),
    ],
)
def test_some_months_later_is_the_same_day_or_the_last_one_of_that_month(day: str, months: int, then: str) -> None:
    assert add_months(date.fromisoformat(day), months) == date.fromisoformat(then)


def test_a_day_that_is_not_written_is_none() -> None:
    assert parse_iso("2028-02-29") == date(2028, 2, 29)
    assert parse_iso("") is None
    assert parse_iso(None) is None
    with pytest.raises(ValueError):
        parse_iso("2026-02-29")


def test_the_eleven_public_holidays_of_a_year() -> None:
    assert sorted(map(str, public_holidays(2026))) == [
        "2026-01-01", "2026-04-06", "2026-05-01", "2026-05-08", "2026-05-14", "2026-05-25",
        "2026-07-14", "2026-08-15", "2026-11-01", "2026-11-11", "2026-12-25",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("easter_monday", "ascension", "whit_monday"),
    [
        ("2024-04-01", "2024-05-09", "2024-05-20"),
        ("2025-04-21", "2025-05-29", "2025-06-09"),
        ("2026-04-06", "2026-05-14", "2026-05-25"),
        ("2027-03-29", "2027-05-06", "2027-05-17"),
        ("2028-04-17", "2028-05-25", "2028-06-05"),
        ("2035-03-26", "2035-05-03", "2035-05-14"),
        ("2038-04-26", "2038-06-03", "2038-06-14"),  # the latest possible Easter
        ("2049-04-19", "2049-05-27", "2049-06-07"),  # one of the two exceptions of Gauss's rule
    ],
)
def test_what_follows_easter_is_a_public_holiday(easter_monday: str, ascension: str, whit_monday: str) -> None:
    moving = {date.fromisoformat(day) for day in (easter_monday, ascension, whit_monday)}
    holidays = public_holidays(date.fromisoformat(easter_monday).year)
    assert moving <= holidays
    assert len(holidays) == 11


def test_ascension_may_fall_on_the_first_of_may() -> None:
    assert date(2008, 5, 1) in public_holidays(2008)
    assert len(public_holidays(2008)) == 10


@pytest.mark.parametrize(
    ("day", "working"),
    [
        ("2026-10-15", "2026-10-15"),
        ("2026-10-16", "2026-10-16"),  # a Friday
        ("2026-10-17", "2026-10-19"),
        ("2026-10-18", "2026-10-19"),
        ("2026-04-03", "2026-04-03"),  # Good Friday is a holiday in Alsace and Moselle alone
        ("2026-04-04", "2026-04-07"),  # Saturday, Easter, Easter Monday
        ("2026-04-06", "2026-04-07"),
        ("2026-05-14", "2026-05-15"),  # Ascension
        ("2026-05-23", "2026-05-26"),  # Saturday, Pentecost, Whit Monday
        ("2026-05-25", "2026-05-26"),
        ("2026-05-01", "2026-05-04"),  # a Friday
        ("2026-05-08", "2026-05-11"),
        ("2026-07-14", "2026-07-15"),
        ("2026-08-15", "2026-08-17"),
        ("2026-10-31", "2026-11-02"),  # Saturday, then All Saints on Sunday
        ("2026-11-11", "2026-11-12"),
        ("2026-12-25", "2026-12-28"),
        ("2026-12-26", "2026-12-28"),
        ("2026-12-31", "2026-12-31"),
        ("2027-01-01", "2027-01-04"),
        ("2028-01-01", "2028-01-03"),
        ("2023-12-30", "2024-01-02"),  # Saturday and Sunday of one year, the holiday of the next
    ],
)
def test_the_next_working_day_is_no_saturday_sunday_nor_holiday(day: str, working: str) -> None:
    assert next_working_day(date.fromisoformat(day)) == date.fromisoformat(working)


def test_months_have_their_french_names() -> None:
    assert len(MONTHS) == 12
    assert (MONTHS[0], MONTHS[1], MONTHS[7], MONTHS[11]) == ("janvier", "février", "août", "décembre")


@pytest.mark.parametrize(
    ("territory", "holiday", "opens"),
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
def test_a_territory_has_the_holidays_that_the_law_gives_it(territory: str, holiday: str, opens: str) -> None:
    assert next_working_day(date.fromisoformat(holiday), territory) == date.fromisoformat(opens)
    if territory:
        assert next_working_day(date.fromisoformat(holiday), "53") == date.fromisoformat(holiday)


def test_a_custom_is_no_public_holiday() -> None:
    assert next_working_day(date.fromisoformat("2026-07-21"), "02") == date.fromisoformat("2026-07-21")
    assert next_working_day(date.fromisoformat("2026-04-03"), "01") == date.fromisoformat("2026-04-03")
