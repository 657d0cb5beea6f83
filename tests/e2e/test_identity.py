"""A person follows the link of an invitation and gets a first role in the browser. Then a successor takes over."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.factories.arml import DossierFactory, make_user

pytestmark = pytest.mark.slow

PHRASE = "une phrase longue et nouvelle"


def enter(page: Page, email: str) -> None:
    page.goto("/connexion/?next=/mon-compte/")
    page.locator(f"button[value='{email}']").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mon compte")


def test_an_invited_person_enters_and_is_handed_a_dossier(
    page: Page, new_context: Callable[..., BrowserContext], axe: Callable[..., None], live_server: Any, settings: Any
) -> None:
    settings.SITE_URL = live_server.url
    dossier = DossierFactory()
    manager = make_user("manager", dossier.lead, email="manager.essai@demo.example", is_demo=True)
    officer = make_user("officer", dossier.lead, last_name="Partante")
    dossier.officer = officer
    dossier.save()

    enter(page, manager.email)
    page.goto(f"/organisations/{dossier.lead.key}/")
    axe(page)
    page.get_by_role("link", name="Inviter une personne").click()
    page.get_by_role("button", name="Envoyer l’invitation").click()
    expect(page.get_by_role("alert")).to_contain_text("points sont à corriger")
    axe(page)
    page.get_by_label("Prénom").fill("Alix")
    page.get_by_label("Nom", exact=True).fill("Succédant")
    page.get_by_label("Adresse électronique professionnelle").fill("alix@exemple.example")
    page.get_by_label("Rôle", exact=True).select_option("officer")
    page.get_by_role("button", name="Envoyer l’invitation").click()
    expect(page.get_by_role("status").first).to_contain_text("L’invitation est partie")

    guest = new_context().new_page()
    guest.goto("/demo/courriels/")
    axe(guest)
    guest.get_by_role("link", name="Votre accès").click()
    link = guest.get_by_role("link", name="/invitation/")
    expect(link).to_be_visible()  # axe does not wait for the page
    axe(guest)
    link.click()
    expect(guest.get_by_label("Nouveau mot de passe")).to_be_visible()
    axe(guest)
    guest.get_by_label("Nouveau mot de passe").fill(PHRASE)
    guest.get_by_label("une seconde fois").fill(PHRASE)
    guest.get_by_role("button", name="Créer mon compte").click()
    expect(guest.get_by_label("Nouveau mot de passe")).to_have_count(0)
    guest.goto("/mon-compte/")
    expect(guest.get_by_role("main")).to_contain_text("Chargé·e de mission")
    axe(guest)

    page.goto(f"/organisations/{dossier.lead.key}/")
    page.get_by_role("link", name="Mettre fin au rôle de Camille Partante").click()
    page.get_by_text("Immédiatement").click()
    page.get_by_label("Confier ses dossiers à").select_option(label="Alix Succédant")
    axe(page)
    page.get_by_role("button", name="Mettre fin au rôle").click()
    expect(page.get_by_role("main")).to_contain_text("Fin immédiate du rôle de Camille Partante")
    dossier.refresh_from_db()
    assert str(dossier.officer) == "Alix Succédant"

    guest.get_by_role("button", name="Se déconnecter").first.click()
    guest.get_by_label("Adresse électronique professionnelle").fill("alix@exemple.example")
    guest.get_by_label("Mot de passe", exact=True).fill(PHRASE)
    guest.get_by_role("button", name="Se connecter", exact=True).click()
    expect(guest.get_by_role("button", name="Se déconnecter").first).to_be_attached()
    guest.goto("/mon-compte/")
    expect(guest.get_by_role("heading", level=1)).to_have_text("Mon compte")
