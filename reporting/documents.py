"""The acknowledgement of a report and the minutes of a meeting.

Their content is read in the transaction of the sending or of the recording; printing reads nothing else.
"""

import datetime as dt
from typing import Any

from cpo.lib import clock, zones
from cpo.lib.files.hashing import content_hash
from cpo.lib.wording import french

from .enums import Attendance
from .models import Meeting, ReportVersion

Content = dict[str, Any]
CSS = "reporting/pdf/reporting.css"


def acknowledgement_content(version: ReportVersion) -> Content:
    """Content of the acknowledgement: who sent what, when, in which capacity, with the hash of each part."""
    sent = version.content
    parts = [(f"Fiche {sheet['code']} – {sheet['title']}", sheet) for sheet in sent["sheets"]] + [
        ("Synthèse de l’année", sent["general"]),
        ("Compte rendu financier", sent["finance"]),
    ]
    return {
        "number": sent["number"],
        "year": sent["year"],
        "round": version.number,
        "act": sent["act"],
        "content_sha256": version.content_sha256,
        "beneficiary": sent["beneficiary"],
        "service": sent["service"],
        "submitted_at": version.sent_at.isoformat(),
        "submitted_by": version.author_name,
        "submitted_as": version.capacity,
        "time_zone": sent["time_zone"],
        "parts": [{"label": label, "sha256": content_hash(part)} for label, part in parts],
        "attachments": sent["attachments"],
    }


def render(content: Content) -> bytes:
    """Bytes of the acknowledgement: the same content gives the same bytes."""
    from cpo.lib.printing import marks  # heavy: only the process that prints loads it

    at = dt.datetime.fromisoformat(content["submitted_at"])
    return marks.print_content(
        "reporting/pdf/acknowledgement.html",
        content,
        title=f"Accusé de réception du compte rendu {content['year']}",
        number=content["number"],
        part=f"compte rendu {content['year']} · envoi {content['round']}",
        service=content["service"],
        dated=at,
        stylesheets=(CSS,),
        context={"at": zones.at(at, content["time_zone"])},
    )


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
        "hours": _hours(meeting),
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


def _hours(meeting: Meeting) -> str:
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
