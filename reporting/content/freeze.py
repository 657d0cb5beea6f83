"""The whole content of a report as JSON, frozen at each sending. Amounts and values are text, blank is null.

It holds labels, targets and forecasts too: what was sent is read without any table.
"""

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from django.db.models import Count, Prefetch, Sum

from actions.models import Expense, Target
from actions.retained import retain
from arml.models import Attachment
from cpo.lib.wording import french
from reporting import figures
from reporting.content import network, planned, standing
from reporting.content.cache import cached
from reporting.content.decisions import answer_of, to_answer
from reporting.models import Report, SheetFile, SheetReport, Value

Content = dict[str, Any]
FORMAT = 2  # 2: the axis of each fiche, and « où en est-on »
# What a sending says. The rest of the content (who sends, when, answers) differs each time.
SUBSTANCE = ("general", "sheets", "finance", "attachments")
SHEET_TEXTS = ("progress", "narrative", "audience", "difficulties", "measures", "next_year")
LATER_TEXTS = ("partners",)  # asked since: a fiche that says nothing of them is frozen as it was before, byte for byte


def build(report: Report) -> Content:
    """Return the content of the live tables, in a constant number of queries."""
    dossier = report.convention.dossier
    content = {
        "format": FORMAT,
        "number": report.convention.number,
        "year": report.year,
        "act": str(report.act.reference),
        "beneficiary": dossier.beneficiary.name,
        "service": dossier.lead.name,
        "time_zone": dossier.time_zone,
        "thresholds": asdict(figures.thresholds(report)),
        "decisions": _decisions(report),
        "general": _general(report),
        "sheets": _sheets(report),
        "finance": _finance(report),
        "attachments": _attachments(report),
        "answers": [
            {"path": row.path, "label": row.label, "reason": row.reason, "answer": row.answer}
            for row in sorted(report.send_backs.all(), key=lambda row: row.pk)
            if row.round == report.round
        ],
    }
    return {**content, **_standing(report, content)}


def live_standing(report: Report) -> Content:
    """What « où en est-on » shows of the live tables: of `build`, what its page reads. Kept for the page that shows it.

    Besides the report, it rests on the former sendings and on the names of the axes.
    """
    former = planned.last_sendings(report.convention_id).filter(report__year__lt=report.year)
    sent = [f"{year}-{number}" for year, number in former.values_list("report__year", "number")]
    axes = report.convention.cycle.axes.aggregate(n=Count("pk"), edits=Sum("revision"))
    return cached(report, f"standing:{axes['n']}:{axes['edits']}:{':'.join(sent)}", _live_standing)


def _live_standing(report: Report) -> Content:
    content = {"act": str(report.act.reference), "year": report.year}
    content |= {"sheets": _sheets(report), "finance": _finance(report)}
    return {"act": content["act"], **_standing(report, content)}


def _standing(report: Report, content: Content) -> Content:
    """« Où en est-on », and the sendings of former years that it adds up."""
    former = planned.former_sendings(report)
    tables = standing.build(
        planned.budget(report.act), planned.lines(report.act), [version.content for version in former], content
    )
    return {"bases": planned.bases(report, former), "standing": standing.frozen(tables)}


def _general(report: Report) -> Content:
    """A report without a figure of the network says what it said before they were kept, byte for byte."""
    figures = network.frozen(report)
    texts = {"highlights": report.highlights, "governance": report.governance}
    return texts | ({"network": figures} if figures else {})


def planned_rows(year: int) -> tuple[Any, ...]:
    """What is read of each fiche of a report beside its own values: what was spent, what the year had planned."""
    return (
        "expenses__account",
        "sheet__indicators",
        Prefetch("sheet__indicators__targets", Target.objects.filter(year=year)),
        Prefetch("sheet__expenses", Expense.objects.filter(year=year)),
        "sheet__expenses__account",
    )


def _sheets(report: Report) -> list[Content]:
    parts = report.sheets.select_related("sheet__axis").prefetch_related(
        "values",
        *planned_rows(report.year),
        Prefetch("files", SheetFile.objects.current().select_related("file")),
    )
    retain(report.act.programme, [part.sheet.axis for part in parts])
    return [_sheet(report, part) for part in parts]


