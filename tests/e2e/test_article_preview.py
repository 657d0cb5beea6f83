"""The preview shows an article as the document will print it, and its differences from the national model."""

from typing import Any

from django.test import Client
from playwright.sync_api import Page, expect

from tests.e2e.cast import expect_errors
from tests.factories.conventions import make_act, member


def test_the_preview_follows_what_is_typed(page: Page, live_server: Any) -> None:
    act = make_act()
    client = Client()
    client.force_login(member(act, "officer"))
    value = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": value, "url": live_server.url}])
    page.goto(f"/conventions/{act.convention.number}/articles/preambule/")
    preview = page.get_by_role("region", name="Aperçu de votre saisie")
    expect(preview).to_be_hidden()
    text = page.get_by_label("Texte de l’article")
    text.press("ControlOrMeta+End")
    text.press_sequentially("\n\nUne phrase **nouvelle** sur la convention {{ numero_convention }}.")
    expect(preview.locator("strong", has_text="nouvelle").first).to_be_visible()
    expect(preview).to_contain_text(f"sur la convention {act.convention.number}")
    expect(preview.locator("ins").first).to_contain_text("Une phrase")
    text.press_sequentially(" Puis {{ inconnue }}.")
    expect(preview.locator(".manque", has_text="inconnue")).to_have_text("[variable inconnue\u00a0: {{ inconnue }}]")
    text.press_sequentially(" Et {{convention.numero}}.")
    expect(preview.locator(".manque", has_text="numero")).to_have_text(
        "[variable inconnue\u00a0: {{convention.numero}}]"
    )
    page.get_by_role("button", name="Enregistrer l’article").click()
    expect_errors(page, "Elle est dans «\u00a0…{{ numero_convention }}. Puis {{ inconnue }}. Et {{convention.numero}}.")
    expect(preview.locator(".manque", has_text="{{ inconnue }}")).to_be_visible()
    act.refresh_from_db()
    assert act.articles.get(model_article__key="preambule").reason == "", "a preview saves nothing"
