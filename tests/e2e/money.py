"""The State's money in the journey: commitments, instalments with their four eyes, what each person reads of it."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.e2e.cast import Cast, expect_errors, expect_message, fill, follow, plain, press
from tests.e2e.drafting import HOME

MONEY = f"{HOME}versements/"
FOUR_EYES = "Vous avez proposé ce versement"


def commit(page: Page, line: str, number: str, amount: str, day: str) -> None:
    page.goto(MONEY)
    follow(page, "Enregistrer un engagement")
    choice = page.get_by_label("Ligne de la contribution").locator("option", has_text=re.compile(f"^{line}"))
    page.get_by_label("Ligne de la contribution").select_option(label=choice.inner_text())
    fill(page, {"Numéro d’engagement juridique": number, "Montant (AE)": amount, "Date": day})
    press(page.get_by_role("main"), "Enregistrer un engagement")


def row_of(page: Page, instalment: str) -> Locator:
    """The first row of « 2025 · Avance »."""
    table = page.get_by_role("table", name="Échéancier des versements")
    return table.get_by_role("row", name=re.compile(f"^{instalment}")).first


def take(page: Page, instalment: str, step: str) -> None:
    """Open the step of an instalment, where it is offered: an instalment in two parts has two rows."""
    page.goto(MONEY)
    rows = page.get_by_role("table", name="Échéancier des versements").get_by_role("row")
    link = page.get_by_role("link", name=re.compile(f"^{step}"))
    follow(rows.filter(has_text=instalment).filter(has=link).first, re.compile(f"^{step}"))


def propose(page: Page, instalment: str, amount: str = "", *, on: str = "") -> None:
    take(page, instalment, "Proposer")
    if on:
        choice = page.get_by_label("Sur l’engagement juridique").locator("option", has_text=on)
        page.get_by_label("Sur l’engagement juridique").select_option(label=choice.inner_text())
    if amount:
        fill(page, {"Montant (CP)": amount})
    press(page.get_by_role("main"), "Proposer le versement")
    expect_message(page, "proposé")


def certify(page: Page, instalment: str) -> None:
    take(page, instalment, "Certifier")
    press(page.get_by_role("main"), "Certifier le service fait")
    expect_message(page, "certifié")


def pay(page: Page, instalment: str, number: str, day: str) -> None:
    """The order and the payment, as Chorus gave them."""
    take(page, instalment, "Enregistrer le mandatement")
    fill(page, {"Numéro de la demande de paiement": number, "Date du mandatement": day})
    press(page.get_by_role("main"), "Enregistrer le mandatement")
    expect_message(page, "mandatement")
    take(page, instalment, "Enregistrer le paiement")
    fill(page, {"Payé le": day})
    press(page.get_by_role("main"), "Enregistrer le paiement")
    expect_message(page, "paiement")


def sums(page: Page, year: str, *cells: str) -> None:
    """Read a row of the sums: conventioned, committed, paid, what remains."""
    page.goto(MONEY)
    row = page.get_by_role("table", name="Ce qui est conventionné").get_by_role("row", name=re.compile(f"^{year}"))
    texts = [plain(text) for text in row.first.locator("td").all_inner_texts()]
    assert texts == [f"{cell} €" for cell in cells], texts


def unseen_by_observers(page: Page) -> None:
    """The observer reads the convention, and nowhere what was paid."""
    page.goto(HOME)
    menu = page.get_by_role("navigation", name="Dans cette convention")
    expect(menu.get_by_role("link", name="Versements")).to_have_count(0)
    expect(menu.get_by_role("link", name="Contrôles")).to_have_count(0)
    for address in (MONEY, f"{HOME}controles/"):
        answer = page.goto(address)
        assert answer is not None and answer.status in (403, 404)
        expect(page.get_by_role("main")).not_to_contain_text("€")


def pay_advance(cast: Cast) -> None:
    """The manager proposes by mistake, and can't certify; the officer proposes, the manager certifies."""
    officer, manager = cast.officer, cast.manager
    commit(officer, "2025, socle", "2102555001", "45 000,01", "10/11/2025")
    expect_errors(officer, "45 000")
    fill(officer, {"Montant (AE)": "45 000"})
    press(officer.get_by_role("main"), "Enregistrer un engagement")
    expect_message(officer, "L’engagement est enregistré.")
    commit(officer, "2025, complémentaire", "2102555002", "15 000", "10/11/2025")
    expect_message(officer, "L’engagement est enregistré.")
    propose(manager, "2025 · Avance", on="2102555001")
    expect(row_of(manager, "2025 · Avance")).to_contain_text(FOUR_EYES)
    expect(row_of(manager, "2025 · Avance").get_by_role("link", name=re.compile("^Certifier"))).to_have_count(0)
    take(manager, "2025 · Avance", "Annuler")
    fill(manager, {"Motif": "Proposé par la personne qui certifie."})
    press(manager.get_by_role("main"), "Annuler le versement")
    expect_message(manager, "annulé")
    propose(officer, "2025 · Avance", on="2102555001")
    expect(row_of(officer, "2025 · Avance").get_by_role("link", name=re.compile("^Certifier"))).to_have_count(0)
    certify(manager, "2025 · Avance")
    pay(officer, "2025 · Avance", "4500 777 001", "20/11/2025")
    sums(officer, "2025", "60 000", "60 000", "30 000", "30 000")
    assert "30 000 €" in plain(cast.mail("president", "versement payé, Avance 2025").body)
    sums(cast.accountant, "2025", "60 000", "60 000", "30 000", "30 000")
    unseen_by_observers(cast.reader)


