"""Stage B, up to the first proposal: the officer drafts the convention, and the director writes the programme."""

import re

from playwright.sync_api import Page, expect

from tests.e2e.cast import Cast, cells, expect_errors, expect_message, fill, follow, heading, press, tick
from tests.factories.conventions import PDF

YEARS = (2025, 2026, 2027)
NUMBER = "CPO-2025-BRE-001"
HOME = f"/conventions/{NUMBER}/"


def give_codes(page: Page) -> None:
    """The national administration gives the two codes that no deployment has by itself."""
    follow(page.get_by_role("navigation", name="Menu principal"), "Référentiels")
    page.get_by_role("link", name=re.compile("2.valeurs du cycle à renseigner")).click()
    fill(page, {"Action et sous-action": "02.99", "Code Chorus de l’activité": "010299999999"})
    press(page, re.compile("^Enregistrer les valeurs"))
    expect_message(page, "enregistr")
    follow(page.get_by_role("navigation", name="Menu principal"), "Référentiels")
    expect(page.get_by_role("main")).not_to_contain_text("valeurs du cycle à renseigner")


def create(cast: Cast) -> None:
    page = cast.officer
    follow(page.get_by_role("navigation", name="Menu principal"), "Conventions")
    expect(page.get_by_role("main")).to_contain_text("Aucune convention pour l’instant")
    follow(page, "Créer une convention")
    page.get_by_role("combobox", name=re.compile("^Association")).select_option(label=str(cast.association))
    press(page, "Créer la convention")
    expect_message(page, f"La convention {NUMBER} est créée")
    expect(heading(page)).to_contain_text(f"{NUMBER} – {cast.association}")
    expect(page.get_by_role("main")).to_contain_text("Brouillon, invisible pour l’ARML")


def name_signatories(page: Page) -> None:
    follow(page, "Modifier les parties et les signataires")
    state = page.get_by_role("region", name="DREETS Bretagne")
    fill(state, {"Nom du signataire": "Maïwenn Essai", "En qualité de": "préfète de région"})
    press(state, "Enregistrer")
    expect_message(page, "enregistré")
    association = page.get_by_role("region", name="ARML Bretagne")
    fill(association, {"Nom du signataire": "Yann Essai", "En qualité de": "président"})
    press(association, "Enregistrer")
    expect_message(page, "enregistré")


def give_money(page: Page) -> None:
    """Enter the contribution of each year by line, and a payment plan whose total is wrong at first."""
    page.goto(f"{HOME}contribution/")
    cells(page, "Socle", ["45 000", "45000", "45 000,00"], YEARS)
    cells(page, "Complémentaire", ["quinze mille", "15 000", "15 000"], YEARS)
    press(page, "Enregistrer la contribution")
    expect_errors(page, "« quinze mille » n’est pas un montant")
    expect(page.get_by_role("textbox", name=re.compile("^Complémentaire .*2025$"))).to_have_value("quinze mille")
    expect(page.get_by_role("textbox", name=re.compile("^Socle .*2027$"))).to_have_value("45 000,00")
    cells(page, "Complémentaire", {2025: "15 000"})
    press(page, "Enregistrer la contribution")
    expect_message(page, "enregistré")
    for rank, (year, what, amount, day, condition) in enumerate(instalments(), start=1):
        if rank > 1:
            press(page, "Ajouter un versement")
        row = page.get_by_role("group", name=f"Versement {rank}", exact=True)
        row.get_by_label("Année").select_option(str(year))
        fill(row, {"Objet": what, "Montant": amount, "Date prévue": day, "Condition": condition})
    press(page, "Enregistrer l’échéancier")
    expect_message(page, "enregistré")
    expect(page.get_by_role("row", name=re.compile(r"^2026 60 000 € 60 000 € aucun"))).to_be_visible()


def instalments() -> list[tuple[int, str, str, str, str]]:
    return [
        row
        for year in YEARS
        for row in (
            (year, "Avance", "30 000", f"31/03/{year}", "à la notification"),
            (year, "Solde", "30 000", "", "après le compte rendu financier"),
        )
    ]


