"""The clock of the current test (see the fixture `clock` in tests/conftest.py)."""

import datetime as dt

import time_machine

traveller: time_machine.Traveller | None = None


def not_before(moment: dt.datetime) -> None:
    """Move the clock forward to that moment, unless it is past."""
    if traveller and dt.datetime.now(dt.UTC) < moment:
        traveller.move_to(moment, tick=True)
