"""A programme as a workbook: the round trip, what is refused and where, and what an import changes."""

import datetime as dt
import io
import time
import zipfile
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from actions import services
from actions.enums import NUMERIC_UNITS, Direction, IndicatorType, SheetNature, Unit
from actions.models import Function, Programme
from actions.services import AmountLine, IndicatorData, ProgrammeData, SheetData, TargetData, read_programme
from actions.spreadsheet import Reading, preview, read_workbook, write_workbook
from cpo.lib import workbooks
from cpo.lib.editing import StaleRevision
from tests.factories.actions import (
    IndicatorDefinitionFactory,
    ProgrammeFactory,
    SheetFactory,
    SheetIndicatorFactory,
    account,
    expense,
    fill_sheet,
    resource,
)

pytestmark = pytest.mark.django_db
FAST = (Phase.explicit, Phase.reuse, Phase.generate)  # shrinking would take minutes
Book = openpyxl.Workbook


def fresh(programme: Programme) -> Programme:
    return Programme.objects.get(pk=programme.pk)


def exported(programme: Programme) -> bytes:
    return write_workbook(programme, read_programme(programme), number="CPO-2025-EXE-001")


def read_back(data: bytes, programme: Programme) -> Reading:
    return read_workbook(data, programme, read_programme(programme))


def edited(data: bytes, change: Callable[[Book], Any]) -> bytes:
    """The workbook as somebody would have changed it by hand."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def at(sheet: Any, title: str, row: int = 2) -> Any:
    """The cell of a column, by its heading."""
    column = next(cell.column for cell in sheet[1] if str(cell.value) == title)
    return sheet.cell(row=row, column=column)


def _bare(value: Any) -> Any:
    return value.strip() or None if isinstance(value, str) else value


def told(reading: Reading) -> dict[str, str]:
    return {fault.place: fault.message for fault in reading.faults}


def contents(data: bytes) -> dict[str, list[tuple[Any, ...]]]:
    """Every cell of every sheet, texts without blanks around them, without the hidden keys and the stamp."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    found = {}
    for sheet in book.worksheets:
        keys = {cell.column for cell in sheet[1] if cell.value == "Clé"} | (
            {1, 2} if sheet.title == "Listes" else set()
        )
        found[sheet.title] = [
            tuple(_bare(cell.value) for cell in row if cell.column not in keys) for row in sheet.iter_rows()
        ]
    return found


@pytest.fixture
def filled(programme: Programme) -> Programme:
    """Two balanced fiches and structure costs."""
    for number in (1, 2):
        axis = programme.cycle.axes.get(number=number)
        fill_sheet(SheetFactory(programme=programme, axis=axis, code=f"{number}-A", title=f"Action {number}"))
    expense(programme, "61", 2025, "120.50")
    resource(programme, "756", 2025, "120.50")
    return programme


# -- Round trip ----------------------------------------------------------------------------------------------------

PRINTED = st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=["Cs"])
TRAPS = st.sampled_from(["\r\n", "\n", "_x0041_", "=1+1", "#N/A", "\u00a0", " ", "\x07", "\ufffe"])
ANY = st.lists(st.text(PRINTED, max_size=8) | TRAPS, max_size=5).map("".join)
CLEAN = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Z"]), min_size=1)
SHORT = CLEAN.map(lambda text: text[:60]).filter(lambda text: text.strip() == text and text)
CENTS = st.integers(1, 99_999_999_999_999).map(lambda cents: Decimal(cents) / 100)
AMOUNTS = st.dictionaries(st.sampled_from([2025, 2026, 2027]), CENTS, min_size=1)
NUMBERS = st.integers(0, 99_999_999_999_999).map(lambda cents: Decimal(cents) / 100)


def targets_of(unit: str) -> st.SearchStrategy[TargetData]:
    none = st.just(TargetData(not_applicable=True))
    if unit == Unit.YES_NO:
        return none | st.sampled_from(["oui", "non"]).map(lambda text: TargetData(text=text))
    if unit in NUMERIC_UNITS:
        top = 500 if unit == Unit.SCORE else 99_999_999_999_999
        return none | st.integers(0, top).map(lambda cents: TargetData(number=Decimal(cents) / 100))
    return none | SHORT.filter(lambda text: text.lower() != "sans objet").map(lambda text: TargetData(text=text))


