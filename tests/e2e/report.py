"""The report of a year in the journey: reminded, filled in, sent, clarified, sent back, retained, admissible."""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

from django.core.management import call_command
from playwright.sync_api import Page, expect

from cpo.lib.models import OutboxMessage
from cpo.lib.work import jobs
from reporting import tasks  # noqa: F401  its handlers
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
    plain,
    press,
    text_of,
    tick,
)
from tests.e2e.dialogue import sign_here
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
    jobs.take_up()
    page.reload()
    expect(page.get_by_role("main")).not_to_contain_text("Ouvrir la campagne 2025")
    mail = cast.mail("accountant", "la saisie est ouverte")
    assert "30 juin 2026" in plain(mail.subject)
    assert "3 comptes rendus d’action" in mail.body


def remind(cast: Cast, rung: int, roles: set[str]) -> None:
    """Run what cron runs, twice: it announces, writes once, and tells these people of the report that is due."""
    before, reminders = OutboxMessage.objects.count(), Reminder.objects.count()
    announced = counted("send_reminders")
    assert announced >= len(roles)
    assert Reminder.objects.count() == reminders, "without --send, nothing is written"
    assert [counted("send_reminders", "--send"), counted("send_reminders", "--send")] == [announced, 0]
    assert OutboxMessage.objects.count() == before + announced
    written = Reminder.objects.filter(deadline__rule__key="justificatifs_annuels", rung=rung, state="sent")
    assert {row.recipient for row in written} == {cast.people[role] for role in roles}
    for row in written.select_related("message"):
        assert NUMBER in row.message.body and "ARML Bretagne" in row.message.body
        assert "compte rendu" in row.message.body.lower(), row.message.body


def counted(*words: str) -> int:
    output = io.StringIO()
    call_command(*words, stdout=output)
    return int(output.getvalue().strip().splitlines()[-1].split()[0])


def read_late(cast: Cast) -> None:
    """Who must act reads at home how late the report is; so does who may only send it."""
    for role in ("director", "president"):
        page = getattr(cast, role)
        page.goto("/")
        expect(page.get_by_role("main")).to_contain_text("34 jours (30 juin)")
    cast.president.goto(REPORT)
    expect(cast.president.get_by_role("main")).to_contain_text("30 juin 2026")


def fill_report(cast: Cast) -> None:
    """The director fills in the fiches, the accountant the receipts. A wrong value loses no typed text."""
    page = cast.director
    page.goto(link_of(cast.mail("director", "la saisie est ouverte")))
    for code in ("1-A", "2-A", "3-A"):
        fill_sheet(page, code)
    page.goto(f"{REPORT}synthese/")
    fill(page, {"Faits marquants de l’année": "Une première année tenue."})
    press(page, SAVE)
    expect_message(page, "Rubrique enregistrée.")
    page.goto(REPORT)
    expect(page.get_by_role("main")).to_contain_text("3 fiches sur 3 complètes")
    expect(page.get_by_role("main")).to_contain_text("Compte rendu financier : produits reçus")
    count(cast.accountant)
    give_papers(cast.accountant)


def fill_sheet(page: Page, code: str, report: str = REPORT) -> None:
    page.goto(report)
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
    expect_message(page, "Rubrique enregistrée.")
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
    expect_message(page, "Rubrique enregistrée.")


def give_papers(page: Page, report: str = REPORT) -> None:
    page.goto(f"{report}pieces/")
    while (missing := page.get_by_role("listitem").filter(has_text="Manquante")).count():
        line = missing.first
        line.locator("summary", has_text="Déposer").click()
        title = line.locator(".cpo-titre").inner_text()
        line.get_by_label("Fichier").set_input_files(
            {"name": "piece.pdf", "mimeType": "application/pdf", "buffer": PDF + f"{title} {report}%%EOF".encode()}
        )
        fill(line, {"Date du document": f"15/05/{int(report[-5:-1]) + 1}"})
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


