"""Two people in two browsers: export and import of a programme, and an edit of content that both accepted."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from cpo.lib.models import OutboxMessage
from tests.actions.books import at, contents, edited
from tests.e2e.cast import expect_errors
from tests.factories import scenarios

pytestmark = pytest.mark.slow


def exported(page: Page) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("link", name="Programme actuel, en classeur").click()
    return Path(download.value.path()).read_bytes()


def send(page: Page, data: bytes) -> None:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    page.get_by_label("Classeur du programme").set_input_files(
        {"name": "programme.xlsx", "mimeType": kind, "buffer": data}
    )
    page.get_by_role("button", name="Envoyer et voir l’aperçu").click()


def test_a_workbook_goes_out_is_changed_and_comes_back_without_loss(
    browser_of: Callable[..., Page], axe: Callable[..., None]
) -> None:
    scene = scenarios.in_negotiation(sheets=3)
    address = f"/conventions/{scene.number}/programme/importer/"
    page = browser_of(scene.director)
    page.goto(address)
    first = exported(page)

    # The unchanged workbook has nothing to import.
    send(page, first)
    expect(page.get_by_text("Le classeur dit exactement ce qui est enregistré")).to_be_visible()
    page.get_by_role("button", name="Abandonner").click()

    # A text among the amounts: the message names its cell, and nothing is imported.
    page.goto(address)
    send(page, edited(first, lambda book: setattr(at(book["Charges"], "2026"), "value", "douze mille")))
    expect_errors(page)
    expect(page.get_by_role("main")).to_contain_text("douze mille")
    axe(page)

    # A new title and amount: the preview shows them, the import saves them, and the officer reads them.
    def change(book: Any) -> None:
        at(book["Fiches"], "Intitulé").value = "Un appui repensé"
        cell = at(book["Charges"], "2026")
        cell.value = float(cell.value) + 500

    send(page, edited(first, change))
    expect(page.get_by_role("main")).to_contain_text("1 modifiée")
    expect(page.get_by_role("main")).to_contain_text("Un appui repensé")
    axe(page)
    page.get_by_role("button", name="Importer le classeur").click()
    expect(page.get_by_role("main")).to_contain_text("Un appui repensé")

    page.goto(address)
    second = exported(page)
    before, after = contents(first), contents(second)
    assert contents(edited(first, change)) == after, "what was imported is what is exported"
    assert before != after
    other = browser_of(scene.officer)
    other.goto(f"/conventions/{scene.number}/programme/")
    expect(other.get_by_role("main")).not_to_contain_text("Un appui repensé")  # not proposed yet
    scene.do("propose", scene.director)
    other.reload()
    expect(other.get_by_role("main")).to_contain_text("Un appui repensé")


def test_an_edit_after_both_accepted_cancels_both_acceptances_and_tells_both(
    browser_of: Callable[..., Page], axe: Callable[..., None]
) -> None:
    scene = scenarios.accepted_by_both()
    sheet = scene.act.programme.sheets.first()
    side = scene.act.turn
    author, reader = (scene.officer, scene.director) if side == "state" else (scene.director, scene.officer)
    watching = browser_of(reader)
    watching.goto(f"/conventions/{scene.number}/versions/")
    expect(watching.get_by_role("main")).to_contain_text("Accepté")

    page = browser_of(author)
    page.goto(f"/conventions/{scene.number}/programme/{sheet.key}/modifier/")
    expect(page.get_by_role("heading", name="Les deux parties ont accepté la version 1")).to_be_visible()
    axe(page)
    page.get_by_label("Intitulé").first.fill("Un intitulé changé après l’accord")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Un intitulé changé après l’accord")

    assert not scene.version.acceptances.filter(cancelled_at=None).exists()
    recipients = set(OutboxMessage.objects.filter(template="acceptations_annulees").values_list("to", flat=True))
    assert {scene.director.email, scene.officer.email} <= recipients
    watching.reload()
    expect(watching.get_by_role("main")).to_contain_text("annulée")
    axe(watching)
