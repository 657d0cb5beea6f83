"""The gallery of components: accessible at both widths and in both themes, with working scripts."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect

from tests.factories.arml import make_user

PAGES = ["/composants/", "/composants/convention/", "/composants/travail/", "/aide/", "/nulle-part/"]


def sign_in(context: BrowserContext, url: str, role: str = "director") -> None:
    client = Client()
    client.force_login(make_user(role, membership__title="directrice"))
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": url}])


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.slow)])
def test_axe_finds_nothing_on_the_gallery(
    new_context: Callable[..., BrowserContext], axe: Callable[..., None], live_server: Any, width: int, scheme: str
):
    context = new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    sign_in(context, live_server.url)
    page = context.new_page()
    for path in PAGES:
        page.goto(path)
        expect(page.locator("html")).to_have_attribute("data-fr-theme", scheme)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{path} scrolls sideways"


def test_a_refused_form_takes_the_focus_and_leads_to_its_fields(page: Page):
    page.goto("/composants/")
    summary = page.locator("#erreurs")
    expect(summary).to_be_focused()
    summary.get_by_role("link", name="Contribution 2026").click()
    expect(page.locator("#id_bad-amount")).to_be_focused()
    expect(page.locator("#id_bad-amount")).to_have_value("325 mille")


def test_rows_are_added_and_removed_with_an_announcement(page: Page):
    page.goto("/composants/")
    rows = page.locator("[data-cpo-formset]").first
    rows.get_by_role("button", name="Ajouter un financeur").click()
    expect(rows.get_by_role("group", name="Financeur 3")).to_be_visible()
    expect(rows.locator("[data-cpo-live]")).to_have_text("Ligne 3 ajoutée.")
    expect(page.locator("#id_rangs-2-funder")).to_be_focused()
    expect(page.locator("#id_rangs-TOTAL_FORMS")).to_have_value("3")
    rows.get_by_role("group", name="Financeur 1").get_by_role("button", name="Retirer").click()
    expect(page.locator("#id_rangs-0-DELETE")).to_be_checked()
    expect(rows.get_by_role("group")).to_have_count(2)


def test_a_confirmation_comes_before_the_form_leaves(page: Page):
    page.goto("/composants/")
    methods: list[str] = []
    page.on("request", lambda request: methods.append(request.method) if request.method == "POST" else None)
    page.get_by_role("button", name="Retirer la fiche – 3-A").click()
    dialog = page.get_by_role("dialog", name="Retirer la fiche 3-A")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Annuler").click()
    expect(dialog).to_be_hidden()
    assert methods == []
    page.get_by_role("button", name="Retirer la fiche – 3-A").click()
    dialog.get_by_role("button", name="Retirer la fiche").click()
    page.wait_for_load_state()
    assert methods == ["POST"]


def test_the_display_settings_change_the_theme(page: Page):
    page.goto("/aide/")
    page.get_by_role("button", name="Paramètres d’affichage").click()
    page.get_by_label("Thème sombre").check(force=True)
    expect(page.locator("html")).to_have_attribute("data-fr-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-fr-theme", "dark")


def test_the_bar_says_that_something_is_not_saved(page: Page):
    page.goto("/composants/travail/")
    page.get_by_label("Intitulé de l’action").fill("x")
    expect(page.locator("[data-cpo-save]")).to_contain_text("Modifications non enregistrées")


def test_without_script_rows_can_still_be_removed_and_actions_unfold(new_context: Callable[..., BrowserContext]):
    page = new_context(java_script_enabled=False).new_page()
    page.goto("/composants/")
    expect(page.get_by_label("Retirer cette ligne").first).to_be_attached()
    expect(page.get_by_role("button", name="Ajouter un financeur")).to_have_count(0)
    page.locator("summary", has_text="Ouvrir la signature").click()
    expect(page.get_by_text("Ce qui manque")).to_be_visible()
