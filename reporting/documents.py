"""The acknowledgement of a report: a PDF of what was sent and nothing else, gathered in the sending's transaction."""

import datetime as dt
import hashlib
import json
from typing import Any

from django.conf import settings
from django.template.loader import get_template

from arml.models import Attachment
from cpo.lib.typography import typographic

from .models import Report, SheetReport

Content = dict[str, Any]
CSS = "reporting/pdf/acknowledgement.css"


def _plain(value: Any) -> Any:
    """JSON's own types as they are; everything else (amounts, dates) as text."""
    return value if value is None or isinstance(value, bool | int | str | list | dict) else str(value)


def digest(content: Any) -> str:
    """SHA-256 of the canonical JSON: sorted keys, amounts as text."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def sheet_content(part: SheetReport) -> Content:
    """All that was typed for a fiche, by keys that don't depend on the database's numbers."""
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
    """What the acknowledgement prints: who sent what, when, in which capacity, with the hash of each part."""
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
    given = [
        {
            "label": item.kind.label,
            "name": item.name or f"sans objet : {item.not_applicable_reason}",
            "provisional": item.provisional,
            "sha256": item.file.sha256 if item.file else "",
        }
        for item in attachments.order_by("kind__rank", "id")
    ]
    parts = [{"label": label, "sha256": sha256} for label, sha256 in rows]
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
        "parts": parts,
        "attachments": given,
        "sha256": digest([parts, given]),
    }


def render(sent: Content) -> bytes:
    """Bytes of the PDF: the same content gives the same bytes."""
    from zoneinfo import ZoneInfo

    from cpo.lib import pdf  # heavy: only the process that prints loads it

    at = dt.datetime.fromisoformat(sent["submitted_at"])
    title = typographic(f"Accusé de réception du compte rendu {sent['year']} - {sent['number']}")
    context = {
        "title": title,
        "reference": f"{sent['number']} · compte rendu {sent['year']} · envoi {sent['round']} · {sent['sha256'][:12]}",
        "authority": ["République", "française"],
        "service": typographic(sent["service"][:1].upper() + sent["service"][1:]),
        "state": settings.STATE_DEPLOYMENT,
        "sent": sent,
        "at": at.astimezone(ZoneInfo(sent["time_zone"])),
    }
    html = str(get_template("reporting/pdf/acknowledgement.html").render(context))
    return pdf.html_to_pdf(
        html,
        title=title,
        author=context["service"],
        identifier=bytes.fromhex(sent["sha256"]),
        dated=at,
        stylesheets=(CSS,),
    )
