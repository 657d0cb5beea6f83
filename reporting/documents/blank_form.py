"""The blank form of a report: what it asks, with targets and forecasts, and room to write by hand."""

import datetime as dt
from decimal import Decimal

from cpo.lib import zones
from reporting.content import freeze, reading
from reporting.content.comparison import TEXTS
from reporting.models import Report

from .common import CSS, Content

ASKED = ("number", "year", "act", "beneficiary", "service", "time_zone")


def form_content(report: Report) -> Content:
    """What the form asks: the fiches with their indicators and forecasts, without anything that was typed."""
    content = freeze.build(report)
    return {
        **{name: content[name] for name in ASKED},
        "sheets": [
            {
                **{name: sheet[name] for name in ("code", "title")},
                "indicators": [
                    {name: indicator[name] for name in ("label", "unit", "target")} for indicator in sheet["indicators"]
                ],
                "expenses": _planned(sheet["expenses"]),
            }
            for sheet in content["sheets"]
        ],
        "resources": _planned([*content["finance"]["resources"], *content["finance"]["sources"]]),
        "opened_on": zones.at(report.opened_at, report.dossier).date().isoformat(),
    }


def _planned(rows: list[Content]) -> list[Content]:
    """The lines that were forecast; their amounts and comments stay to be written."""
    return [{**row, "actual": None, "comment": ""} for row in rows if Decimal(row["forecast"])]


def render_form(content: Content) -> bytes:
    """Bytes of the blank form: the same content gives the same bytes."""
    from cpo.lib.printing import marks  # heavy: only the process that prints loads it

    return marks.print_content(
        "reporting/pdf/blank_form.html",
        content,
        title=f"Formulaire du compte rendu {content['year']}",
        number=content["number"],
        part=f"formulaire du compte rendu {content['year']}",
        service=content["service"],
        dated=dt.datetime.combine(dt.date.fromisoformat(content["opened_on"]), dt.time(), dt.UTC),
        stylesheets=(CSS,),
        context={
            "sheets": [{**sheet, "lines": reading.lines(sheet["expenses"])} for sheet in content["sheets"]],
            "resources": reading.lines(content["resources"]),
            "questions": [label for name, label in TEXTS.items() if name != "progress_label"],
        },
    )
