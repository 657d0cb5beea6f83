"""Reminders: the row and its message in one transaction, once per deadline, due date, rung and recipient.

Rungs dated before the deadline existed never fire; after an outage only the latest due rung is sent and the older ones
are marked « dépassés »; nothing is sent for what is done. Killed between two messages, a run is simply run again.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from arml.enums import Role
from arml.models import User
from conventions.models import Convention
from cpo.lib import clock, emails
from cpo.lib.dates import french_date, next_working_day
from cpo.lib.models import OutboxMessage

from .. import notifications
from ..enums import ReminderState
from ..models import Deadline, Reminder
from . import deadlines as deadline_services

FALLBACK = {Role.DIRECTOR: Role.PRESIDENT, Role.ACCOUNTANT: Role.DIRECTOR, Role.OFFICER: Role.MANAGER}


@dataclass(frozen=True)
class Due:
    """A rung that a run owes: `outdated` ones are only marked, the latest one is sent."""

    deadline: Deadline
    rung: int
    recipients: tuple[User, ...]
    outdated: bool


def due_rungs(deadline: Deadline, on: dt.date, handled: set[int]) -> list[int]:
    """The rungs whose day has come since the deadline is known, not handled yet, none older than a handled one."""
    floor = max(handled, default=None)
    return [
        rung
        for rung in sorted(deadline.rule.ladder)
        if deadline.created_on <= deadline.due_on + dt.timedelta(days=rung) <= on and (floor is None or rung > floor)
    ]


def roles_of(deadline: Deadline, rung: int) -> list[str]:
    """The responsible role, and those that the escalation adds from a day of delay on."""
    roles = [deadline.rule.responsible]
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
            wanted = None if people else FALLBACK.get(Role(wanted)) if wanted in Role.values else None
    return tuple(found.values())


def plan(on: dt.date, convention: Convention | None = None) -> Iterator[Due]:
    """What a run owes on a day, without writing anything."""
    open_deadlines = (
        Deadline.objects.filter(met_on=None, cancelled_on=None, rule__active=True)
        .select_related("rule", "convention__dossier__lead", "convention__dossier__beneficiary", "convention__cycle")
        .select_related("convention__dossier__officer")
        .prefetch_related("reminders", "convention__dossier__lead__served_territories")
        .order_by("due_on", "id")
    )
    if convention is not None:
        open_deadlines = open_deadlines.filter(convention=convention)
    for deadline in open_deadlines:
        handled = {reminder.rung for reminder in deadline.reminders.all() if reminder.due_on == deadline.due_on}
        rungs = due_rungs(deadline, on, handled - {_partial(deadline, handled)})
        for rung in rungs:
            yield Due(deadline, rung, recipients(deadline, rung), outdated=rung != rungs[-1])


def _partial(deadline: Deadline, handled: set[int]) -> int | None:
    """The last rung, when a killed run reminded only some of its recipients."""
    if not handled:
        return None
    last = max(handled)
    reached = {r.recipient_id for r in deadline.reminders.all() if r.rung == last and r.due_on == deadline.due_on}
    sent = any(r.rung == last and r.state == ReminderState.SENT for r in deadline.reminders.all())
    wanted = {user.pk for user in recipients(deadline, last)}
    return last if sent and wanted - reached else None


def run(on: dt.date | None = None) -> int:
    """Write every reminder due on a day; return how many messages were written. Safe to run twice or at once."""
    written = 0
    for due in list(plan(on or clock.today())):
        for user in due.recipients:
            written += remind(due, user)
    return written


def remind(due: Due, user: User) -> int:
    """Write one reminder and its message, or mark it outdated; return 1 if a message was written."""
    try:
        with transaction.atomic():
            deadline = Deadline.objects.select_for_update(of=("self",)).get(pk=due.deadline.pk)
            if deadline.met_on or deadline.cancelled_on or deadline.due_on != due.deadline.due_on:
                return 0
            key: dict[str, Any] = {"deadline": deadline, "due_on": deadline.due_on, "rung": due.rung, "recipient": user}
            if Reminder.objects.filter(**key).exists():
                return 0
            message = None if due.outdated else _message(due, user)
            Reminder.objects.create(
                **key,
                state=ReminderState.OUTDATED if due.outdated else ReminderState.SENT,
                message=message,
                created_at=clock.now(),
            )
            return 0 if due.outdated else 1
    except IntegrityError:  # another run wrote it between our look and our write
        return 0


def _message(due: Due, user: User) -> OutboxMessage:
    deadline = due.deadline
    working = next_working_day(deadline.due_on)
    context = {
        "avancement": progress(deadline),
        "elements_manquants": missing(deadline),
        "report_jour_ouvre": ""
        if working == deadline.due_on
        else f"Ce jour n’est pas ouvré\u00a0: le premier jour ouvré est le {french_date(working)}.",
        "lien": emails.absolute(link(deadline)),
        "contact_nom": str(deadline.convention.dossier.officer or deadline.convention.dossier.lead),
    }
    sent = sum(reminder.state == ReminderState.SENT for reminder in deadline.reminders.all())
    return notifications.reminder(deadline, due.rung, user, context=context, sent=sent)


def _report(deadline: Deadline) -> object | None:
    return deadline.convention.reports.filter(year=deadline.year).first() if deadline.year else None


def progress(deadline: Deadline) -> str:
    """« 6 actions sur 10 renseignées », for deadlines of a yearly report."""
    report = _report(deadline)
    if report is None or deadline.rule.met_by != "rapport_soumis":
        return ""
    parts = list(report.sheets.values_list("progress", flat=True))  # type: ignore[attr-defined]
    done = sum(bool(part) for part in parts)
    return f"{done}\u00a0action{'s' if done > 1 else ''} sur {len(parts)} renseignée{'s' if done > 1 else ''}"


def missing(deadline: Deadline) -> str:
    """A short list of what is missing."""
    report = _report(deadline)
    if report is None or deadline.rule.met_by != "rapport_soumis":
        return ""
    from ..guards import report_complete

    lines = [line.text for line in report_complete(report)]  # type: ignore[arg-type]
    if not lines:
        return "rien\u00a0: il reste à envoyer le compte rendu"
    more = f" et {len(lines) - 4}\u00a0autres points" if len(lines) > 5 else ""
    return "\u00a0; ".join(lines[: 4 if more else 5]) + more


def link(deadline: Deadline) -> str:
    """The page where the action is done."""
    from django.urls import reverse

    number = deadline.convention.number
    if deadline.year and deadline.rule.met_by in ("rapport_soumis", "rapport_recevable", "releve_dialogue_signe"):
        return reverse("report-detail", kwargs={"number": number, "year": deadline.year})
    return reverse("convention-detail", kwargs={"number": number})


def sync_all() -> None:
    """Refresh the deadlines of every open convention, and open the campaigns whose day has come."""
    from .campaigns import open_due_reports

    open_states = ["negotiation", "signature", "active"]
    for convention in Convention.objects.filter(state__in=open_states).select_related("cycle", "dossier__lead"):
        if convention.state == "active":
            open_due_reports(convention, clock.today(convention.dossier.time_zone))
        deadline_services.sync(convention)
