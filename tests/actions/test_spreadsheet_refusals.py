"""Bad files and bad cells: a message within two seconds that names the cell, and no change."""

import datetime as dt
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from actions.models import Programme
from actions.services import read_programme
from actions.spreadsheet import read_workbook

from .books import Book, doubled, edited, exported, faults_of, read_back, rezipped, set_cell

pytestmark = pytest.mark.django_db


def part_of(parts: dict[str, bytes], title: str) -> str:
    return f"xl/worksheets/sheet{['Notice', 'Fiches', 'Indicateurs', 'Charges', 'Produits'].index(title) + 1}.xml"


def with_rows(rows: bytes) -> Callable[[dict[str, bytes]], None]:
    """Add rows to « Charges » as raw XML, because a library would take too long for 100,000 of them."""

    def change(parts: dict[str, bytes]) -> None:
        name = part_of(parts, "Charges")
        parts[name] = parts[name].replace(b"</sheetData>", rows + b"</sheetData>")

    return change


def long_shared_text(parts: dict[str, bytes]) -> None:
    """Refer to one text of a megabyte from thousands of cells, each of which a reader could copy."""
    parts["xl/sharedStrings.xml"] = (
        b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>'
        + b"a" * 1_000_000
        + b"</t></si></sst>"
    )
    cells = b"".join(b'<c r="A%d" t="s"><v>0</v></c>' % row for row in range(10, 1500))
    with_rows(b'<row r="10">' + cells + b"</row>")(parts)


def swapped(old: bytes, new: bytes, title: str) -> Callable[[dict[str, bytes]], None]:
    def change(parts: dict[str, bytes]) -> None:
        name = part_of(parts, title)
        assert old in parts[name]
        parts[name] = parts[name].replace(old, new, 1)

    return change


