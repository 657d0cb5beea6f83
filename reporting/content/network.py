"""The figures of the network, annexed to the report of a year: their table over the years, blank never zero."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from reporting.enums import NetworkMeasure
from reporting.models import Report

Content = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """A figure in each of the years; None: not filled in. `gap`: from the year before to the last one."""

    label: str
    numbers: tuple[int | None, ...]

    @property
    def gap(self) -> int | None:
        known = [number for number in self.numbers[-2:] if number is not None]
        return known[1] - known[0] if len(known) == 2 else None


def stored(report: Report) -> dict[str, int]:
    return {row.measure: row.number for row in report.network_figures.all()}


def frozen(report: Report) -> list[Content]:
    """The figures that are filled in, in their order, with their words: what was sent is read without any table."""
    known = stored(report)
    rows = [one for one in NetworkMeasure if one in known]
    return [{"measure": str(one), "label": str(one.label), "number": str(known[one])} for one in rows]


def table(reports: Iterable[Report]) -> tuple[list[int], Sequence[Row]]:
    """The years of these reports, the oldest first, and a row for each figure that one of them has."""
    ordered = sorted(reports, key=lambda report: report.year)
    known = [stored(report) for report in ordered]
    rows = [
        Row(str(measure.label), tuple(figures.get(measure) for figures in known))
        for measure in NetworkMeasure
        if any(measure in figures for figures in known)
    ]
    return [report.year for report in ordered], rows