def _sheet(report: Report, part: SheetReport) -> Content:
    values = {value.indicator_id: value for value in part.values.all()}
    forecast = [row for row in part.sheet.expenses.all() if row.year == report.year]
    return {
        "key": str(part.sheet.key),
        "code": part.sheet.code,
        "title": part.sheet.title,
        **planned.axis(part.sheet),
        "dropped_on": part.dropped_on.isoformat() if part.dropped_on else None,
        "progress_label": part.get_progress_display(),
        "fte_used": _text(part.fte_used),
        **{name: getattr(part, name) for name in SHEET_TEXTS},
        **_files(part),
        **{name: text for name in LATER_TEXTS if (text := getattr(part, name))},
        "indicators": [
            {
                "key": str(indicator.key),
                "label": indicator.label,
                "unit": indicator.unit_sign,
                "target": target_in_words(indicator, report.year),
                **_value(values.get(indicator.pk)),
            }
            for indicator in part.sheet.indicators.all()
        ],
        "expenses": [_line(line) for line in figures.lines(report, forecast, part.expenses.all())],
    }


def _files(part: SheetReport) -> Content:
    """A fiche without file says what it said before they were kept, byte for byte."""
    rows = [{"id": row.pk, "name": row.name, "sha256": row.file.sha256} for row in part.files.all()]
    return {"files": rows} if rows else {}


def _value(value: Value | None) -> Content:
    numbers = {name: _text(getattr(value, name, None)) for name in ("number", "numerator", "denominator")}
    if value is None:
        return {**numbers, "text": "", "comment": "", "not_applicable": False, "source": ""}
    texts = {name: getattr(value, name) for name in ("text", "comment", "source")}
    return {**numbers, **texts, "not_applicable": value.not_applicable}


def target_in_words(indicator: Any, year: int) -> str:
    """The target in words, "" when none is set."""
    target = next((target for target in indicator.targets.all() if target.year == year), None)
    if target is None:
        return ""
    if target.not_applicable:
        return "sans objet"
    return french.number(target.number) if target.number is not None else str(target.text)


def _finance(report: Report) -> Content:
    finance = figures.finance(report)
    names = ("expenses", "resources", "uses", "sources")
    return {
        "comment": report.financial_comment,
        "allocation_keys": report.allocation_keys,
        "surplus_use": report.surplus_use,
        "structure": [_line(line) for line in figures.structure_lines(report) if line.actual is not None],
        **{name: [_line(line) for line in getattr(finance, name).lines] for name in names},
    }


def _line(line: figures.Line) -> Content:
    account = line.account
    return {
        "account": account.code,
        "label": account.label,
        "kind": account.kind,
        "funder": line.funder,
        "forecast": str(line.forecast),
        "actual": _text(line.actual),
        "comment": line.comment,
    }


def _attachments(report: Report) -> list[Content]:
    rows = Attachment.objects.current().filter(dossier=report.dossier, year=report.year)
    return [
        {
            "id": row.pk,
            "kind": row.kind.key,
            "label": row.kind.label,
            "confidential": row.kind.confidential,
            "name": row.name or f"sans objet : {row.not_applicable_reason}",
            "provisional": row.provisional,
            "sha256": row.file.sha256 if row.file else "",
        }
        for row in rows.select_related("kind", "file").order_by("kind__rank", "id")
    ]


def _decisions(report: Report) -> list[Content]:
    """The decisions of earlier years, with what this report answers."""
    return [
        {
            "text": row.text,
            "meeting": row.meeting.title,
            "who": row.who,
            "due_on": row.due_on.isoformat() if row.due_on else "",
            "state": row.get_state_display(),
            "answer": answer_of(row),
        }
        for row in to_answer(report)
    ]


def _text(number: Decimal | None) -> str | None:
    return None if number is None else str(number)


def part_of(content: Content, path: str) -> Any:
    """The part of a content at a path of `reporting.permissions`; None when the content lacks it."""
    if path.startswith("sheet/"):
        key = path.removeprefix("sheet/")
        return next((sheet for sheet in content["sheets"] if sheet["key"] == key), None)
    return content["attachments" if path == "documents" else path]


def same_substance(one: Content, other: Content) -> bool:
    return all(one.get(name) == other.get(name) for name in SUBSTANCE)
