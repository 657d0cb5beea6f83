"""The weekly digest, on Mondays: tasks, deadlines, and the messages held back for the people who chose the digest.

Its Message-ID contains the person and the week: two runs at once cannot write the same digest twice.
"""

import datetime as dt

from django.db import IntegrityError, transaction
from django.urls import reverse

from arml.models import User
from conventions.pages.todo import Task
from cpo.lib import clock, zones
from cpo.lib.clock import PARIS
from cpo.lib.mail.emails import absolute, mark_sent_in_digest, message_id, waiting_for_digest, write
from cpo.lib.models import OutboxMessage
from cpo.lib.wording import french
from cpo.lib.work.queues import each
from reporting.models import Deadline
from reporting.todo.home import Agenda, agenda

TEMPLATE = "recapitulatif_hebdomadaire"
SEND_HOUR = 8
MONDAY = 0
NEAR = 30  # days
NOTHING = "- rien pour l’instant"


def week_start(moment: dt.datetime) -> dt.datetime:
    """The last Monday at 8, Paris time, not later than that instant."""
    local = zones.at(moment, PARIS)
    start = (local - dt.timedelta(days=local.weekday())).replace(hour=SEND_HOUR, minute=0, second=0, microsecond=0)
    return start if start <= local else start - dt.timedelta(days=7)


def run() -> int:
    """Write the digests of the week that are not written yet; return how many were written.

    On Monday, for the people who chose it and have something to read. On the other days, after an outage, for the
    people whose messages wait since before Monday.
    """
    start = week_start(clock.now())
    messages = waiting_for_digest().filter(created_at__lt=start)
    people = User.objects.filter(is_active=True, pk__in=messages.order_by().values("recipient_id"))
    if clock.today(PARIS) == start.date():
        people |= User.objects.filter(is_active=True, weekly_digest=True)

    def write_once(user: User) -> int:
        identifier = _identifier(user, start)
        return 0 if OutboxMessage.objects.filter(message_id=identifier).exists() else _write(user, start, identifier)

    return each(people.distinct().order_by("pk"), write_once, what="digests")


def _identifier(user: User, start: dt.datetime) -> str:
    year, week, _ = start.isocalendar()
    return message_id(f"recapitulatif-{user.pk}-{year}-{week:02d}")


def _write(user: User, start: dt.datetime, identifier: str) -> int:
    """Write one digest and mark its messages as sent; return 0 when it is empty or another run wrote it, else 1."""
    try:
        with transaction.atomic(), zones.read_by(lambda: user):
            messages = list(waiting_for_digest().filter(recipient=user, created_at__lt=start).select_for_update())
            todo = agenda(user)
            if not (messages or todo.mine):
                return 0
            write(TEMPLATE, [user], _context(user, todo, messages, start), identifier=identifier)
            mark_sent_in_digest(messages)
            return 1
    except IntegrityError:  # another run wrote it in the meantime
        return 0


def _context(user: User, todo: Agenda, messages: list[OutboxMessage], start: dt.datetime) -> dict[str, object]:
    limit = zones.today() + dt.timedelta(days=NEAR)
    near = [deadline for deadline in todo.following if deadline.due_on <= limit]
    previous = user.messages.filter(template=TEMPLATE).order_by("-created_at").first()
    since = zones.local(previous.created_at).date() if previous else start.date() - dt.timedelta(days=7)
    return {
        "nombre_a_faire": len(todo.mine),
        "nombre_echeances": len(near),
        "liste_a_faire": "\n".join(map(_task, todo.mine)) or NOTHING,
        "liste_echeances": "\n".join(map(_deadline, near)) or NOTHING,
        "liste_changements": "\n".join(f"- {message.subject}" for message in messages) or NOTHING,
        "date_dernier_recapitulatif": french.date(since),
        "lien": absolute(reverse("home")),
    }


def _task(task: Task) -> str:
    due = f" (pour le {french.date(task.due)})" if task.due else ""
    return f"- {task.title}{due} : {absolute(task.url)}"


def _deadline(deadline: Deadline) -> str:
    return f"- {french.date(deadline.due_on)} : {deadline.rule.label}, {deadline.convention.number}"
