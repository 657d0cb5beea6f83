"""Thirty-four workbooks of a report that cannot be taken: each gets its answer, at its cell, and changes nothing."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from reporting.models import ActualExpense, ActualResource, Report, Value
from reporting.spreadsheet.writing import write_report
from tests.actions.books import Book, doubled, edited, rezipped, set_cell
from tests.actions.test_spreadsheet_refusals import part_of
from tests.factories.reporting import fill, make_active, make_report
from tests.reporting.test_reports import as_, text
from tests.reporting.test_spreadsheet import import_

pytestmark = pytest.mark.django_db
Change = Callable[[Book], Any]


def heading(sheet: str, title: str) -> Change:
    """One more column, with a value."""

    def change(book: Book) -> None:
        book[sheet].cell(1, 14).value, book[sheet].cell(2, 14).value = title, "Réalisée"

    return change


def both(*changes: Change) -> Change:
    return lambda book: [change(book) for change in changes]


def filled(title: str) -> Callable[[dict[str, bytes]], None]:
    """More rows than a workbook may have, as raw XML."""
    rows = b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (row, row) for row in range(9, 9_000))

    def change(parts: dict[str, bytes]) -> None:
        name = part_of(parts, title)
        parts[name] = parts[name].replace(b"</sheetData>", rows + b"</sheetData>")

    return change


IS_NO_AMOUNT = "n’est pas un montant"
CELLS: dict[str, tuple[Change, str, str]] = {
    "a staff that is a word": (
        set_cell("Fiches", "ETP mobilisés", "deux"),
        "Fiches!J2",
        "« deux » n’est pas un nombre",
    ),
    "a staff below zero": (set_cell("Fiches", "ETP mobilisés", -1), "Fiches!J2", "supérieure ou égale à 0"),
    "a staff of thousands": (set_cell("Fiches", "ETP mobilisés", 100_000), "Fiches!J2", "trop grand"),
    "no code": (set_cell("Fiches", "Code", None), "Fiches!A2", "obligatoire"),
    "a fiche twice": (doubled("Fiches"), "Fiches!A4", "La fiche « 1-A » est là deux fois"),
    "a key that is none": (set_cell("Fiches", "Clé", "pas-une-clé"), "Fiches!K2", "Cette clé est illisible"),
    "a text that reads backwards": (
        set_cell("Fiches", "Ce qui a été fait", "abc\u202edef"),
        "Fiches!D2",
        "inversent le sens de lecture",
    ),
    "an unknown column": (heading("Fiches", "Surprise"), "Fiches!N1", "Colonne inconnue : « Surprise »"),
    "a column twice": (heading("Fiches", "Avancement"), "Fiches!N1", "là deux fois : Avancement"),
    "a progress out of the list": (set_cell("Fiches", "Avancement", 3), "Fiches!C2", "« 3 » n’est pas dans la liste"),
    "a formula without result": (set_cell("Dépenses", "Dépensé", "=1+1"), "Dépenses!D2", "n’est pas enregistré"),
    "a negative amount": (set_cell("Dépenses", "Dépensé", -5), "Dépenses!D2", "inférieur à 0 €"),
    "a tenth of a cent": (set_cell("Dépenses", "Dépensé", 12.345), "Dépenses!D2", "au plus deux chiffres"),
    "an amount beyond all": (set_cell("Dépenses", "Dépensé", 10**15), "Dépenses!D2", "trop grand"),
    "an amount in words": (set_cell("Dépenses", "Dépensé", "douze"), "Dépenses!D2", IS_NO_AMOUNT),
    "a day for an amount": (set_cell("Dépenses", "Dépensé", dt.date(2025, 1, 2)), "Dépenses!D2", IS_NO_AMOUNT),
    "a yes for an amount": (set_cell("Dépenses", "Dépensé", True), "Dépenses!D2", "« oui » n’est pas un montant"),
    "two amounts in one cell": (set_cell("Dépenses", "Dépensé", "2 400 1 200"), "Dépenses!D2", "« 2 400 1 200 »"),
    "no account": (set_cell("Dépenses", "Compte", None), "Dépenses!B2", "obligatoire"),
    "an account of receipts": (set_cell("Dépenses", "Compte", "74-ETAT"), "Dépenses!B2", "n’est pas un compte"),
    "an explanation too long": (
        set_cell("Dépenses", "Explication de l’écart", "x" * 300),
        "Dépenses!E2",
        "au plus 250 caractères",
    ),
    "no funder": (set_cell("Produits", "Financeur", None), "Produits!B2", "obligatoire"),
    "a funder too long": (set_cell("Produits", "Financeur", "x" * 121), "Produits!B2", "au plus 120 caractères"),
    "the State as any funder": (
        both(set_cell("Produits", "Compte", "74-REGION"), set_cell("Produits", "Financeur", "DREETS Bretagne")),
        "Produits!B2",
        "est l’État",
    ),
    "a funder twice": (doubled("Produits"), "Produits!B4", "là deux fois"),
    "an indicator twice": (doubled("Indicateurs"), "Indicateurs!B4", "là deux fois"),
    "an indicator of no fiche": (set_cell("Indicateurs", "Fiche", "9-Z"), "Indicateurs!A2", "Aucune fiche n’a le code"),
    "a doubtful « sans objet »": (set_cell("Indicateurs", "Sans objet", "bof"), "Indicateurs!H2", "Écrivez « oui »"),
    "a « sans objet » without reason": (
        both(set_cell("Indicateurs", "Sans objet", "oui"), set_cell("Indicateurs", "Réalisé", None)),
        "Indicateurs!H2",
        "Dites dans le commentaire pourquoi",
    ),
    "a term of a rate that is none": (set_cell("Indicateurs", "Numérateur", 5), "Indicateurs!F2", "n’est pas un taux"),
    "a heading emptied": (set_cell("Textes", "Rubrique", None), "Textes!A2", "obligatoire"),
    "a text without end": (set_cell("Textes", "Texte", "x" * 30_000), "Textes!B2", "au plus 20000 caractères"),
}
FILES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "no workbook": (lambda data: b"%PDF-1.7", "Ce fichier n’est pas un classeur XLSX"),
    "half a workbook": (lambda data: data[:2000], "Ce fichier n’est pas un classeur XLSX, ou il est incomplet"),
    "macros": (
        lambda data: rezipped(data, lambda parts: parts.update({"xl/vbaProject.bin": b"x"})),
        "contient des macros",
    ),
    "a lost sheet": (
        lambda data: edited(data, lambda book: book.remove(book["Indicateurs"])),
        "Ce classeur n’est pas celui d’un compte rendu",
    ),
    "a hundred thousand rows": (
        lambda data: rezipped(data, filled("Fiches")),
        "les colonnes étrangères au compte rendu",
    ),
    "a picture that unpacks without end": (
        lambda data: rezipped(data, lambda parts: parts.update({"xl/media/image1.png": b"\0" * 60_000_000})),
        "ou partez de son export, ou du formulaire vide",
    ),
    "a lost key": (
        lambda data: edited(data, lambda book: book["Fiches"].delete_cols(11)),
        "la colonne masquée « Clé »",
    ),
}


def stored(report: Report) -> list[Any]:
    rows: list[Any] = list(Report.objects.filter(pk=report.pk).values())
    rows += report.sheets.order_by("pk").values()
    for model in (ActualExpense, ActualResource):
        rows += model.objects.filter(report=report).order_by("pk").values()
    return [*rows, *Value.objects.filter(sheet_report__report=report).order_by("pk").values()]


def plain(words: str) -> str:
    return words.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.fixture
def report() -> Report:
    return fill(make_report(make_active(sheets=2)))


@pytest.mark.parametrize("name", CELLS)
def test_a_bad_cell_gets_its_answer_where_it_is_and_nothing_changes(name: str, report: Report, client: Any) -> None:
    change, cell, words = CELLS[name]
    before = stored(report)
    as_(client, report, "director")
    page, confirm = import_(client, report, edited(write_report(report), change))
    told = plain(text(page))
    for expected in (*cell.split("!"), words):
        assert expected in told, told
    confirm(confirmed="1")
    assert stored(report) == before


@pytest.mark.parametrize("name", FILES)
def test_a_bad_file_is_refused_with_its_reason_and_nothing_changes(name: str, report: Report, client: Any) -> None:
    spoil, words = FILES[name]
    before = stored(report)
    as_(client, report, "director")
    page, _ = import_(client, report, spoil(write_report(report)))
    assert words in plain(text(page))
    assert stored(report) == before
