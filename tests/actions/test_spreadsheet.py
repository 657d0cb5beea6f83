"""Read a workbook as a programme, and import it."""

import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from actions import services
from actions.enums import Unit
from actions.models import Programme, SheetIndicator
from actions.services import ProgrammeData, SheetData, TargetData, read_programme
from actions.spreadsheet import NEW, preview, read_workbook, write_workbook
from cpo.lib.editing.lock import StaleRevision
from cpo.lib.files import workbooks
from tests.factories.actions import (
    IndicatorDefinitionFactory,
    SheetFactory,
    SheetIndicatorFactory,
    account,
    fill_sheet,
)

from .books import Book, at, doubled, edited, exported, faults_of, fresh, read_back, read_content, set_cell

pytestmark = pytest.mark.django_db


# -- Reading ---------------------------------------------------------------------------------------------------------


def imported(data: bytes, programme: Programme, by: Any) -> services.Outcome:
    content = read_content(data, programme)
    return services.replace_programme(programme=programme, by=by, expected_revision=None, content=content)


def test_amounts_are_read_to_the_cent_whatever_the_float(filled: Programme) -> None:
    def change(book: Book) -> None:
        set_cell("Charges", "2025", 0.1 + 0.2)(book)
        set_cell("Charges", "2026", "1\u00a0234,56\u00a0€")(book)
        set_cell("Charges", "2027", 999_999_999_999.99)(book)

    (line,) = read_content(edited(exported(filled), change), filled).sheets[0].expenses
    assert line.amounts == {2025: Decimal("0.3"), 2026: Decimal("1234.56"), 2027: Decimal("999999999999.99")}


@pytest.mark.parametrize("shape", ["0%", "0.00%", '0" % environ "0%', "[Red]0%"])
def test_a_cell_that_shows_a_percentage_says_what_it_shows(programme: Programme, shape: str) -> None:
    """A spreadsheet stores 80 % as 0.8."""
    sheet = SheetFactory(programme=programme, code="1-A")
    SheetIndicatorFactory(sheet=sheet, label="Taux de sortie", unit=Unit.PERCENT)

    def change(book: Book) -> None:
        cell = at(book["Indicateurs"], "Cible 2026")
        cell.value, cell.number_format = 0.805, shape

    content = read_content(edited(exported(programme), change), programme)
    assert content.sheets[0].indicators[0].targets[2026] == TargetData(number=Decimal("80.5"))


def test_an_amount_shown_as_a_percentage_is_refused_at_its_cell(filled: Programme) -> None:
    def change(book: Book) -> None:
        at(book["Charges"], "2026").number_format = "0%"

    faults = faults_of(read_back(edited(exported(filled), change), filled))
    assert any("%" in message and "montant" in message for message in faults.values())


def test_a_percent_sign_that_is_only_written_beside_changes_nothing(filled: Programme) -> None:
    def change(book: Book) -> None:
        at(book["Charges"], "2026").number_format = '0" %"'

    assert read_content(edited(exported(filled), change), filled) == read_content(exported(filled), filled)


def test_a_blank_or_a_zero_is_no_line_and_blank_is_no_target(filled: Programme) -> None:
    def change(book: Book) -> None:
        set_cell("Charges", "2025", 0)(book)
        set_cell("Charges", "2026", None)(book)
        set_cell("Indicateurs", "Cible 2025", None)(book)
        set_cell("Indicateurs", "Cible 2026", "Sans objet")(book)

    sheet = read_content(edited(exported(filled), change), filled).sheets[0]
    assert set(sheet.expenses[0].amounts) == {2027}
    assert sheet.indicators[0].targets == {
        2026: TargetData(not_applicable=True),
        2027: TargetData(number=Decimal(40)),
    }


def test_a_number_alone_names_an_axis_an_objective_and_an_account(filled: Programme) -> None:
    def change(book: Book) -> None:
        set_cell("Fiches", "Axe", 1)(book)
        set_cell("Fiches", "Objectif", 1.1)(book)
        set_cell("Charges", "Compte", 64)(book)

    sheet = read_content(edited(exported(filled), change), filled).sheets[0]
    assert (sheet.fields["axis"].number, sheet.fields["objective"].number) == (1, "1.1")
    assert sheet.expenses[0].account == account("64")


def test_a_row_copied_with_its_hidden_key_is_a_new_fiche(filled: Programme, director: Any) -> None:
    """The row with the same code updates the fiche, whatever its position."""

    def change(book: Book) -> None:
        doubled("Fiches")(book)
        set_cell("Fiches", "Code", "1-B", row=2)(book)
        set_cell("Fiches", "Code", "1-A", row=4)(book)

    key = filled.sheets.get(code="1-A").key
    outcome = imported(edited(exported(filled), change), filled, director)
    assert (outcome.added, outcome.removed) == (["1-B"], [])
    assert filled.sheets.get(code="1-A").key == key
    assert filled.sheets.get(code="1-B").key != key


