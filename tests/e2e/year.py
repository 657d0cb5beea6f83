"""Stage C: a report that is sent back, then admissible, the dialogue de gestion, the reminders, the dashboard."""

import csv
import io
import re
from pathlib import Path

from django.core.management import call_command
from playwright.sync_api import Page, expect

from cpo.lib.models import OutboxMessage
from cpo.lib.work import jobs
from reporting.models import Reminder
from tests.e2e.cast import (
    Cast,
    downloaded,
    expect_errors,
    expect_message,
    fill,
    follow,
    heading,
    link_of,
    press,
    text_of,
    tick,
)
from tests.e2e.drafting import NUMBER
from tests.factories.conventions import PDF

SAVE = re.compile("^Enregistrer$")  # excludes « Enregistrer et passer à la suite »
REPORT = f"/rapports/{NUMBER}/2025/"
SPENT = {"1-A": ("26 000", "4 500"), "2-A": ("25 000", "5 000"), "3-A": ("24 000", "5 000")}


def open_campaign(cast: Cast) -> None:
    page = cast.national_admin
    page.goto("/campagnes/")
    follow(page, "Ouvrir la campagne 2025")
    expect(page.get_by_role("main")).to_contain_text(NUMBER)
    press(page, "Ouvrir la campagne 2025")
    expect(page.get_by_role("main")).not_to_contain_text("Ouvrir la campagne 2025")
    mail = cast.mail("accountant", "la saisie est ouverte")
    assert "30 juin 2026" in mail.subject.replace("\u00a0", " ")
    assert "3 comptes rendus d’action" in mail.body


def remind(role: str, on: str, cast: Cast) -> None:
    """Check that the command announces the reminders, writes them once, and writes none the second time."""
    before, reminders = OutboxMessage.objects.count(), Reminder.objects.count()
    output = io.StringIO()
    call_command("send_reminders", "--on", on, stdout=output)
    announced_count = int(last_line(output).split()[0])
    assert announced_count >= 1
    assert Reminder.objects.count() == reminders, "without --send, nothing is written"
    for expected in (announced_count, 0):
        output = io.StringIO()
        call_command("send_reminders", "--on", on, "--send", stdout=output)
        assert int(last_line(output).split()[0]) == expected
    assert OutboxMessage.objects.count() == before + announced_count
    assert NUMBER in cast.mail(role, "Dans 30").body


def last_line(output: io.StringIO) -> str:
    return output.getvalue().strip().splitlines()[-1]


def fill_report(cast: Cast) -> None:
    """The director fills in the fiches, the accountant the receipts. A wrong value loses no typed text."""
    page = cast.director
    page.goto(link_of(cast.mail("director", "la saisie est ouverte")))
    for code in ("1-A", "2-A", "3-A"):
        fill_sheet(page, code)
    page.goto(f"{REPORT}synthese/")
    fill(page, {"Faits marquants de l’année": "Une première année tenue."})
    press(page, SAVE)
    expect_message(page, "nregistr")
    page.goto(REPORT)
    expect(page.get_by_role("main")).to_contain_text("3 fiches sur 3 complètes")
    expect(page.get_by_role("main")).to_contain_text("Compte rendu financier : produits reçus")
    count(cast.accountant)
    give_papers(cast.accountant)


def fill_sheet(page: Page, code: str) -> None:
    page.goto(REPORT)
    follow(page, re.compile(rf"(^| ){code}\b"))
    page.get_by_label("État d’avancement").select_option(label="Réalisée")
    fill(page, {"Ce qui a été fait": f"L’action {code} a eu lieu."})
    for field in page.get_by_role("textbox", name=re.compile("^(?!Commentaire).* – ")).all():
        field.fill("8")  # the field of a value, or of a term of a rate
    salaries, services = SPENT[code]
    grid(page, "64", "vingt-six mille" if code == "1-A" else salaries)
    grid(page, "61", services)
    press(page, SAVE)
    if code == "1-A":
        expect_errors(page, "n’est pas un montant")
        expect(page.get_by_label("Ce qui a été fait")).to_have_value("L’action 1-A a eu lieu.")
        grid(page, "64", salaries)
        press(page, SAVE)
    expect_message(page, "nregistr")
    expect(page.get_by_role("row", name=re.compile("^Total")).first).to_contain_text("30 000 €")


def grid(page: Page, row: str, amount: str) -> None:
    page.get_by_role("row", name=re.compile(rf"^{row}\b")).first.get_by_role("textbox").first.fill(amount)


def count(page: Page) -> None:
    page.goto(f"{REPORT}finances/")
    rows = {"DREETS Bretagne": "60 000", "Région Bretagne": "42 000"}
    for funder, amount in rows.items():
        page.get_by_role("row", name=re.compile(funder)).first.get_by_role("textbox").first.fill(amount)
    page.get_by_role("row", name=re.compile("^64")).first.get_by_role("textbox").first.fill("12 500")
    fill(page, {"Explication des écarts entre le prévu et le réalisé": "Un recrutement plus tôt que prévu."})
    press(page, SAVE)
    expect_message(page, "nregistr")


def give_papers(page: Page) -> None:
    page.goto(f"{REPORT}pieces/")
    while (missing := page.get_by_role("listitem").filter(has_text="Manquante")).count():
        line = missing.first
        line.locator("summary", has_text="Déposer").click()
        title = line.locator(".cpo-titre").inner_text()
        line.get_by_label("Fichier").set_input_files(
            {"name": "piece.pdf", "mimeType": "application/pdf", "buffer": PDF + title.encode() + b"%%EOF"}
        )
        fill(line, {"Date du document": "15/05/2026"})
        press(line, re.compile("^Déposer la pièce"))
        expect_message(page, "Pièce déposée")


