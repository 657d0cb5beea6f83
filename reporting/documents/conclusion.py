"""The conclusion of a year: opinion, recommendations, next year's amounts, decisions. Both parties are told of it."""

import datetime as dt
from decimal import Decimal

from cpo.lib import clock
from cpo.lib.wording import french
from cpo.lib.wording.spelling import euros_in_words
from reporting.content.decisions import prepared_year
from reporting.models import Report

from .common import CSS, Content


def conclusion_content(report: Report, opens: str) -> Content:
    """Content of the conclusion, read in the transaction that concludes. `opens`: the act that follows, in French."""
    dialogue, dossier = report.dialogue, report.convention.dossier
    assert dialogue is not None  # noqa: S101  the guard of `conclude` wants it
    amount = dialogue.next_amount
    return {
        "number": report.convention.number,
        "year": report.year,
        "next_year": prepared_year(dialogue),
        "beneficiary": dossier.beneficiary.name,
        "service": dossier.lead.name,
        "act": report.act.reference,
        "held_on": dialogue.day.isoformat() if dialogue.day else "",
        "signed_on": dialogue.signed_on.isoformat() if dialogue.signed_on else "",
        "opinion": dialogue.get_opinion_display(),
        "conclusion": dialogue.conclusion,
        "recommendations": dialogue.recommendations,
        "next_amount": str(amount) if amount is not None else "",
        "next_programme": dialogue.next_programme,
        "opens": opens,
        "decisions": [
            {
                "text": row.text,
                "who": row.who,
                "due_on": row.due_on.isoformat() if row.due_on else "",
                "state": row.get_state_display(),
            }
            for row in dialogue.decisions.select_related("owner")
        ],
        "concluded_at": clock.now().isoformat(),
        "time_zone": dossier.time_zone,
    }


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _held(content: Content) -> str:
    """« tenu le 1er octobre 2026, relevé signé des deux parties le 5 octobre 2026 »."""
    held_on, signed_on = _day(content["held_on"]), _day(content["signed_on"])
    if held_on is None:
        return ""
    minutes = f"signé des deux parties le {french.date(signed_on)}" if signed_on else "non signé des deux parties"
    return f"tenu le {french.date(held_on)}, relevé {minutes}"


def render_conclusion(content: Content) -> bytes:
    """Bytes of the conclusion: the same content gives the same bytes."""
    from cpo.lib.printing import marks  # heavy: only the process that prints loads it

    concluded = dt.datetime.fromisoformat(content["concluded_at"])
    amount = Decimal(content["next_amount"]) if content["next_amount"] else None
    return marks.print_content(
        "reporting/pdf/conclusion.html",
        content,
        title=f"Conclusion de l’année {content['year']}",
        number=content["number"],
        part=f"conclusion de l’année {content['year']}",
        service=content["service"],
        dated=concluded,
        stylesheets=(CSS,),
        context={
            "held": _held(content),
            "concluded_on": clock.local_day(concluded, content["time_zone"]),
            "amount": french.euros(amount) if amount is not None else "",
            "amount_in_words": euros_in_words(amount) if amount is not None else "",
            "decisions": [row | {"due_on": _day(row["due_on"])} for row in content["decisions"]],
        },
    )
