"""A person can use the pages of a yearly report with the keyboard alone."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect

from arml.models import User
from reporting.models import Report
from tests.factories.reporting import make_report, person

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
