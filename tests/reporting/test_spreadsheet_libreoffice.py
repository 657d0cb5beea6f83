"""The workbook of a report that went through LibreOffice says what it said (`data/make.sh` makes the file again)."""

import io
import os
import uuid
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from reporting.models import Report
from reporting.services import reports
from reporting.spreadsheet.reading import read_report
from reporting.spreadsheet.writing import write_report
from tests.actions.books import at, contents, edited, set_cell
from tests.factories.reporting import account, fill, make_active, make_report, person
from tests.reporting.test_spreadsheet import planned
from tests.reporting.test_spreadsheet_bad import plain

pytestmark = pytest.mark.django_db
SAVED = Path(__file__).with_name("data") / "compte-rendu.xlsx"


@pytest.fixture
def report() -> Report:
    """Cents, a zero, a blank, a text of several lines, one that begins as a formula would, a funder with an accent."""
    report = fill(make_report(make_active(sheets=2)))
    director = person(report, "director")
    part = report.sheets.first()
    fields = {"progress": "en_cours", "narrative": "Premier point.\n\n- Deuxième\u00a0: 12\u202f%\n- « Troisième »"}
    reports.save_sheet(
        part, fields=fields | {"difficulties": "=SOMME(A1:A2)", "fte_used": Decimal("1.50")},
        values=[reports.ValueInput(part.sheet.indicators.get().pk, number=Decimal("0.05"), source="0012", comment="-")],
        expenses=[reports.AmountInput(account("64").pk, Decimal("59900.57"), comment="Écart."),
                  reports.AmountInput(account("62").pk, Decimal(0))],
        by=director, expected_revision=None,
    )  # fmt: skip
    received = [reports.AmountInput(account("74-REGION").pk, Decimal("1234567.89"), "Région Île-de-Bretagne")]
    reports.save_finance(
        Report.objects.get(pk=report.pk), comment="Dit.", expenses=[], resources=received, by=director,
        expected_revision=None,
    )  # fmt: skip
    return Report.objects.get(pk=report.pk)


@pytest.fixture
def exported(report: Report) -> bytes:
    data = write_report(report)
    if path := os.environ.get("REPORT_WORKBOOK"):
        Path(path).write_bytes(data)
    return data


def told(data: bytes) -> dict[str, list[tuple[Any, ...]]]:
    """What is read of the sheets; LibreOffice adds blank cells around them."""
    return {
        name: [tuple(cell for cell in row if cell is not None) for row in rows if any(cell is not None for cell in row)]
        for name, rows in contents(data).items()
    }


def test_export_import_export_through_libreoffice_is_the_identity(report: Report, exported: bytes) -> None:
    saved = SAVED.read_bytes()
    assert b"LibreOffice" in openpyxl_application(saved)
    found = planned(report, saved)
    assert (found.faults, found.changes, found.unusual) == ([], [], [])
    assert told(saved) == told(exported)


def test_libreoffice_keeps_the_hidden_keys_and_the_stamp(report: Report) -> None:
    book = openpyxl.load_workbook(io.BytesIO(SAVED.read_bytes()))
    for name in ("Fiches", "Indicateurs"):
        cell = at(book[name], "Clé")
        assert uuid.UUID(cell.value)
        assert book[name].column_dimensions[cell.column_letter].hidden
    reading = read_report(SAVED.read_bytes(), report)
    assert (reading.stamp.endswith(" 2025"), reading.revision, reading.questions) == (True, report.revision, [])


@pytest.mark.parametrize("typed", ["1 234,56", 1234.56, "1234,56"])
def test_an_amount_typed_in_the_file_of_libreoffice_is_the_amount(report: Report, typed: Any) -> None:
    found = planned(report, edited(SAVED.read_bytes(), set_cell("Dépenses", "Dépensé", typed)))
    assert found.faults == []
    (change,) = found.changes
    assert [plain(one.imported) for one in change.differences] == ["1 234,56"]


def openpyxl_application(data: bytes) -> bytes:
    """Who wrote the file."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read("docProps/app.xml")
