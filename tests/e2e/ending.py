"""The end in the journey: the joint evaluation, prepared, answered, concluded; then the closing of the convention."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from cpo.lib.work import jobs
from tests.e2e.cast import (
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
)
from tests.e2e.drafting import HOME, NUMBER

EVALUATION = f"{HOME}evaluation/"
POINTS = {
    "Conformité des résultats": "conforme à l’objet",
    "Effet pour les missions locales": "des équipes mieux formées",
    "Utilité au regard": "un réseau animé",
    "Coût et emploi": "un coût tenu",
}
GRID = {"Conformité": "3 sur 4", "Utilité": "4 sur 4", "Coût": "3 sur 4", "Les conditions": "Oui"}


def prepare_evaluation(cast: Cast) -> None:
    """The State writes first, unread by the association; what it says is shared, with a day for the answer."""
    page = cast.officer
    page.goto(EVALUATION)
    press(page.get_by_role("main"), "Préparer l’évaluation")
    expect_message(page, "L’évaluation est en préparation.")
    expect(page.get_by_role("main")).to_contain_text("Appréciation de l’État")
    cast.director.goto(EVALUATION)
    expect(cast.director.get_by_role("main")).not_to_contain_text("Recommandation")
    assess(page, "L’État")
    step = "Partager l’évaluation"
    page.goto(EVALUATION)
    follow(page.get_by_role("main"), step)
    fill(page, {"Appréciation de l’association attendue jusqu’au": "18/10/2027"})
    press(page.get_by_role("main"), step)
    expect_errors(page, "une date à venir")
    fill(page, {"Appréciation de l’association attendue jusqu’au": "19/11/2027"})
    press(page.get_by_role("main"), step)
    expect(page.get_by_role("status").first).to_be_visible()


def assess(page: Page, who: str) -> None:
    page.goto(EVALUATION)
    follow(page.get_by_role("main"), "Écrire votre appréciation")
    fill(page, {label: f"{who} : {words}." for label, words in POINTS.items()})
    press(page, re.compile("^Enregistrer$"))
    expect_message(page, "C’est enregistré.")


def answer_evaluation(cast: Cast) -> None:
    mail = cast.mail("director", "valuation")
    page = cast.director
    page.goto(link_of(mail))
    expect(page.get_by_role("main")).to_contain_text("L’État : un coût tenu.")
    assess(page, "L’association")
    cast.officer.goto(link_of(cast.mail("officer", "appréciation de l’association")))
    expect(cast.officer.get_by_role("main")).to_contain_text("L’association : un coût tenu.")


def read_missing(cast: Cast) -> None:
    """Past its term, the convention is not closed while a year is not concluded, and without its evaluation."""
    page = cast.manager
    page.goto(f"{HOME}fin/")
    follow(page.get_by_role("main"), re.compile("^Clôturer la convention"))
    main = page.get_by_role("main")
    expect(main).to_contain_text("Compte rendu 2027")
    expect(main).not_to_contain_text("Compte rendu 2026")
    expect(main).to_contain_text("Évaluation conjointe : elle n’est pas conclue")
    expect(main.get_by_role("button", name="Clôturer la convention")).to_have_count(0)


def conclude_evaluation(cast: Cast, folder: Path) -> None:
    """The manager concludes once the grid is locked and a recommendation is made; the paper tells the three years."""
    page = cast.manager
    page.goto(f"{EVALUATION}grille/")
    for label, answer in list(GRID.items())[1:]:
        page.get_by_role("combobox", name=re.compile(f"^{label}")).select_option(label=answer)
    fill(page, {"Recommandations": "Poursuivre avec deux fiches."})
    press(page, "Enregistrer et verrouiller")
    expect_errors(page)
    page.get_by_role("combobox", name=re.compile("^Conformité")).select_option(label=GRID["Conformité"])
    press(page, "Enregistrer et verrouiller")
    expect_message(page, "La grille est verrouillée.")
    recommend(cast.officer)
    page.goto(EVALUATION)
    follow(page.get_by_role("main"), "Conclure l’évaluation")
    press(page.get_by_role("main"), "Conclure l’évaluation")
    expect(page.get_by_role("status").first).to_be_visible()
    assert jobs.take_up(), "the evaluation waits to be produced"
    page = cast.president
    page.goto(link_of(cast.mail("president", "valuation")))
    expect(page.get_by_role("main")).to_contain_text("Conclue le 19 juin 2028")
    expect(page.get_by_role("link", name="Écrire votre appréciation")).to_have_count(0)
    link = page.get_by_role("main").get_by_role("link", name=re.compile("^Évaluation conjointe"))
    text = plain(text_of(downloaded(page, str(link.get_attribute("href")), folder)))
    said = ("L’État : un coût tenu.", "L’association : un coût tenu.", "Le réseau en a besoin.")
    for words in (NUMBER, "reconduire", *said, "Poursuivre avec deux fiches.", "2025", "2026", "2027", "102 000"):
        assert words in text, f"“{words}” is not in the evaluation"


def recommend(page: Page) -> None:
    page.goto(EVALUATION)
    follow(page.get_by_role("main"), "Recommander")
    page.get_by_role("radio", name=re.compile("^Reconduire")).check(force=True)
    fill(page, {"Motifs": "Le réseau en a besoin.", "Avis des autres financeurs": "La Région poursuit."})
    press(page, re.compile("^Enregistrer$"))
    expect_message(page, "C’est enregistré.")


def close(cast: Cast, folder: Path) -> None:
    """The manager closes; everybody is told, the paper says so, and nothing of the convention is written any more."""
    page = cast.manager
    page.goto(f"{HOME}fin/")
    follow(page.get_by_role("main"), re.compile("^Clôturer la convention"))
    fill(page, {"Observations portées au constat de clôture": "Le dossier est complet."})
    press(page.get_by_role("main"), "Clôturer la convention")
    expect(page.get_by_role("status").first).to_be_visible()
    assert jobs.take_up(), "the record of the closing waits to be produced"
    page = cast.president
    page.goto(link_of(cast.mail("president", "clôtur")))
    page.goto(f"{HOME}fin/")
    main = page.get_by_role("main")
    expect(main).to_contain_text("La convention est clôturée")
    link = main.get_by_role("link", name=re.compile("onstat de clôture")).first
    text = plain(text_of(downloaded(page, str(link.get_attribute("href")), folder)))
    for words in (NUMBER, "26 juin 2028", "Le dossier est complet."):
        assert words in text, f"“{words}” is not in the record of the closing"
    read_closed(cast)


def read_closed(cast: Cast) -> None:
    for role in ("officer", "manager", "director", "president", "accountant"):
        page = getattr(cast, role)
        page.goto("/")
        expect(page.get_by_role("main")).to_contain_text("Rien ne vous attend.")
    cast.director.goto(f"{HOME}actes/")
    expect(cast.director.get_by_role("link", name="Demander un avenant")).to_have_count(0)
    cast.reader.goto(HOME)
    expect(cast.reader.get_by_role("main")).to_contain_text("lôturée")
