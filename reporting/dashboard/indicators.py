"""The national indicators of a year: what the admissible reports add up to, and how many associations that covers."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery

from actions.enums import Unit
from actions.models import IndicatorDefinition
from reporting.content.aggregation import Aggregate, Measured, aggregate
from reporting.models import SheetReport, Value
from reporting.permissions import PUBLISHED

from .board import Selection

DEFINITION = "sheet__indicators__definition_from"
OF_VALUE = ("number", "numerator", "denominator", "not_applicable", "text")
OF_DEFINITION = ("code", "unit", "aggregation", "version", "label")


@dataclass(frozen=True)
class National:
    """An indicator with what it adds up to; `unit`: its sign; `url`: the list of what is added up."""

    code: str
    label: str
    unit: str
    rule: str
    aggregate: Aggregate
    url: str


def asked(selection: Selection, definition: IndicatorDefinition | None = None) -> QuerySet[SheetReport, Any]:
    """Each fiche that owes a value of a national indicator, with what its admissible report says: a row of the list.

    `definition`: those that add up with this one only, whatever the version of their words.
    """
    parts = SheetReport.objects.filter(report__in=selection.reports().filter(year=selection.year))
    wanted: dict[str, Any] = {f"{DEFINITION}__national": True}
    if definition is not None:
        same = ("code", "unit", "aggregation")
        wanted |= {f"{DEFINITION}__{name}": getattr(definition, name) for name in same}
    said = Value.objects.filter(
        sheet_report=OuterRef("pk"),
        indicator=OuterRef("sheet__indicators__pk"),
        sheet_report__report__state__in=PUBLISHED,
    )
    return (
        parts.filter(**wanted)
        .annotate(
            definition=F(f"{DEFINITION}__pk"),
            **{f"of_{name}": F(f"{DEFINITION}__{name}") for name in OF_DEFINITION},
            **{f"said_{name}": Subquery(said.values(name)[:1]) for name in OF_VALUE},
        )
        .order_by()
    )


def found(selection: Selection, pk: int | None) -> IndicatorDefinition | None:
    """The national indicator of this cycle that the address names."""
    return IndicatorDefinition.objects.filter(cycle=selection.cycle, national=True, pk=pk).first() if pk else None


def national(selection: Selection) -> list[National]:
    """Only what is admissible is added up; a report that is not yet counts as missing. One query."""
    columns = ("report__convention", "definition", *(f"of_{name}" for name in OF_DEFINITION))
    groups: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for row in asked(selection).values(*columns, *(f"said_{name}" for name in OF_VALUE)):
        groups.setdefault((row["of_code"], row["of_unit"], row["of_aggregation"]), []).append(row)
    result = []
    for (code, unit, rule), rows in sorted(groups.items()):
        newest = max(rows, key=lambda row: row["of_version"])  # its words are those that stand today
        whole = total(selection.year, rule, unit, rows)
        url = selection.link("indicateurs", indicateur=newest["definition"])
        result.append(National(code, newest["of_label"], sign(unit), rule, whole, url))
    return result


def total(year: int, rule: str, unit: str, rows: Iterable[dict[str, Any]]) -> Aggregate:
    """What rows of `asked` add up to."""
    return aggregate(rule, unit, (_measured(year, row) for row in rows))


def sign(unit: str) -> str:
    return unit if unit in (Unit.PERCENT, Unit.EURO) else ""


def _measured(year: int, row: dict[str, Any]) -> Measured:
    terms = (row["said_number"], row["said_numerator"], row["said_denominator"])
    without = bool(row["said_not_applicable"])
    return Measured(row["report__convention"], year, *terms, not_applicable=without, worded=bool(row["said_text"]))
