"""The last year in the journey: its forecast, its report with the accounts signed and a pièce refused."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.e2e import later, second_year
from tests.e2e.cast import Cast, expect_errors, expect_message, fill, plain, press
from tests.e2e.drafting import HOME, NUMBER
from tests.e2e.report import SAVE, give_papers
from tests.factories.conventions import PDF

REPORT = f"/rapports/{NUMBER}/2027/"
FORECAST = f"{HOME}prevision/2027/"
SPENT = {"1-A": ("25 000", "5 000"), "2-A": ("44 000", "5 000")}


def forecast(cast: Cast) -> None:
    """A wide gap without its reason is not sent; the service reads the forecast once it is."""
    page = cast.director
    page.goto(f"{FORECAST}saisie/")
    expected = page.get_by_role("table", name=re.compile("^Charges"))
    typed(expected, "64", "60 000")
    typed(expected, "61", "10 000")
    received = page.get_by_role("table", name=re.compile("^Produits"))
    typed(received, "DREETS", "60 000")
    typed(received, "Région", "32 000")
    press(page, SAVE)
    expect_message(page, "enregistrée")
    page.goto(FORECAST)
    expect(page.get_by_role("main")).to_contain_text("explication de l’écart de plus de 10 %")
    page.goto(f"{FORECAST}saisie/")
    page.get_by_role("textbox", name=re.compile("^(Explication|Commentaire).*64")).first.fill("Un poste reste vacant.")
    press(page, SAVE)
    expect_message(page, "enregistrée")
    cast.officer.goto(FORECAST)
    expect(cast.officer.get_by_role("main")).to_contain_text("n’a pas encore envoyé sa prévision")
    later.step(page, FORECAST, "Envoyer la prévision", "prévision")
    cast.officer.goto(FORECAST)
    expect(cast.officer.get_by_role("main")).to_contain_text("Un poste reste vacant.")


def typed(table: Locator, row: str, amount: str) -> None:
    table.get_by_role("row", name=re.compile(rf"^{row}\b")).first.get_by_role("textbox").first.fill(amount)


def read_opened(cast: Cast) -> None:
    """The report rests on the avenant, without the fiche that it dropped; two years are declared before it."""
    page = cast.director
    page.goto(REPORT)
    main = page.get_by_role("main")
    expect(main).to_contain_text("fondé sur l’avenant n° 1, en vigueur au 31 décembre 2027")
    expect(main).to_contain_text("0 fiche sur 2")
    page.goto(f"{REPORT}ou-en-est-on/")
    row = page.get_by_role("table", name=re.compile("^Où en est-on")).get_by_role("row").last
    assert [plain(text) for text in row.locator("td").all_inner_texts()][1:4] == ["195 000 €", "–", "195 000 €"]


def fill_report(cast: Cast) -> None:
    second_year.fill_sheets(cast.director, REPORT, SPENT)
    second_year.tell_highlights(cast.director, REPORT, "Une dernière année tenue.")
    funders = {"DREETS Bretagne": "60 000", "Région Bretagne": "31 000"}
    second_year.count(cast.accountant, REPORT, funders, structure="12 000", why="Un poste est resté vacant.")
    give_papers(cast.accountant, REPORT)
    second_year.send(cast, REPORT)


def check_papers(cast: Cast) -> None:
    """A refusal says why; the association replaces the pièce, the refused one stays to be read."""
    page = cast.officer
    line = piece(page, "Rapport d’activité")
    line.locator("summary", has_text="Vérifier").click()
    line.get_by_label("Est refusée").check(force=True)
    press(line, "Enregistrer")
    expect_errors(page, "pourquoi la pièce est refusée")
    fill(line, {"Motif du refus": "C’est le rapport de 2026."})
    press(line, "Enregistrer")
    expect_message(page, "Pièce refusée")
    assert "C’est le rapport de 2026." in cast.mail("director", "une pièce est à remplacer").body
    cast.manager.goto(f"{REPORT}action/declare_admissible/")
    expect(cast.manager.get_by_role("main")).to_contain_text("Pièce : Rapport d’activité")
    page = cast.director
    line = piece(page, "Rapport d’activité")
    expect(line).to_contain_text("C’est le rapport de 2026.")
    line.locator("summary", has_text="Remplacer").click()
    again = {"name": "rapport 2027.pdf", "mimeType": "application/pdf", "buffer": PDF + b"2027 again%%EOF"}
    line.get_by_label("Fichier").set_input_files(again)
    fill(line, {"Date du document": "12/05/2028"})
    press(line, "Remplacer la pièce")
    expect_message(page, "Pièce")
    line = piece(cast.officer, "Rapport d’activité")
    expect(line).to_contain_text("1 version remplacée")
    line.locator("summary", has_text="Vérifier").click()
    line.get_by_label("Est vérifiée").check(force=True)
    press(line, "Enregistrer")
    expect_message(cast.officer, "Pièce vérifiée")


def piece(page: Page, title: str) -> Locator:
    page.goto(f"{REPORT}pieces/")
    return page.get_by_role("listitem").filter(has=page.locator(".cpo-titre", has_text=title)).first