def sign_accounts(cast: Cast, report: str, folder: Path, total: str) -> None:
    """The president signs the compte rendu financier of the sending as an act is signed; both sides read who did."""
    page = cast.president
    page.goto(report)
    follow(page.get_by_role("main"), "Signer le compte rendu financier")
    sign_here(cast, "president", re.compile("^Signer"))
    for reader in (page, cast.officer):
        reader.goto(f"{report}pieces/")
        expect(reader.get_by_role("main")).to_contain_text("signé par Yann Essai")
    link = page.get_by_role("main").get_by_role("link", name=re.compile("^Compte rendu financier, ")).first
    text = plain(text_of(downloaded(page, str(link.get_attribute("href")), folder)))
    assert NUMBER in text
    assert total in text


def clarify(cast: Cast, at: Callable[[str], None]) -> None:
    """A question on a fiche without sending back: it is answered, and judged."""
    page = cast.officer
    page.goto(f"{REPORT}precisions/")
    part = page.get_by_label("Rubrique")
    part.select_option(label=part.locator("option", has_text="2-A").inner_text())
    fill(page, {"Ce qui est demandé": "D’où vient ce chiffre ?", "Réponse attendue le": "01/08/2026"})
    press(page, "Demander des précisions")
    expect_errors(page, "date")
    fill(page, {"Réponse attendue le": "14/08/2026"})
    press(page, "Demander des précisions")
    expect_message(page, "C’est enregistré.")
    at("2026-08-10")
    mail = cast.mail("director", "récision")
    assert "D’où vient ce chiffre ?" in mail.body
    page = cast.director
    page.goto(link_of(mail))
    expect(page.get_by_role("main")).to_contain_text("D’où vient ce chiffre ?")
    fill(page, {"Votre réponse": "Des feuilles d’émargement."})
    press(page, "Répondre")
    expect_message(page, "C’est enregistré.")
    page = cast.officer
    page.goto(link_of(cast.mail("officer", "récision")))
    expect(page.get_by_role("main")).to_contain_text("Des feuilles d’émargement.")
    page.get_by_label("Satisfaisante").check(force=True)
    fill(page, {"Ce qui en est retenu": "Les feuilles sont au dossier."})
    press(page, "Clore la demande")
    expect_message(page, "C’est enregistré.")
    page.goto(f"{REPORT}instruction/")
    expect(page.get_by_role("main")).to_contain_text("ne comptent pas")


def send_back(cast: Cast) -> None:
    page = cast.officer
    page.goto(link_of(cast.mail("officer", "à examiner")))
    follow(page.get_by_role("main"), "Renvoyer avec des demandes")
    press(page, "Renvoyer avec des demandes")
    expect_errors(page)
    for code, request in (
        ("3-A", "Combien de conseillers ont été formés ?"),
        ("2-A", "Le compte 61 est-il définitif ?"),
    ):
        part = page.get_by_role("group", name=re.compile(code))
        tick(part, re.compile(code))
        part.get_by_role("textbox").fill(request)
    press(page, "Renvoyer avec des demandes")
    expect_message(page, "renvoyé à l’association")


def complete(cast: Cast) -> None:
    """Complete one of the parts that were sent back, which alone are open, and answer for the other."""
    page = cast.director
    mail = cast.mail("director", "compléments sont demandés")
    assert "Combien de conseillers ont été formés ?" in mail.body
    assert cast.mail("president", "compléments sont demandés"), "the president is told too"
    page.goto(link_of(mail))
    expect(page.get_by_role("main")).to_contain_text("Combien de conseillers ont été formés ?")
    page.goto(f"{REPORT}synthese/")
    expect(page.get_by_role("textbox", name=re.compile("Faits marquants"))).to_have_count(0)
    page.goto(REPORT)
    follow(page, re.compile(r"(^| )3-A\b"))
    fill(page, {"Ce qui a été fait": "L’action 3-A a formé 62 conseillers."})
    press(page, SAVE)
    expect_message(page, "Rubrique enregistrée.")
    cast.president.goto(f"{REPORT}action/submit/")
    expect(cast.president.get_by_role("main")).to_contain_text("Ce qui manque")
    page.goto(REPORT)
    follow(page, "Répondre à une demande sans modifier sa rubrique")
    row = page.locator(".cpo-rangee", has_text="Le compte 61 est-il définitif ?")
    row.get_by_role("textbox").fill("Sans changement, parce que la facture est payée.")
    press(page, "Enregistrer")
    expect_message(page, "Réponses enregistrées.")
    act_on(cast.president, "Envoyer le compte rendu", "Le compte rendu est envoyé.")
    assert jobs.take_up()


