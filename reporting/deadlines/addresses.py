"""The page where a deadline is done."""

from django.urls import reverse

from reporting.enums import MeetingKind, MeetingState
from reporting.models import Deadline, Report
from reporting.permissions.registers import LABEL

from .facts import ADVANCE, EVALUATED, FIRST_PAYMENT, FORECAST, LABEL_FILE, MINUTES_SIGNED
from .rules import CLARIFIED, REPORT_FACTS


def report_of(deadline: Deadline) -> Report | None:
    """The yearly report of a deadline, if it is open."""
    if not deadline.year or deadline.rule.met_by not in REPORT_FACTS:
        return None
    return deadline.convention.reports.filter(year=deadline.year).first()


def link(deadline: Deadline) -> str:
    """The page of the report once it is open, that of the payments, else the page of the deadline."""
    if deadline.rule.met_by in (FIRST_PAYMENT, ADVANCE):
        return reverse("convention-payments", args=[deadline.convention.number])
    if deadline.rule.met_by == EVALUATED:
        return reverse("convention-evaluation", args=[deadline.convention.number])
    if deadline.rule.met_by == FORECAST:
        return reverse("convention-forecast", kwargs={"number": deadline.convention.number, "year": deadline.year})
    if deadline.rule.met_by == LABEL_FILE:
        key = deadline.convention.dossier.beneficiary.key
        return reverse("association-register", kwargs={"key": key, "register": LABEL})
    if deadline.rule.met_by == CLARIFIED:
        number = deadline.convention.number
        return reverse("report-clarifications", kwargs={"number": number, "year": deadline.year})
    if deadline.rule.met_by == MINUTES_SIGNED:
        held = deadline.convention.meetings.filter(kind=MeetingKind.DIALOGUE, state=MeetingState.HELD)
        if meeting := held.filter(day__year=deadline.year).first():
            return reverse("meeting-detail", args=[deadline.convention.number, meeting.pk])
    if report_of(deadline) is not None:
        return reverse("report-detail", kwargs={"number": deadline.convention.number, "year": deadline.year})
    return reverse("deadline-detail", kwargs={"pk": deadline.pk})


def todo_page(deadline: Deadline) -> str:
    """Where its line in « À faire » leads: its own page, or where it is done if nothing else tells of it."""
    if deadline.rule.met_by in (FORECAST, EVALUATED):
        return link(deadline)
    return reverse("deadline-detail", kwargs={"pk": deadline.pk})