@st.composite
def indicators(draw: Any) -> IndicatorData:
    unit = draw(st.sampled_from(list(Unit)))
    return IndicatorData(
        label=draw(SHORT),
        unit=unit,
        direction=draw(st.sampled_from(list(Direction))),
        type=draw(st.sampled_from(list(IndicatorType))),
        definition=draw(ANY),
        source=draw(SHORT),
        baseline=draw(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=60)),
        targets=draw(st.dictionaries(st.sampled_from([2025, 2026, 2027]), targets_of(unit))),
    )


def lines(code: str, **more: Any) -> st.SearchStrategy[list[tuple[str, str, dict[int, Decimal]]]]:
    funders = st.lists(SHORT, max_size=3, unique_by=str.casefold) if more else st.just([""])
    return funders.flatmap(
        lambda names: st.tuples(*[AMOUNTS] * len(names)).map(
            lambda amounts: [(code, name, given) for name, given in zip(names, amounts, strict=True)]
        )
    )


@st.composite
def programmes(draw: Any) -> list[dict[str, Any]]:
    codes = draw(st.lists(SHORT.map(lambda text: text[:12]), max_size=3, unique=True))
    return [
        {
            "code": code,
            "axis": draw(st.integers(1, 3)),
            "objective": draw(st.booleans()),
            "nature": draw(st.sampled_from(list(SheetNature))),
            "functions": draw(st.sets(st.integers(0, 4))),
            "fte": draw(st.none() | st.integers(0, 999_999).map(lambda cents: Decimal(cents) / 100)),
            "starts_on": draw(st.none() | st.dates(dt.date(2025, 1, 1), dt.date(2026, 1, 1))),
            "ends_on": draw(st.none() | st.dates(dt.date(2026, 1, 1), dt.date(2027, 12, 31))),
            "texts": draw(st.fixed_dictionaries(dict.fromkeys(("context", "steps", "priorities", "pilot_name"), ANY))),
            "title": draw(SHORT),
            "indicators": draw(st.lists(indicators(), max_size=3)),
            "expenses": draw(lines("64")),
            "resources": draw(lines("74-ETAT", funder=True)) + draw(lines("756", funder=True)),
        }
        for code in codes
    ]


def written(programme: Programme, sheets: list[dict[str, Any]]) -> ProgrammeData:
    """What was drawn, as the content of this programme."""
    axes = {axis.number: axis for axis in programme.cycle.axes.all()}
    functions = list(Function.objects.all())

    def made(rows: Iterable[tuple[str, str, dict[int, Decimal]]]) -> tuple[AmountLine, ...]:
        return tuple(AmountLine(account(code), amounts, funder) for code, funder, amounts in rows)

    found = []
    for sheet in sheets:
        blank = dict.fromkeys(services.SHEET_FIELDS, "") | {"first_year": 2025, "last_year": 2027}
        same = {name: sheet[name] for name in ("code", "title", "nature", "fte", "starts_on", "ends_on")}
        axis = axes[sheet["axis"]]
        links = {"axis": axis, "objective": axis.objectives.get() if sheet["objective"] else None}
        chosen = tuple(function for place, function in enumerate(functions) if place in sheet["functions"])
        rest = {"functions": chosen, "indicators": tuple(sheet["indicators"])}
        amounts = {"expenses": made(sheet["expenses"]), "resources": made(sheet["resources"])}
        found.append(SheetData(fields=blank | sheet["texts"] | same | links, **rest, **amounts))
    return ProgrammeData(tuple(found))


@given(sheets=programmes(), structure=lines("61"))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), phases=FAST)
def test_export_then_import_then_export_is_the_identity(
    programme: Programme, director: Any, sheets: list[dict[str, Any]], structure: Any
) -> None:
    content = written(programme, sheets)
    own = tuple(AmountLine(account(code), amounts) for code, _, amounts in structure)
    content = ProgrammeData(content.sheets, own)
    services.replace_programme(programme=programme, by=director, expected_revision=None, content=content)
    programme = fresh(programme)
    stored, first = read_programme(programme), exported(programme)

    back = read_back(first, programme)
    assert told(back) == {}
    assert back.content == stored, "the same programme, cent for cent and character for character"
    assert preview(stored, stored, programme.cycle.years).empty

    other = ProgrammeFactory(cycle=programme.cycle, dossier=programme.dossier)
    moved = read_back(first, other)
    assert told(moved) == {} and moved.content is not None
    services.replace_programme(programme=other, by=director, expected_revision=None, content=moved.content)
    assert contents(exported(fresh(other))) == contents(first), "into an empty programme, the same cells, as forms trim"


