"""The dialogue de gestion in the journey: invitation, minutes with decisions, both signatures, conclusion."""

import re
from pathlib import Path

from django.core import mail
from playwright.sync_api import Page, expect

from cpo.lib.mail.emails import deliver
from cpo.lib.work import jobs
from tests.e2e.cast import (
    PHRASE,
    Cast,
    downloaded,
    expect_errors,
    expect_message,
    fill,
    follow,
    link_of,
    plain,
    press,
    text_of,
    tick,
)
from tests.e2e.drafting import NUMBER


def convene(cast: Cast, report: str) -> None:
    """The officer invites; a wrong date loses nothing, and everybody who is invited gets an .ics."""
    page = cast.officer
    page.goto(report)
    follow(page, "Préparer le dialogue de gestion")
    fill(page, {"Date": "40/09/2026", "Lieu": "Rennes, salle 12"})
    press(page, "Enregistrer et inviter")
    expect_errors(page, "n’est pas une date")
    expect(page.get_by_label("Lieu")).to_have_value("Rennes, salle 12")
    fill(page, {"Date": "10/09/2026", "Ordre du jour": "L’année 2025."})
    page.get_by_role("textbox", name=re.compile("^De Par")).fill("14 h 30")
    page.get_by_role("textbox", name=re.compile("^À")).fill("16 h")
    for name in ("Yann Essai", "Gwenaëlle Essai", "Loïc Essai"):
        page.get_by_label(name).check(force=True)
    fill(page, {"Autres personnes": "« Rozenn Invitée » <rozenn@partenaire.example>"})
    press(page, "Enregistrer et inviter")
    expect_message(page, "La réunion est inscrite.")
    read_invitation(cast)


def read_invitation(cast: Cast) -> None:
    """Who is invited finds the meeting in the outbox, with its file for a calendar; a stranger gets no link."""
    invited = cast.mail("president", "Invitation")
    assert "10 septembre 2026" in plain(invited.subject)
    assert NUMBER in invited.body and "/reunions/" in invited.body
    mail.outbox.clear()
    deliver(limit=None)
    for address in (invited.to, "rozenn@partenaire.example"):
        [message] = [one for one in mail.outbox if one.to == [address] and one.attachments]
        name, content, media_type = message.attachments[0]
        assert (name, media_type) == ("invitation.ics", "text/calendar; method=REQUEST; charset=utf-8")
        lines = content.replace("\r\n ", "").split("\r\n")
        assert {"METHOD:REQUEST", "DTSTART:20260910T123000Z", "DTEND:20260910T140000Z"} <= set(lines)
        assert "LOCATION:Rennes\\, salle 12" in lines
    assert "/reunions/" not in message.body


def hold(cast: Cast, report: str) -> None:
    """The minutes, with a decision that has an owner and a day; an incomplete line is told."""
    page = cast.officer
    page.goto(report)
    follow(page, "Voir la réunion")
    follow(page.get_by_role("main"), "Remplir le relevé")
    fill(page, {"Autres participants": "Rozenn Invitée", "Ce qui a été dit": "Les effectifs montent."})
    page.get_by_label("Pour le").first.fill("31/12/2026")
    press(page, "Enregistrer")
    expect_errors(page, "Écrivez la décision")
    fill(page, {"Décision 1": "Suivre les effectifs chaque mois"})
    owner = page.get_by_role("combobox", name="Qui").first
    owner.select_option(label=owner.locator("option", has_text="Gwenaëlle Essai").inner_text())
    page.get_by_label("Avis d’ensemble sur l’année").select_option(label="Satisfaisant")
    press(page, "Enregistrer")
    expect_message(page, "Le relevé est enregistré.")
    record(page, report)


