"""Where the action of a deadline is done."""

from django.urls import reverse

from reporting.models import Deadline, Report

from .rules import REPORT_FACTS


def report_of(deadline: Deadline) -> Report | None:
    """The yearly report that a deadline is about, if it is open."""
    if not deadline.year or deadline.rule.met_by not in REPORT_FACTS:
        return None
    return deadline.convention.reports.filter(year=deadline.year).first()


def link(deadline: Deadline) -> str:
    """The page where the action is done: the report once it is open, else the deadline itself."""
    if report_of(deadline) is not None:
        return reverse("report-detail", kwargs={"number": deadline.convention.number, "year": deadline.year})
    return reverse("deadline-detail", kwargs={"pk": deadline.pk})
