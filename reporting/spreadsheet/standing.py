"""« Où en est-on » as a workbook: one sheet for each cut. Amounts are numbers, blank cells stay blank."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

from openpyxl import Workbook

from actions.spreadsheet.layout import Column
from actions.spreadsheet.sheets import plain_table, text_cell
from reporting.content.standing import Row, Table

MONEY_COLUMNS = {
    "budget": "Budget de l’acte en vigueur",
    "before": "Déjà déclaré",
    "now": "Ce compte rendu",
    "total": "Total",
    "percent": "% du budget",
    "remainder": "Reste",
    "retained": "Retenu",
}


def write_standing(tables: Mapping[str, Table], *, notes: Sequence[str]) -> bytes:
    """Return the workbook. `notes`: what the figures rest on, in French, for the first sheet."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Lisez-moi")
    sheet.column_dimensions["A"].width = 120
    for note in notes:
        sheet.append([text_cell(sheet, note)])
    for table in tables.values():
        columns = {"label": Column(table.title, "", 44)} | {
            name: Column(title, "", 18, kind="number" if name == "percent" else "money")
            for name, title in MONEY_COLUMNS.items()
            if table.shows_retained or name != "retained"
        }
        plain_table(book, table.title, columns, [_cells(row) for row in [*table.rows, table.whole]])
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def _cells(row: Row) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("label", *MONEY_COLUMNS)}
