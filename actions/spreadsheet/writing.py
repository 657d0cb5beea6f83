"""Write a programme as a workbook: texts as texts, never as formulas; amounts and dates as values."""

import io
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from openpyxl import Workbook

from actions.enums import AccountSide, Direction, IndicatorType, SheetNature, Unit
from actions.models import Account, Function, Programme
from actions.retained import retain
from actions.services import AmountLine, IndicatorData, ProgrammeData, SheetData, TargetData

from .layout import (
    EXPENSES,
    INDICATORS,
    NOT_APPLICABLE,
    RESOURCES,
    SHEETS,
    STRUCTURE,
    amount_columns,
    indicator_columns,
    sheet_columns,
)
from .sheets import MEDIA_TYPE, hidden_lists, instructions, table

__all__ = ["MEDIA_TYPE", "write_workbook"]

INSTRUCTION_LINES = (
    "Programme d’actions : comment remplir ce classeur",
    "Une ligne par fiche dans « Fiches », une par indicateur dans « Indicateurs », "
    "une par compte dans « Charges », une par compte et financeur dans « Produits ».",
    "À l’import, le programme devient exactement ce que dit le classeur : "
    "une fiche ôtée du classeur est retirée du programme. Un aperçu montre tout avant que rien ne change.",
    "Les lignes peuvent changer d’ordre : celui des fiches d’un axe et des indicateurs d’une fiche est repris.",
    "Ne renommez ni les feuilles ni les titres des colonnes.",
    "Les formules sont admises : seul leur résultat est lu.",
    "Pour copier une fiche, copiez sa ligne et donnez-lui un autre code.",
)


def write_workbook(programme: Programme, content: ProgrammeData, *, number: str, notes: Sequence[str] = ()) -> bytes:
    """Return the workbook of a programme; with an empty content, the template. `notes`: what its reader must know."""
    years = programme.years
    book = Workbook(write_only=True)
    lists = _lists(programme)
    sheets, indicators = sheet_columns(), indicator_columns(years)
    expenses, resources = (amount_columns(years, resources=flag) for flag in (False, True))
    instructions(
        book,
        {SHEETS: sheets, INDICATORS: indicators, EXPENSES: expenses, RESOURCES: resources},
        (*INSTRUCTION_LINES, *notes),
    )
    table(book, SHEETS, sheets, lists, (_sheet(sheet) for sheet in content.sheets))
    table(book, INDICATORS, indicators, lists, _indicators(content))
    table(book, EXPENSES, expenses, lists, _lines(content, "expenses"))
    table(book, RESOURCES, resources, lists, _lines(content, "resources"))
    hidden_lists(book, lists, number, programme.revision)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


# -- Rows ----------------------------------------------------------------------------------------------------------


def _sheet(sheet: SheetData) -> dict[str, Any]:
    row = dict(sheet.fields)
    for name in ("axis", "objective"):
        row[name] = str(row[name]) if row[name] else ""
    row["nature"] = SheetNature(row["nature"]).label
    row["functions"] = ", ".join(function.code for function in sheet.functions)
    return row | {"key": _key(sheet.key)}


def _indicators(content: ProgrammeData) -> Iterable[dict[str, Any]]:
    for sheet in content.sheets:
        for data in sheet.indicators:
            yield {"sheet": sheet.code} | _indicator(data)


def _indicator(data: IndicatorData) -> dict[str, Any]:
    row = {name: getattr(data, name) for name in ("label", "definition", "source", "baseline")}
    row |= {
        "unit": Unit(data.unit).label,
        "direction": Direction(data.direction).label,
        "type": IndicatorType(data.type).label,
        "catalogue": data.definition_from.code if data.definition_from else "",
        "key": _key(data.key),
    }
    return row | {f"target_{year}": _target(target) for year, target in data.targets.items()}


def _target(target: TargetData) -> Any:
    if target.not_applicable:
        return NOT_APPLICABLE
    return target.text if target.number is None else target.number


def _lines(content: ProgrammeData, side: str) -> Iterable[dict[str, Any]]:
    for where, owner in [*((sheet.code, sheet) for sheet in content.sheets), (STRUCTURE, content)]:
        lines: Sequence[AmountLine] = getattr(owner, side)
        for line in lines:
            amounts = {f"y{year}": amount for year, amount in line.amounts.items()}
            yield {"sheet": where, "account": str(line.account), "funder": line.funder} | amounts


def _key(key: UUID | None) -> str:
    return str(key) if key else ""


# -- Lists to choose from ----------------------------------------------------------------------------------------


def _lists(programme: Programme) -> dict[str, list[Any]]:
    """Return the lists to choose from, by name."""
    cycle = programme.cycle
    axes = retain(programme, cycle.axes.prefetch_related("objectives"))
    objectives = retain(programme, [objective for axis in axes for objective in axis.objectives.all()])
    accounts = retain(programme, Account.objects.offered())
    return {
        "Axes": [str(axis) for axis in axes],
        "Objectifs": [str(objective) for objective in objectives],
        "Natures": list(SheetNature.labels),
        "Années": list(programme.years),
        "Fonctions": [str(function) for function in Function.objects.all()],
        "Unités": list(Unit.labels),
        "Sens": list(Direction.labels),
        "Types": list(IndicatorType.labels),
        "Catalogue": list(dict.fromkeys(row.code for row in cycle.indicators.all())),
        "Comptes de charges": [str(row) for row in accounts if row.side == AccountSide.EXPENSE],
        "Comptes de produits": [str(row) for row in accounts if row.side == AccountSide.RESOURCE],
    }
