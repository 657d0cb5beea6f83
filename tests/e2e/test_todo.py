"""A person goes from « À faire » to a deadline and declares it met, on a wide screen and on a phone."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from arml.models import User
from reporting.services import reminders
from tests.factories.deadlines import alone, in_force, make_deadline, person

pytestmark = pytest.mark.slow


def enter(page: Page, user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_demo=True)
    page.goto("/connexion/")
    page.locator(f"button[value='{user.email}']").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("À faire")


def test_a_late_deadline_is_found_declared_met_and_leaves_the_list(page: Page, axe: Callable[..., None]) -> None:
    alone()
    convention = in_force()
    make_deadline(convention, due="2026-10-12", ladder=[0], label="Obligation passée")
    make_deadline(convention, due="2027-06-30", ladder=[0], label="Obligation lointaine")
    assert reminders.run() == 1
    User.objects.filter(pk=person(convention, "director").pk).update(email="director.essai@demo.example")
    enter(page, person(convention, "director"))
    axe(page)
    expect(page.get_by_role("listitem").filter(has_text="Obligation passée")).to_contain_text("En retard")
    page.get_by_role("link", name="Voir – Obligation passée").click()
    expect(page.get_by_role("table", name="Rappels de cette échéance")).to_contain_text("J")
    axe(page)

    page.get_by_label("Faite le").fill("2026-12-24")
    page.get_by_label("Précision").fill("Envoyé par courrier")
    page.get_by_role("button", name="Déclarer faite").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Précision")).to_have_value("Envoyé par courrier")
    axe(page)
    page.get_by_label("Faite le").fill("2026-10-14")
    page.get_by_role("button", name="Déclarer faite").click()
    expect(page.get_by_role("main")).to_contain_text("L’échéance est déclarée faite")
    axe(page)
    page.goto("/")
    expect(page.get_by_role("main")).to_contain_text("Tout est à jour")
    axe(page)


def test_lists_and_search_hold_on_a_phone(new_context: Callable[..., Any], axe: Callable[..., None]) -> None:
    alone()
    convention = in_force()
    make_deadline(convention, due="2026-10-12", label="Obligation au libellé assez long pour passer à la ligne")
    User.objects.filter(pk=person(convention, "officer").pk).update(email="officer.essai@demo.example")
    page = new_context(viewport={"width": 390, "height": 844}).new_page()
    enter(page, person(convention, "officer"))
    for address in (
        "/",
        "/echeances/",
        "/echeances/?convention=introuvable",
        "/recherche/?q=exemple",
        "/recherche/?q=zzz",
    ):
        page.goto(address)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, address
        cut = page.evaluate(
            "[...document.querySelectorAll('table')].some(t => t.scrollWidth > t.closest('.fr-table').clientWidth)"
        )
        assert not cut, address
    page.goto("/recherche/?q=exemple")
    page.get_by_role("link", name=re.compile(convention.number)).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(convention.number)
