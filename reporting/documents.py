"""The acknowledgement of a report and the minutes of its dialogue de gestion.

Their content is read in the transaction of the sending or of the recording; printing reads nothing else.
"""

import datetime as dt
import hashlib
import json
from typing import Any

from arml.models import Attachment
from cpo.lib import clock, zones

from .enums import ReportState
from .models import Report, SheetReport

Content = dict[str, Any]
CSS = "reporting/pdf/reporting.css"


def _plain(value: Any) -> Any:
    """JSON's own types as they are; everything else (amounts, dates) as text."""
    return value if value is None or isinstance(value, bool | int | str | list | dict) else str(value)


def digest(content: Any) -> str:
    """SHA-256 of the canonical JSON: sorted keys, amounts as text."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def sheet_content(part: SheetReport) -> Content:
    """Everything typed for one fiche; the keys are stable identifiers, not database ids."""
    texts = ("progress", "narrative", "audience", "difficulties", "measures", "next_year", "fte_used")
    numbers = ("number", "text", "numerator", "denominator", "comment")
    return {
        "sheet": str(part.sheet.key),
        **{name: _plain(getattr(part, name)) for name in texts},
        "values": {
            str(value.indicator.key): {name: _plain(getattr(value, name)) for name in numbers}
            for value in part.values.all()
        },
        "expenses": {row.account.code: [str(row.amount), row.comment] for row in part.expenses.all()},
    }


def content(report: Report) -> Content:
    """Content of the acknowledgement: who sent what, when, in which capacity, with the hash of each part."""
    dossier = report.convention.dossier
    sheets = report.sheets.select_related("sheet").prefetch_related("values__indicator", "expenses__account")
    rows = [(f"Fiche {part.sheet.code} – {part.sheet.title}", digest(sheet_content(part))) for part in sheets]
    finance = {
        "comment": report.financial_comment,
        "expenses": [
            (row.account.code, str(row.amount), row.comment)
            for row in report.expenses.filter(sheet_report=None).select_related("account")
        ],
        "resources": [
            (row.account.code, row.funder, str(row.amount)) for row in report.resources.select_related("account")
        ],
    }
    rows.append(("Synthèse de l’année", digest({"highlights": report.highlights, "governance": report.governance})))
    rows.append(("Compte rendu financier", digest(finance)))
    attachments = Attachment.objects.current().filter(dossier=dossier, year=report.year).select_related("kind", "file")
    documents = [
        {
            "label": item.kind.label,
            "name": item.name or f"sans objet : {item.not_applicable_reason}",
            "provisional": item.provisional,
            "sha256": item.file.sha256 if item.file else "",
        }
        for item in attachments.order_by("kind__rank", "id")
    ]
    return {
        "number": report.convention.number,
        "year": report.year,
        "round": report.round,
        "beneficiary": dossier.beneficiary.name,
        "service": dossier.lead.name,
        "submitted_at": report.submitted_at.isoformat() if report.submitted_at else "",
        "submitted_by": str(report.submitted_by or ""),
        "submitted_as": report.submitted_as,
        "time_zone": dossier.time_zone,
        "parts": [{"label": label, "sha256": sha256} for label, sha256 in rows],
        "attachments": documents,
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