def compare(page: Page) -> None:
    """The officer reads what changed since the sending that was sent back, with the answers."""
    page.goto(f"{REPORT}envois/1/2/")
    main = page.get_by_role("main")
    expect(main).to_contain_text("Ce qui change entre l’envoi n° 1 et l’envoi n° 2")
    expect(main.locator("ins", has_text="formé 62 conseillers").first).to_be_visible()
    expect(main).to_contain_text("Sans changement, parce que la facture est payée.")
    expect(main).not_to_contain_text("Une première année tenue.")


def retain(cast: Cast) -> None:
    """Of the fiche 3-A, 1 000 € of the account 61 are left out: refused without a ground."""
    page = cast.officer
    page.goto(f"{REPORT}instruction/")
    follow(page.get_by_role("table").first, re.compile("3-A"))
    fill(page, {"Retenu, compte 61": "4 000"})
    press(page, SAVE)
    expect_errors(page, "motif")
    ground = page.get_by_label("Motif de l’écart, compte 61")
    ground.select_option(index=1)
    fill(page, {"Commentaire, compte 61": "Une facture est d’une autre année."})
    page.get_by_label("Avis", exact=True).select_option(label="Satisfaisant")
    press(page, SAVE)
    expect_message(page, "Instruction enregistrée.")
    page.goto(f"{REPORT}instruction/")
    expect(page.get_by_role("main")).to_contain_text("4 000 € retenus sur 5 000 € déclarés")
    cast.director.goto(f"{REPORT}ou-en-est-on/")
    expect(cast.director.get_by_role("main")).not_to_contain_text("101 000 €")


def admit(cast: Cast, folder: Path) -> None:
    """Not before the compte rendu financier is signed."""
    cast.manager.goto(f"{REPORT}action/declare_admissible/")
    expect(cast.manager.get_by_role("main")).to_contain_text("Signature du compte rendu financier")
    sign_accounts(cast, REPORT, folder, "102 000")
    act_on(cast.manager, "Déclarer recevable", "Le compte rendu est déclaré recevable.")
    assert "déclaré recevable" in cast.mail("president", "2025 déclaré").subject
    for role in ("director", "officer"):
        standing(getattr(cast, role), REPORT, "306 000", "–", "102 000", "102 000", "33 %", "204 000", "101 000")
    unseen_retained(cast.reader)


def standing(page: Page, report: str, *cells: str) -> None:
    """The last row of « où en est-on »: budget, declared before, this report, total, %, remainder, retained."""
    page.goto(f"{report}ou-en-est-on/")
    row = page.get_by_role("table", name=re.compile("^Où en est-on")).get_by_role("row").last
    texts = [plain(text).removesuffix(" €") for text in row.locator("td").all_inner_texts()]
    assert texts == list(cells), texts


def unseen_retained(page: Page) -> None:
    """An observer reads nothing of what is retained or paid."""
    for address in (f"{REPORT}instruction/", f"{REPORT}ou-en-est-on/", REPORT):
        page.goto(address)
        expect(page.get_by_role("main")).not_to_contain_text("101 000")
        expect(page.get_by_role("main")).not_to_contain_text("Retenu")


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
