"""The overdue deadlines of the dashboard."""

import datetime as dt
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from arml.models import zone_of
from cpo.lib import clock, zones
from reporting.enums import ReminderState
from reporting.models import Reminder

from .board import Selection

LATE_LIMIT = 10  # the page links to the whole list


def days_late(day: dt.date, zone: str) -> int:
    """Days since a legal day, where the service is."""
    return (clock.today(zone) - day).days


def late_lines(selection: Selection, limit: int = LATE_LIMIT) -> list[dict[str, Any]]:
    """Overdue deadlines, the oldest first, with the last reminder sent."""

    def build() -> QuerySet[Any, Any]:
        sent_reminders = Reminder.objects.filter(deadline=OuterRef("pk"), state=ReminderState.SENT).order_by(
            "-created_at"
        )
        lines = selection.late().order_by("due_on", "convention__number")
        number, arml = "convention__number", "convention__dossier__beneficiary__short_name"
        zone = zone_of("convention__dossier")
        last = Subquery(sent_reminders.values("created_at")[:1])
        return lines.values_list("due_on", "year", number, arml, "rule__label", last, zone)[:limit]

    names = ("due_on", "year", "number", "arml", "label", "last", "zone")
    lines = [dict(zip(names, row, strict=True)) for row in selection.read("late", build)]
    return [
        line
        | {
            "days": days_late(line["due_on"], line["zone"]),
            "last": zones.at(line["last"], line["zone"]) if line["last"] else None,
        }
        for line in lines
    ]
