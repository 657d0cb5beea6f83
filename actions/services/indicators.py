"""Indicators of a fiche and their yearly targets: a number, a text or « sans objet »; blank is not zero."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.core.exceptions import ValidationError

from actions.editing import editing
from actions.enums import NUMERIC_UNITS, Direction, IndicatorType
from actions.models import IndicatorDefinition, Sheet, SheetIndicator, Target
from actions.retained import retain
from arml.models import User
from cpo.lib.actor import Actor
from cpo.lib.wording.numbers import parse_french_decimal

from .common import record, sheet_full_name

WORDING = ("label", "unit", "direction", "type", "definition")
MOST_INDICATORS = 40  # of a fiche


@dataclass(frozen=True)
class TargetData:
    """Exactly one of the three values; `TargetData()` means « not filled in » and is not stored."""

    number: Decimal | None = None
    text: str = ""
    not_applicable: bool = False

    @property
    def empty(self) -> bool:
        return self.number is None and not self.text and not self.not_applicable


@dataclass(frozen=True)
class IndicatorData:
    """The values of one indicator. `key` is that of an existing indicator, None for a new one."""

    label: str
    unit: str
    direction: str = Direction.UP
    type: str = IndicatorType.OUTPUT
    definition: str = ""
    source: str = ""
    baseline: str = ""
    targets: Mapping[int, TargetData] = field(default_factory=dict)
    definition_from: IndicatorDefinition | None = None
    key: uuid.UUID | None = None


def set_indicators(
    *,
    sheet: Sheet,
    by: User | Actor,
    expected_revision: int | None,
    indicators: Sequence[IndicatorData],
    evaluation_method: str | None = None,
) -> None:
    """Replace the indicators of a fiche, in this order: known keys change, new ones are added, others are removed.

    A national indicator always has the wording of the catalogue.
    """
    element = f"les indicateurs de la fiche {sheet.code}"
    with editing(sheet.programme, by=by, expected_revision=expected_revision, element=element) as (root, who):
        replace_indicators(sheet, indicators)
        if evaluation_method is not None:
            root.sheets.filter(pk=sheet.pk).update(evaluation_method=evaluation_method)
        count = len(indicators)
        words = "aucun indicateur" if not count else "un indicateur" if count == 1 else f"{count} indicateurs"
        record(root, sheet, who, "indicators_set", f"modifie les indicateurs de {sheet_full_name(sheet)} : {words}")


def replace_indicators(sheet: Sheet, indicators: Sequence[IndicatorData]) -> None:
    """Replace the indicators of a fiche. Call it under the lock of the programme."""
    existing = {row.key: row for row in sheet.indicators.select_related("definition_from")}
    retain(sheet.programme, [row.definition_from for row in existing.values()])
    pairs: list[tuple[SheetIndicator, IndicatorData]] = []
    for rank, data in enumerate(indicators, start=1):
        _check(sheet, data)
        row = existing.get(data.key) if data.key else None
        row = row or SheetIndicator(sheet=sheet, definition_from=data.definition_from)
        _fill(row, data, rank)
        pairs.append((row, data))
    _write(sheet, pairs)


def stored_indicator(indicator: SheetIndicator, rows: Iterable[Target] | None = None) -> IndicatorData:
    """Return the values of an indicator. `rows`: its targets, by default those that were prefetched."""
    targets = {
        row.year: TargetData(number=row.number, text=row.text, not_applicable=row.not_applicable)
        for row in (indicator.targets.all() if rows is None else rows)
    }
    values = {name: getattr(indicator, name) for name in (*WORDING, "source", "baseline", "key")}
    return IndicatorData(**values, targets=targets, definition_from=indicator.definition_from)


def suggested_target(definition: IndicatorDefinition | None) -> Decimal | None:
    """Return the usual target of the catalogue if it is a plain number (« 12 », « 80 % », not « N/2 »), else None."""
    if definition is None or definition.unit not in NUMERIC_UNITS:
        return None
    try:
        return parse_french_decimal(definition.usual_target.strip().removesuffix("%").strip())
    except ValueError:
        return None


def _check(sheet: Sheet, data: IndicatorData) -> None:
    outside = [year for year, target in data.targets.items() if not target.empty and year not in sheet.years]
    if outside:
        raise ValidationError(f"« {data.label} » : l’action ne court pas en {outside[0]}.")
    for year, target in data.targets.items():
        kinds = [target.number is not None, bool(target.text), target.not_applicable]
        if sum(kinds) > 1:
            raise ValidationError(f"« {data.label} », {year} : un nombre, ou un texte, ou « sans objet ».")


def _fill(row: SheetIndicator, data: IndicatorData, rank: int) -> None:
    row.rank, row.source, row.baseline = rank, data.source, data.baseline
    wording = row.definition_from if row.is_national else data
    for name in WORDING:
        setattr(row, name, getattr(wording, name))
    row.full_clean(exclude=["sheet", "key", "definition_from"], validate_constraints=False)


def _write(sheet: Sheet, pairs: list[tuple[SheetIndicator, IndicatorData]]) -> None:
    rows = [row for row, _ in pairs]
    sheet.indicators.exclude(pk__in=[row.pk for row in rows if row.pk]).delete()
    SheetIndicator.objects.bulk_update(
        [row for row in rows if row.pk],
        ["rank", "source", "baseline", *WORDING],
    )
    SheetIndicator.objects.bulk_create([row for row in rows if not row.pk])
    # Not `indicator__sheet`: a join makes the DELETE read the table twice, and a plan made while it was empty is slow.
    Target.objects.filter(indicator__in=sheet.indicators.order_by().values("pk")).delete()
    Target.objects.bulk_create(
        Target(indicator=row, year=year, number=target.number, text=target.text, not_applicable=target.not_applicable)
        for row, data in pairs
        for year, target in data.targets.items()
        if not target.empty
    )
