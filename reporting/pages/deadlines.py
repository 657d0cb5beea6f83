"""The list of deadlines: its filters, its lines, the columns of its CSV."""

import datetime as dt
from typing import Any

from django.db.models import Q
from django.urls import reverse

from arml.enums import Role
from arml.models import User
from conventions.pages.todo import Hats
from cpo.lib import zones
from cpo.lib.enums import MailState
from cpo.lib.files.exports import Column
from cpo.lib.wording import french
from cpo.lib.wording.searching import found
from reporting.deadlines import calendar, invitations
from reporting.deadlines.addresses import link
from reporting.models import Deadline, DeadlineRule, Decision, Meeting, Reminder
from reporting.models.deadlines import DeadlineQuerySet
from reporting.todo.lines import distance

SEARCHED = ("convention__number", "convention__dossier__beneficiary__short_name")
MEETINGS_KEPT = dt.timedelta(days=60)  # a meeting stays that long in the personal calendar
FAILED = "non remis"
FAR = 60  # days: a longer delay is written in months
SORTS = {
    "date": ("due_on", "pk"),
    "-date": ("-due_on", "-pk"),
    "convention": ("convention__number", "due_on"),
    "-convention": ("-convention__number", "due_on"),
}


def rules() -> list[tuple[str, str]]:
    """Choices of the filter by rule; a rule of several cycles appears once."""
    choices = DeadlineRule.objects.filter(nature="echeance").order_by("rank").values_list("key", "label")
    return list(dict(choices).items())


def visible_deadlines(user: User) -> DeadlineQuerySet:
    return (
        Deadline.objects.visible_to(user)
        .filter(Q(met_on__isnull=False) | Q(rule__active=True), cancelled_on=None)
        .with_local_day()
        .select_related("rule", "convention__dossier__lead", "convention__dossier__beneficiary")
    )


def filtered_deadlines(user: User, filters: dict[str, Any], sort: str) -> DeadlineQuerySet:
    deadlines = visible_deadlines(user)
    state = filters.get("etat", "")
    if state == "retard":
        deadlines = deadlines.late()
    elif state == "faites":
        deadlines = deadlines.filter(met_on__isnull=False)
    elif state != "toutes":
        deadlines = deadlines.pending()
    if rule := filters.get("regle"):
        deadlines = deadlines.filter(rule__key=rule)
    deadlines = found(deadlines, SEARCHED, filters.get("convention", ""))
    if filters.get("pour") == "moi":
        deadlines = deadlines.filter(_mine(user))
    default = "-date" if state == "faites" else "date"
    return deadlines.order_by(*SORTS.get(sort, SORTS[default]))


def _mine(user: User) -> Q:
    """Condition: a role of the person is responsible for the deadline."""
    clause = Q(pk__in=[])
    for organisation, roles in Hats.of(user).roles.items():
        own = Q(convention__dossier__lead_id=organisation) | Q(convention__dossier__beneficiary_id=organisation)
        clause |= own & (Q(rule__responsible__in=roles) | Q(responsible__in=roles))
    return clause


def pending(user: User) -> DeadlineQuerySet:
    """The deadlines of the calendar feed."""
    return visible_deadlines(user).pending().order_by("due_on", "pk")


def feed(user: User) -> str:
    """The whole calendar of a person: deadlines, meetings to come, decisions to follow."""
    related = ("convention__dossier__beneficiary", "convention__dossier__lead", "organiser")
    meetings = Meeting.objects.visible_to(user).standing().filter(day__gte=zones.today() - MEETINGS_KEPT)
    decisions = Decision.objects.visible_to(user).followed().filter(due_on__isnull=False)
    of_decision = [f"meeting__{name}" for name in related[:2]]
    events = invitations.of_feed(
        meetings.select_related(*related).order_by("day", "pk"),
        decisions.select_related("owner", *of_decision).order_by("due_on", "pk"),
    )
    return calendar.calendar(pending(user), events)


