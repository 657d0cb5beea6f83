"""A control in the journey, and the correction that the next instalment bears."""

import re

from playwright.sync_api import Page, expect

from tests.e2e.cast import Cast, expect_errors, fill, follow, plain, press
from tests.e2e.drafting import HOME
from tests.e2e.money import MONEY, certify, pay, propose, row_of, sums, take, unseen_by_observers

CONTROLS = f"{HOME}controles/"
SAYS = "Une facture de 2 000 € ne se rattache à aucune action."


def step(page: Page, name: str, values: dict[str, str] | None = None) -> None:
    """Take a step of the control, or of the correction, that is offered."""
    page.goto(CONTROLS)
    follow(page.get_by_role("main"), name)
    fill(page, values or {})
    press(page.get_by_role("main"), name)
    expect(page.get_by_role("status").first).to_be_visible()


def control(cast: Cast) -> None:
    """Announced, held, answered, closed; a control that begins before it is announced is refused."""
    page = cast.officer
    page.goto(CONTROLS)
    follow(page.get_by_role("main"), "Enregistrer un contrôle")
    page.get_by_label("Sur place").check(force=True)
    fill(page, {"Annoncé le": "28/09/2026", "Périmètre": "Le compte 61 de l’année 2025."})
    page.get_by_role("textbox", name=re.compile("^Du")).fill("01/09/2026")
    press(page.get_by_role("main"), "Enregistrer un contrôle")
    expect_errors(page)
    page.get_by_role("textbox", name=re.compile("^Du")).fill("12/10/2026")
    press(page.get_by_role("main"), "Enregistrer un contrôle")
    expect(page.get_by_role("main")).to_contain_text("Le compte 61 de l’année 2025.")


def find(cast: Cast) -> None:
    step(cast.officer, "Communiquer les constats", {"Constats": SAYS})
    assert cast.mail("director", "contrôle sur place n° 1")
    step(cast.director, "Répondre aux constats", {"Vos observations": "C’est une erreur d’imputation."})
    step(cast.manager, "Clore le contrôle", {"Conclusions": "La facture est à reprendre."})


def correct(cast: Cast) -> None:
    page = cast.officer
    page.goto(CONTROLS)
    follow(page.get_by_role("main"), "Proposer une correction")
    page.get_by_label("Année corrigée").select_option("2025")
    fill(page, {"Montant, en euros": "2 000", "Explication": SAYS})
    page.get_by_role("combobox", name=re.compile("^Motif")).select_option(index=1)
    page.get_by_role("combobox", name=re.compile("^Contrôle")).select_option(index=1)
    press(page.get_by_role("main"), "Proposer une correction")
    expect(page.get_by_role("main")).to_contain_text("Correction n° 1")
    step(page, "Enregistrer la lettre à l’association", {"Lettre reçue par l’association le": "19/10/2026"})


def decide(cast: Cast) -> None:
    """The manager decides once the association has answered, not before."""
    page = cast.manager
    page.goto(CONTROLS)
    expect(page.get_by_role("main")).to_contain_text("observations avant le 19 novembre 2026")
    expect(page.get_by_role("link", name="Décider de la suite")).to_have_count(0)
    step(cast.director, "Présenter ses observations", {"Vos observations": "Nous en convenons."})
    page.goto(CONTROLS)
    follow(page.get_by_role("main"), "Décider de la suite")
    page.get_by_label("Imputation sur le prochain versement").check(force=True)
    fill(page, {"Motifs de la décision": "La facture est reprise."})
    press(page.get_by_role("main"), "Décider de la suite")
    expect(page.get_by_role("main")).to_contain_text("La facture est reprise.")
    assert cast.mail("president", "orrection")


def bear(cast: Cast) -> None:
    """The next instalment is not certified without the correction, then bears it: 27 000 € are paid of 29 000 €."""
    officer, manager = cast.officer, cast.manager
    propose(officer, "2026 · Solde", "15 000", on="2103555001")
    manager.goto(MONEY)
    expect(row_of(manager, "2026 · Solde")).to_contain_text("2 000 € à imputer, ou à reporter avec un motif")
    expect(manager.get_by_role("link", name=re.compile("^Certifier"))).to_have_count(0)
    follow(row_of(manager, "2026 · Solde"), re.compile("Correction n° 1"))
    choice = manager.get_by_label("Versement proposé")
    choice.select_option(index=1)
    press(manager.get_by_role("main"), re.compile("^Imputer"))
    expect(manager.get_by_role("status").first).to_be_visible()
    certify(manager, "2026 · Solde")
    pay(officer, "2026 · Solde", "4500 888 001", "30/11/2026")
    take(officer, "2026 · Solde", "Proposer")
    assert plain(officer.get_by_label("Montant (CP)").input_value()) == "12 000"
    propose(officer, "2026 · Solde", on="2103555002")
    certify(manager, "2026 · Solde")
    pay(officer, "2026 · Solde", "4500 888 002", "30/11/2026")
    sums(cast.president, "2026", "60 000", "60 000", "57 000", "3 000")
    step(officer, "Solder la correction")
    unseen_by_observers(cast.reader)
