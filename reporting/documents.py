"""The acknowledgement of a report and the minutes of its dialogue de gestion.

Their content is read in the transaction of the sending or of the recording; printing reads nothing else.
"""

import datetime as dt
from typing import Any

from cpo.lib import clock, zones
from cpo.lib.files.hashing import content_hash

from .enums import ReportState
from .models import Report, ReportVersion

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


def minutes_content(report: Report) -> Content:
    """Content of the minutes of the dialogue de gestion; the conclusion appears only once the year is concluded."""
    review = report.review
    dossier = report.convention.dossier
    return {
        "number": report.convention.number,
        "year": report.year,
        "beneficiary": dossier.beneficiary.name,
        "service": dossier.lead.name,
        "held_on": review.held_on.isoformat() if review.held_on else "",
        "attendees": review.attendees,
        "opinion": review.get_opinion_display(),
        "decisions": review.decisions,
        "conclusion": review.conclusion if report.state == ReportState.CONCLUDED else "",
        "recorded_at": clock.now().isoformat(),
    }


def render_minutes(content: Content) -> bytes:
    """Bytes of the minutes: the same content gives the same bytes."""
    from cpo.lib.printing import marks  # heavy: only the process that prints loads it

    return marks.print_content(
        "reporting/pdf/minutes.html",
        content,
        title=f"Relevé du dialogue de gestion {content['year']}",
        number=content["number"],
        part=f"dialogue de gestion {content['year']}",
        service=content["service"],
        dated=dt.datetime.fromisoformat(content["recorded_at"]),
        stylesheets=(CSS,),
        context={"held_on": dt.date.fromisoformat(content["held_on"]) if content["held_on"] else None},
    )
