"""A report goes out and comes back as a workbook: the same rules as its pages, each error at its cell."""

import io
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from reporting.forms.imports import plan
from reporting.models import Report, ReportImport, Value
from reporting.services import reports
from reporting.spreadsheet.reading import read_report
from reporting.spreadsheet.writing import write_report
from tests.actions.books import Book, at, contents, edited, set_cell
from tests.factories.arml import make_user
from tests.factories.reporting import account, fill, make_active, make_report, person, sent_back, submitted
from tests.reporting.test_reports import as_, text, url

pytestmark = pytest.mark.django_db


def planned(report: Report, data: bytes, role: str = "director", **more: Any) -> Any:
    return plan(report, read_report(data, report, more.get("answers")), person(report, role))


def faults(report: Report, change: Any, role: str = "director") -> dict[str, str]:
    found = planned(report, edited(write_report(report), change), role)
    return {fault.address: fault.message for fault in found.faults}


def import_(client: Any, report: Report, data: bytes, **answers: str) -> Any:
    page = client.post(url(report, "report-import"), {"workbook": SimpleUploadedFile("cr.xlsx", data)}, follow=True)
    revision = Report.objects.get(pk=report.pk).revision
    return page, lambda **more: client.post(
        url(report, "report-import-preview"), {"revision": str(revision), **answers, **more}, follow=True
    )


def test_export_import_export_is_the_identity(client):
    report = fill(make_report(make_active(sheets=2)))
    part = report.sheets.first()
    Value.objects.filter(sheet_report=part).update(number=None, not_applicable=True, comment="Aucun salon.", source="X")
    director = person(report, "director")
    outside = [reports.AmountInput(account("62").pk, Decimal("12.30"), comment="Loyer.")]
    reports.save_finance(
        report, comment="Dit.", expenses=outside, resources=[], allocation_keys="Au temps.", by=director,
        expected_revision=None,
    )  # fmt: skip
    report = Report.objects.get(pk=report.pk)
    data = write_report(report)
    found = planned(report, data)
    assert (found.faults, found.changes) == ([], [])
    again = make_report(report.act, year=2026)
    wiped = Report.objects.get(pk=again.pk)
    assert planned(wiped, write_report(wiped, blank=True)).changes == []
    assert contents(edited(data, lambda book: None)) == contents(data)


def test_what_is_typed_in_the_workbook_is_written_once_confirmed_and_a_missing_fiche_stays(client):
    report = make_report(make_active(sheets=2))
    first, second = report.sheets.all()

    def change(book: Book) -> None:
        set_cell("Fiches", "Avancement", "Réalisée")(book)
        set_cell("Fiches", "Ce qui a été fait", "Deux sessions.")(book)
        set_cell("Indicateurs", "Réalisé", 38.5)(book)
        set_cell("Dépenses", "Dépensé", 1234.56)(book)
        row = ["1-A", "62", None, 200, "Imprévu."]
        book["Dépenses"].append(row)
        book["Fiches"].delete_rows(3)
        for name in ("Indicateurs", "Dépenses"):
            for number in range(book[name].max_row, 1, -1):
                if at(book[name], "Fiche", number).value == second.sheet.code:
                    book[name].delete_rows(number)

    as_(client, report, "director")
    page, confirm = import_(client, report, edited(write_report(report), change))
    assert "Deux sessions." in text(page)
    assert Report.objects.get(pk=report.pk).state == "open"
    assert "1 rubrique modifiée" in text(confirm(confirmed="1"))
    first.refresh_from_db()
    assert (first.progress, first.narrative) == ("realisee", "Deux sessions.")
    assert first.values.get().number == Decimal("38.50")
    amounts = dict(first.expenses.values_list("account__code", "amount"))
    assert amounts == {"64": Decimal("1234.56"), "62": Decimal("200.00")}
    assert not ReportImport.objects.exists()
    assert not second.expenses.exists()


def test_a_workbook_that_left_before_the_partners_were_asked_leaves_them_as_they_are(client: Any) -> None:
    report = make_report()
    report.sheets.update(partners="La Région et deux branches.")

    def change(book: Book) -> None:
        set_cell("Fiches", "Ce qui a été fait", "Deux sessions.")(book)
        titles = [cell.value for cell in book["Fiches"][1]]
        book["Fiches"].delete_cols(titles.index("Partenaires mobilisés") + 1)

    as_(client, report, "director")
    _, confirm = import_(client, report, edited(write_report(report), change))
    assert "1 rubrique modifiée" in text(confirm(confirmed="1"))
    part = report.sheets.get()
    assert (part.narrative, part.partners) == ("Deux sessions.", "La Région et deux branches.")