# -- Bad files: a clear answer within two seconds, and nothing changes -----------------------------------------------


def rezipped(data: bytes, change: Callable[[dict[str, bytes]], Any]) -> bytes:
    """The workbook with other parts."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def part_of(parts: dict[str, bytes], title: str) -> str:
    return f"xl/worksheets/sheet{['Notice', 'Fiches', 'Indicateurs', 'Charges', 'Produits'].index(title) + 1}.xml"


def with_rows(rows: bytes) -> Callable[[dict[str, bytes]], None]:
    """Rows added to « Charges » as raw XML: nobody would write 100,000 of them by hand."""

    def change(parts: dict[str, bytes]) -> None:
        name = part_of(parts, "Charges")
        parts[name] = parts[name].replace(b"</sheetData>", rows + b"</sheetData>")

    return change


def long_shared_text(parts: dict[str, bytes]) -> None:
    """One text of a megabyte, named by thousands of cells: each of them would be a copy of it."""
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
    data, stored = make(exported(filled)), read_programme(filled)
    start = time.process_time()
    with pytest.raises(ValidationError) as error:
        read_workbook(data, filled, stored)
    assert time.process_time() - start < 2
    assert says in error.value.messages[0]


def typed(sheet: str, title: str, value: Any, row: int = 2) -> Callable[[Book], None]:
    return lambda book: setattr(at(book[sheet], title, row), "value", value)


def doubled(sheet: str, row: int = 2) -> Callable[[Book], None]:
    """The row copied at the end."""
    return lambda book: book[sheet].append([cell.value for cell in book[sheet][row]])


# What is typed in the workbook of `filled` → the cell that is named, and what is said there.
BAD_CELLS: dict[str, tuple[Callable[[Book], Any], str, str]] = {
    "text in an amount": (typed("Charges", "2026", "douze"), "Charges!D2", "«\u00a0douze\u00a0» n’est pas un montant"),
    "yes in an amount": (typed("Charges", "2026", True), "Charges!D2", "n’est pas un montant"),
    "a date in an amount": (typed("Charges", "2026", dt.date(2026, 1, 2)), "Charges!D2", "n’est pas un montant"),
    "half cents": (typed("Charges", "2026", 10.005), "Charges!D2", "2 chiffres après la virgule"),
    "a negative amount": (typed("Charges", "2026", -5), "Charges!D2", "négatif"),
    "an amount too large": (typed("Charges", "2026", 10**13), "Charges!D2", "trop grand"),
    "an unknown account": (typed("Charges", "Compte", "999"), "Charges!B2", "n’est pas un compte de la nomenclature"),
    "an account of the other side": (typed("Charges", "Compte", "74-ETAT"), "Charges!B2", "pas un compte de charges"),
    "a formula in error": (typed("Charges", "2026", "#REF!"), "Charges!D2", "erreur #REF!"),
    "a formula never computed": (typed("Charges", "2026", "=1+1"), "Charges!D2", "pas enregistré"),
    "an unknown fiche": (typed("Charges", "Fiche", "9-Z"), "Charges!A2", "Aucune fiche n’a le code"),
    "the same line twice": (doubled("Charges"), "Charges!B5", "figure deux fois"),
    "a fiche without code": (typed("Fiches", "Code", None), "Fiches!A2", "obligatoire"),
    "two fiches with a code": (typed("Fiches", "Code", "1-A", 3), "Fiches!A3", "déjà celui d’une autre fiche"),
    "an unknown axis": (typed("Fiches", "Axe", 9), "Fiches!B2", "n’est pas un axe du cycle"),
    "an objective of another axis": (
        typed("Fiches", "Objectif", "2.1"),
        "Fiches!C2",
        "n’est pas un objectif de l’axe 1",
    ),
    "no title": (typed("Fiches", "Intitulé", "   "), "Fiches!D2", "vide"),
    "a title too long": (typed("Fiches", "Intitulé", "a" * 201), "Fiches!D2", "200"),
    "a year out of the cycle": (typed("Fiches", "Dernière année", 2031), "Fiches!G2", "2025 à 2027"),
    "an unknown function": (typed("Fiches", "Fonctions", "Z9"), "Fiches!H2", "n’est pas le code d’une fonction"),
    "no date": (typed("Fiches", "Début", "mardi"), "Fiches!P2", "n’est pas une date"),
    "a number as a date": (typed("Fiches", "Début", 45000.5), "Fiches!P2", "n’est pas une date"),
    "no number": (typed("Fiches", "ETP par an", "un peu"), "Fiches!T2", "n’est pas un nombre"),
    "an unknown unit": (typed("Indicateurs", "Unité", "litres"), "Indicateurs!C2", "n’est pas dans la liste"),
    "words as a target": (typed("Indicateurs", "Cible 2025", "beaucoup"), "Indicateurs!J2", "n’est pas un nombre"),
    "an unknown column": (
        lambda book: setattr(book["Charges"].cell(1, 9), "value", "2031"),
        "Charges!I1",
        "Colonne inconnue",
    ),
    "a column lost": (lambda book: book["Fiches"].delete_cols(4), "Fiches!A1", "colonne «\u00a0Intitulé\u00a0»"),
    "a key that is none": (typed("Fiches", "Clé", "abc"), "Fiches!AB2", "clé est illisible"),
}


CONSEQUENCES = ("a fiche without code", "two fiches with a code")  # what refers to the code is told besides


@pytest.mark.parametrize("kind", BAD_CELLS)
def test_an_error_is_said_at_its_cell_and_nothing_is_imported(filled: Programme, kind: str) -> None:
    change, place, says = BAD_CELLS[kind]
    reading = read_back(edited(exported(filled), change), filled)
    assert next(iter(told(reading))) == place, "what follows from it comes after"
    assert len(told(reading)) == 1 or kind in CONSEQUENCES, told(reading)
    assert says in told(reading)[place]
    assert reading.content is None


def test_every_error_is_said_at_once(filled: Programme) -> None:
    def change(book: Book) -> None:
        typed("Produits", "2025", "beaucoup")(book)
        typed("Charges", "2026", "douze")(book)
        typed("Fiches", "Axe", "neuf")(book)

    reading = read_back(edited(exported(filled), change), filled)
    assert list(told(reading)) == ["Fiches!B2", "Charges!D2", "Produits!D2"], "in the order of the workbook"


# -- What is read ----------------------------------------------------------------------------------------------------


def read_content(data: bytes, programme: Programme) -> ProgrammeData:
    reading = read_back(data, programme)
    assert told(reading) == {} and reading.content is not None
    return reading.content


def imported(data: bytes, programme: Programme, by: Any) -> services.Outcome:
    content = read_content(data, programme)
    return services.replace_programme(programme=programme, by=by, expected_revision=None, content=content)


def test_amounts_are_read_to_the_cent_whatever_the_float(filled: Programme) -> None:
    def change(book: Book) -> None:
        typed("Charges", "2025", 0.1 + 0.2)(book)
        typed("Charges", "2026", "1\u00a0234,56\u00a0€")(book)
        typed("Charges", "2027", 999_999_999_999.99)(book)

    (line,) = read_content(edited(exported(filled), change), filled).sheets[0].expenses
    assert line.amounts == {2025: Decimal("0.3"), 2026: Decimal("1234.56"), 2027: Decimal("999999999999.99")}


def test_a_blank_or_a_zero_is_no_line_and_blank_is_no_target(filled: Programme) -> None:
    def change(book: Book) -> None:
        typed("Charges", "2025", 0)(book)
        typed("Charges", "2026", None)(book)
        typed("Indicateurs", "Cible 2025", None)(book)
        typed("Indicateurs", "Cible 2026", "Sans objet")(book)

    sheet = read_content(edited(exported(filled), change), filled).sheets[0]
    assert set(sheet.expenses[0].amounts) == {2027}
    assert sheet.indicators[0].targets == {
        2026: TargetData(not_applicable=True),
        2027: TargetData(number=Decimal(40)),
    }


def test_a_number_alone_names_an_axis_an_objective_and_an_account(filled: Programme) -> None:
    def change(book: Book) -> None:
        typed("Fiches", "Axe", 1)(book)
        typed("Fiches", "Objectif", 1.1)(book)
        typed("Charges", "Compte", 64)(book)

    sheet = read_content(edited(exported(filled), change), filled).sheets[0]
    assert (sheet.fields["axis"].number, sheet.fields["objective"].number) == (1, "1.1")
    assert sheet.expenses[0].account == account("64")


def test_a_row_copied_with_its_hidden_key_is_a_new_fiche(filled: Programme, director: Any) -> None:
    """The one that kept the code stays the fiche, wherever its row is."""

    def change(book: Book) -> None:
        doubled("Fiches")(book)
        typed("Fiches", "Code", "1-B", row=2)(book)
        typed("Fiches", "Code", "1-A", row=4)(book)

    key = filled.sheets.get(code="1-A").key
    outcome = imported(edited(exported(filled), change), filled, director)
    assert (outcome.added, outcome.removed) == (["1-B"], [])
    assert filled.sheets.get(code="1-A").key == key
    assert filled.sheets.get(code="1-B").key != key


def test_a_national_indicator_keeps_the_wording_of_the_catalogue(filled: Programme) -> None:
    definition = IndicatorDefinitionFactory(cycle=filled.cycle, code="NAT-1", national=True, label="Jeunes suivis")
    sheet = filled.sheets.get(code="1-A")
    SheetIndicatorFactory(sheet=sheet, definition_from=definition, label="Jeunes suivis", rank=0)
    assert told(read_back(exported(filled), filled)) == {}
    reading = read_back(edited(exported(filled), typed("Indicateurs", "Libellé", "Autrement dit", 3)), filled)
    assert "est national" in told(reading)["Indicateurs!B3"]


def test_a_new_indicator_may_be_taken_from_the_catalogue_by_its_code(filled: Programme) -> None:
    IndicatorDefinitionFactory(cycle=filled.cycle, code="CAT-1", label="Jeunes suivis", unit=Unit.NUMBER)
    row = {"Fiche": "1-A", "Catalogue": "CAT-1", "Cible 2025": 12}

    def change(book: Book) -> None:
        sheet = book["Indicateurs"]
        sheet.append([row.get(str(cell.value)) for cell in sheet[1]])

    data = read_content(edited(exported(filled), change), filled).sheets[0].indicators[-1]
    assert (data.label, data.unit, data.targets[2025].number) == ("Jeunes suivis", Unit.NUMBER, Decimal(12))


def test_a_text_can_not_become_a_formula(filled: Programme) -> None:
    filled.sheets.filter(code="1-A").update(context='=HYPERLINK("http://exemple.example")', title="@SUM(1)")
    sheet = openpyxl.load_workbook(io.BytesIO(exported(filled)))["Fiches"]
    assert (at(sheet, "Contexte et diagnostic").data_type, at(sheet, "Intitulé").data_type) == ("s", "s")


def test_a_text_longer_than_a_cell_is_kept_unless_it_is_changed(filled: Programme) -> None:
    filled.sheets.filter(code="1-A").update(context="a" * 50_000)
    data = exported(filled)
    assert read_content(data, filled).sheets[0].fields["context"] == "a" * 50_000
    reading = read_back(edited(data, typed("Fiches", "Contexte et diagnostic", "Autrement")), filled)
    assert "plus long que ce qu’une cellule contient" in told(reading)["Fiches!I2"]


def test_the_template_has_lists_notes_and_no_fiche(filled: Programme) -> None:
    book = openpyxl.load_workbook(io.BytesIO(write_workbook(filled, ProgrammeData(), number="CPO-2025-EXE-001")))
    assert book.sheetnames == ["Notice", "Fiches", "Indicateurs", "Charges", "Produits", "Listes"]
    assert book["Listes"].sheet_state == "hidden"
    assert book["Fiches"].max_row == 1
    rules = book["Fiches"].data_validations.dataValidation
    assert any(rule.type == "list" and "Listes!" in rule.formula1 for rule in rules)
    assert any(rule.prompt and "Obligatoire" in rule.prompt for rule in rules)
    assert any("Compte" in str(cell.value) for row in book["Notice"].iter_rows() for cell in row)


# -- What an import changes ------------------------------------------------------------------------------------------


def test_an_import_adds_changes_and_removes_in_one_write(filled: Programme, director: Any) -> None:
    keys = {sheet.code: sheet.key for sheet in filled.sheets.all()}

    def change(book: Book) -> None:
        typed("Fiches", "Intitulé", "Autre titre")(book)
        row = {"Code": "3-A", "Axe": 3, "Intitulé": "Nouvelle"}
        book["Fiches"].delete_rows(3)
        book["Fiches"].append([row.get(str(cell.value)) for cell in book["Fiches"][1]])
        for name in ("Indicateurs", "Charges", "Produits"):
            for number in range(book[name].max_row, 1, -1):
                if at(book[name], "Fiche", number).value == "2-A":
                    book[name].delete_rows(number)

    outcome = imported(edited(exported(filled), change), filled, director)
    assert (outcome.added, outcome.changed, outcome.removed) == (["3-A"], ["1-A"], ["2-A"])
    assert {sheet.code for sheet in filled.sheets.all()} == {"1-A", "3-A"}
    sheet = filled.sheets.get(code="1-A")
    assert (sheet.key, sheet.title) == (keys["1-A"], "Autre titre")
    assert fresh(filled).revision == 1, "one write"


def test_two_fiches_may_exchange_their_codes(filled: Programme, director: Any) -> None:
    keys = {sheet.code: sheet.key for sheet in filled.sheets.all()}

    def change(book: Book) -> None:
        for name in ("Fiches", "Indicateurs", "Charges", "Produits"):
            for row in book[name].iter_rows(min_row=2, max_col=1):
                row[0].value = {"1-A": "2-A", "2-A": "1-A"}.get(row[0].value, row[0].value)

    assert imported(edited(exported(filled), change), filled, director).removed == []
    assert {sheet.code: sheet.key for sheet in filled.sheets.all()} == {"1-A": keys["2-A"], "2-A": keys["1-A"]}


def test_the_order_of_the_rows_is_that_of_the_fiches(programme: Programme, director: Any) -> None:
    axis = programme.cycle.axes.get(number=1)
    for code in ("1-A", "1-B"):
        SheetFactory(programme=programme, axis=axis, code=code)

    def change(book: Book) -> None:
        first = [cell.value for cell in book["Fiches"][2]]
        book["Fiches"].delete_rows(2)
        book["Fiches"].append(first)

    data = edited(exported(programme), change)
    stored = read_programme(programme)
    shown = preview(stored, read_content(data, programme), programme.cycle.years)
    assert [(line.stored, line.typed) for line in shown.order] == [("1-A, 1-B", "1-B, 1-A")]
    imported(data, programme, director)
    assert [sheet.code for sheet in programme.sheets.all()] == ["1-B", "1-A"]


def test_the_preview_says_each_field_and_the_totals(filled: Programme) -> None:
    def change(book: Book) -> None:
        typed("Charges", "2025", 1500)(book)
        typed("Indicateurs", "Cible 2026", "sans objet")(book)

    content = read_content(edited(exported(filled), change), filled)
    shown = preview(read_programme(filled), content, filled.cycle.years)
    (changed,) = shown.changed
    assert [(line.stored, line.typed) for line in changed.differences] == [
        ("40", "sans objet"),
        ("1\u00a0000\u00a0€", "1\u00a0500\u00a0€"),
    ]
    assert (shown.totals[0].before.expenses, shown.totals[0].after.expenses) == (Decimal("2120.50"), Decimal("2620.50"))
    assert shown.kept == 1 and not shown.empty


def test_who_may_not_write_the_texts_imports_nothing(filled: Programme, accountant: Any, officer: Any) -> None:
    content = read_programme(filled)
    for person in (accountant, officer):
        with pytest.raises(PermissionDenied):
            services.replace_programme(programme=filled, by=person, expected_revision=0, content=content)


def test_an_import_never_overwrites_a_newer_revision(filled: Programme, director: Any) -> None:
    Programme.objects.filter(pk=filled.pk).update(revision=3)
    with pytest.raises(StaleRevision):
        services.replace_programme(programme=filled, by=director, expected_revision=2, content=ProgrammeData())
    assert filled.sheets.count() == 2


def test_all_or_nothing_even_if_the_content_is_refused_late(filled: Programme, director: Any) -> None:
    content = read_programme(filled)
    last = content.sheets[-1]
    wrong = SheetData(last.fields | {"title": ""}, last.key, last.functions, last.indicators)
    with pytest.raises(ValidationError):
        services.replace_programme(
            programme=filled, by=director, expected_revision=None, content=ProgrammeData((wrong,))
        )
    assert read_programme(fresh(filled)) == content


def test_reading_a_programme_costs_the_same_for_one_and_for_three_fiches(
    programme: Programme, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    counts = []
    for _ in (1, 2, 3):
        fill_sheet(SheetFactory(programme=programme))
        data = exported(fresh(programme))
        with django_assert_max_num_queries(40) as queries:
            read_back(data, fresh(programme))
        counts.append(len(queries))
    assert counts[0] == counts[2]


def test_cells_are_named_as_in_a_spreadsheet() -> None:
    assert [workbooks.reference(*place) for place in ((11, 3), (0, 26), (1, 701))] == ["D12", "AA1", "ZZ2"]
