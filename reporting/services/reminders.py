"""Reminders: the row and its message in one transaction, once per deadline, due date, rung and recipient.

Rungs dated before the deadline existed never fire; after an outage only the latest due rung is sent and the older ones
are marked « dépassés »; nothing is sent for what is done; a changed due date starts a new ladder. All that a run owes
for one deadline is written in one transaction, the deadline's row locked: killed between two messages, a run is simply
run again.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet

from arml.enums import Role
from arml.models import User
from conventions.models import Convention
from cpo.lib import clock
from cpo.lib.models import OutboxMessage
from reporting import notifications
from reporting.deadlines.rules import FOLLOWED
from reporting.enums import ReminderState
from reporting.models import Deadline, DeadlineRule, Reminder

from .campaigns import open_due_reports
from .deadlines import sync
from .reminder_texts import context_of

SEND_HOUR = 8  # local hour of the service's zone (fixtures: calendrier.heure_locale_envoi)
# Where nobody holds a role, the next one is reminded: director → president → officer → manager → DGEFP.
NEXT: dict[str, str] = {
    Role.ACCOUNTANT: Role.DIRECTOR,
    Role.DIRECTOR: Role.PRESIDENT,
    Role.PRESIDENT: Role.OFFICER,
    Role.OFFICER: Role.MANAGER,
    Role.SIGNATORY: Role.MANAGER,
    Role.MANAGER: Role.NATIONAL_ADMIN,
}


@dataclass(frozen=True)
class Due:
    """A rung that a run owes: `outdated` ones are only marked, the latest one is sent."""

    deadline: Deadline
    rung: int
    recipients: tuple[User, ...]
    outdated: bool


def due_rungs(deadline: Deadline, on: dt.date, handled: Iterable[int]) -> list[int]:
    """The rungs whose day has come since the deadline is known, newer than every handled one, in order."""
    last = max(handled, default=None)
    return [
        rung
        for rung in sorted(set(deadline.rule.ladder))
        if deadline.created_on <= deadline.due_on + dt.timedelta(days=rung) <= on and (last is None or rung > last)
    ]


def roles_of(deadline: Deadline, rung: int) -> list[str]:
    """The responsible role, and those that the escalation adds from a day of delay on."""
    roles = [deadline.role]
    for day, added in deadline.rule.escalation:
        if rung >= day:
            roles += [role for role in added if role not in roles]
    return roles


def recipients(deadline: Deadline, rung: int) -> tuple[User, ...]:
    """The people reminded; where nobody holds the role, the next one up is."""
    found: dict[int, User] = {}
    for role in roles_of(deadline, rung):
        wanted: str | None = role
        while wanted:
            people = notifications.users_in_role(deadline, wanted)
            found |= {user.pk: user for user in people}
            wanted = None if people else NEXT.get(wanted)
    return tuple(found.values())


def local_date(deadline: Deadline, on: dt.date | None, *, from_hour: int = 0) -> dt.date:
    """The day considered: `on` if given, else the local day of the service; with `from_hour`, a day begins then."""
    if on is not None:
        return on
    local = clock.now().astimezone(ZoneInfo(deadline.convention.dossier.time_zone))
    return local.date() if local.hour >= from_hour else local.date() - dt.timedelta(days=1)


def candidates(on: dt.date | None = None, convention: Convention | None = None) -> "QuerySet[Deadline]":
    """The open deadlines that may have a rung due on a day, in any time zone."""
    found = Deadline.objects.filter(met_on=None, cancelled_on=None, rule__active=True)
    found = found.filter(convention__state__in=FOLLOWED)
    if convention is not None:
        found = found.filter(convention=convention)
    earliest = min((min(ladder) for (ladder,) in DeadlineRule.objects.values_list("ladder") if ladder), default=0)
    latest_day = (on or clock.today("Pacific/Kiritimati")) - dt.timedelta(days=earliest)
    return (
        found.filter(due_on__lte=latest_day)
        .select_related("rule", "convention__dossier__lead", "convention__dossier__beneficiary")
        .select_related("convention__dossier__officer", "convention__cycle")
        .prefetch_related("reminders", "convention__dossier__territories")
        .order_by("due_on", "id")
    )


def owed(deadline: Deadline, on: dt.date) -> list[Due]:
    """What is owed for one deadline on its local day, oldest rung first; the last one is sent."""
    handled = [reminder.rung for reminder in deadline.reminders.all() if reminder.due_on == deadline.due_on]
    rungs = due_rungs(deadline, on, handled)
    return [Due(deadline, rung, recipients(deadline, rung), outdated=rung != rungs[-1]) for rung in rungs]


def plan(on: dt.date | None = None, convention: Convention | None = None, *, from_hour: int = 0) -> Iterator[Due]:
    """What a run owes, without writing anything."""
    for deadline in candidates(on, convention):
        yield from owed(deadline, local_date(deadline, on, from_hour=from_hour))


def run(on: dt.date | None = None, *, from_hour: int = 0) -> int:
    """Write every reminder due; return how many messages were written. Safe to run twice or at once."""
    written = 0
    for deadline in candidates(on):
        day = local_date(deadline, on, from_hour=from_hour)
        if due_rungs(deadline, day, [r.rung for r in deadline.reminders.all() if r.due_on == deadline.due_on]):
            written += remind(deadline, day)
    return written


def remind(deadline: Deadline, on: dt.date) -> int:
    """Write what is owed for one deadline, rows and messages together; return how many messages were written."""
    with transaction.atomic():
        locked = candidates(on).select_for_update(of=("self",)).filter(pk=deadline.pk).first()
        if locked is None:  # met, cancelled or moved since we looked
            return 0
        dues = owed(locked, on)
        now, rows = clock.now(), []
        for due in dues:
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


def _messages(due: Due, on: dt.date) -> list[OutboxMessage]:
    days = (on - due.deadline.due_on).days
    sent = {reminder.rung for reminder in due.deadline.reminders.all() if reminder.state == ReminderState.SENT}
    context = context_of(due.deadline)
    return [
        notifications.reminder(
            due.deadline,
            days,
            user,
            context=context,
            sent=len(sent),
            others=[other for other in due.recipients if other != user],
        )
        for user in due.recipients
    ]


def sync_all(on: dt.date | None = None) -> None:
    """Refresh the deadlines of every open convention, and open the campaigns whose day has come."""
    followed = Convention.objects.filter(state__in=FOLLOWED)
    for convention in followed.select_related("cycle", "dossier__lead").iterator(chunk_size=200):
        today = clock.today(convention.dossier.time_zone)
        open_due_reports(convention, min(on or today, today))  # a day to come opens nothing before its time
        sync(convention)