def test_the_partners_go_out_and_come_back(client: Any) -> None:
    report = make_report()
    as_(client, report, "director")
    change = set_cell("Fiches", "Partenaires mobilisés", "La Région.")
    _, confirm = import_(client, report, edited(write_report(report), change))
    confirm(confirmed="1")
    assert report.sheets.get().partners == "La Région."


BAD = {
    "a number": (set_cell("Indicateurs", "Réalisé", "beaucoup"), "Indicateurs!E2", "n’est pas un nombre"),
    "an ambiguous amount": (set_cell("Dépenses", "Dépensé", "2 400 1 200"), "Dépenses!D2", "200"),
    "progress": (set_cell("Fiches", "Avancement", "presque"), "Fiches!C2", "n’est pas dans la liste"),
    "without object and a value": (
        lambda book: [set_cell("Indicateurs", name, value)(book) for name, value in (("Sans objet", "oui"),)],
        "Indicateurs!H2",
        "effacez la valeur",
    ),
    "an unknown indicator": (
        lambda book: [set_cell("Indicateurs", "Clé", None)(book), set_cell("Indicateurs", "Indicateur", "Autre")(book)],
        "Indicateurs!B2",
        "n’a pas cet indicateur",
    ),
    "an unknown account": (set_cell("Dépenses", "Compte", "999 Rien"), "Dépenses!B2", "n’est pas un compte"),
    "the same account twice": (
        lambda book: book["Dépenses"].append([cell.value for cell in book["Dépenses"][2]]),
        "Dépenses!B3",
        "deux fois",
    ),
    "an unknown fiche": (set_cell("Dépenses", "Fiche", "9-Z"), "Dépenses!A2", "Aucune fiche"),
    "a lost column": (lambda book: book["Fiches"].delete_cols(11), "Fiches!A1", "Clé"),
    "an unknown heading": (set_cell("Textes", "Rubrique", "Autre chose"), "Textes!A2", "n’est pas une rubrique"),
    "an amount without its explanation": (
        lambda book: [
            set_cell("Dépenses", "Dépensé", None)(book),
            set_cell("Dépenses", "Explication de l’écart", "X")(book),
        ],
        "Dépenses!D2",
        "Écrivez le montant",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_wrong_cell_gets_its_answer_and_nothing_changes(name):
    report = fill(make_report())
    change, cell, words = BAD[name]
    found = faults(report, change)
    assert words.replace(" ", "\u00a0") in found[cell].replace(" ", "\u00a0"), found


def test_emptied_keys_are_matched_by_code_and_an_unknown_code_is_asked_about():
    report = fill(make_report(make_active(sheets=2)))

    def change(book: Book) -> None:
        for name in ("Fiches", "Indicateurs"):
            for row in range(2, book[name].max_row + 1):
                at(book[name], "Clé", row).value = None

    data = edited(write_report(report), change)
    assert planned(report, data).changes == []
    data = edited(data, set_cell("Fiches", "Code", "9-Z"))
    (question,) = read_report(data, report).questions
    first = report.sheets.first()
    assert (question.cell, question.choices) == ("A2", (first,))
    assert read_report(data, report, {"A2": str(first.sheet.key)}).parts.keys() >= {first.pk}


def test_a_workbook_goes_round_no_right_and_no_closed_part():
    report = fill(make_report())
    make_user("accountant", report.dossier.beneficiary)
    told = faults(report, set_cell("Fiches", "Ce qui a été fait", "Autre récit."), "accountant")
    assert "Votre rôle permet d’écrire les montants" in told["Fiches!D2"]
    assert faults(report, set_cell("Dépenses", "Dépensé", 59_000), "accountant") == {}
    report = sent_back(submitted(report))
    told = faults(report, set_cell("Fiches", "Ce qui a été fait", "Autre récit."))
    assert "n’a pas été rouverte" in next(iter(told.values()))


def test_a_figure_out_of_proportion_is_confirmed_before_it_is_written(client):
    report = fill(make_report())
    as_(client, report, "director")
    page, confirm = import_(client, report, edited(write_report(report), set_cell("Dépenses", "Dépensé", 59_000_000)))
    assert "hors de proportion" in text(page)
    assert "Cochez cette case" in text(confirm())
    assert not report.expenses.filter(amount=59_000_000).exists()
    confirm(confirmed="1")
    assert report.expenses.filter(amount=59_000_000).exists()


def test_the_blank_form_holds_what_the_act_promises_and_nothing_typed(client):
    report = fill(make_report())
    data = as_(client, report, "director").get(url(report, "report-blank")).content
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert at(book["Dépenses"], "Prévu").value == 60_000
    assert at(book["Dépenses"], "Dépensé").value is None
    assert at(book["Indicateurs"], "Réalisé").value is None
    assert {row[1].value for row in book["Textes"].iter_rows(min_row=2)} == {None}
