"""What must hold before a meeting is recorded, signed, and the year concluded; each line has its address."""

from collections.abc import Iterator

from django.urls import reverse

from cpo.lib import clock
from cpo.lib.wording import french
from cpo.lib.workflow import Missing
from reporting.enums import Attendance
from reporting.models import Meeting, Report


def address(meeting: Meeting, route: str = "meeting-detail", fragment: str = "") -> str:
    page = reverse(route, args=[meeting.convention.number, meeting.pk])
    return f"{page}#{fragment}" if fragment else page


def minutes_complete(meeting: Meeting) -> Iterator[Missing]:
    """The day, which has come, who was there, and for a dialogue de gestion the opinion."""
    if meeting.day is None:
        yield Missing("Date de la réunion", address(meeting, "meeting-edit", "id_day"))
    elif meeting.day > clock.today(meeting.dossier.time_zone):
        day = french.date(meeting.day)
        yield Missing(f"La réunion se tient le {day} : son relevé s’enregistre ensuite", address(meeting))
    present = any(row.attendance == Attendance.PRESENT for row in meeting.invitees.all())
    if not present and not meeting.attendees.strip():
        yield Missing("Participants", address(meeting, "meeting-minutes", "id_attendees"))
    if meeting.is_dialogue and not meeting.opinion:
        yield Missing("Avis d’ensemble", address(meeting, "meeting-minutes", "id_opinion"))


def review_held(report: Report) -> Iterator[Missing]:
    """The dialogue de gestion of the year was held and its minutes are complete."""
    dialogue = report.dialogue
    if dialogue is None:
        page = reverse("meeting-add", args=[report.convention.number])
        yield Missing(
            f"Dialogue de gestion {report.year} : à convoquer, ou à saisir s’il a eu lieu",
            f"{page}?nature=dialogue&annee={report.year}",
        )
        return
    yield from minutes_complete(dialogue)


def review_concluded(report: Report) -> Iterator[Missing]:
    dialogue = report.dialogue
    if dialogue is None:
        yield from review_held(report)
    elif not dialogue.conclusion.strip():
        yield Missing("Conclusion", address(dialogue, "meeting-conclusion", "id_conclusion"))


def minutes_printed(meeting: Meeting) -> Iterator[Missing]:
    if meeting.minutes_id is None:
        yield Missing("Le relevé est en cours de production : revenez dans quelques instants", address(meeting))
