"""Reminders: one row and one message, once for each deadline, due date, rung and recipient.

A rung dated before the creation of the deadline is never sent. After an outage only the latest rung is sent; the older
ones are marked « dépassés ». A deadline that is met or cancelled sends nothing. A new due date starts a new ladder. All
the reminders of one deadline are written in one transaction, with a lock on its row: an interrupted run can be run
again.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from arml.enums import Role
from arml.models import User
from conventions.models import Convention
from cpo.lib import clock, zones
from cpo.lib.models import OutboxMessage
from cpo.lib.work.queues import each
from reporting import notifications
from reporting.deadlines import waiting
from reporting.deadlines.rules import FOLLOWED
from reporting.enums import ReminderState
from reporting.models import Deadline, DeadlineRule, Reminder

from .campaigns import open_due_reports
from .deadlines import sync
from .reminder_texts import ReminderTexts

SEND_HOUR = 8  # local hour of the service's zone (fixtures: calendrier.heure_locale_envoi)
# When nobody holds a role, the next role gets the reminder: director → president → officer → manager → DGEFP.
NEXT_ROLE: dict[str, str] = {
    Role.ACCOUNTANT: Role.DIRECTOR,
    Role.DIRECTOR: Role.PRESIDENT,
    Role.PRESIDENT: Role.OFFICER,
    Role.OFFICER: Role.MANAGER,
    Role.SIGNATORY: Role.MANAGER,
    Role.MANAGER: Role.NATIONAL_ADMIN,
}


@dataclass(frozen=True)
class DueRung:
    """A rung whose reminders are to be written; an `outdated` one is only marked, not sent.

    `acting`: of its recipients, those who must act; the others are told.
    """

    deadline: Deadline
    rung: int
    recipients: tuple[User, ...]
    acting: tuple[User, ...]
    outdated: bool


def due_rungs(deadline: Deadline, on: dt.date, handled_rungs: Iterable[int]) -> list[int]:
    """The rungs to handle on a day: not before the deadline was created, after every handled rung, in order."""
    last = max(handled_rungs, default=None)
    return [
        rung
        for rung in sorted(set(deadline.rule.ladder))
        if deadline.created_on <= deadline.due_on + dt.timedelta(days=rung) <= on and (last is None or rung > last)
    ]


def recipients(deadline: Deadline, rung: int) -> tuple[User, ...]:
    """The recipients of a rung, who must act first."""
    acting, told = _people(deadline, rung)
    return (*acting, *told)


def _people(deadline: Deadline, rung: int) -> tuple[tuple[User, ...], tuple[User, ...]]:
    """Who must act, and the others who are told at this rung. When nobody holds a role, the people of the next one."""
    responsible, *others = deadline.rule.roles_at(rung, deadline.responsible)
    if deadline.about:
        wait = waiting.of_deadline(deadline)
        if wait is None:  # answered since the last refresh
            return (), ()
        acting = {user.pk: user for user in wait.people}
        others = [role for role in others if waiting.may_know(role, wait)]
    else:
        acting = {user.pk: user for user in _holders(deadline, responsible)}
    told = {user.pk: user for role in others for user in _holders(deadline, role) if user.pk not in acting}
    return tuple(acting.values()), tuple(told.values())


def _holders(deadline: Deadline, role: str) -> list[User]:
    """Nobody else is informed in the place of who is only informed."""
    if role in deadline.rule.informed and role != deadline.role:
        return notifications.users_in_role(deadline, role)
    current: str | None = role
    while current:
        if people := notifications.users_in_role(deadline, current):
            return people
        current = NEXT_ROLE.get(current)
    return []


def local_date(deadline: Deadline, on: dt.date | None, *, from_hour: int = 0) -> dt.date:
    """`on`, or the current day of the service; the day begins at `from_hour`, local time."""
    if on is not None:
        return on
    local = zones.at(clock.now(), deadline.convention.dossier)
    return local.date() if local.hour >= from_hour else local.date() - dt.timedelta(days=1)


def candidates(on: dt.date | None = None, convention: Convention | None = None) -> "QuerySet[Deadline]":
    """The open deadlines that may have a rung due on a day, whatever their time zone."""
    deadlines = Deadline.objects.pending()
    deadlines = deadlines.filter(convention__state__in=FOLLOWED)
    if convention is not None:
        deadlines = deadlines.filter(convention=convention)
    earliest = min((min(ladder) for (ladder,) in DeadlineRule.objects.values_list("ladder") if ladder), default=0)
    latest_day = (on or clock.today("Pacific/Kiritimati")) - dt.timedelta(days=earliest)
    return (
        deadlines.filter(due_on__lte=latest_day)
        .select_related("rule", "convention__dossier__lead", "convention__dossier__beneficiary")
        .select_related("convention__dossier__officer", "convention__cycle")
        .prefetch_related("reminders", "convention__dossier__territories")
        .order_by("due_on", "id")
    )


def due_reminders(deadline: Deadline, on: dt.date) -> list[DueRung]:
    """The rungs of one deadline to write on its local day, oldest first; only the last one is sent."""
    handled_rungs = [reminder.rung for reminder in deadline.reminders.all() if reminder.due_on == deadline.due_on]
    rungs = due_rungs(deadline, on, handled_rungs)
    due = []
    for rung in rungs:
        acting, told = _people(deadline, rung)
        due.append(DueRung(deadline, rung, (*acting, *told), acting, outdated=rung != rungs[-1]))
    return due


def plan(on: dt.date | None = None, convention: Convention | None = None, *, from_hour: int = 0) -> Iterator[DueRung]:
    """What `run` would write, without writing anything."""
    for deadline in candidates(on, convention):
        yield from due_reminders(deadline, local_date(deadline, on, from_hour=from_hour))


def run(on: dt.date | None = None, *, from_hour: int = 0) -> int:
    """Write every reminder due; return how many messages were written. Safe to run twice or at once."""

    def remind_if_due(deadline: Deadline) -> int:
        day = local_date(deadline, on, from_hour=from_hour)
        handled_rungs = [r.rung for r in deadline.reminders.all() if r.due_on == deadline.due_on]
        return remind(deadline, day) if due_rungs(deadline, day, handled_rungs) else 0

    return each(candidates(on), remind_if_due, what="reminders")


def remind(deadline: Deadline, on: dt.date) -> int:
    """Write the due reminders of one deadline, rows and messages; return how many messages were written."""
    with transaction.atomic():
        locked = candidates(on).select_for_update(of=("self",)).filter(pk=deadline.pk).first()
        if locked is None:  # met, cancelled or moved in the meantime
            return 0
        due_list = due_reminders(locked, on)
        now, rows = clock.now(), []
        for due in due_list:
            messages = [None] * len(due.recipients) if due.outdated else _messages(due, on)
            rows += [
                Reminder(
                    deadline=locked,
                    due_on=locked.due_on,
                    rung=due.rung,
                    recipient=user,
                    state=ReminderState.OUTDATED if message is None else ReminderState.SENT,
                    message=message,
                    created_at=now,
                )
                for user, message in zip(due.recipients, messages, strict=True)
            ]
        Reminder.objects.bulk_create(rows)
        return sum(row.message is not None for row in rows)


def _messages(due: DueRung, on: dt.date) -> list[OutboxMessage]:
    days = (on - due.deadline.due_on).days
    sent_rungs = {
        reminder.rung
        for reminder in due.deadline.reminders.select_related("message")
        if reminder.message and not reminder.message.failed
    }
    texts = ReminderTexts(due.deadline, due.acting)
    return [
        notifications.reminder(
            due.deadline,
            days,
            user,
            context=texts.context(user),
            sent=len(sent_rungs),
            others=[other for other in due.recipients if other != user],
        )
        for user in due.recipients
    ]


def sync_all(on: dt.date | None = None) -> None:
    """Refresh the deadlines of every open convention, and open the campaigns whose day has come."""

    def refresh(convention: Convention) -> None:
        today = clock.today(convention.dossier.time_zone)
        open_due_reports(convention, min(on or today, today))  # a later day opens no campaign in advance
        sync(convention)

    conventions = Convention.objects.filter(state__in=FOLLOWED).select_related("cycle", "dossier__lead")
    each(conventions.iterator(chunk_size=200), refresh, what="deadlines")
