"""Write the sheets of a workbook: texts as texts, never as formulas; amounts and dates as values."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation

from cpo.lib.files.workbooks import letters

from .layout import CODES, INSTRUCTIONS, LISTS, ROWS, SHEETS, Column, cell_text

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MONEY, DATE = "#,##0.00", "DD/MM/YYYY"
# Formats of the blank cells of a column. Targets are texts, so that « 80 % » stays as typed.
FORMATS = {"text": "@", "number": "General", "target": "@", "money": MONEY, "date": DATE, "key": "@"}
HEAD = {"font": Font(bold=True, color="FFFFFF"), "fill": PatternFill("solid", fgColor="000091")}
WRAP = Alignment(wrap_text=True, vertical="top")
_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


def table(
    book: Workbook,
    title: str,
    columns: Mapping[str, Column],
    lists: Mapping[str, list[Any]],
    rows: Iterable[Mapping[str, Any]],
) -> None:
    """Write one sheet: its headings, its rows, the hidden column of the keys, the lists to choose from."""
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
    sheet.append([heading(sheet, column.title) for column in columns.values()])
    for row in rows:
        sheet.append([_cell(sheet, row.get(name), column) for name, column in columns.items()])


def plain_table(book: Workbook, title: str, columns: Mapping[str, Column], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write a sheet that is only read: its headings and its rows."""
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "B2"
    for position, column in enumerate(columns.values()):
        sheet.column_dimensions[letters(position)].width = column.width
    sheet.append([heading(sheet, column.title) for column in columns.values()])
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


def heading(sheet: Any, title: str) -> Any:
    """Return a cell that names a column."""
    cell = text_cell(sheet, title)
    cell.font, cell.fill, cell.alignment = HEAD["font"], HEAD["fill"], WRAP
    return cell


def _cell(sheet: Any, value: Any, column: Column) -> Any:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        cell = text_cell(sheet, value)
        cell.alignment = WRAP
        cell.number_format = FORMATS[column.kind]
    else:
        cell = WriteOnlyCell(sheet, value=value)
        cell.number_format = {"money": MONEY, "date": DATE}.get(column.kind, "General")
    return cell


def text_cell(sheet: Any, text: str) -> Any:
    """Return a text cell: « =1+1 » and « #N/A » stay text, « _x0041_ » is not decoded."""
    cell = WriteOnlyCell(sheet)
    cell._value, cell.data_type = _ESCAPED.sub("_x005F_", cell_text(text)), "s"
    return cell


def instructions(book: Workbook, tables: Mapping[str, Mapping[str, Column]], lines: Sequence[str]) -> None:
    """Write the first sheet: how to fill in the workbook, then what each column takes."""
    sheet = book.create_sheet(INSTRUCTIONS)
    for letter, width in zip("ABCD", (16, 28, 14, 100), strict=True):
        sheet.column_dimensions[letter].width = width
    for position, line in enumerate(lines):
        cell = text_cell(sheet, line)
        cell.font = Font(bold=position == 0, size=14 if position == 0 else 11)
        sheet.append([cell])
    sheet.append([])
    sheet.append([heading(sheet, title) for title in ("Feuille", "Colonne", "Obligatoire", "Ce qu’on y met")])
    for name, columns in tables.items():
        for column in columns.values():
            words = (name, column.title, "oui" if column.required else "", column.note)
            sheet.append([text_cell(sheet, word) for word in words])


def hidden_lists(book: Workbook, lists: Mapping[str, list[Any]], number: str, revision: int) -> None:
    """Write the lists from column C on; in A and B, the convention and the revision of the export."""
    sheet = book.create_sheet(LISTS)
    sheet.sheet_state = "hidden"
    sheet.append([text_cell(sheet, text) for text in ("Convention", number, *lists)])
    for row in range(max(len(items) for items in lists.values())):
        stamp = ["Révision", revision] if row == 0 else ["", ""]
        sheet.append([_plain(sheet, value) for value in (*stamp, *(_at(items, row) for items in lists.values()))])


def _at(items: Sequence[Any], row: int) -> Any:
    return items[row] if row < len(items) else ""


def _plain(sheet: Any, value: Any) -> Any:
    if value == "":
        return None
    return text_cell(sheet, value) if isinstance(value, str) else WriteOnlyCell(sheet, value=value)
