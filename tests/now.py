"""The clock of the test that runs (see the fixture `clock` of tests/conftest.py)."""

import datetime as dt

import time_machine

traveller: time_machine.Traveller | None = None


def not_before(moment: dt.datetime) -> None:
    """Move on to that moment, if it is still to come."""
    if traveller and dt.datetime.now(dt.UTC) < moment:
        traveller.move_to(moment, tick=True)
