"""Stage B, from the sharing to the notification: turns, versions, comments, acceptances, visa, signatures."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from conventions.models import Act
from cpo.lib.work import jobs
from tests.e2e.cast import (
    PHRASE,
    Cast,
    downloaded,
    expect_message,
    fill,
    follow,
    heading,
    link_of,
    press,
    text_of,
    tick,
)
from tests.e2e.drafting import HOME, NUMBER, open_sheet, reword

QUARTER = "Les deux parties se réunissent chaque trimestre."
MONTH = "Elles se parlent chaque mois."


def unseen(page: Page) -> None:
    answer = page.goto(HOME)
    assert answer is not None and answer.status == 404
    expect(heading(page)).to_have_text("Cette page n’existe pas ou ne vous est pas ouverte")


def act_on(page: Page, name: str, success: str, message: str = "") -> None:
    """Take the next step from the page of the convention, confirm it, and expect this success message."""
    page.goto(HOME)
    follow(page.get_by_role("main"), name)
    expect(heading(page)).to_have_text(name)
    if message:
        page.get_by_role("textbox", name=re.compile("Message|Motif|Commentaire")).fill(message)
    press(page.get_by_role("main"), name)
    expect_message(page, success)


def stands(page: Page, words: str) -> None:
    page.goto(HOME)
    expect(page.get_by_role("main")).to_contain_text(words)


def share(cast: Cast) -> None:
    unseen(cast.director)
    act_on(cast.officer, "Ouvrir la négociation", "La négociation est ouverte", "Voici la trame.")
    mail = cast.mail("director", "partagé avec vous")
    assert "Voici la trame." in mail.body
    cast.director.goto(link_of(mail))
    expect(cast.director.get_by_role("main")).to_contain_text("La main est à vous")
    stands(cast.officer, "La main est à l’ARML")


def propose_first(cast: Cast, folder: Path) -> None:
    act_on(cast.director, "Proposer la version 1", "La version 1 est proposée", "Trois actions, comme convenu.")
    stands(cast.director, "La main est à la DREETS")
    page = cast.officer
    page.goto(link_of(cast.mail("officer", "la main est à vous")))
    expect(page.get_by_role("main")).to_contain_text("Trois actions, comme convenu.")
    page.goto(f"{HOME}versions/")
    expect(page.get_by_role("main")).to_contain_text("PDF en préparation")
    assert jobs.take_up(), "the draft of version 1 waits to be produced"
    text = text_of(downloaded(page, f"{HOME}document.pdf", folder))
    assert "PROJET" in text
    assert f"{NUMBER}" in text
    assert "Plan régional de formation" in text
    assert "Communication et logotypes" not in text, "the article was left out"


def counter(cast: Cast) -> None:
    """The officer comments, edits a text and proposes version 2. The director reads the changes and answers."""
    page = cast.officer
    open_sheet(page, "3-A")
    follow(page.get_by_role("main"), re.compile("échange|Écrire ou répondre", re.I))
    page.get_by_label("Message", exact=True).fill("Combien de conseillers seront formés ?")
    press(page, "Envoyer le message")
    expect(page.get_by_role("main")).to_contain_text("Combien de conseillers seront formés ?")
    reword(page, MONTH, "Un échange plus fréquent.")
    act_on(page, "Proposer la version 2", "La version 2 est proposée")
    mail = cast.mail("director", "la main est à vous")
    assert "version 2" in mail.body
    page = cast.director
    page.goto(f"{HOME}versions/")
    expect(page.get_by_role("main")).to_contain_text("Combien de conseillers seront formés ?")
    answer(page, "Soixante par an.")
    page.goto(link_of(mail))
    expect(heading(page)).to_have_text("Ce qui change entre la version 1 et la version 2")
    expect(page.locator("ins", has_text="chaque mois").first).to_be_visible()
    follow(page, "Accepter la version 2")
    press(page.get_by_role("main"), "Accepter la version 2")
    expect_message(page, "La version 2 est acceptée")
    assert "acceptée par les deux parties" in cast.mail("officer", "version 2").subject


def answer(page: Page, text: str) -> None:
    page.locator("summary", has_text="Répondre").click()
    page.get_by_label("Votre réponse").fill(text)
    press(page, "Envoyer la réponse")
    expect(page.get_by_role("main")).to_contain_text(text)
    press(page, re.compile("Marquer comme résolu"))
    expect(page.get_by_role("main")).to_contain_text("Tous les échanges sont résolus.")


def edit_after_agreement(cast: Cast) -> None:
    """An edit cancels both acceptances, and both sides get an e-mail. Then both accept a third version."""
    page = cast.officer
    stands(page, "Demander le visa")
    reword(page, "Le préfet en est informé.", "Une précision demandée par la préfecture.")
    for role in ("director", "officer"):
        assert "Préambule" in cast.mail(role, "annule les acceptations").body
    page.goto(HOME)
    expect(page.get_by_role("link", name="Demander le visa")).to_have_count(0)
    act_on(page, "Proposer la version 3", "La version 3 est proposée")
    act_on(cast.director, "Accepter la version 3", "La version 3 est acceptée")


def endorse(cast: Cast) -> None:
    act_on(cast.officer, "Demander le visa", "Le visa est demandé")
    page = cast.manager
    page.goto(link_of(cast.mail("manager", "Visa demandé")))
    act_on(page, "Donner le visa", "Le visa est donné sur la version 3")
    act_on(page, "Ouvrir la signature", "La signature est ouverte")
    expect(page.get_by_role("main")).to_contain_text("en cours de production")
    assert jobs.take_up(), "the document to sign waits to be produced"


def read_document(cast: Cast, folder: Path) -> str:
    """Check that the document to sign is no draft and has the reference, the version and its hash on each page."""
    page = cast.president
    page.goto(link_of(cast.mail("president", "prêt à signer")))
    text = text_of(downloaded(page, f"{HOME}document.pdf", folder))
    version = Act.objects.get(convention__number=NUMBER, number=0).versions.get(number=3)
    assert "PROJET" not in text
    assert text.count(version.short_hash) >= 10, "the short hash is on each page"
    assert version.short_hash in cast.mail("president", "prêt à signer").body
    for words in (NUMBER, QUARTER, MONTH, "Plan régional de formation", "Maïwenn Essai", "Yann Essai", "60 000"):
        assert words in text, f"“{words}” is not in the document"
    return text


def sign(cast: Cast, role: str) -> None:
    page = getattr(cast, role)
    page.goto(f"{HOME}documents/")
    follow(page.get_by_role("main"), "Signer")
    fill(page, {"Votre mot de passe": "un autre mot de passe"})
    press(page, "M’identifier")
    expect(page.get_by_role("main")).to_contain_text("Ce mot de passe n’est pas celui de votre compte.")
    fill(page, {"Votre mot de passe": PHRASE})
    press(page, "M’identifier")
    with page.expect_popup() as popup:
        press(page, re.compile("^Ouvrir le document"))
    popup.value.close()
    press(page, "Recevoir un code")
    expect_message(page, "Un code à six chiffres vient de partir")
    body = cast.mail(role, "Votre code pour signer").body
    code = re.search(r"\b\d{6}\b", body)
    assert code, body
    fill(page, {"Code reçu par courriel": "000000" if code[0] != "000000" else "111111"})
    tick(page, re.compile("signe"))
    press(page, "Signer la convention")
    expect(page.get_by_role("main")).to_contain_text("Ce code n’est pas celui du dernier courriel.")
    fill(page, {"Code reçu par courriel": code[0]})
    box = page.get_by_role("checkbox")
    if not box.is_checked():
        tick(page, re.compile("signe"))
    press(page, "Signer la convention")
    expect_message(page, "Votre signature est enregistrée.")


def notify(cast: Cast) -> None:
    act_on(cast.officer, "Notifier la convention signée", "notifiée et en exécution")
    assert "notifiée et en vigueur" in cast.mail("president", "signée, notifiée").subject
    page = cast.director
    stands(page, "En exécution")
    page.goto(f"{HOME}journal/")
    expect(page.get_by_role("main")).to_contain_text("Maïwenn Essai signe pour la DREETS Bretagne")
    assert page.goto(f"{HOME}articles/preambule/")
    expect(page.get_by_role("textbox", name=re.compile("^Texte de l’article"))).to_have_count(0)
