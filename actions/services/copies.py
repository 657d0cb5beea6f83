"""Copies: of a whole programme (an avenant starts from what is in force), of one fiche."""

import uuid

from arml.models import User
from cpo.lib.actor import Actor

from ..editing import editing
from ..models import Expense, Programme, Resource, Sheet, SheetIndicator, Target
from .common import record


def copy_programme(
    *, source: Programme, target: Programme, by: User | Actor, expected_revision: int | None = None
) -> None:
    """Put in `target`, which must be empty, all that `source` holds. Keys of fiches and of indicators survive: what
    was measured in one act is still the same fiche in the next one."""
    if target.sheets.exists():
        raise ValueError("the target of a copy must be empty")
    with editing(target, by=by, expected_revision=expected_revision, element="le programme d’actions") as (root, who):
        for sheet in source.sheets.all():
            copy_sheet(sheet, root, code=sheet.code, rank=sheet.rank, new_key=False)
        _copy_amounts(source, root, None, None)
        record(root, root, who, "programme_copied", "reprend le programme d’actions en vigueur")


def copy_sheet(sheet: Sheet, programme: Programme, *, code: str, rank: int, new_key: bool) -> Sheet:
    """Copy a fiche with all that hangs on it; call it under the lock of the programme that receives it."""
    source = Sheet.objects.get(pk=sheet.pk)
    copy = Sheet.objects.get(pk=sheet.pk)
    copy.pk, copy.programme, copy.code, copy.rank = None, programme, code, rank
    copy._state.adding = True
    if new_key:
        copy.key = uuid.uuid4()
    copy.save()
    copy.functions.set(source.functions.all())
    indicators = list(source.indicators.prefetch_related("targets"))
    copies = [_copy_indicator(indicator, copy, new_key=new_key) for indicator in indicators]
    SheetIndicator.objects.bulk_create(copies)
    Target.objects.bulk_create(
        Target(indicator=twin, year=row.year, number=row.number, text=row.text, not_applicable=row.not_applicable)
        for indicator, twin in zip(indicators, copies, strict=True)
        for row in indicator.targets.all()
    )
    _copy_amounts(source.programme, programme, source, copy)
    return copy


def _copy_indicator(indicator: SheetIndicator, sheet: Sheet, *, new_key: bool) -> SheetIndicator:
    return SheetIndicator(
        sheet=sheet,
        definition_from_id=indicator.definition_from_id,
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


def _copy_amounts(source: Programme, target: Programme, sheet: Sheet | None, copy: Sheet | None) -> None:
    Expense.objects.bulk_create(
        Expense(programme=target, sheet=copy, account_id=row.account_id, year=row.year, amount=row.amount)
        for row in source.expenses.filter(sheet=sheet)
    )
    Resource.objects.bulk_create(
        Resource(
            programme=target,
            sheet=copy,
            account_id=row.account_id,
            funder=row.funder,
            year=row.year,
            amount=row.amount,
        )
        for row in source.resources.filter(sheet=sheet)
    )
