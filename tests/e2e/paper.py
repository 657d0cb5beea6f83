"""A convention signed on paper before the application existed: it is recorded with its scan, then followed as usual."""

import re

from playwright.sync_api import Page, expect

from tests.e2e.cast import Cast, cells, expect_errors, expect_message, fill, follow, heading, press
from tests.e2e.drafting import HOME, NUMBER, YEARS, budget
from tests.factories.conventions import PDF


def take_over(cast: Cast) -> None:
    page = cast.officer
    page.goto("/conventions/")
    follow(page, "Reprendre une convention signée sur papier")
    fill(page, {"Numéro de la convention": "CPO 2025"})
    press(page, "Ouvrir la reprise")
    expect_errors(page, "Un numéro ne contient que")
    fill(page, {"Numéro de la convention": NUMBER})
    press(page, "Ouvrir la reprise")
    expect_message(page, f"La reprise {NUMBER} est ouverte")
    page.goto(f"{HOME}contribution/")
    cells(page, "Socle", ["20 000"] * 3, YEARS)
    press(page, "Enregistrer la contribution")
    expect_message(page, "enregistrée")
    write_sheet(page)
    record(page)
    cast.director.goto(HOME)
    expect(cast.director.get_by_role("main")).to_contain_text("En exécution")


def write_sheet(page: Page) -> None:
    page.goto(f"{HOME}programme/nouvelle/")
    page.get_by_label("Axe", exact=True).select_option(index=2)
    fill(page, {"Intitulé": "Réunions régionales", "Description": "Quatre réunions par an."})
    press(page, "Créer la fiche")
    expect_message(page, "2-A")
    budget(page, "2-A", {"64": "30 000", "74-ETAT": "20 000", "74-REGION": "10 000"})


def tell_what_is_done(page: Page) -> None:
    """Each past deadline asks where it stands; the record waits for the answers."""
    follow(page.get_by_role("main"), "Ce qui est déjà fait")
    for answer in page.get_by_role("radio", name="Sans objet").all():
        answer.check(force=True)
    press(page, "Enregistrer ce qui est fait")
    expect_message(page, "Ce qui était déjà fait est enregistré.")


def record(page: Page) -> None:
    page.goto(f"{HOME}original-papier/")
    scan = {"name": "original.pdf", "mimeType": "application/pdf", "buffer": PDF + b"original%%EOF"}
    page.get_by_label("Original signé, numérisé").set_input_files(scan)
    fill(page, {"Notification à l’association": "15/03/2025"})
    for name, capacity in (("DREETS Bretagne", "préfète de région"), ("ARML Bretagne", "président")):
        party = page.get_by_role("group", name=name)
        fill(party, {"Nom du signataire": "Dominique Essai", "En qualité de": capacity, "Signé le": "10/03/2025"})
    press(page, re.compile("Enregistrer|Déposer"))
    expect_message(page, "L’original signé est enregistré.")
    tell_what_is_done(page)
    follow(page.get_by_role("main"), "Terminer la reprise de la convention")
    expect(heading(page)).to_have_text("Terminer la reprise de la convention")
    press(page.get_by_role("main"), "Terminer la reprise de la convention")
    expect_message(page, "La reprise est terminée")