def inform(page: Page) -> None:
    """Enter the values of the articles that only the service knows. The association enters the others later."""
    page.goto(f"{HOME}informations/")
    fill(
        page,
        {
            "Dépôt de la demande": "02/06/2025",
            "Comptable assignataire": "le directeur régional des finances publiques de Bretagne",
            "Code Chorus du domaine fonctionnel": "0102-00-00",
            "Code Chorus du centre financier": "0102-DR35-DR35",
            "Code Chorus du centre de coûts": "DRT0350000",
            "Contact pour les droits des personnes, administration": "donnees@service.example",
            "Membres du comité de pilotage": "la DREETS Bretagne\nl’ARML Bretagne",
        },
    )
    press(page, "Enregistrer les informations")
    expect_message(page, "enregistrées")


def depart_from_model(page: Page) -> None:
    """Remove an optional article with a reason, reword a free one, and try a locked one in vain."""
    page.goto(f"{HOME}articles/")
    follow(page, "Article 7 bis – Communication et logotypes")
    tick(page, "Garder cet article")
    press(page, "Enregistrer l’article")
    expect_errors(page, "otif")
    page.get_by_label("Motif de l’écart").fill("Une charte régionale règle déjà la communication.")
    press(page, "Enregistrer l’article")
    expect_message(page, "enregistré")
    reword(page, "Les deux parties se réunissent chaque trimestre.", "Le dialogue régional a lieu chaque trimestre.")
    page.goto(f"{HOME}articles/objet/")
    expect(page.get_by_role("main")).to_contain_text("Texte national")
    expect(page.get_by_role("textbox", name="Texte de l’article")).to_have_count(0)


def reword(page: Page, sentence: str, reason: str) -> None:
    page.goto(f"{HOME}articles/")
    follow(page, "Préambule")
    field = page.get_by_label("Texte de l’article")
    field.fill(f"{field.input_value()}\n\n{sentence}")
    page.get_by_label("Motif de l’écart").fill(reason)
    press(page, "Enregistrer l’article")
    expect_message(page, "enregistré")
    expect(page.get_by_role("main")).to_contain_text(sentence)


def write_programme(page: Page) -> None:
    """Write two example fiches and a new one, each with indicators, targets and a balanced budget."""
    take_examples(page)
    write_sheet(page)
    page.goto(f"{HOME}programme/")
    for code in ("1-A", "2-A", "3-A"):
        budget(page, code, {"64": "25 000", "61": "5 000", "74-ETAT": "20 000", "74-REGION": "10 000"})
    structure(page)


def take_examples(page: Page) -> None:
    follow(page.get_by_role("navigation", name="Dans cette convention"), re.compile("^Programme"))
    follow(page, "Prendre dans les exemples")
    for code in ("1-A", "2-A"):
        tick(page, re.compile(f"^\\s*{code} "))
    press(page, re.compile("Reprendre|Prendre|Ajouter"))
    expect_message(page, "ajoutées")
    for code in ("1-A", "2-A"):
        open_sheet(page, code)
        follow(page, "Modifier les indicateurs")
        fill_targets(page)


def open_sheet(page: Page, code: str) -> None:
    page.goto(f"{HOME}programme/")
    page.get_by_role("main").get_by_role("link", name=re.compile(f"^{code} ")).first.click()


def fill_targets(page: Page) -> None:
    """Give each indicator its baseline and yearly targets, and leave those of the examples as they are."""
    groups = page.get_by_role("group").filter(has=page.get_by_label("Cible 2025"))
    expect(groups.first).to_be_visible()  # `all()` does not wait for the new page
    for group in groups.all():
        group.get_by_label(re.compile("^Référence")).first.fill("4")
        for year in YEARS:
            target = group.get_by_role("textbox", name=f"Cible {year}")
            if target.count() and not target.input_value():
                target.fill("8,5")
    press(page, "Enregistrer")
    expect_message(page, "enregistré")


def write_sheet(page: Page) -> None:
    page.goto(f"{HOME}programme/")
    follow(page, "Écrire une fiche")
    press(page, "Créer la fiche")
    expect_errors(page, "Intitulé")
    page.get_by_label("Axe", exact=True).select_option(label="3. Professionnalisation et valorisation")
    page.get_by_label("Objectif").select_option(index=10)
    fill(page, {"Intitulé": "Plan régional de formation", "Description": "L’association forme les conseillers."})
    press(page, "Créer la fiche")
    expect_message(page, "3-A")
    open_sheet(page, "3-A")
    follow(page, "Modifier les indicateurs")
    press(page, "Ajouter un indicateur")
    new_group = page.get_by_role("group").filter(has=page.get_by_label("Cible 2025")).last
    new_group.get_by_role("textbox", name="Libellé").fill("Conseillers formés")
    fill_targets(page)


