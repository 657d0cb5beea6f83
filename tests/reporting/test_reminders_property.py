"""Whatever runs, misses its day, is killed, moves its clock or zone: each rung once, the latest never left out."""

import contextlib
import datetime as dt
from collections import Counter
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arml.models import Territory
from cpo.lib import clock
from cpo.lib.models import OutboxMessage
from reporting import notifications
from reporting.models import Deadline, Reminder
from reporting.services import reminders
from tests.factories.deadlines import alone, in_force, make_deadline

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
DUE = dt.date(2026, 6, 30)
LADDER = [-30, -7, 0, 7, 15]
ZONES = ("Europe/Paris", "America/Guadeloupe", "Indian/Reunion")
deeds = st.lists(
    st.one_of(
        st.tuples(st.just("run"), st.integers(0, 40)),  # days that pass before: what is missed in between is missed
        st.tuples(st.just("crash"), st.integers(0, 20)),
        st.tuples(st.just("back"), st.integers(1, 12)),  # a clock that is set right
        st.tuples(st.just("zone"), st.sampled_from(ZONES)),
        st.tuples(st.just("move"), st.integers(-20, 60)),  # the deadline itself
        st.tuples(st.just("hour"), st.integers(0, 23)),
    ),
    min_size=4,
    max_size=16,
)


class Killed(Exception):
    pass


class Story:
    """One deadline, the clock, and who must hear of it: the director and, from J+7, the president."""

    def __init__(self) -> None:
        convention = in_force()
        self.deadline = make_deadline(convention, due=str(DUE), ladder=LADDER, escalation=[[7, ["president"]]])
        self.now = dt.datetime(2026, 5, 20, 10, tzinfo=ZoneInfo("Europe/Paris"))

    @property
    def service(self) -> Any:
        return self.deadline.convention.dossier.lead

    @property
    def day(self) -> dt.date:
        """The day of the service, which begins at eight."""
        zone = Territory.objects.filter(service=self.service).values_list("time_zone", flat=True)[0]
        local = self.now.astimezone(ZoneInfo(zone))
        return local.date() if local.hour >= reminders.SEND_HOUR else local.date() - dt.timedelta(days=1)

    def run(self) -> None:
        with clock.set_to(self.now):
            reminders.run(from_hour=reminders.SEND_HOUR)

    def crash(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The process dies once the first message of a rung is written: its transaction leaves nothing."""

        def dies(*args: Any, **fields: Any) -> None:
            written(*args, **fields)
            raise Killed

        written = notifications.reminder
        with monkeypatch.context() as patch, contextlib.suppress(Killed), transaction.atomic():
            patch.setattr(notifications, "reminder", dies)
            with clock.set_to(self.now):
                reminders.remind(Deadline.objects.get(pk=self.deadline.pk), self.day)

    def move(self, days: int) -> None:
        Deadline.objects.filter(pk=self.deadline.pk).update(due_on=DUE + dt.timedelta(days=days))

    def latest(self) -> int | None:
        """The last rung whose day has come, computed by hand."""
        due = Deadline.objects.get(pk=self.deadline.pk).due_on
        come = [rung for rung in LADDER if due + dt.timedelta(days=rung) <= self.day]
        return come[-1] if come else None


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(deeds=deeds)
def test_each_rung_is_told_once_and_the_latest_is_never_left_out(
    deeds: list[tuple[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction.atomic():
        alone()
        story = Story()
        for name, what in [*deeds, ("run", 0)]:
            if name in ("run", "crash"):
                story.now += dt.timedelta(days=what)
            if name == "run":
                told = set(Reminder.objects.values_list("due_on", "rung"))
                story.run()
                _latest_is_told(story, told)
            elif name == "crash":
                before = Reminder.objects.count(), OutboxMessage.objects.count()
                story.crash(monkeypatch)
                assert (Reminder.objects.count(), OutboxMessage.objects.count()) == before
            elif name == "back":
                story.now -= dt.timedelta(days=what)
            elif name == "hour":
                story.now = story.now.replace(hour=what)
            elif name == "zone":
                Territory.objects.filter(service=story.service).update(time_zone=what)
            else:
                story.move(what)
        _each_once()
        transaction.set_rollback(True)


def _latest_is_told(story: Story, told: set[tuple[dt.date, int]]) -> None:
    """A run leaves the latest rung of the present date told, or an earlier run had told it or a later one."""
    due, latest = Deadline.objects.get(pk=story.deadline.pk).due_on, story.latest()
    if latest is None:
        return
    handled = {rung for day, rung in told if day == due}
    if handled and max(handled) >= latest:
        assert set(Reminder.objects.values_list("due_on", "rung")) == told, "nothing is told again"
        return
    rows = Reminder.objects.filter(due_on=due, rung=latest, state="sent")
    assert {row.recipient.memberships.get().role for row in rows} == _heard(latest)
    for row in Reminder.objects.filter(due_on=due, rung__lt=latest):
        assert (row.due_on, row.rung) in told or row.state == "outdated", "older rungs are passed over"


def _heard(rung: int) -> set[str]:
    return {"director", "president"} if rung >= 7 else {"director"}


def _each_once() -> None:
    rows = Counter(Reminder.objects.values_list("due_on", "rung", "recipient"))
    assert set(rows.values()) <= {1}
    sent = Reminder.objects.filter(state="sent")
    assert sent.count() == OutboxMessage.objects.count() == len(set(sent.values_list("message", flat=True)))
