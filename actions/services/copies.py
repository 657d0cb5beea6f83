"""Copy a whole programme (an avenant starts from the text in force) or one fiche."""

import uuid
from collections.abc import Callable
from typing import Any

from actions.editing import editing
from actions.models import Expense, IndicatorDefinition, Programme, Resource, Sheet, SheetIndicator, Target
from arml.models import User
from cpo.lib.actor import Actor

from .common import record

Years = Callable[[int], int | None]  # maps a year to the year of the copy; None leaves it out


def same_year(year: int) -> int | None:
    return year


def copy_programme(
    *, source: Programme, target: Programme, by: User | Actor, expected_revision: int | None = None
) -> None:
    """Copy all of `source` into `target`, which must be empty.

    Fiches and indicators have the same keys in both, to follow their results from one act to the next.
    """
    if target.sheets.exists():
        raise ValueError("the target of a copy must be empty")
    with editing(target, by=by, expected_revision=expected_revision, element="le programme d’actions") as (root, who):
        copy_into(source, root)
        record(root, root, who, "programme_copied", "reprend le programme d’actions en vigueur")


def copy_into(source: Programme, target: Programme) -> None:
    """Copy all of `source` into `target`; the caller holds the lock."""
    for sheet in source.sheets.all():
        copy_sheet(sheet, target, new_key=False)
    _copy_amounts(source, target, None, None, same_year)


def copy_sheet(
    sheet: Sheet, programme: Programme, *, new_key: bool, years: Years = same_year, figures: bool = True, **changes: Any
) -> Sheet:
    """Copy a fiche with its indicators, targets and amounts. Call it under the lock of the receiving programme.

    `changes`: fields of the copy. `years`: maps the years of targets and amounts. `figures`: whether to copy these.
    """
    source = Sheet.objects.get(pk=sheet.pk)
    copy = Sheet.objects.get(pk=sheet.pk)
    copy.pk, copy.programme = None, programme
    copy._state.adding = True
    if new_key:
        copy.key = uuid.uuid4()
    for name, value in changes.items():
        setattr(copy, name, value)
    copy.save()
    copy.functions.set(source.functions.all())
    indicators = list(source.indicators.prefetch_related("targets").select_related("definition_from"))
    copies = [_copy_indicator(indicator, copy, new_key=new_key) for indicator in indicators]
    SheetIndicator.objects.bulk_create(copies)
    if figures:
        Target.objects.bulk_create(
            Target(indicator=twin, year=year, number=row.number, text=row.text, not_applicable=row.not_applicable)
            for indicator, twin in zip(indicators, copies, strict=True)
            for row in indicator.targets.all()
            if (year := years(row.year)) is not None
        )
        _copy_amounts(source.programme, programme, source, copy, years)
    return copy


def _copy_indicator(indicator: SheetIndicator, sheet: Sheet, *, new_key: bool) -> SheetIndicator:
    definition = indicator.definition_from
    if definition is not None and definition.cycle_id != sheet.programme.cycle_id:
        # The definition belongs to another cycle: take the same indicator in this cycle, if it exists.
        namesakes = IndicatorDefinition.objects.filter(cycle=sheet.programme.cycle_id, code=definition.code)
        definition = namesakes.order_by("-version").first()
    return SheetIndicator(
        sheet=sheet,
        definition_from=definition,
        key=uuid.uuid4() if new_key else indicator.key,
        rank=indicator.rank,
        label=indicator.label,
        definition=indicator.definition,
        unit=indicator.unit,
        type=indicator.type,
        direction=indicator.direction,
        source=indicator.source,
        baseline=indicator.baseline,
    )


def _copy_amounts(source: Programme, target: Programme, sheet: Sheet | None, copy: Sheet | None, years: Years) -> None:
    Expense.objects.bulk_create(
        Expense(programme=target, sheet=copy, account_id=row.account_id, year=year, amount=row.amount)
        for row in source.expenses.filter(sheet=sheet)
        if (year := years(row.year)) is not None
    )
    Resource.objects.bulk_create(
        Resource(
            programme=target, sheet=copy, account_id=row.account_id, funder=row.funder, year=year, amount=row.amount
        )
        for row in source.resources.filter(sheet=sheet)
        if (year := years(row.year)) is not None
    )
