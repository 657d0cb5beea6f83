"""A director writes the programme in the browser: examples, targets, a budget with the keyboard. Axe finds nothing."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect

from actions import services
from actions.models import ExampleSheet
from arml.models import User
from conventions.models import Act
from tests.e2e.cast import expect_errors
from tests.factories.conventions import make_act, member


@pytest.fixture
def act() -> Act:
    return make_act(state="negotiation", side="beneficiary")


@pytest.fixture
def open_page(new_context: Callable[..., BrowserContext], client: Client, live_server: Any) -> Callable[..., Page]:
    def opened(user: User, **options: Any) -> Page:
        context = new_context(**options)
        client.force_login(user)
        context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
        return context.new_page()

    return opened


def take(act: Act, *codes: str) -> list[Any]:
    examples = ExampleSheet.objects.filter(cycle=act.programme.cycle, code__in=codes)
    return services.take_examples(programme=act.programme, by=member(act, "director"), examples=examples)


@pytest.mark.slow
def test_director_builds_a_sheet_from_an_example(act: Act, open_page: Callable[..., Page]) -> None:
    page = open_page(member(act, "director"))
    page.goto(f"/conventions/{act.convention.number}/programme/")
    page.get_by_role("link", name="Prendre dans les exemples").click()
    page.get_by_label("3-A – Plan régional de formation des professionnels").check(force=True)
    page.get_by_role("button", name="Ajouter les fiches cochées").click()
    expect(page.get_by_text("La fiche 3-A est ajoutée.")).to_be_visible()
    page.get_by_role("link", name="Modifier les indicateurs").click()
    page.get_by_role("button", name="Ajouter un indicateur").click()
    row = page.locator("[data-cpo-row]").last
    row.get_by_label("Libellé").fill("Territoires couverts")
    row.get_by_label("Cible 2025").fill("12")
    row.get_by_label("Cible 2026").fill("douze")
    row.get_by_label("sans objet").nth(2).press("Space")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect_errors(page, "« douze » n’est pas un nombre")
    row = page.locator("[data-cpo-row]").last
    expect(row.get_by_label("Cible 2026")).to_have_value("douze")
    row.get_by_label("Cible 2026").fill("14")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.get_by_role("row", name="Territoires couverts")).to_contain_text("sans objet")


def test_budget_is_typed_by_keyboard_with_its_sums(act: Act, open_page: Callable[..., Page], axe: Any) -> None:
    sheet = take(act, "3-A")[0]
    page = open_page(member(act, "director"))
    page.goto(f"/conventions/{act.convention.number}/programme/{sheet.key}/budget/")
    page.get_by_role("textbox", name="60 Achats 2025").focus()
    page.keyboard.type("6 200,50")
    page.keyboard.press("ArrowDown")
    page.keyboard.type("1000")
    page.keyboard.press("ArrowRight")
    page.keyboard.type("2000")
    expect(page.get_by_role("textbox", name="61 Services extérieurs 2026")).to_be_focused()
    total = page.get_by_role("row", name="Total des charges")
    expect(total).to_contain_text("7 200,50 €")
    expect(page.get_by_text("2025 n’est pas équilibrée")).to_be_visible()
    page.get_by_role("textbox", name=re.compile("^74-ETAT.* 2025$")).fill("7200,50")
    expect(page.get_by_text("2025 n’est pas équilibrée")).to_be_hidden()
    expect(page.get_by_role("row", name="Part de l’État")).to_contain_text("100 %")
    axe(page)
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.get_by_text("Le budget de la fiche 3-A est enregistré.")).to_be_visible()
    assert str(sheet.expenses.get(account__code="60").amount) == "6200.50"


@pytest.mark.slow
def test_the_focus_goes_to_the_line_that_is_added(act: Act, open_page: Callable[..., Page]) -> None:
    sheet = take(act, "3-A")[0]
    page = open_page(member(act, "director"))
    page.goto(f"/conventions/{act.convention.number}/programme/{sheet.key}/budget/")
    page.get_by_label("Ajouter une ligne de charges").select_option("66")
    page.get_by_role("button", name="Ajouter la ligne choisie").first.click()
    expect(page.get_by_role("textbox", name="66 Charges financières 2025")).to_be_focused()
    page.get_by_role("button", name="Ajouter la ligne choisie").first.click()
    expect(page.get_by_text("Choisissez d’abord un compte")).to_be_visible()
    expect(page.get_by_label("Ajouter une ligne de charges")).to_be_focused()


def test_a_block_of_a_spreadsheet_is_pasted_cell_by_cell(act: Act, open_page: Callable[..., Page]) -> None:
    sheet = take(act, "3-A")[0]
    page = open_page(member(act, "director"))
    page.goto(f"/conventions/{act.convention.number}/programme/{sheet.key}/budget/")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    block = (
        "1\u202f010,50 €\t20\r\n30\t\r\n"  # text that a spreadsheet copies: thousands, currency, an empty cell, CRLF
    )
    page.get_by_role("textbox", name="61 Services extérieurs 2027").fill("7")
    page.evaluate("text => navigator.clipboard.writeText(text)", block)
    page.get_by_role("textbox", name="60 Achats 2026").focus()
    page.keyboard.press("Control+v")
    expect(page.get_by_role("textbox", name="61 Services extérieurs 2026")).to_have_value("30")
    expect(page.get_by_role("textbox", name="61 Services extérieurs 2027")).to_have_value("")
    expect(page.get_by_role("row", name="Total des charges")).to_contain_text("1 040,50 €")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.get_by_text("Le budget de la fiche 3-A est enregistré.")).to_be_visible()
    rows = sheet.expenses.order_by("account__code", "year").values_list("account__code", "year", "amount")
    assert [(code, year, str(amount)) for code, year, amount in rows] == [
        ("60", 2026, "1010.50"), ("60", 2027, "20.00"), ("61", 2026, "30.00"),
    ]  # fmt: skip


@pytest.mark.slow
def test_a_paste_tells_what_found_no_cell_and_is_taken_back(act: Act, open_page: Callable[..., Page], axe: Any) -> None:
    sheet = take(act, "3-A")[0]
    page = open_page(member(act, "director"))
    page.goto(f"/conventions/{act.convention.number}/programme/{sheet.key}/budget/")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    first = page.get_by_role("textbox", name="60 Achats 2026")
    first.fill("5")
    page.evaluate("text => navigator.clipboard.writeText(text)", "10\t -   € \t30\t40\n11\t21\t\t\n")
    first.press("Control+v")
    expect(page.get_by_role("textbox", name="60 Achats 2027")).to_have_value("0")  # a zero in the accounting format
    message = page.get_by_role("status").filter(has_text="collée")
    expect(message).to_have_text("4 cellules collées (2026, 2027). 2 cellules du bloc hors de la grille, non collées.")
    axe(page)
    page.get_by_role("button", name="Annuler le collage").click()
    expect(first).to_have_value("5")
    expect(page.get_by_role("row", name="Total des charges")).to_contain_text("5 €")
    expect(message).to_be_hidden()


@pytest.mark.slow
def test_the_years_and_the_labels_copied_with_a_block_are_left_out(act: Act, open_page: Callable[..., Page]) -> None:
    sheet = take(act, "3-A")[0]
    page = open_page(member(act, "director"))
    page.goto(f"/conventions/{act.convention.number}/programme/{sheet.key}/budget/")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    block = "\t2025\t2026\t2027\n60 Achats\t1\t2\t3\n61 Services\t4\t5\t6\n"
    page.evaluate("text => navigator.clipboard.writeText(text)", block)
    page.get_by_role("textbox", name="60 Achats 2025").press("Control+v")
    expect(page.get_by_role("textbox", name="60 Achats 2025")).to_have_value("1")
    expect(page.get_by_role("textbox", name="60 Achats 2027")).to_have_value("3")
    expect(page.get_by_role("textbox", name="61 Services extérieurs 2026")).to_have_value("5")
    message = page.get_by_role("status").filter(has_text="collée")
    expect(message).to_contain_text("La ligne d’en-tête du bloc est laissée de côté. La colonne des intitulés")


@pytest.mark.slow
def test_a_paste_stops_at_the_end_of_its_section_and_names_the_years_it_wrote(
    act: Act, open_page: Callable[..., Page]
) -> None:
    sheet = take(act, "3-A")[0]
    page = open_page(member(act, "director"), viewport={"width": 390, "height": 844})
    page.goto(f"/conventions/{act.convention.number}/programme/{sheet.key}/budget/")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    last = page.get_by_role("textbox", name=re.compile("^IND .* 2025$"))
    page.evaluate("text => navigator.clipboard.writeText(text)", "1\t2\t3\n3600\t3600\t3600\n\n")
    last.press("Control+v")
    expect(last).to_have_value("1")
    expect(page.get_by_role("textbox", name="70 Vente")).to_have_value("")
    message = page.get_by_role("status").filter(has_text="collée")
    expect(message).to_have_text(
        "3 cellules collées (2025, 2026, 2027). 1 ligne du bloc après la fin des charges, non collée."
    )


def test_a_fiche_is_moved_by_keyboard_without_losing_its_place(act: Act, open_page: Callable[..., Page]) -> None:
    take(act, "3-A", "3-B", "3-C")
    page = open_page(member(act, "director"))
    page.goto(f"/conventions/{act.convention.number}/programme/")
    page.get_by_role("button", name="Descendre la fiche 3-A").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Descendre la fiche 3-A")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Monter la fiche 3-A")).to_be_focused()
    assert [one.code for one in act.programme.sheets.all()] == ["3-B", "3-C", "3-A"]


@pytest.mark.slow
def test_the_flat_rate_of_indirect_costs_is_worked_out_and_watched_while_one_types(
    act: Act, open_page: Callable[..., Page], axe: Any
) -> None:
    values = {"taux_charges_indirectes": "10"}
    Act.objects.filter(pk=act.pk).update(options=act.options | {"charges_indirectes": "forfait"}, values=values)
    sheet = take(act, "3-A")[0]
    page = open_page(member(act, "director"), viewport={"width": 390, "height": 844})
    page.goto(f"/conventions/{act.convention.number}/programme/{sheet.key}/budget/")
    page.get_by_role("textbox", name="60 Achats 2025").fill("1 234,56")
    page.get_by_role("button", name="Calculer le forfait").click()
    indirect = page.get_by_role("textbox", name=re.compile("^IND .* 2025$"))
    expect(indirect).to_have_value("123,46")
    expect(page.get_by_role("textbox", name="60 Achats 2025")).to_have_value("1 234,56")
    rule = page.get_by_role("listitem").filter(has_text="forfait de 10 % des charges directes")
    expect(rule).to_contain_text("respecté")
    indirect.fill("123,47")
    expect(rule).to_contain_text("à corriger en 2025")
    axe(page)


def test_without_script_indicators_and_lines_are_added(act: Act, open_page: Callable[..., Page]) -> None:
    sheet = take(act, "3-A")[0]
    page = open_page(member(act, "director"), java_script_enabled=False)
    page.goto(f"/conventions/{act.convention.number}/programme/{sheet.key}/indicateurs/")
    rows = page.locator("fieldset.cpo-indicateur")
    before = rows.count()
    page.get_by_role("button", name="Ajouter un indicateur").click()
    expect(rows).to_have_count(before + 1)  # the rows of the new page appear one after the other
    page.goto(f"/conventions/{act.convention.number}/programme/{sheet.key}/budget/")
    page.get_by_label("Ajouter une ligne de charges").select_option("66")
    page.get_by_role("button", name="Ajouter la ligne choisie").first.click()
    page.get_by_role("textbox", name="66 Charges financières 2025").fill("12")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.get_by_text("Le budget de la fiche 3-A est enregistré.")).to_be_visible()
    assert sheet.expenses.get().account.code == "66"
