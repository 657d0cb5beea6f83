"""Negotiation and signature in Chromium: the three steps of signing, and axe on their pages."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect

from conventions.services import threads
from cpo.lib.work.waking import without_waking
from tests.factories import scenarios
from tests.factories.arml import PASSWORD


@pytest.fixture(autouse=True)
def _no_worker() -> Iterator[None]:
    """Run no job at each commit: the scenes store the documents."""
    with without_waking():
        yield


def enter(context: BrowserContext, user: Any, address: str) -> None:
    client = Client()
    client.force_login(user)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": address}])


def test_the_changes_are_read_and_accepted(page: Page, live_server: Any, axe: Callable[..., None]) -> None:
    scene = scenarios.proposed()
    thread = threads.start(scene.act, by=scene.director, path="general", text="Une question.")
    threads.reply(thread, by=scene.officer, text="Une réponse.")
    scene.edit()
    scene.do("propose", scene.officer, "Une fiche précisée.")
    enter(page.context, scene.director, live_server.url)

    def at(route: str, **kwargs: Any) -> str:
        return str(live_server.url + reverse(route, kwargs={"number": scene.number, **kwargs}))

    page.goto(at("convention-compare", a=1, b=2))
    axe(page)
    page.goto(at("convention-transition", name="accept"))
    page.get_by_role("button", name="Accepter la version 2").click()
    expect(page.get_by_text("La version 2 est acceptée")).to_be_visible()


def test_signing_step_by_step(page: Page, live_server: Any, axe: Callable[..., None]) -> None:
    scene = scenarios.in_signature()
    president = scene.president
    president.set_password(PASSWORD)
    president.save()
    enter(page.context, president, live_server.url)
    base = live_server.url + reverse("convention-detail", kwargs={"number": scene.number})
    page.goto(f"{base}signature/")

    page.get_by_label("Votre mot de passe").fill("ce n’est pas le bon")
    page.get_by_role("button", name="M’identifier").click()
    expect(page).to_have_title(re.compile("^Erreur"))
    axe(page)
    page.get_by_label("Votre mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="M’identifier").click()
    with page.context.expect_page():
        page.get_by_role("button", name="Ouvrir le document").click()
    page.get_by_role("button", name="Recevoir un code").click()
    page.get_by_label("Code reçu par courriel").fill(scenarios.last_code(president))
    page.get_by_text("J’ai lu le document et je signe").click()
    axe(page)
    page.get_by_role("button", name="Signer la convention").click()
    expect(page.get_by_text("Votre signature est enregistrée")).to_be_visible()

    page.context.clear_cookies()
    enter(page.context, scene.manager, live_server.url)
    page.goto(f"{base}original/")
    page.get_by_role("button", name="Déposer et comparer").click()
    expect(page.get_by_text("Recopiez la référence").first).to_be_visible()
    axe(page)
