"""Write a report as a workbook: what it says, or a blank form to fill in."""

import io
from collections.abc import Iterator
from typing import Any

from openpyxl import Workbook

from actions.enums import AccountSide
from actions.models import Account
from actions.retained import retain
from actions.spreadsheet.sheets import hidden_lists, instructions, table
from reporting import figures
from reporting.content import network
from reporting.content.freeze import target_in_words
from reporting.enums import NetworkMeasure, Progress
from reporting.models import Report, SheetReport, Value

from .layout import (
    EXPENSES,
    INDICATORS,
    NETWORK,
    OUTSIDE,
    REPORT_TEXTS,
    RESOURCES,
    SHEET_TEXTS,
    SHEETS,
    TEXTS,
    YES,
    expense_columns,
    indicator_columns,
    label_of,
    network_columns,
    resource_columns,
    sheet_columns,
    text_columns,
)

INSTRUCTION_LINES = (
    "Compte rendu annuel : comment remplir ce classeur",
    "Une ligne par fiche dans « Fiches », une par indicateur dans « Indicateurs », une par compte dans « Dépenses », "
    "une par compte et financeur dans « Produits ».",
    "Une fiche absente du classeur n’est pas modifiée ; une cellule vidée efface ce qui était enregistré.",
    "Un aperçu montre tout avant que rien ne change.",
    "Ne renommez ni les feuilles ni les titres des colonnes. Les formules sont admises : seul leur résultat est lu.",
)
Cells = dict[str, Any]


def stamp(report: Report) -> str:
    return f"{report.convention.number} {report.year}"


def write_report(report: Report, *, blank: bool = False) -> bytes:
    """Return the workbook of a report; `blank`: without anything that was typed, as a form to fill in."""
    parts = list(
        report.sheets.select_related("sheet").prefetch_related(
            "values", "expenses__account", "sheet__indicators__targets", "sheet__expenses__account"
        )
    )
    tables = {
        SHEETS: (sheet_columns(), (_sheet(part, blank) for part in parts)),
        INDICATORS: (indicator_columns(), (row for part in parts for row in _indicators(report, part, blank))),
        EXPENSES: (expense_columns(), _expenses(report, parts, blank)),
        RESOURCES: (resource_columns(), _resources(report, blank)),
        NETWORK: (network_columns(), _network(report, blank)),
        TEXTS: (text_columns(), _texts(report, blank)),
    }
    book = Workbook(write_only=True)
    instructions(book, {title: columns for title, (columns, _) in tables.items()}, INSTRUCTION_LINES)
    lists = _lists(report)
    for title, (columns, rows) in tables.items():
        table(book, title, columns, lists, rows)
    hidden_lists(book, lists, stamp(report), report.revision)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def _sheet(part: SheetReport, blank: bool) -> Cells:
    row: Cells = {"code": part.sheet.code, "title": part.sheet.title, "key": str(part.sheet.key)}
    if blank:
        return row
    typed = {name: getattr(part, name) for name in SHEET_TEXTS}
    return row | typed | {"progress": part.get_progress_display(), "fte_used": part.fte_used}


def _indicators(report: Report, part: SheetReport, blank: bool) -> Iterator[Cells]:
    values = {value.indicator_id: value for value in part.values.all()}
    for indicator in part.sheet.indicators.all():
        yield {
            "sheet": part.sheet.code,
            "label": indicator.label,
            "unit": indicator.get_unit_display(),
            "target": target_in_words(indicator, report.year),
            "key": str(indicator.key),
            **({} if blank else _value(values.get(indicator.pk))),
        }


def _value(value: Value | None) -> Cells:
    if value is None:
        return {}
    ratio = value.numerator is not None
    return {
        "value": None if ratio else value.text if value.number is None else value.number,
        "numerator": value.numerator,
        "denominator": value.denominator,
        "not_applicable": YES if value.not_applicable else "",
        "source": value.source,
        "comment": value.comment,
    }


def _expenses(report: Report, parts: list[SheetReport], blank: bool) -> Iterator[Cells]:
    for part in parts:
        forecast = [row for row in part.sheet.expenses.all() if row.year == report.year]
        for line in figures.lines(report, forecast, part.expenses.all()):
            yield {"sheet": part.sheet.code, **_line(line, blank)}
    for line in figures.structure_lines(report):
        yield {"sheet": OUTSIDE, **_line(line, blank)}


def _resources(report: Report, blank: bool) -> Iterator[Cells]:
    for line in figures.resource_lines(report):
        yield {"funder": line.funder, **_line(line, blank)}


def _line(line: figures.Line, blank: bool) -> Cells:
    typed = {} if blank else {"amount": line.actual, "comment": line.comment}
    return {"account": str(line.account), "forecast": line.forecast or None, **typed}


def _network(report: Report, blank: bool) -> Iterator[Cells]:
    known = {} if blank else network.stored(report)
    for measure in NetworkMeasure:
        yield {"measure": str(measure.label), "number": known.get(measure)}


def _texts(report: Report, blank: bool) -> Iterator[Cells]:
    for name in REPORT_TEXTS:
        yield {"name": label_of(Report, name), "text": "" if blank else getattr(report, name)}


def _lists(report: Report) -> dict[str, list[Any]]:
    accounts = retain(report.act.programme, Account.objects.filter(enterable=True, withdrawn=False))
    return {
        "Avancements": list(Progress.labels),
        "Comptes de charges": [str(row) for row in accounts if row.side == AccountSide.EXPENSE],
        "Comptes de produits": [str(row) for row in accounts if row.side == AccountSide.RESOURCE],
    }