def responsible(deadline: Deadline) -> str:
    role = deadline.role
    return Role(role).label.capitalize() if role in Role.values else ""


def line(deadline: Any) -> dict[str, Any]:
    """One line of the list; `deadline` needs `local_day` (see `DeadlineQuerySet.with_local_day`)."""
    working = deadline.working_day
    passed = deadline.met_on is None and deadline.due_on < deadline.local_day
    late = passed and not deadline.rule.optional
    inactive = deadline.met_on is None and not deadline.rule.active  # read by its address: it counts nowhere
    gap = distance(deadline.due_on, deadline.local_day)
    if passed and deadline.rule.optional:
        tone, state = "grey", "Close, elle était facultative"
    elif deadline.cancelled_on or inactive:
        tone, state, late = "grey", "Sans objet", False
    elif deadline.met_on:
        tone, state = "success", f"Faite le {french.date(deadline.met_on, 'num')}"
    elif late:
        tone, state = "error", f"En retard de {gap}"
    else:
        tone = "warning" if (deadline.due_on - deadline.local_day).days <= 7 else "grey"
        far = (deadline.due_on - deadline.local_day).days > FAR
        gap = french.since(deadline.due_on, deadline.local_day) if far else gap
        state = gap[:1].upper() + gap[1:]
    return {
        "deadline": deadline,
        "label": deadline.rule.label,
        "year": deadline.year,
        "url": reverse("deadline-detail", kwargs={"pk": deadline.pk}),
        "responsible": responsible(deadline),
        "working": working if working != deadline.due_on else None,
        "tone": tone,
        "state": state,
        "late": late,
    }


def state_text(deadline: Any) -> str:
    return str(line(deadline)["state"])


def days_late(deadline: Any) -> int | None:
    """Days since the legal day, for a deadline that is late."""
    return (deadline.local_day - deadline.due_on).days if line(deadline)["late"] else None


def action_url(deadline: Deadline) -> str:
    """The page where the deadline is done; empty when it is the page of the deadline itself."""
    page = link(deadline)
    return "" if page == reverse("deadline-detail", kwargs={"pk": deadline.pk}) else page


def delivery(reminder: Reminder) -> str:
    """What became of the message of a reminder, in words; « envoyé » is what left, and nothing else."""
    message = reminder.message
    if message is None:
        return "dépassé, non envoyé"
    return FAILED if message.failed else str(MailState(message.state).label)


def rung_label(rung: int) -> str:
    return "J" if rung == 0 else f"J{rung:+d}"


def rungs(deadline: Any, reminders: list[Reminder]) -> list[dict[str, Any]]:
    """The ladder of a deadline: the day and the state of each rung."""
    states: dict[int, str] = {}
    for reminder in reminders:
        if reminder.due_on == deadline.due_on:
            failed = states.get(reminder.rung) == FAILED  # one recipient is enough
            states[reminder.rung] = FAILED if failed else delivery(reminder)
    rows = []
    for rung in sorted(set(deadline.rule.ladder)):
        day = deadline.due_on + dt.timedelta(days=rung)
        if rung in states:
            state = states[rung]
        elif day < deadline.created_on:
            state = "échéance pas encore connue"
        elif deadline.met_on or deadline.cancelled_on:
            state = "plus nécessaire"
        else:
            state = "prévu" if day >= deadline.local_day else "en attente d’envoi"
        rows.append({"label": rung_label(rung), "day": day, "state": state})
    return rows


COLUMNS = [
    Column("Échéance", "rule.label"),
    Column("Année", "year"),
    Column("Convention", "convention.number"),
    Column("Association", "convention.dossier.beneficiary"),
    Column("Service", "convention.dossier.lead"),
    Column("Date légale", "due_on"),
    Column("Premier jour ouvré", "working_day"),
    Column("À la charge de", responsible),
    Column("État", state_text),
    Column("Jours de retard", days_late),
    Column("Faite le", "met_on"),
    Column("Rappels envoyés", "sent"),
]
