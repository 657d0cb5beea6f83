"""The final evaluation of a convention: its content, live or as it was concluded; what a page or a paper shows."""

import base64
import datetime as dt
from decimal import Decimal
from typing import Any

from django.template.loader import render_to_string

from conventions.later.term import covered_years, term, text_on
from conventions.models import Convention
from cpo.lib import clock
from cpo.lib.enums import Side
from cpo.lib.wording import french
from reporting.content import costs, grids, planned, plots, trends
from reporting.models import Assessment, Evaluation, FilledGrid, Report
from reporting.models.evaluation import ASSESSED
from reporting.money.reading import with_money

from .common import CSS, Content
from .conformity import conformity

FORMAT = 1
TITLE = "Évaluation conjointe"


def evaluation_content(evaluation: Evaluation) -> Content:
    """The whole evaluation as JSON. Its figures are those of the sendings, of the payments and of the text in force."""
    convention = with_money(Convention.objects.all()).get(pk=evaluation.convention_id)
    dossier, today = convention.dossier, clock.today(convention.dossier.time_zone)
    return {
        "format": FORMAT,
        "number": convention.number,
        "beneficiary": dossier.beneficiary.name,
        "service": dossier.lead.name,
        "time_zone": dossier.time_zone,
        "term": term(convention, today).isoformat(),
        "written_on": today.isoformat(),
        "answer_by": evaluation.answer_by.isoformat() if evaluation.answer_by else "",
        "recommendation": evaluation.get_recommendation_display(),
        "reasons": evaluation.reasons,
        "funders": evaluation.funders,
        "assessments": _assessments(evaluation),
        "grid": _grid(evaluation.grids.select_related("version").first()),
        **_figures(convention, today),
    }


def _figures(convention: Convention, today: dt.date) -> Content:
    years, text = covered_years(convention, today), text_on(convention, today)
    rows = Report.objects.filter(convention=convention).select_related("act__programme").prefetch_related("send_backs")
    reports = list(rows.order_by("year"))
    for report in reports:
        report.convention = convention
    by_id = {report.pk: report for report in reports}
    sent = {row.report.year: row for row in planned.last_sendings(convention.pk)}
    contents = {year: row.content for year, row in sent.items()}
    sendings = {year: (by_id[row.report_id], row.content) for year, row in sent.items()}
    return {
        "years": years,
        "act": str(text.reference),
        "bases": [{"year": year, "sending": row.number, "sha256": row.content_sha256} for year, row in sent.items()],
        "trends": trends.frozen(trends.build(years, sendings, text)),
        "cost": costs.frozen(costs.of_years(convention, years, contents, reports), costs.of_sheets(contents, reports)),
        "conformity": conformity(convention, years, reports),
    }


def _assessments(evaluation: Evaluation) -> Content:
    """What each side says, by side; a side that wrote nothing has none."""
    rows = {row.side: row for row in evaluation.assessments.all()}
    return {
        side: {name: getattr(rows[side], name) for name in ASSESSED}
        for side in Side.values
        if side in rows and any(getattr(rows[side], name) for name in ASSESSED)
    }


def _grid(grid: FilledGrid | None) -> Content | None:
    """The answers of a grid that its version shows; an internal one stands in no content that the association reads."""
    if grid is None or not grid.version.shown:
        return None
    answers = [(row, grid.answers.get(row.key, {})) for row in grids.questions(grid.version.text)]
    return {
        "version": grid.version.number,
        "answers": [
            {
                "heading": row.heading,
                "label": row.label,
                "kind": row.kind,
                "value": given.get("value", ""),
                "note": given.get("note", ""),
            }
            for row, given in answers
        ],
    }


def shown(content: Content) -> dict[str, Any]:
    """The content as templates draw it: amounts, days, and a plot beside the table of each indicator."""
    rows = trends.read(content["trends"])
    years, sheets = costs.read(content["cost"])
    return {
        "trends": [(rank, row, plots.plot(row)) for rank, row in enumerate(rows, start=1)],
        "costs": years,
        "cost_total": costs.whole(years),
        "sheets": sheets,
        "reports": [
            {**row, **{name: _day(row[name]) for name in ("due_on", "sent_on", "admissible_on")}}
            for row in content["conformity"]["reports"]
        ],
        "late": [
            {**row, "due_on": _day(row["due_on"]), "met_on": _day(row["met_on"])}
            for row in content["conformity"]["deadlines"]["late"]
        ],
        "decisions": [{**row, "due_on": _day(row["due_on"])} for row in content["conformity"]["decisions"]["open"]],
        "corrections": [{**row, "amount": Decimal(row["amount"])} for row in content["conformity"]["corrections"]],
        "assessments": _labelled(content),
        "term": _day(content["term"]),
        "answer_by": _day(content["answer_by"]),
    }


def _labelled(content: Content) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Each side: its name, who it is, and what it says of each point, with the label of the point."""
    labels = {name: str(Assessment._meta.get_field(name).verbose_name) for name in ASSESSED}  # type: ignore[union-attr]
    names = {Side.STATE: content["service"], Side.BENEFICIARY: content["beneficiary"]}
    return [
        (
            f"Appréciation de {Side(side).label}",
            names[Side(side)],
            [(french.upper_first(labels[name]), said[name]) for name in ASSESSED if said[name]],
        )
        for side, said in content["assessments"].items()
    ]


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _picture(plot: plots.Plot, rank: int) -> str:
    """The plot as an image that a document holds: its words are the alternative of the image."""
    svg = render_to_string("reporting/evaluation/plot.svg", {"plot": plot, "rank": rank, "alone": True})
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def render_evaluation(content: Content) -> bytes:
    """Bytes of a concluded evaluation: the same content gives the same bytes."""
    from cpo.lib.printing import marks  # heavy: only the process that prints loads it

    view = shown(content)
    return marks.print_content(
        "reporting/pdf/evaluation.html",
        content,
        title=TITLE,
        number=content["number"],
        part="évaluation conjointe",
        service=content["service"],
        dated=dt.datetime.combine(dt.date.fromisoformat(content["written_on"]), dt.time(), dt.UTC),
        stylesheets=(CSS,),
        context={
            **view,
            "written_on": _day(content["written_on"]),
            "trends": [(trend, plot, _picture(plot, rank) if plot else "") for rank, trend, plot in view["trends"]],
        },
    )