def act_on(page: Page, name: str, success: str) -> None:
    page.goto(REPORT)
    follow(page.get_by_role("main"), name)
    expect(heading(page)).to_have_text(name)
    press(page.get_by_role("main"), name)
    expect_message(page, success)


def submit(cast: Cast, folder: Path) -> None:
    page = cast.director
    page.goto(REPORT)
    expect(page.get_by_role("link", name="Envoyer le compte rendu")).to_have_count(0)
    act_on(cast.president, "Envoyer le compte rendu", "Le compte rendu est envoyé.")
    jobs.take_up()
    page = cast.president
    page.goto(REPORT)
    text = text_of(downloaded(page, f"{REPORT}envois/1/accuse-de-reception.pdf", folder))
    assert "Accusé de réception" in text
    assert NUMBER in text
    assert "Yann Essai" in text


def send_back(cast: Cast) -> None:
    page = cast.officer
    page.goto(link_of(cast.mail("officer", "à examiner")))
    follow(page.get_by_role("main"), "Renvoyer avec des demandes")
    press(page, "Renvoyer avec des demandes")
    expect_errors(page)
    part = page.get_by_role("group", name=re.compile("3-A"))
    tick(part, re.compile("3-A"))
    part.get_by_role("textbox").fill("Combien de conseillers ont été formés ?")
    press(page, "Renvoyer avec des demandes")
    expect_message(page, "renvoyé à l’association")


def complete(cast: Cast) -> None:
    """Complete the parts that were sent back, which alone are open. The president sends the report again."""
    page = cast.director
    mail = cast.mail("director", "compléments sont demandés")
    assert "Combien de conseillers ont été formés ?" in mail.body
    page.goto(link_of(mail))
    expect(page.get_by_role("main")).to_contain_text("Combien de conseillers ont été formés ?")
    page.goto(f"{REPORT}synthese/")
    expect(page.get_by_role("textbox", name=re.compile("Faits marquants"))).to_have_count(0)
    page.goto(REPORT)
    follow(page, re.compile(r"(^| )3-A\b"))
    fill(page, {"Ce qui a été fait": "L’action 3-A a formé 62 conseillers."})
    press(page, SAVE)
    expect_message(page, "nregistr")
    act_on(cast.president, "Envoyer le compte rendu", "Le compte rendu est envoyé.")
    assert jobs.take_up()


def conclude(cast: Cast) -> None:
    page = cast.manager
    act_on(page, "Déclarer recevable", "Le compte rendu est déclaré recevable.")
    assert "déclaré recevable" in cast.mail("president", "2025 déclaré").subject
    page = cast.officer
    page.goto(REPORT)
    follow(page, "Préparer le dialogue de gestion")
    fill(page, {"Date": "40/09/2026", "Lieu": "Rennes"})
    press(page, "Enregistrer et inviter")
    expect_errors(page, "n’est pas une date")
    expect(page.get_by_label("Lieu")).to_have_value("Rennes")
    fill(page, {"Date": "10/09/2026"})
    press(page, "Enregistrer et inviter")
    expect_message(page, "La réunion est inscrite.")
    follow(page, "Remplir le relevé")
    fill(page, {"Autres participants": "Nolwenn Essai, Gwenaëlle Essai", "Décision 1": "Suivre les effectifs"})
    page.get_by_label("Avis d’ensemble sur l’année").select_option(index=1)
    press(page, SAVE)
    expect_message(page, "nregistr")
    act_on(page, "Enregistrer le dialogue de gestion", "Le dialogue de gestion est enregistré.")
    page = cast.manager
    page.goto(REPORT)
    follow(page, "Conclure l’année")
    fill(page, {"Conclusion": "Le programme se poursuit en 2026."})
    page.get_by_label("N’ouvrir aucun acte").check(force=True)
    press(page, "Conclure l’année 2025")
    expect_message(page, "L’année est conclue.")
    page = cast.director
    page.goto(REPORT)
    follow(page, "Voir la réunion")
    expect(page.get_by_role("main")).to_contain_text("Le programme se poursuit en 2026.")


def read_dashboard(cast: Cast) -> None:
    """Check that each figure opens the list of which it is the total, and that the list exports as CSV."""
    page = cast.national_reader
    follow(page.get_by_role("navigation", name="Menu principal"), "Tableau de bord")
    year = page.get_by_role("row", name=re.compile("^2025"))
    expect(year.first).to_contain_text("60 000 €")
    money = page.get_by_role("table", name=re.compile("^Contribution"))
    money.get_by_role("row", name=re.compile("^2025")).get_by_role("link").last.click()
    main = page.get_by_role("main")
    expect(main).to_contain_text("total 60 000 €")
    expect(main).to_contain_text(NUMBER)
    path = page.get_by_role("link", name=re.compile("^Télécharger la liste")).get_attribute("href")
    answer = page.request.get(page.url.partition("?")[0] + str(path))
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(answer.body().decode("utf-8-sig")), delimiter=";"))
    assert len(rows) >= 2
    assert any(NUMBER in row for row in rows)
    page.goto("/tableau-de-bord/")
    reports = page.get_by_role("table", name="Comptes rendus annuels").get_by_role("row", name=re.compile("^2025"))
    expect(reports).to_have_text(re.compile(r"2025\s*1\s*1\s*1\s*0"))
