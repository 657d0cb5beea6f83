"""A person can use the pages of a yearly report with the keyboard alone."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect

from arml.models import User
from reporting.models import Report
from reporting.services import reports
from tests.factories.reporting import account, make_report, person

pytestmark = pytest.mark.slow


def address(report: Report, route: str = "report-detail", /, **kwargs: object) -> str:
    return reverse(route, kwargs={"number": report.convention.number, "year": report.year, **kwargs})


def sheet(report: Report) -> str:
    return address(report, "report-sheet", key=report.sheets.first().sheet.key)


@pytest.fixture
def visit(new_context: Callable[..., BrowserContext], live_server: object) -> Callable[..., Page]:
    """Open a page for a person at this width."""

    def open_for(user: User, path: str, width: int = 1280) -> Page:
        context = new_context(viewport={"width": width, "height": 900})
        client = Client()
        client.force_login(user)
        name = settings.SESSION_COOKIE_NAME
        context.add_cookies(
            [{"name": name, "value": client.cookies[name].value, "url": live_server.url}]  # type: ignore[attr-defined]
        )
        page = context.new_page()
        page.goto(path)
        return page

    return open_for


def test_a_fiche_is_filled_in_with_the_keyboard_alone(visit):
    report = make_report()
    page = visit(person(report, "director"), sheet(report))
    page.locator("#id_progress").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("Trois ateliers tenus.")
    indicator = report.sheets.get().sheet.indicators.get()
    page.locator(f"#id_v{indicator.pk}").focus()
    page.keyboard.type("douze")
    page.keyboard.press("Enter")  # Enter presses the default button, which must save and not copy or replace a text
    expect(page.locator("#erreurs")).to_contain_text("n’est pas un nombre")
    expect(page.locator("#id_narrative")).to_have_value("Trois ateliers tenus.")
    page.locator(f"#id_v{indicator.pk}").fill("12,5")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Rubrique enregistrée.")).to_be_visible()
    assert report.sheets.get().narrative == "Trois ateliers tenus."


def test_a_column_pasted_into_a_report_never_becomes_one_amount(visit):
    report = make_report()
    part, director = report.sheets.get(), person(report, "director")
    charges = [reports.AmountInput(account(code).pk, Decimal(1)) for code in ("60", "61")]
    reports.save_sheet(part, fields={}, values=[], expenses=charges, by=director, expected_revision=None)
    page = visit(person(report, "director"), sheet(report))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    cells = page.locator("[data-cpo-line] input[inputmode=decimal]")
    page.evaluate("text => navigator.clipboard.writeText(text)", "Compte\t2025\n60 Achats\t100\n61 Services\t200\n")
    cells.first.focus()
    page.keyboard.press("Control+v")
    expect(cells.nth(0)).to_have_value("100")
    expect(cells.nth(1)).to_have_value("200")
    message = page.get_by_role("status").filter(has_text="collée")
    expect(message).to_contain_text("La ligne d’en-tête du bloc est laissée de côté.")
    page.get_by_role("button", name="Annuler le collage").click()
    expect(cells.nth(0)).to_have_value("1")