def budget(page: Page, code: str, amounts: dict[str, str]) -> None:
    open_sheet(page, code)
    follow(page, "Modifier le budget")
    type_grid(page, amounts)


def type_grid(page: Page, amounts: dict[str, str]) -> None:
    page.get_by_role("textbox", name="Financeur, compte 74-REGION", exact=True).fill("Région Bretagne")
    for account, amount in amounts.items():
        cells(page, account, [amount] * 3, YEARS)
    press(page, "Enregistrer")
    expect_message(page, "enregistré")


def structure(page: Page) -> None:
    page.goto(f"{HOME}budget/")
    follow(page, "Modifier les coûts de structure")
    type_grid(page, {"64": "12 000", "74-REGION": "12 000", "864": "3 000", "870": "3 000"})


def inform_as_association(page: Page) -> None:
    """Enter the other values of the articles, which the page lists field by field."""
    page.goto(f"{HOME}informations/")
    fill(page, {"Délibération approuvant": "31/02/2025", "Objet statutaire": "animer le réseau breton"})
    press(page, "Enregistrer les informations")
    expect_errors(page, "Délibération approuvant")
    expect(page.get_by_label("Objet statutaire")).to_have_value("animer le réseau breton")
    fill(
        page,
        {
            "Délibération approuvant": "02/06/2025",
            "Projet de l": "Le projet retient trois ambitions.",
            "Constat partagé": "La part des jeunes sans emploi ni formation recule.",
            "Clés de répartition": "au prorata des équivalents temps plein",
            "Contact pour les droits": "donnees@arml.example",
            "Méthode, étapes": "revue annuelle des fiches",
        },
    )
    press(page, "Enregistrer les informations")
    expect_message(page, "enregistrées")


def identify(cast: Cast) -> None:
    """Each organisation enters once its own address, SIRET and bank account."""
    facts = {"Adresse": "au 1 rue de l’Exemple, 35000 Rennes", "SIRET": "000 000 000 00000"}
    association = {"RNA": "W000000000", "IBAN": "FR76 3000 6000 0112 3456 7890 189", "BIC": "AGRIFRPP"}
    for role, name, more in (("manager", "DREETS Bretagne", {}), ("president", "ARML Bretagne", association)):
        page = getattr(cast, role)
        follow(page.get_by_role("navigation", name="Menu principal"), "Organisations")
        follow(page.get_by_role("main"), name)
        follow(page.get_by_role("main"), "Modifier les informations")
        fill(page, {"SIRET": "123"})
        press(page, "Enregistrer les informations")
        expect_errors(page, "n’est pas un SIRET")
        fill(page, facts | more)
        press(page, "Enregistrer les informations")
        expect(heading(page)).to_have_text(name)


def give_pieces(page: Page) -> None:
    """Upload every document that this person may give, after a first file that is refused because it is no PDF."""
    page.goto(f"{HOME}documents/")
    wrong = True
    while (links := page.get_by_role("link", name=re.compile("^Déposer – "))).count():
        links.first.click()
        if wrong:
            attach(page, "texte.pdf", b"Ceci n'est pas un PDF.")
            press(page, "Déposer la pièce")
            expect_errors(page, "n’est pas un PDF")
            expect(page.get_by_label("Précision")).to_have_value("signé le 2 juin")
            wrong = False
        attach(page, "piece.pdf", PDF + heading(page).inner_text().encode() + page.url.encode() + b"%%EOF")
        press(page, "Déposer la pièce")
        expect_message(page, "est enregistrée")


def attach(page: Page, name: str, content: bytes) -> None:
    page.get_by_label("Fichier").first.set_input_files({"name": name, "mimeType": "application/pdf", "buffer": content})
    fill(page, {"Date du document": "02/06/2025", "Précision": "signé le 2 juin"})
