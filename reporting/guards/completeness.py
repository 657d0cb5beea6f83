"""What the content of a report lacks: its fiches, its yearly text, its compte rendu financier; and its totals."""

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from cpo.lib.money import ZERO
from cpo.lib.workflow import Missing
from reporting import figures
from reporting.content.cache import cached
from reporting.models import Report

from .reports import (
    annex_missing,
    balance_missing,
    explanations_missing,
    finance_missing,
    gaps_to_explain,
    general_missing,
    missing_documents,
    sheet_missing,
    sheet_parts,
    url,
)


@dataclass(frozen=True)
class SheetState:
    """A fiche of the report with what it lacks, and what of it is to be explained."""

    key: uuid.UUID
    name: str
    dropped_on: dt.date | None
    url: str
    missing: list[Missing]
    to_explain: list[Missing]


@dataclass(frozen=True)
class Amounts(figures.Gap):
    """A total without its lines."""

    forecast: Decimal = ZERO
    actual: Decimal | None = None


@dataclass(frozen=True)
class Completeness:
    sheets: list[SheetState]
    general: list[Missing]
    balance: list[Missing]
    annex: list[Missing]
    gaps: list[Missing]
    expenses: Amounts
    resources: Amounts

    def lines(self) -> Iterator[Missing]:
        for sheet in self.sheets:
            yield from sheet.missing
            yield from sheet.to_explain
        for lines in (self.general, self.balance, self.gaps, self.annex):
            yield from lines


def completeness(report: Report) -> Completeness:
    """What the report lacks now; kept for the page that shows it."""
    return cached(report, "completeness", _read)


def _read(report: Report) -> Completeness:
    finance = figures.finance(report)
    return Completeness(
        sheets=[
            SheetState(
                part.sheet.key,
                f"{part.sheet.code} {part.sheet.title}",
                part.dropped_on,
                url(report, "report-sheet", key=part.sheet.key),
                list(sheet_missing(report, part)),
                list(explanations_missing(report, part)),
            )
            for part in sheet_parts(report)
        ],
        general=list(general_missing(report)),
        balance=[*finance_missing(report), *balance_missing(report, finance)],
        annex=list(annex_missing(report, finance)),
        gaps=list(gaps_to_explain(report, finance)),
        expenses=Amounts(finance.expenses.forecast, finance.expenses.actual),
        resources=Amounts(finance.resources.forecast, finance.resources.actual),
    )


def report_complete(report: Report) -> Iterator[Missing]:
    """Every fiche, the yearly text, the resources received, and the documents due with the report."""
    yield from completeness(report).lines()
    for line in missing_documents(report):
        yield Missing(line.text, line.url, "warning")
