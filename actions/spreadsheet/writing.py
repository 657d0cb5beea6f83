"""Write a programme as a workbook: texts as texts, never as formulas; amounts and dates as values."""

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation

from actions.enums import AccountSide, Direction, IndicatorType, SheetNature, Unit
from actions.models import Account, Function, Programme
from actions.retained import retain
from actions.services import AmountLine, IndicatorData, ProgrammeData, SheetData, TargetData
from cpo.lib.files.workbooks import letters

from .layout import (
    CODES,
    EXPENSES,
    INDICATORS,
    INSTRUCTIONS,
    LISTS,
    NOT_APPLICABLE,
    RESOURCES,
    ROWS,
    SHEETS,
    STRUCTURE,
    Column,
    amount_columns,
    cell_text,
    indicator_columns,
    sheet_columns,
)

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MONEY, DATE = "#,##0.00", "DD/MM/YYYY"
# Formats of the blank cells of a column. Targets are texts, so that « 80 % » stays as typed.
FORMATS = {"text": "@", "number": "General", "target": "@", "money": MONEY, "date": DATE, "key": "@"}
HEAD = {"font": Font(bold=True, color="FFFFFF"), "fill": PatternFill("solid", fgColor="000091")}
WRAP = Alignment(wrap_text=True, vertical="top")
_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
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


def write_workbook(programme: Programme, content: ProgrammeData, *, number: str) -> bytes:
    """Return the workbook of a programme; with an empty content, the template."""
    years = programme.years
    book = Workbook(write_only=True)
    lists = _lists(programme)
    sheets, indicators = sheet_columns(), indicator_columns(years)
    expenses, resources = (amount_columns(years, resources=flag) for flag in (False, True))
    _instructions(book, {SHEETS: sheets, INDICATORS: indicators, EXPENSES: expenses, RESOURCES: resources})
    _table(book, SHEETS, sheets, lists, (_sheet(sheet) for sheet in content.sheets))
    _table(book, INDICATORS, indicators, lists, _indicators(content))
    _table(book, EXPENSES, expenses, lists, _lines(content, "expenses"))
    _table(book, RESOURCES, resources, lists, _lines(content, "resources"))
    _hidden_lists(book, lists, number, programme.revision)
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


# -- Sheets --------------------------------------------------------------------------------------------------------


def _table(
    book: Workbook, title: str, columns: Mapping[str, Column], lists: Mapping[str, list[Any]], rows: Iterable[Any]
) -> None:
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "B2"
    for position, column in enumerate(columns.values()):
        shape = sheet.column_dimensions[letters(position)]
        shape.width, shape.hidden = column.width, column.kind == "key"
        shape.number_format = FORMATS[column.kind]
        rule = _choice(column, lists) if column.choices else _prompt(column)
        rule.add(f"{letters(position)}2:{letters(position)}{ROWS + 1}")
        if column.kind != "key":
            sheet.data_validations.append(rule)
    sheet.append([_heading(sheet, column.title) for column in columns.values()])
    for row in rows:
        sheet.append([_cell(sheet, row.get(name), column) for name, column in columns.items()])


def _prompt(column: Column) -> DataValidation:
    return DataValidation(promptTitle=column.title[:32], prompt=column.note[:255], showInputMessage=True)


def _choice(column: Column, lists: Mapping[str, list[Any]]) -> DataValidation:
    source = f"{SHEETS}!$A$2:$A${ROWS + 1}"
    if column.choices != CODES:
        position = letters(list(lists).index(column.choices) + 2)
        source = f"{LISTS}!${position}$2:${position}${max(len(lists[column.choices]), 1) + 1}"
    rule = _prompt(column)
    rule.type, rule.formula1, rule.allow_blank = "list", source, True
    rule.showErrorMessage = False  # a number alone is accepted: the import reports the invalid values
    return rule


def _heading(sheet: Any, title: str) -> Any:
    cell = _text(sheet, title)
    cell.font, cell.fill, cell.alignment = HEAD["font"], HEAD["fill"], WRAP
    return cell


def _cell(sheet: Any, value: Any, column: Column) -> Any:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        cell = _text(sheet, value)
        cell.alignment = WRAP
        cell.number_format = FORMATS[column.kind]
    else:
        cell = WriteOnlyCell(sheet, value=value)
        cell.number_format = {"money": MONEY, "date": DATE}.get(column.kind, "General")
    return cell


def _text(sheet: Any, text: str) -> Any:
    """Return a text cell: « =1+1 » and « #N/A » stay text, « _x0041_ » is not decoded."""
    cell = WriteOnlyCell(sheet)
    cell._value, cell.data_type = _ESCAPED.sub("_x005F_", cell_text(text)), "s"
    return cell


def _instructions(book: Workbook, tables: Mapping[str, Mapping[str, Column]]) -> None:
    sheet = book.create_sheet(INSTRUCTIONS)
    for letter, width in zip("ABCD", (16, 28, 14, 100), strict=True):
        sheet.column_dimensions[letter].width = width
    for position, line in enumerate(INSTRUCTION_LINES):
        cell = _text(sheet, line)
        cell.font = Font(bold=position == 0, size=14 if position == 0 else 11)
        sheet.append([cell])
    sheet.append([])
    sheet.append([_heading(sheet, title) for title in ("Feuille", "Colonne", "Obligatoire", "Ce qu’on y met")])
    for name, columns in tables.items():
        for column in columns.values():
            words = (name, column.title, "oui" if column.required else "", column.note)
            sheet.append([_text(sheet, word) for word in words])


# -- Lists to choose from ------------------------------------------------------------------------------------------


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


def _hidden_lists(book: Workbook, lists: Mapping[str, list[Any]], number: str, revision: int) -> None:
    """Write the lists from column C on; in A and B, the convention and the revision of the export."""
    sheet = book.create_sheet(LISTS)
    sheet.sheet_state = "hidden"
    sheet.append([_text(sheet, text) for text in ("Convention", number, *lists)])
    for row in range(max(len(items) for items in lists.values())):
        stamp = ["Révision", revision] if row == 0 else ["", ""]
        sheet.append([_plain(sheet, value) for value in (*stamp, *(_at(items, row) for items in lists.values()))])


def _at(items: Sequence[Any], row: int) -> Any:
    return items[row] if row < len(items) else ""


def _plain(sheet: Any, value: Any) -> Any:
    if value == "":
        return None
    return _text(sheet, value) if isinstance(value, str) else WriteOnlyCell(sheet, value=value)