def hold_again(cast: Cast, report: str, day: str, said: str) -> None:
    """The dialogue of a later year, entered once it was held: nobody is invited to a day that has passed."""
    page = cast.officer
    page.goto(report)
    follow(page, "Préparer le dialogue de gestion")
    fill(page, {"Date": day, "Lieu": "Rennes, salle 12"})
    press(page, "Enregistrer et inviter")
    expect_message(page, "La réunion est inscrite.")
    page.goto(report)
    follow(page, "Voir la réunion")
    follow(page.get_by_role("main"), "Remplir le relevé")
    fill(page, {"Autres participants": "Rozenn Invitée", "Ce qui a été dit": said})
    page.get_by_label("Avis d’ensemble sur l’année").select_option(label="Satisfaisant")
    press(page, "Enregistrer")
    expect_message(page, "Le relevé est enregistré.")
    record(page, report)
    for role in ("president", "signatory"):
        sign_minutes(cast, report, role)


def record(page: Page, report: str) -> None:
    page.goto(report)
    follow(page.get_by_role("main"), "Enregistrer le dialogue de gestion")
    press(page.get_by_role("main"), "Enregistrer le dialogue de gestion")
    expect_message(page, "Le dialogue de gestion est enregistré.")
    assert jobs.take_up(), "the minutes wait to be produced"


def sign_minutes(cast: Cast, report: str, role: str) -> None:
    page = getattr(cast, role)
    page.goto(report)
    follow(page, "Voir la réunion")
    follow(page.get_by_role("main"), "Signer le relevé")
    sign_here(cast, role, re.compile("^Signer"))


def sign_here(cast: Cast, role: str, button: re.Pattern[str]) -> None:
    """The three steps of a signature, from its page."""
    page = getattr(cast, role)
    fill(page, {"Votre mot de passe": PHRASE})
    press(page, "M’identifier")
    with page.expect_popup() as popup:
        press(page, re.compile("^Ouvrir le document"))
    popup.value.close()
    press(page, "Recevoir un code")
    expect_message(page, "Un code à six chiffres vient de partir")
    code = re.search(r"\b\d{6}\b", cast.mail(role, "Votre code pour signer").body)
    assert code
    fill(page, {"Code reçu par courriel": code[0]})
    tick(page, re.compile("signe"))
    press(page.get_by_role("main"), button)
    expect(page.get_by_role("status").first).to_be_visible()


def read_minutes(cast: Cast, report: str, folder: Path) -> None:
    page = cast.director
    page.goto(report)
    follow(page, "Voir la réunion")
    main = page.get_by_role("main")
    expect(main).to_contain_text("Signé des deux parties")
    address = main.get_by_role("link", name="Relevé (PDF)").get_attribute("href")
    text = text_of(downloaded(page, str(address), folder))
    for words in (NUMBER, "Suivre les effectifs chaque mois", "Gwenaëlle Essai", "Rozenn Invitée", "31 décembre 2026"):
        assert words in plain(text), f"“{words}” is not in the minutes"


def conclude(cast: Cast, report: str, *, year: str, opens: str = "", **values: str) -> None:
    """The manager concludes; `opens`: the words of the choice of what follows, "" where none is offered."""
    page = cast.manager
    page.goto(report)
    follow(page, "Conclure l’année")
    fill(page, {"Conclusion": "Le programme se poursuit.", "Recommandations": "Former davantage."})
    choices = page.get_by_role("radio")
    if opens:
        choices.and_(page.get_by_role("radio", name=re.compile(opens))).check(force=True)
    else:
        expect(choices).to_have_count(0)
    button = f"Conclure l’année {year}"
    if values:
        press(page, button)
        expect_errors(page, "Donnez le montant de 2027")
        page.get_by_role("textbox", name=re.compile("^Montant proposé")).fill(values["amount"])
    press(page, button)
    expect_message(page, "L’année est conclue")
    told = cast.mail("president", "conclu")
    page = cast.director
    page.goto(link_of(told))
    page.goto(report)
    follow(page, "Voir la réunion")
    expect(page.get_by_role("main")).to_contain_text("Le programme se poursuit.")
