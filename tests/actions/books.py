"""Helpers that export the workbook of a programme, change it and read it back."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl

from actions.models import Programme
from actions.services import ProgrammeData, read_programme
from actions.spreadsheet import Reading, read_workbook, write_workbook

Book = openpyxl.Workbook


def fresh(programme: Programme) -> Programme:
    return Programme.objects.get(pk=programme.pk)


def exported(programme: Programme) -> bytes:
    return write_workbook(programme, read_programme(programme), number="CPO-2025-EXE-001")


def read_back(data: bytes, programme: Programme) -> Reading:
    return read_workbook(data, programme, read_programme(programme))


def edited(data: bytes, change: Callable[[Book], Any]) -> bytes:
    """The workbook after this change, saved again."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def at(sheet: Any, title: str, row: int = 2) -> Any:
    """The cell in the column with this heading."""
    column = next(cell.column for cell in sheet[1] if str(cell.value) == title)
    return sheet.cell(row=row, column=column)


def _bare(value: Any) -> Any:
    return value.strip() or None if isinstance(value, str) else value


def faults_of(reading: Reading) -> dict[str, str]:
    return {fault.address: fault.message for fault in reading.faults}


def contents(data: bytes) -> dict[str, list[tuple[Any, ...]]]:
    """The cells of all sheets, with texts stripped, and without the hidden keys and the stamp."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    cells = {}
    for sheet in book.worksheets:
        keys = {cell.column for cell in sheet[1] if cell.value == "Clé"} | (
            {1, 2} if sheet.title == "Listes" else set()
        )
        cells[sheet.title] = [
            tuple(_bare(cell.value) for cell in row if cell.column not in keys) for row in sheet.iter_rows()
        ]
    return cells


def rezipped(data: bytes, change: Callable[[dict[str, bytes]], Any]) -> bytes:
    """The workbook after a change of the parts of its ZIP archive."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def set_cell(sheet: str, title: str, value: Any, row: int = 2) -> Callable[[Book], None]:
    return lambda book: setattr(at(book[sheet], title, row), "value", value)


def doubled(sheet: str, row: int = 2) -> Callable[[Book], None]:
    """Copy the row to the end of the sheet."""
    return lambda book: book[sheet].append([cell.value for cell in book[sheet][row]])


def read_content(data: bytes, programme: Programme) -> ProgrammeData:
    reading = read_back(data, programme)
    assert faults_of(reading) == {} and reading.content is not None
    return reading.content