MANY = b"".join(
    b'<row r="%d"><c r="A%d" t="inlineStr"><is><t>1-A</t></is></c></row>' % (row, row) for row in range(9, 100_009)
)
FAR = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
BILLION = b'<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
LONG_TAG = b" ".join(b'a%d="1"' % rank for rank in range(1_500_000))
BAD_FILES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "no workbook at all": (lambda data: b"%PDF-1.7", "n’est pas un classeur XLSX"),
    "cut short": (lambda data: data[: len(data) // 2], "incomplet"),
    "an ordinary zip": (lambda data: rezipped(data, dict.clear), "n’est pas un classeur XLSX"),
    "a sheet renamed": (
        lambda data: edited(data, lambda book: setattr(book["Charges"], "title", "Dépenses")),
        "il n’a pas la feuille «\u00a0Charges\u00a0»",
    ),
    "macros": (lambda data: rezipped(data, lambda parts: parts.update({"xl/vbaProject.bin": b"x"})), "macros"),
    "100,000 rows": (lambda data: rezipped(data, with_rows(MANY)), "2\u00a0000 lignes"),
    "a cell at the end of the world": (lambda data: rezipped(data, with_rows(FAR)), "2\u00a0000 lignes"),
    "zip bomb": (
        lambda data: rezipped(data, lambda parts: parts.update({"xl/media/image1.png": b"\0" * 60_000_000})),
        "beaucoup trop grand",
    ),
    "too many parts": (
        lambda data: rezipped(data, lambda parts: parts.update({f"xl/x{n}.xml": b"<a/>" for n in range(300)})),
        "beaucoup trop grand",
    ),
    "a text repeated without end": (lambda data: rezipped(data, long_shared_text), "trop grand"),
    "elements that nobody reads": (
        lambda data: rezipped(data, swapped(b"</sheetData>", b"<x>" * 2_000_000 + b"</sheetData>", "Charges")),
        "trop grande",
    ),
    "a part beside the sheets": (
        lambda data: rezipped(
            data, lambda parts: parts.update({"xl/styles.xml": b"<a>" + b"<z/>" * 5_000_000 + b"</a>"})
        ),
        "trop grand",
    ),
    "attributes without end": (
        lambda data: rezipped(data, swapped(b"<sheetData>", b"<x " + LONG_TAG + b"/><sheetData>", "Charges")),
        "trop grande",
    ),
    "entities": (
        lambda data: rezipped(data, swapped(b"<worksheet", BILLION + b"<worksheet", "Charges")),
        "n’est pas un classeur XLSX",
    ),
    "XML that is none": (
        lambda data: rezipped(data, swapped(b"</sheetData>", b"</sheet>", "Charges")),
        "n’est pas un classeur XLSX",
    ),
}


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_bad_file_gets_a_clear_answer_within_two_seconds(filled: Programme, kind: str) -> None:
    make, says = BAD_FILES[kind]
    data, content = make(exported(filled)), read_programme(filled)
    start = time.process_time()
    with pytest.raises(ValidationError) as error:
        read_workbook(data, filled, content)
    assert time.process_time() - start < 2
    assert says in error.value.messages[0]


# A change in the workbook of `filled`, the cell that the message names, and words of the message.
BAD_CELLS: dict[str, tuple[Callable[[Book], Any], str, str]] = {
    "text in an amount": (
        set_cell("Charges", "2026", "douze"),
        "Charges!D2",
        "«\u00a0douze\u00a0» n’est pas un montant",
    ),
    "yes in an amount": (set_cell("Charges", "2026", True), "Charges!D2", "n’est pas un montant"),
    "a date in an amount": (set_cell("Charges", "2026", dt.date(2026, 1, 2)), "Charges!D2", "n’est pas un montant"),
    "half cents": (set_cell("Charges", "2026", 10.005), "Charges!D2", "2 chiffres après la virgule"),
    "a negative amount": (set_cell("Charges", "2026", -5), "Charges!D2", "négatif"),
    "an amount too large": (set_cell("Charges", "2026", 10**13), "Charges!D2", "trop grand"),
    "an amount of sixteen digits": (set_cell("Charges", "2026", 1e15), "Charges!D2", "trop grand"),
    "an unknown account": (
        set_cell("Charges", "Compte", "999"),
        "Charges!B2",
        "n’est pas un compte de la nomenclature",
    ),
    "an account of the other side": (
        set_cell("Charges", "Compte", "74-ETAT"),
        "Charges!B2",
        "pas un compte de charges",
    ),
    "a formula in error": (set_cell("Charges", "2026", "#REF!"), "Charges!D2", "erreur #REF!"),
    "a formula never computed": (set_cell("Charges", "2026", "=1+1"), "Charges!D2", "pas enregistré"),
    "an unknown fiche": (set_cell("Charges", "Fiche", "9-Z"), "Charges!A2", "Aucune fiche n’a le code"),
    "the same line twice": (doubled("Charges"), "Charges!B5", "figure deux fois"),
    "a fiche without code": (set_cell("Fiches", "Code", None), "Fiches!A2", "obligatoire"),
    "two fiches with a code": (set_cell("Fiches", "Code", "1-A", 3), "Fiches!A3", "déjà celui d’une autre fiche"),
    "an unknown axis": (set_cell("Fiches", "Axe", 9), "Fiches!B2", "n’est pas un axe du cycle"),
    "an objective of another axis": (
        set_cell("Fiches", "Objectif", "2.1"),
        "Fiches!C2",
        "n’est pas un objectif de l’axe 1",
    ),
    "no title": (set_cell("Fiches", "Intitulé", "   "), "Fiches!D2", "vide"),
    "a title too long": (set_cell("Fiches", "Intitulé", "a" * 201), "Fiches!D2", "200"),
    "a year out of the cycle": (set_cell("Fiches", "Dernière année", 2031), "Fiches!G2", "2025 à 2027"),
    "an unknown function": (set_cell("Fiches", "Fonctions", "Z9"), "Fiches!H2", "n’est pas le code d’une fonction"),
    "no date": (set_cell("Fiches", "Début", "mardi"), "Fiches!P2", "n’est pas une date"),
    "a number as a date": (set_cell("Fiches", "Début", 45000.5), "Fiches!P2", "n’est pas une date"),
    "no number": (set_cell("Fiches", "ETP par an", "un peu"), "Fiches!T2", "n’est pas un nombre"),
    "an unknown unit": (set_cell("Indicateurs", "Unité", "litres"), "Indicateurs!C2", "n’est pas dans la liste"),
    "words as a target": (set_cell("Indicateurs", "Cible 2025", "beaucoup"), "Indicateurs!J2", "n’est pas un nombre"),
    "an unknown column": (
        lambda book: setattr(book["Charges"].cell(1, 9), "value", "2031"),
        "Charges!I1",
        "Colonne inconnue",
    ),
    "a column lost": (lambda book: book["Fiches"].delete_cols(4), "Fiches!A1", "colonne «\u00a0Intitulé\u00a0»"),
    "a key that is none": (set_cell("Fiches", "Clé", "abc"), "Fiches!AB2", "clé est illisible"),
}


CONSEQUENCES = ("a fiche without code", "two fiches with a code")  # the cells that refer to the code have messages too


@pytest.mark.parametrize("kind", BAD_CELLS)
def test_an_error_is_said_at_its_cell_and_nothing_is_imported(filled: Programme, kind: str) -> None:
    change, place, says = BAD_CELLS[kind]
    reading = read_back(edited(exported(filled), change), filled)
    assert next(iter(faults_of(reading))) == place, "the consequences come after"
    assert len(faults_of(reading)) == 1 or kind in CONSEQUENCES, faults_of(reading)
    assert says in faults_of(reading)[place]
    assert reading.content is None


def test_every_error_is_said_at_once(filled: Programme) -> None:
    def change(book: Book) -> None:
        set_cell("Produits", "2025", "beaucoup")(book)
        set_cell("Charges", "2026", "douze")(book)
        set_cell("Fiches", "Axe", "neuf")(book)

    reading = read_back(edited(exported(filled), change), filled)
    assert list(faults_of(reading)) == ["Fiches!B2", "Charges!D2", "Produits!D2"], "in the order of the workbook"