def test_a_national_indicator_keeps_the_wording_of_the_catalogue(filled: Programme) -> None:
    definition = IndicatorDefinitionFactory(cycle=filled.cycle, code="NAT-1", national=True, label="Jeunes suivis")
    sheet = filled.sheets.get(code="1-A")
    SheetIndicatorFactory(sheet=sheet, definition_from=definition, label="Jeunes suivis", rank=0)
    assert faults_of(read_back(exported(filled), filled)) == {}
    reading = read_back(edited(exported(filled), set_cell("Indicateurs", "Libellé", "Autrement dit", 3)), filled)
    assert "est national" in faults_of(reading)["Indicateurs!B3"]


def test_a_new_indicator_may_be_taken_from_the_catalogue_by_its_code(filled: Programme) -> None:
    IndicatorDefinitionFactory(cycle=filled.cycle, code="CAT-1", label="Jeunes suivis", unit=Unit.NUMBER)
    row = {"Fiche": "1-A", "Catalogue": "CAT-1", "Cible 2025": 12}

    def change(book: Book) -> None:
        sheet = book["Indicateurs"]
        sheet.append([row.get(str(cell.value)) for cell in sheet[1]])

    data = read_content(edited(exported(filled), change), filled).sheets[0].indicators[-1]
    assert (data.label, data.unit, data.targets[2025].number) == ("Jeunes suivis", Unit.NUMBER, Decimal(12))


def test_what_a_database_refuses_is_dropped_from_a_cell(filled: Programme, director: Any) -> None:
    """The cell contains « _x0000_ », which libraries decode as the null character."""

    def change(book: Book) -> None:
        set_cell("Indicateurs", "Unité", "statut")(book)
        set_cell("Indicateurs", "Cible 2025", "en_x0000_ cours")(book)
        set_cell("Fiches", "Intitulé", "Sans_x0000_ nul")(book)

    imported(edited(exported(filled), change), filled, director)
    sheet = filled.sheets.get(code="1-A")
    assert (sheet.title, sheet.indicators.get().targets.get(year=2025).text) == ("Sans nul", "en cours")


def test_a_text_can_not_become_a_formula(filled: Programme) -> None:
    filled.sheets.filter(code="1-A").update(context='=HYPERLINK("http://exemple.example")', title="@SUM(1)")
    sheet = openpyxl.load_workbook(io.BytesIO(exported(filled)))["Fiches"]
    assert (at(sheet, "Contexte et diagnostic").data_type, at(sheet, "Intitulé").data_type) == ("s", "s")


def test_a_text_longer_than_a_cell_is_kept_unless_it_is_changed(filled: Programme) -> None:
    filled.sheets.filter(code="1-A").update(context="a" * 50_000)
    data = exported(filled)
    assert read_content(data, filled).sheets[0].fields["context"] == "a" * 50_000
    reading = read_back(edited(data, set_cell("Fiches", "Contexte et diagnostic", "Autrement")), filled)
    assert "plus long que ce qu’une cellule contient" in faults_of(reading)["Fiches!I2"]


def test_the_template_has_lists_notes_and_no_fiche(filled: Programme) -> None:
    book = openpyxl.load_workbook(io.BytesIO(write_workbook(filled, ProgrammeData(), number="CPO-2025-EXE-001")))
    assert book.sheetnames == ["Notice", "Fiches", "Indicateurs", "Charges", "Produits", "Listes"]
    assert book["Listes"].sheet_state == "hidden"
    assert book["Fiches"].max_row == 1
    rules = book["Fiches"].data_validations.dataValidation
    assert any(rule.type == "list" and "Listes!" in rule.formula1 for rule in rules)
    assert any(rule.prompt and "Obligatoire" in rule.prompt for rule in rules)
    assert any("Compte" in str(cell.value) for row in book["Notice"].iter_rows() for cell in row)


# -- Importing -------------------------------------------------------------------------------------------------------


def test_an_import_adds_changes_and_removes_in_one_write(filled: Programme, director: Any) -> None:
    keys = {sheet.code: sheet.key for sheet in filled.sheets.all()}

    def change(book: Book) -> None:
        set_cell("Fiches", "Intitulé", "Autre titre")(book)
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
    assert fresh(filled).revision == 1, "the import is one write"


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
    content = read_programme(programme)
    differences = preview(content, read_content(data, programme), programme.cycle.years)
    assert [(line.current, line.imported) for line in differences.order] == [("1-A, 1-B", "1-B, 1-A")]
    imported(data, programme, director)
    assert [sheet.code for sheet in programme.sheets.all()] == ["1-B", "1-A"]


