"""When two people act on one convention at the same time, the second waits for the first and starts from its result."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, connections, transaction

from conventions.services import ending
from cpo.lib import clock
from cpo.lib.workflow import Refused
from tests.factories.scenarios import Scene, active_convention, later, set_contribution, to_signature

pytestmark = pytest.mark.django_db(transaction=True)

DEADLOCK = 60  # seconds


@pytest.fixture(autouse=True)
def _no_document(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests do not need the documents and messages that follow a commit."""
    monkeypatch.setattr(connection, "on_commit", lambda *args, **kwargs: None)


def while_written(first: Callable[[], Any], second: Callable[[], Any]) -> Future[Any]:
    """Run `second` in another connection after `first`, before its commit; return the outcome of `second`.

    Fail when `second` does not wait, since it would read rows that `first` changes.
    """

    def other() -> Any:
        try:
            return second()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first()
            future = pool.submit(other)
            end = time.monotonic() + DEADLOCK
            while not (waits := _someone_waits()) and not future.done() and time.monotonic() < end:
                time.sleep(0.05)
        assert waits, "the second did not wait for the first"
        future.exception(DEADLOCK)
    return future


def _someone_waits() -> bool:
    with connection.cursor() as cursor:
        # Without this, a transaction always reads the same snapshot of the activity.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])


def signed_annual_act(first: Scene) -> Scene:
    """Return an annual act that lowers the contribution of 2026; both parties signed it, nobody notified it."""
    annual = later(first, "annual", year=2026)
    set_contribution(annual, 2026, Decimal(39000))
    to_signature(annual)
    annual.sign(annual.president)
    annual.sign(annual.signatory)
    return annual


def contribution(scene: Scene) -> Decimal:
    return sum((row.amount for row in scene.act.contributions.filter(year=2026)), Decimal(0))


def test_of_two_avenants_opened_at_once_the_second_is_refused() -> None:
    first = active_convention()
    outcome = while_written(lambda: later(first), lambda: later(first, by=first.director))
    assert isinstance(outcome.exception(), Refused) and "est déjà en cours" in str(outcome.exception())
    assert first.convention.acts.count() == 2


def test_an_avenant_opened_while_an_act_is_notified_starts_from_that_act() -> None:
    first = active_convention()
    annual = signed_annual_act(first)
    outcome = while_written(lambda: annual.do("notify", annual.officer), lambda: later(first))
    assert outcome.result().act.base == annual.act
    assert contribution(outcome.result()) == contribution(annual) == Decimal(39000)


def test_an_act_notified_while_an_avenant_opens_is_carried_into_it() -> None:
    first = active_convention()
    annual = signed_annual_act(first)
    outcome = while_written(lambda: later(first), lambda: annual.do("notify", annual.officer))
    assert outcome.exception() is None
    avenant = Scene(first.convention, first.convention.acts.get(kind="avenant").number)
    assert avenant.act.base == annual.act
    assert contribution(avenant) == contribution(annual) == Decimal(39000)


def dissolve(scene: Scene) -> None:
    ending.record_dissolution(
        act=scene.act, facts="Publiée au journal officiel.", effective_on=clock.today(clock.PARIS), by=scene.manager
    )


def test_an_avenant_opened_while_the_association_s_end_is_recorded_is_refused() -> None:
    first = active_convention()
    outcome = while_written(lambda: dissolve(first), lambda: later(first))
    assert isinstance(outcome.exception(), Refused)
    assert first.convention.acts.count() == 1


def test_an_avenant_opened_just_before_the_association_s_end_stops_with_the_convention() -> None:
    first = active_convention()
    outcome = while_written(lambda: later(first), lambda: dissolve(first))
    assert outcome.exception() is None
    assert [act.state for act in first.convention.acts.filter(number__gt=0)] == ["abandoned"]


def test_an_act_signed_while_the_association_s_end_is_recorded_is_not_signed_any_more() -> None:
    first = active_convention()
    annual = to_signature(later(first, "annual", year=2026))
    annual.sign(annual.president)
    outcome = while_written(lambda: dissolve(first), lambda: annual.sign(annual.signatory))
    assert isinstance(outcome.exception(), Refused), outcome.exception()
    assert annual.act.state == "abandoned" and annual.act.signed_on is None
