"""The sheets of the workbook and their columns, for writing and for reading."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from actions.models import Sheet
from cpo.lib.wording.characters import clean

INSTRUCTIONS, SHEETS, INDICATORS, EXPENSES, RESOURCES, LISTS = (
    "Notice",
    "Fiches",
    "Indicateurs",
    "Charges",
    "Produits",
    "Listes",
)
STRUCTURE = "Coûts de structure"  # longer than any code of a fiche
CODES = "Codes"  # not a list: the first column of « Fiches »
KEY = "Clé"
TARGET = "Cible "
NOT_APPLICABLE = "sans objet"
LONGEST = 32_000  # characters; a cell holds 32,767
ROWS = 500  # rows with a list to choose from


@dataclass(frozen=True)
class Column:
    title: str
    note: str
    width: int = 16
    choices: str = ""  # name of a list
    required: bool = False
    kind: str = "text"  # text, number, money, date, key
    later: bool = False  # came after workbooks had left: one without it says nothing of it


FIELD_NOTES = {
    "code": "Obligatoire, 12 caractères au plus. Les autres feuilles y renvoient. Exemple : 3-A.",
    "axis": "Obligatoire. À choisir dans la liste ; le numéro suffit.",
    "objective": "Facultatif. À choisir dans la liste, parmi ceux de l’axe ; le numéro suffit.",
    "title": "Obligatoire, 200 caractères au plus.",
    "nature": "Poursuite, nouvelle ou modifiée. Sans réponse : poursuite.",
    "first_year": "Première année de l’action. Sans réponse : celle où l’acte prend effet.",
    "last_year": "Dernière année de l’action. Sans réponse : celle du terme.",
    "functions": "Codes des fonctions du cadre de référence, séparés par des virgules. Exemple : F1, F3.",
    "description": "Ce que fait l’action. Obligatoire avant l’acceptation, pas pour l’import.",
    "fte": "Équivalents temps plein par an. Exemple : 1,4.",
    "starts_on": "Date, dans les années de l’action.",
    "ends_on": "Date, dans les années de l’action.",
    "objectives": "Un par ligne (Alt + Entrée).",
    "steps": "Une par ligne (Alt + Entrée).",
}
FIELDS = (
    "code", "axis", "objective", "title", "nature", "first_year", "last_year", "functions", "context", "objectives",
    "description", "steps", "audience", "territory", "partners", "starts_on", "ends_on", "milestones", "human_means",
    "fte", "material_means", "pilot_name", "pilot_role", "deliverables", "evaluation_method", "priorities",
    "label_criterion",
)  # fmt: skip
REQUIRED = ("code", "axis", "title")
CHOICES = {
    "axis": "Axes",
    "objective": "Objectifs",
    "nature": "Natures",
    "first_year": "Années",
    "last_year": "Années",
}
KINDS = {"first_year": "number", "last_year": "number", "fte": "number", "starts_on": "date", "ends_on": "date"}
WIDTHS = {"title": 44, "axis": 26, "objective": 26, "code": 10}
LONG = ("context", "objectives", "description", "steps", "audience", "partners", "milestones", "deliverables")
KEY_NOTE = "Colonne masquée, à laisser telle quelle : elle relie la ligne à ce qui est déjà enregistré."


def field_of(name: str) -> Any:
    return Sheet._meta.get_field(name)


def field_title(name: str) -> str:
    label = str(field_of(name).verbose_name)
    return label[:1].upper() + label[1:]


def sheet_columns() -> dict[str, Column]:
    """Return the columns of « Fiches », by field; the last one holds the key."""
    columns = {
        name: Column(
            field_title(name),
            FIELD_NOTES.get(name, "Texte facultatif."),
            WIDTHS.get(name, 40 if name in LONG else 16),
            CHOICES.get(name, ""),
            name in REQUIRED,
            KINDS.get(name, "text"),
        )
        for name in FIELDS
    }
    return columns | {"key": Column(KEY, KEY_NOTE, kind="key")}


def indicator_columns(years: Sequence[int]) -> dict[str, Column]:
    columns = {
        "sheet": Column("Fiche", "Obligatoire : le code de la fiche.", 10, CODES, True),
        "label": Column("Libellé", "Obligatoire, 200 caractères au plus.", 44, required=True),
        "unit": Column("Unité", "Obligatoire. À choisir dans la liste.", 14, "Unités", True),
        "direction": Column("Sens", "Sens d’une amélioration. Sans réponse : à la hausse.", 14, "Sens"),
        "type": Column("Type", "Sans réponse : réalisation.", 14, "Types"),
        "definition": Column("Définition", "Définition et mode de calcul.", 40),
        "source": Column("Source", "150 caractères au plus.", 24),
        "baseline": Column("Référence", "Valeur de départ, 60 caractères au plus.", 14),
        "catalogue": Column(
            "Catalogue",
            "Code de l’indicateur du catalogue, si c’en est un. Un national garde la rédaction du catalogue.",
            14,
            "Catalogue",
        ),
    }
    note = f"Un nombre (80 pour 80 %), un texte selon l’unité, ou « {NOT_APPLICABLE} ». Vide : pas encore renseigné."
    columns |= {f"target_{year}": Column(f"{TARGET}{year}", note, 14, kind="target") for year in years}
    return columns | {"key": Column(KEY, KEY_NOTE, kind="key")}


def amount_columns(years: Sequence[int], *, resources: bool) -> dict[str, Column]:
    where = f"Obligatoire : le code de la fiche, ou « {STRUCTURE} »."
    columns = {
        "sheet": Column("Fiche", where, 20, CODES, True),
        "account": Column(
            "Compte",
            "Obligatoire. À choisir dans la liste ; le numéro suffit.",
            44,
            "Comptes de produits" if resources else "Comptes de charges",
            True,
        ),
    }
    if resources:
        columns["funder"] = Column(
            "Financeur", "Sans réponse : le nom du compte. L’État : un service du dossier, tel qu’il y est nommé.", 30
        )
    note = "Montant en euros, deux décimales au plus. Vide ou zéro : pas de ligne."
    return columns | {f"y{year}": Column(str(year), note, 16, kind="money") for year in years}


def plain(text: str) -> str:
    """Return a text as XML can contain it: the same characters are removed wherever text comes in."""
    return clean(text)


def cell_text(text: str) -> str:
    """Return a text as a cell can contain it."""
    return plain(text)[:LONGEST]


def same_title(title: object) -> str:
    """Normalise a heading, without the accidental changes of case, spaces and apostrophes."""
    if isinstance(title, float) and title.is_integer():
        title = int(title)
    return " ".join(str(title).replace("'", "’").split()).casefold()