def test_the_preview_says_each_field_and_the_totals(filled: Programme) -> None:
    def change(book: Book) -> None:
        set_cell("Charges", "2025", 1500)(book)
        set_cell("Indicateurs", "Cible 2026", "sans objet")(book)

    content = read_content(edited(exported(filled), change), filled)
    differences = preview(read_programme(filled), content, filled.cycle.years)
    (sheet,) = differences.changed
    assert [(line.current, line.imported) for line in sheet.differences] == [
        ("40", "sans objet"),
        ("1\u00a0000\u00a0€", "1\u00a0500\u00a0€"),
    ]
    assert (differences.totals[0].before.expenses, differences.totals[0].after.expenses) == (
        Decimal("2120.50"),
        Decimal("2620.50"),
    )
    assert differences.unchanged == 1 and not differences.empty


@pytest.mark.parametrize(("target", "asks"), [("100", False), ("100,01", True), ("185 %", True)])
def test_the_preview_asks_about_a_new_target_of_a_rate_above_a_hundred(
    filled: Programme, target: str, asks: bool
) -> None:
    filled.sheets.get(code="1-A").indicators.update(unit=Unit.PERCENT)

    def asked(value: str) -> list[str]:
        content = read_content(edited(exported(filled), set_cell("Indicateurs", "Cible 2026", value)), filled)
        return preview(read_programme(filled), content, filled.cycle.years).rates

    assert [line.rpartition(", ")[2].startswith("2026\u00a0: 1") for line in asked(target)] == [True] * asks
    SheetIndicator.objects.filter(sheet__programme=filled).get(sheet__code="1-A").targets.filter(year=2026).update(
        number=Decimal(185)
    )
    assert asked("185") == [], "it is stored already"


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
    assert [workbooks.cell_name(*place) for place in ((11, 3), (0, 26), (1, 701))] == ["D12", "AA1", "ZZ2"]


@pytest.mark.parametrize("other", ["500²", "12³", "٣", "５００", "①", "5\n002", "1_000"])
def test_an_amount_in_a_workbook_is_ascii_digits(filled: Programme, other: str) -> None:
    year = filled.cycle.first_year
    reading = read_back(edited(exported(filled), set_cell("Charges", str(year), other)), filled)
    (message,) = faults_of(reading).values()
    assert f"{other}\u00a0» n’est pas un montant" in message


def test_what_was_stored_before_it_was_refused_is_exported_without_it(filled: Programme) -> None:
    filled.sheets.update(description="avant\x0baprès\x1f\u202e fin")
    assert at(openpyxl.load_workbook(io.BytesIO(exported(filled)))["Fiches"], "Description").value == "avant\naprès fin"


def test_a_bidirectional_control_is_refused_at_its_cell_as_a_form_refuses_it(filled: Programme) -> None:
    reading = read_back(edited(exported(filled), set_cell("Fiches", "Description", "payé \u202e000 1")), filled)
    ((cell, message),) = faults_of(reading).items()
    assert cell.startswith("Fiches!") and "inversent le sens de lecture" in message


# -- Rows that lost their key ------------------------------------------------------------------------------------------


def without_keys(book: Book) -> None:
    for name in ("Fiches", "Indicateurs"):
        for row in range(2, book[name].max_row + 1):
            at(book[name], "Clé", row).value = None


def test_a_workbook_whose_keys_were_emptied_is_matched_by_code_and_withdraws_nothing(filled: Programme) -> None:
    reading = read_back(edited(exported(filled), without_keys), filled)
    assert (reading.content, reading.questions) == (read_content(exported(filled), filled), [])


@pytest.mark.parametrize("name", ["Fiches", "Indicateurs"])
def test_a_lost_key_column_is_an_error_and_not_a_withdrawal(filled: Programme, name: str) -> None:
    def change(book: Book) -> None:
        book[name].delete_cols(at(book[name], "Clé").column)

    reading = read_back(edited(exported(filled), change), filled)
    assert "colonne masquée « Clé »" in faults_of(reading)[f"{name}!A1"]
    assert reading.content is None


def test_a_row_without_key_and_with_another_code_is_asked_about(filled: Programme) -> None:
    def change(book: Book) -> None:
        without_keys(book)
        for name in ("Fiches", "Indicateurs", "Charges", "Produits"):
            for row in book[name].iter_rows(min_row=2, max_col=1):
                row[0].value = {"1-A": "9-Z"}.get(row[0].value, row[0].value)

    data, key = edited(exported(filled), change), filled.sheets.get(code="1-A").key
    (question,) = read_back(data, filled).questions
    assert (question.cell, question.code, [sheet.code for sheet in question.choices]) == ("A2", "9-Z", ["1-A"])

    def read(answer: str) -> Any:
        return read_workbook(data, filled, read_programme(filled), {"A2": answer})

    assert read(str(key)).content.sheets[0].key == key
    assert read(str(key)).content.sheets[0].indicators[0].key is not None, "its indicators are found by their labels"
    assert read(NEW).content.sheets[0].key is None
    assert [question.answer for question in read(NEW).questions] == [NEW]
