"""An instant is dated where its dossier is, and the place is named to a reader who is elsewhere."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from cpo.lib import clock, zones
from cpo.lib.files.exports import cell
from cpo.lib.wording import french

NEW_YEAR = dt.datetime(2026, 12, 31, 23, 30, tzinfo=dt.UTC)
SUMMER = dt.datetime(2026, 6, 30, 21, 30, tzinfo=dt.UTC)


class Place:
    def __init__(self, time_zone: str) -> None:
        self.time_zone = time_zone


@pytest.mark.parametrize(
    ("zone", "moment", "day", "time"),
    [
        ("Europe/Paris", NEW_YEAR, "1er janvier 2027", "0 h 30"),
        ("America/Cayenne", NEW_YEAR, "31 décembre 2026", "20 h 30"),
        ("Indian/Reunion", NEW_YEAR, "1er janvier 2027", "3 h 30"),
        ("Indian/Mayotte", SUMMER, "1er juillet 2026", "0 h 30"),
        ("America/Miquelon", NEW_YEAR, "31 décembre 2026", "20 h 30"),
        ("Europe/Paris", SUMMER, "30 juin 2026", "23 h 30"),
    ],
)
def test_an_instant_has_the_day_and_the_hour_of_its_place(zone: str, moment: dt.datetime, day: str, time: str) -> None:
    there = zones.at(moment, Place(zone))
    assert french.date(there).replace("\u00a0", " ") == day
    with zones.read_by(lambda: Place(zone)):
        assert french.time(there).replace("\u00a0", " ") == time
        assert french.datetime(moment) == french.datetime(there), "what has no dossier is dated where the reader is"
        assert french.datetime(moment, named=True).endswith(f"({zones.NAMES[zone]})")
    assert cell(there) == there.isoformat(timespec="seconds")
    assert there.utcoffset() != dt.timedelta()


def test_the_dates_of_a_page_are_those_of_its_dossier_and_its_place_is_named_to_who_is_elsewhere() -> None:
    for reader, named in (("Europe/Paris", True), ("America/Cayenne", False), ("Indian/Reunion", True)):
        with zones.read_by(lambda reader=reader: Place(reader)):
            zones.set_page(Place("America/Cayenne"))
            assert french.date(NEW_YEAR, "num") == "31/12/2026"
            assert french.time(NEW_YEAR).endswith(" (heure de Guyane)") is named
    assert french.date(NEW_YEAR, "num") == "01/01/2027", "nothing stays of a page once it is written"


def test_who_is_not_signed_in_is_told_the_name_of_any_zone() -> None:
    with zones.read_by(object):
        assert french.time(SUMMER) == "23\u00a0h\u00a030 (heure de Paris)"
        assert french.time(zones.at(SUMMER, "Indian/Reunion")) == "1\u00a0h\u00a030 (heure de La Réunion)"


def test_a_page_of_no_reader_is_nobodys() -> None:
    zones.set_page(Place("Indian/Reunion"))
    assert zones.of_page() == clock.PARIS


def test_what_happened_yesterday_there_is_not_of_today(at) -> None:
    at("2027-01-01 02:00+00:00")  # 22 h 30 the day before at Saint-Pierre, 6 h in Réunion
    before = NEW_YEAR - dt.timedelta(hours=4)  # 15 h 30, 16 h 30 and 23 h 30 on the 31st
    assert french.since(zones.at(before, "America/Miquelon")) == "aujourd’hui"
    assert french.since(zones.at(before, "Indian/Reunion")) == "hier"
    assert zones.days()["America/Miquelon"] == dt.date(2026, 12, 31)
    assert zones.days()["Indian/Reunion"] == dt.date(2027, 1, 1)


def test_a_file_holds_no_instant_without_its_place() -> None:
    with pytest.raises(ValueError, match="place"):
        cell(NEW_YEAR)
    assert cell(dt.date(2026, 12, 31)) == "2026-12-31"


def test_every_zone_of_the_list_exists_and_has_a_french_name() -> None:
    for zone, name in zones.NAMES.items():
        assert ZoneInfo(zone).key == zone
        assert name.startswith("heure d") and "/" not in name
    assert zones.name_of("Asia/Kolkata") == "UTC+5,5"
    assert zones.name_of("America/Lima") == "UTC−5"
