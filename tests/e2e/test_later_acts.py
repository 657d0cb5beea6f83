"""In the browser: an avenant from its request to its entry into force, and a formal notice up to the termination."""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from conventions.documents import production
from conventions.models import Convention
from cpo.celery import app
from cpo.lib.work import jobs
from tests.e2e.cast import expect_errors, expect_message, fill, follow, heading, press, tick
from tests.factories.arml import PASSWORD
from tests.factories.conventions import PDF
from tests.factories.scenarios import Scene, active_convention, last_code

pytestmark = pytest.mark.slow

Open = Callable[..., Page]
TITLE = "Former aussi les directions"


@pytest.fixture(autouse=True)
def _stand_ins(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Replace the slow renderer, since other tests cover the documents. Jobs wait until the test runs them."""
    eager, app.conf.task_always_eager = app.conf.task_always_eager, False
    monkeypatch.setattr(
        production, "render", lambda version, purpose: PDF + f"% {version.pk} {purpose}\n%%EOF".encode()
    )
    monkeypatch.setattr("conventions.tasks.render_ending", lambda facts: PDF + f"% {facts['purpose']}\n%%EOF".encode())
    yield
    app.conf.task_always_eager = eager


def main(page: Page) -> Any:
    return page.get_by_role("main")


def step(page: Page, address: str, name: str, success: str, message: str = "") -> None:
    """Take the next step from the page of an act, confirm it, and expect this success message."""
    page.goto(address)
    follow(main(page), name)
    if message:
        page.get_by_role("textbox", name=re.compile("Message|Motif|Commentaire")).fill(message)
    press(main(page), name)
    expect_message(page, success)


def test_an_avenant_goes_from_its_request_to_the_text_in_force(browser_of: Open) -> None:
    first = active_convention()
    home, here = (f"/conventions/{number}/" for number in (first.number, f"{first.number}-A1"))
    director, officer = browser_of(first.director), browser_of(first.officer)
    ask(director, home)
    retitle(director, here)
    step(director, here, "Proposer la version 1", "La version 1 est proposée", "Comme convenu en comité.")
    read_and_accept(officer, home, here)
    step(officer, here, "Demander le visa", "Le visa est demandé")
    manager = browser_of(first.manager)
    step(manager, here, "Donner le visa", "Le visa est donné")
    step(manager, here, "Ouvrir la signature", "La signature est ouverte")
    assert jobs.take_up(), "the document to sign waits to be produced"
    for user in (first.president, first.signatory):
        sign(browser_of(user), here, user)
    step(officer, here, "Notifier l’acte signé", "notifié")
    read_in_force(director, home, here)


def ask(page: Page, home: str) -> None:
    page.goto(home)
    follow(page.get_by_role("navigation", name="Dans cette convention"), "Avenants et actes")
    follow(main(page), "Demander un avenant")
    press(main(page), "Demander un avenant")
    expect_errors(page, "Dites pourquoi ce changement est nécessaire.")
    tick(page, "Programme")
    fill(
        page,
        {"Objet": "Former aussi les directions.", "Cause": "Elles le demandent.", "Conséquences": "Plus de monde."},
    )
    press(main(page), "Demander un avenant")
    expect_message(page, "le texte signé est recopié")
    expect(heading(page)).to_contain_text("Avenant n°\u00a01")
    expect(main(page)).to_contain_text("La main est à vous")
    expect(main(page)).to_contain_text("ne change rien au texte en vigueur")


def retitle(page: Page, here: str) -> None:
    page.goto(f"{here}programme/")
    main(page).get_by_role("link", name=re.compile("^1-A ")).first.click()
    follow(main(page), re.compile("^Modifier"))
    page.get_by_label("Intitulé").first.fill(TITLE)
    press(page, re.compile("^Enregistrer"))
    page.goto(f"{here}changements/")
    expect(page.locator("ins", has_text="directions").first).to_be_visible()


def read_and_accept(page: Page, home: str, here: str) -> None:
    page.goto(home)
    follow(main(page), re.compile(r"Avenant n°\s1.*en négociation"))
    expect(main(page)).to_contain_text("La main est à vous")
    follow(main(page), "Ce qui change dans le texte signé")
    expect(page.locator("ins", has_text="directions").first).to_be_visible()
    step(page, here, "Accepter la version 1", "La version 1 est acceptée")


def sign(page: Page, here: str, user: Any) -> None:
    user.set_password(PASSWORD)
    user.save()
    page.goto("/connexion/")
    fill(page, {"Adresse électronique professionnelle": user.email})
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    press(page, "Se connecter")
    page.goto(f"{here}signature/")
    fill(page, {"Votre mot de passe": PASSWORD})
    press(page, "M’identifier")
    with page.expect_popup() as popup:
        press(page, re.compile("^Ouvrir le document"))
    popup.value.close()
    press(page, "Recevoir un code")
    expect_message(page, "Un code à six chiffres vient de partir")
    fill(page, {"Code reçu par courriel": last_code(user)})
    tick(page, re.compile("signe"))
    press(main(page), re.compile("^Signer"))
    expect_message(page, "Votre signature est enregistrée")


def read_in_force(page: Page, home: str, here: str) -> None:
    """Check the text in force: the pages of the convention show it, and the list names it. The
    consolidated page gives the new text today, and the former one at an earlier date."""
    page.goto(f"{home}actes/")
    row = page.get_by_role("row", name=re.compile(r"^Avenant n°\s1"))
    expect(row).to_contain_text("Texte en vigueur")
    expect(page.get_by_role("row", name=re.compile("^Convention"))).to_contain_text("Modifié depuis")
    page.goto(f"{home}programme/")
    expect(main(page)).to_contain_text(TITLE)
    page.goto(f"{home.rstrip('/')}-initiale/programme/")
    expect(main(page)).not_to_contain_text(TITLE)
    follow(main(page), "le texte en vigueur")
    page.goto(f"{home}texte-en-vigueur/?au=01/02/2026")
    expect(main(page)).not_to_contain_text(TITLE)
    page.goto(f"{home}journal/")
    expect(main(page)).to_contain_text("Avenant n°\u00a01\u00a0: ")


def test_a_formal_notice_without_effect_ends_the_convention(browser_of: Open, at: Callable[[str], Any]) -> None:
    scene = active_convention()
    home = f"/conventions/{scene.number}/"
    manager, president = browser_of(scene.manager), browser_of(scene.president)
    prepare(manager, president, home)
    send(manager, home)
    answer(president, home)
    due = scene.convention.notices.get().due_on
    manager.goto(f"{home}fin/resiliation/")
    expect(main(manager)).to_contain_text("la décision se prend ensuite")
    at(f"{due + dt.timedelta(days=1)}")
    terminate(browser_of(scene.manager), home, due + dt.timedelta(days=1))
    end_is_read(scene, browser_of(scene.president, viewport={"width": 390, "height": 844}), home)


def prepare(page: Page, other: Page, home: str) -> None:
    page.goto(home)
    follow(page.get_by_role("navigation", name="Dans cette convention"), "Fin de la convention")
    follow(main(page), "Préparer une mise en demeure")
    fill(page, {"Manquements constatés": "Article 6 : les comptes ne sont pas remis."})
    press(main(page), "Préparer une mise en demeure")
    expect_message(page, "La mise en demeure est préparée")
    assert jobs.take_up(), "the draft of the letter waits to be produced"
    page.reload()
    expect(main(page).get_by_role("link", name=re.compile("lettre à signer"))).to_be_visible()
    other.goto(f"{home}fin/")
    expect(main(other)).not_to_contain_text("Article 6 : les comptes")


def send(page: Page, home: str) -> None:
    page.goto(f"{home}fin/mise-en-demeure/envoi/")
    fill(page, {"Date d’envoi": "15/10/2026", "Numéro de la lettre": "1A 234 567 8901 2"})
    page.get_by_label("Lettre signée, numérisée").set_input_files(
        {"name": "lettre.pdf", "mimeType": "application/pdf", "buffer": PDF + b"% signed\n%%EOF"}
    )
    press(main(page), "Enregistrer l’envoi de la mise en demeure")
    expect_message(page, "le délai de deux mois court")
    expect(main(page)).to_contain_text("15\u00a0décembre 2026 inclus")


def answer(page: Page, home: str) -> None:
    page.goto("/")
    expect(main(page)).to_contain_text("Répondre à la mise en demeure")
    page.goto(home)
    follow(main(page), "Présenter des observations")
    fill(page, {"Vos observations": "Les comptes partent demain."})
    press(main(page), "Présenter des observations")
    expect_message(page, "Vos observations sont enregistrées")


def terminate(page: Page, home: str, day: dt.date) -> None:
    page.goto(home)
    follow(main(page), "Résilier la convention")
    date_text = f"{day:%d/%m/%Y}"
    fill(page, {"Motifs de la décision": "Rien n’est venu.", "Numéro de la lettre": "1A 999"})
    fill(page, {"Date de la décision": date_text, "Date de notification": date_text})
    page.get_by_label("Décision signée, numérisée").set_input_files(
        {"name": "decision.pdf", "mimeType": "application/pdf", "buffer": PDF + b"% decided\n%%EOF"}
    )
    press(main(page), "Résilier la convention")
    expect_message(page, "La convention est résiliée")


def end_is_read(scene: Scene, page: Page, home: str) -> None:
    assert Convention.objects.get(pk=scene.convention.pk).state == "terminated"
    assert jobs.take_up(), "the record of the termination waits to be produced"
    page.goto(f"{home}fin/")
    expect(main(page)).to_contain_text("Suivie d’une résiliation")
    expect(main(page).get_by_role("link", name="Constat de la résiliation")).to_be_visible()
    expect(main(page)).to_contain_text("Les comptes partent demain.")
