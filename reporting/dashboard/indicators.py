"""The national indicators of a year: what the admissible reports add up to, and how many associations that covers."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from actions.enums import Unit
from reporting.content.aggregation import Aggregate, Measured, aggregate
from reporting.models import SheetReport, Value
from reporting.permissions import PUBLISHED

from .board import Selection

DEFINITION = "sheet__indicators__definition_from"
OF_DEFINITION = ("code", "label", "unit", "aggregation", "version")


@dataclass(frozen=True)
class National:
    """An indicator with what it adds up to; `unit`: its sign."""

    code: str
    label: str
    unit: str
    rule: str
    aggregate: Aggregate


def national(selection: Selection) -> list[National]:
    """Only what is admissible is added up; a report that is not yet counts as missing. Two queries."""
    parts = SheetReport.objects.filter(report__in=selection.reports().filter(year=selection.year))
    asked = parts.filter(**{f"{DEFINITION}__national": True}).order_by()
    columns = ("pk", "report__convention", "sheet__indicators__pk", *(f"{DEFINITION}__{one}" for one in OF_DEFINITION))
    rows = list(asked.values_list(*columns))
    values = {
        (value.sheet_report_id, value.indicator_id): value
        for value in Value.objects.filter(
            sheet_report__in=[row[0] for row in rows], sheet_report__report__state__in=PUBLISHED
        )
    }
    groups: dict[tuple[str, str, str], list[tuple[Any, ...]]] = {}
    for row in rows:
        _, _, _, code, _, unit, rule, _ = row
        groups.setdefault((code, unit, rule), []).append(row)
    return [
        National(
            code,
            max(group, key=lambda row: row[7])[4],  # the words of the newest version
            unit if unit in (Unit.PERCENT, Unit.EURO) else "",
            rule,
            aggregate(rule, unit, _measured(selection.year, group, values)),
        )
        for (code, unit, rule), group in sorted(groups.items())
    ]


def _measured(year: int, rows: list[tuple[Any, ...]], values: dict[Any, Value]) -> Iterator[Measured]:
    for part, convention, indicator, *_ in rows:
        value = values.get((part, indicator))
        if value is None:
            yield Measured(convention, year)
        else:
            terms = (value.number, value.numerator, value.denominator)
            yield Measured(convention, year, *terms, not_applicable=value.not_applicable)
