"""Ceilings: counted for everybody at once, at their edge, and forgotten in time."""

import datetime as dt
import threading
from typing import Any

import pytest
from django.db import connection

from cpo.lib.models import CountedTry
from cpo.lib.work import ceilings
from cpo.lib.work.ceilings import Ceiling, Reached

THREE = Ceiling("essai", most=3)


@pytest.mark.django_db
def test_the_last_try_allowed_is_allowed_and_the_next_is_told_until_when(clock: Any) -> None:
    for _ in range(3):
        THREE.check("camille")
        THREE.spend("camille")
    first = CountedTry.objects.earliest("at").at
    for count in (THREE.check, THREE.spend):
        with pytest.raises(Reached) as reached:
            count("camille")
        assert reached.value.until == first + dt.timedelta(hours=1)
    THREE.spend("dominique")
    Ceiling("autre", most=1).spend("camille")
    clock.shift(dt.timedelta(hours=1))
    THREE.spend("camille")


@pytest.mark.django_db
def test_what_is_about_one_thing_counts_once() -> None:
    for _ in range(5):
        THREE.spend("machine", about="un compte")
    for name in ("deux", "trois"):
        THREE.spend("machine", about=name)
    with pytest.raises(Reached):
        THREE.spend("machine", about="quatre")
    THREE.spend("machine", about="trois")


@pytest.mark.django_db
def test_counted_tries_are_forgotten_after_a_day(clock: Any) -> None:
    THREE.spend("camille")
    clock.shift(dt.timedelta(days=1))
    THREE.spend("dominique")
    assert ceilings.purge() == 1
    assert CountedTry.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_tries_made_at_once_do_not_pass_together() -> None:
    allowed: list[bool] = []
    start = threading.Barrier(8)

    def spend() -> None:
        start.wait()
        try:
            THREE.spend("camille")
            allowed.append(True)
        except Reached:
            allowed.append(False)
        finally:
            connection.close()

    threads = [threading.Thread(target=spend) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(allowed) == [False] * 5 + [True] * 3
