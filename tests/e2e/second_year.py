"""The second year in the journey: an avenant that arrives late and drops a fiche, a report that is reopened."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from cpo.lib.work import jobs
from tests.e2e import later
from tests.e2e.cast import (
    Cast,
    cells,
    expect_errors,
    expect_message,
    fill,
    follow,
    heading,
    plain,
    press,
    tick,
)
from tests.e2e.drafting import HOME, NUMBER, YEARS
from tests.e2e.report import SAVE, give_papers, grid, sign_accounts

AVENANT = f"{HOME.rstrip('/')}-A1/"
REPORT = f"/rapports/{NUMBER}/2026/"
SPENT = {"1-A": ("25 000", "5 000"), "2-A": ("45 000", "5 000"), "3-A": ("1 000", "0")}


def ask(cast: Cast) -> None:
    """The association asks for an avenant, takes a fiche out, and gives its share of the State to another."""
    page = cast.director
    page.goto(f"{HOME}actes/")
    follow(page.get_by_role("main"), "Demander un avenant")
    tick(page, "Programme")
    values = {"Objet": "Retirer la fiche 3-A.", "Cause": "La formation est reprise par l’OPCO."}
    fill(page, values | {"Conséquences": "Sa part de l’État va à la fiche 2-A."})
    press(page.get_by_role("main"), "Demander un avenant")
    expect_message(page, "le texte signé est recopié")
    open_sheet(page, "3-A")
    follow(page.get_by_role("main"), "Retirer la fiche")
    press(page.get_by_role("main"), "Retirer la fiche")
    expect(heading(page)).not_to_contain_text("3-A")
    open_sheet(page, "2-A")
    follow(page, "Modifier le budget")
    for account, amount in (("64", "45 000"), ("74-ETAT", "40 000")):
        cells(page, account, [amount] * 3, YEARS)
    press(page, "Enregistrer")
    expect_message(page, "enregistré")
    later.agree(cast, AVENANT, "director", "officer")


def open_sheet(page: Page, code: str) -> None:
    page.goto(f"{AVENANT}programme/")
    page.get_by_role("main").get_by_role("link", name=re.compile(f"^{code} ")).first.click()


def open_campaign(page: Page, year: int = 2026) -> None:
    page.goto("/campagnes/")
    follow(page, f"Ouvrir la campagne {year}")
    press(page, f"Ouvrir la campagne {year}")
    jobs.take_up()
    page.reload()
    expect(page.get_by_role("main")).not_to_contain_text(f"Ouvrir la campagne {year}")


def read_late_act(cast: Cast) -> None:
    """Both sides read that an act came after the opening; the association takes its fiches over."""
    for role in ("director", "officer"):
        page = getattr(cast, role)
        page.goto(REPORT)
        expect(page.get_by_role("main")).to_contain_text("Un acte est arrivé après l’ouverture de ce compte rendu")
    page = cast.director
    page.goto(REPORT)
    press(page.get_by_role("main"), "Reprendre les fiches de l’acte")
    expect(page.get_by_role("main")).not_to_contain_text("Un acte est arrivé après l’ouverture")
    expect(page.get_by_role("main")).to_contain_text("fondé sur l’avenant n° 1, en vigueur au 31 décembre 2026")
    follow(page, re.compile(r"(^| )3-A\b"))
    expect(page.get_by_role("main")).to_contain_text("7 décembre 2026")


def fill_report(cast: Cast) -> None:
    fill_sheets(cast.director, REPORT, SPENT)
    tell_highlights(cast.director, REPORT, "Une deuxième année, une fiche de moins.")
    answer_decisions(cast.director)
    funders = {"DREETS Bretagne": "60 000", "Région Bretagne": "33 000"}
    count(cast.accountant, REPORT, funders, structure="12 000", why="La fiche 3-A s’arrête.")
    give_papers(cast.accountant, REPORT)


def fill_sheets(page: Page, report: str, spent: dict[str, tuple[str, str]]) -> None:
    for code, (salaries, services) in spent.items():
        page.goto(report)
        follow(page, re.compile(rf"(^| ){code}\b"))
        page.get_by_label("État d’avancement").select_option(label="Réalisée")
        fill(page, {"Ce qui a été fait": f"L’action {code} a eu lieu en {report[-5:-1]}."})
        for field in page.get_by_role("textbox", name=re.compile("^(?!Commentaire).* – ")).all():
            field.fill("8")
        grid(page, "64", salaries)
        grid(page, "61", services)
        press(page, SAVE)
        expect_message(page, "Rubrique enregistrée.")


def tell_highlights(page: Page, report: str, words: str) -> None:
    page.goto(f"{report}synthese/")
    fill(page, {"Faits marquants de l’année": words})
    press(page, SAVE)
    expect_message(page, "Rubrique enregistrée.")


def answer_decisions(page: Page) -> None:
    """The decision of the dialogue stands at the head of the report, and waits for its answer."""
    page.goto(f"{REPORT}decisions/")
    expect(page.get_by_role("main")).to_contain_text("Suivre les effectifs chaque mois")
    page.get_by_role("combobox", name="Suite").select_option(label="Fait")
    fill(page, {"Ce qui a été fait": "Un tableau suit les effectifs."})
    press(page, SAVE)
    expect_message(page, "Les réponses aux décisions sont enregistrées.")


def count(page: Page, report: str, funders: dict[str, str], *, structure: str, why: str) -> None:
    page.goto(f"{report}finances/")
    for funder, amount in funders.items():
        page.get_by_role("row", name=re.compile(funder)).first.get_by_role("textbox").first.fill(amount)
    grid(page, "64", structure)
    fill(page, {"Explication des écarts entre le prévu et le réalisé": why})
    press(page, SAVE)
    expect_message(page, "Rubrique enregistrée.")


def send(cast: Cast, report: str = REPORT) -> None:
    later.step(cast.president, report, "Envoyer le compte rendu", "Le compte rendu est envoyé.")
    assert jobs.take_up(), "the acknowledgement and the compte rendu financier wait to be produced"


def admit(cast: Cast, report: str, folder: Path, total: str) -> None:
    """The accounts of each sending are signed, those of a reopened report too."""
    sign_accounts(cast, report, folder, total)
    later.step(cast.manager, report, "Déclarer recevable", "Le compte rendu est déclaré recevable.")


def reopen(cast: Cast) -> None:
    """The manager opens the report again for its texts, with a reason that the DGEFP reads; no figure changes."""
    page = cast.manager
    page.goto(REPORT)
    follow(page.get_by_role("main"), "Rouvrir le compte rendu")
    page.get_by_label("Limitée").check(force=True)
    press(page.get_by_role("main"), "Rouvrir le compte rendu")
    expect_errors(page)
    fill(page, {"Motif": "Le récit de la fiche 1-A est celui de 2025."})
    page.get_by_label("Limitée").check(force=True)
    press(page.get_by_role("main"), "Rouvrir le compte rendu")
    expect(page.get_by_role("status").first).to_be_visible()
    cast.national_admin.goto(f"{HOME}journal/")
    expect(cast.national_admin.get_by_role("main")).to_contain_text("Le récit de la fiche 1-A est celui de 2025.")
    page = cast.director
    page.goto(REPORT)
    follow(page, re.compile(r"(^| )1-A\b"))
    expect(page.get_by_role("textbox", name=re.compile("^64")).first).to_be_disabled()
    fill(page, {"Ce qui a été fait": "L’action 1-A a doublé en 2026."})
    press(page, SAVE)
    expect_message(page, "Rubrique enregistrée.")
    page.goto(f"{REPORT}reponses/")
    for field in page.locator(".cpo-rangee").get_by_role("textbox").all():
        field.fill("Sans changement, parce que le texte est celui de 2026.")
    press(page, SAVE)
    expect_message(page, "Réponses enregistrées.")


def declared(page: Page) -> list[str]:
    """The last row of « où en est-on » of 2026."""
    page.goto(f"{REPORT}ou-en-est-on/")
    row = page.get_by_role("table", name=re.compile("^Où en est-on")).get_by_role("row").last
    return [plain(text).removesuffix(" €") for text in row.locator("td").all_inner_texts()]