def pay_whole(cast: Cast, instalment: str, parts: dict[str, str], day: str) -> None:
    """An instalment over several commitments: each part is proposed, certified by another, paid. `parts`: by EJ."""
    for rank, (commitment, amount) in enumerate(parts.items()):
        propose(cast.officer, instalment, amount, on=commitment)
        certify(cast.manager, instalment)
        pay(cast.officer, instalment, f"4500 {commitment[-7:]} {rank}{day[:2]}", day)


def pay_first_balance(cast: Cast) -> None:
    """The balance of the first year, on the two lines; then what is committed and advanced for the second."""
    page = cast.officer
    pay_whole(cast, "2025 · Solde", {"2102555001": "15 000", "2102555002": "15 000"}, "22/09/2026")
    sums(page, "2025", "60 000", "60 000", "60 000", "0")
    commit(page, "2026, socle", "2103 555 001", "45 000", "15/09/2026")
    commit(page, "2026, complémentaire", "2103 555 002", "15 000", "15/09/2026")
    expect_message(page, "L’engagement est enregistré.")
    pay_whole(cast, "2026 · Avance", {"2103555001": "30 000"}, "22/09/2026")
    page.goto(MONEY)
    main = page.get_by_role("main")
    expect(row_of(page, "2026 · Solde")).to_contain_text("29 000 €")
    expect(main).to_contain_text("101 000 € de charges retenues, 42 000 € des autres financeurs")
    expect(main.get_by_role("region", name=re.compile("^Solde 2026"))).to_contain_text("1 000 €, déduits du solde")
    for reader in (cast.president, cast.national_admin):
        sums(reader, "2026", "60 000", "60 000", "30 000", "30 000")
        sums(reader, "Total", "180 000", "120 000", "90 000", "90 000")
    unseen_by_observers(cast.reader)


def pay_last_year(cast: Cast) -> None:
    """The advance and the balance of the last year: the report of the year before is admissible, so nothing blocks."""
    page = cast.officer
    commit(page, "2027, socle", "2104 555 001", "45 000", "15/03/2027")
    commit(page, "2027, complémentaire", "2104 555 002", "15 000", "15/03/2027")
    expect_message(page, "L’engagement est enregistré.")
    pay_whole(cast, "2027 · Avance", {"2104555001": "30 000"}, "16/09/2027")
    pay_whole(cast, "2027 · Solde", {"2104555001": "15 000", "2104555002": "15 000"}, "17/09/2027")
    for reader in (cast.president, cast.national_admin):
        sums(reader, "2027", "60 000", "60 000", "60 000", "0")
        sums(reader, "Total", "180 000", "180 000", "177 000", "3 000")
    unseen_by_observers(cast.reader)
