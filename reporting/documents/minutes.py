"""The minutes of a dialogue de gestion: their content is read in the transaction that records them."""

import datetime as dt

from cpo.lib import clock
from reporting.enums import ReportState
from reporting.models import Report

from .common import CSS, Content


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
