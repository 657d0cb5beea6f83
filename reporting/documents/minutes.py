"""The minutes of a meeting: their content is read in the transaction that records them."""

import datetime as dt

from cpo.lib import clock
from cpo.lib.wording import french
from reporting.enums import Attendance
from reporting.models import Meeting

from .common import CSS, Content


def minutes_content(meeting: Meeting) -> Content:
    """Content of the minutes of a meeting: what both parties sign. The conclusion of the year is not of it."""
    dossier = meeting.convention.dossier
    present = [row for row in meeting.invitees.all() if row.attendance == Attendance.PRESENT]
    excused = [row for row in meeting.invitees.all() if row.attendance == Attendance.EXCUSED]
    return {
        "meeting": meeting.pk,
        "number": meeting.convention.number,
        "title": meeting.title,
        "beneficiary": dossier.beneficiary.name,
        "service": dossier.lead.name,
        "held_on": meeting.day.isoformat() if meeting.day else "",
        "hours": hours(meeting),
        "place": meeting.place,
        "agenda": meeting.agenda,
        "present": [*map(str, present), *filter(None, map(str.strip, meeting.attendees.splitlines()))],
        "excused": [str(row) for row in excused],
        "opinion": meeting.get_opinion_display(),
        "summary": meeting.summary,
        "decisions": [
            {
                "text": row.text,
                "who": row.who,
                "due_on": row.due_on.isoformat() if row.due_on else "",
            }
            for row in meeting.decisions.select_related("owner")
        ],
        "recorded_at": clock.now().isoformat(),
    }


def hours(meeting: Meeting) -> str:
    """« de 14:00 à 16:00 »."""
    if meeting.begins_at is None or meeting.ends_at is None:
        return ""
    return f"de {french.hour(meeting.begins_at)} à {french.hour(meeting.ends_at)}"


def render_minutes(content: Content) -> bytes:
    """Bytes of the minutes: the same content gives the same bytes."""
    from cpo.lib.printing import marks  # heavy: only the process that prints loads it

    day = french.date(dt.date.fromisoformat(content["held_on"])) if content["held_on"] else ""
    decisions = [
        {**row, "due_on": dt.date.fromisoformat(row["due_on"]) if row["due_on"] else None}
        for row in content["decisions"]
    ]
    return marks.print_content(
        "reporting/pdf/minutes.html",
        content,
        title=f"Relevé – {content['title']}",
        number=content["number"],
        part=f"relevé, {french.lower_first(content['title'])}",
        service=content["service"],
        dated=dt.datetime.fromisoformat(content["recorded_at"]),
        stylesheets=(CSS,),
        context={
            "held": ", ".join(filter(None, (day, content["hours"], content["place"]))),
            "decisions": decisions,
        },
    )
