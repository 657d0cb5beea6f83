"""The sheets of a report's workbook and their columns, for writing and for reading."""

from actions.spreadsheet.layout import KEY, KEY_NOTE, Column
from reporting.models import Report, SheetReport

NETWORK = "Réseau"
SHEETS, INDICATORS, EXPENSES, RESOURCES, TEXTS = "Fiches", "Indicateurs", "Dépenses", "Produits", "Textes"
OUTSIDE = "Hors fiches"  # in the place of the code of a fiche: what belongs to none
YES = "oui"
READ_ONLY = "Pour mémoire : ce que l’acte prévoit. Ce qui est écrit ici n’est pas lu."
SHEET_TEXTS = ("narrative", "audience", "partners", "difficulties", "measures", "next_year")
LATER_TEXTS = ("partners",)  # a workbook that left before they were asked says nothing of them
REPORT_TEXTS = ("highlights", "governance", "financial_comment", "allocation_keys", "surplus_use")


def label_of(model: type[SheetReport | Report], name: str) -> str:
    label = str(getattr(model._meta.get_field(name), "verbose_name", name))
    return label[:1].upper() + label[1:]


def sheet_columns() -> dict[str, Column]:
    return {
        "code": Column("Code", "Le code de la fiche.", 10, required=True),
        "title": Column("Intitulé", READ_ONLY, 44),
        "progress": Column("Avancement", "À choisir dans la liste.", 16, "Avancements"),
        **{name: Column(label_of(SheetReport, name), "Texte.", 44, later=name in LATER_TEXTS) for name in SHEET_TEXTS},
        "fte_used": Column("ETP mobilisés", "Équivalents temps plein. Exemple : 1,4.", 14, kind="target"),
        "key": Column(KEY, KEY_NOTE, kind="key"),
    }


def indicator_columns() -> dict[str, Column]:
    return {
        "sheet": Column("Fiche", "Le code de la fiche.", 10, required=True),
        "label": Column("Indicateur", "Son libellé, tel que l’acte l’écrit.", 44, required=True),
        "unit": Column("Unité", READ_ONLY, 14),
        "target": Column("Cible", READ_ONLY, 14, kind="target"),
        "value": Column("Réalisé", "Vide : non renseigné, qui n’est pas zéro.", 14, kind="target"),
        "numerator": Column("Numérateur", "D’un taux : le réalisé s’en calcule.", 14, kind="target"),
        "denominator": Column("Dénominateur", "D’un taux : le réalisé s’en calcule.", 14, kind="target"),
        "not_applicable": Column(
            "Sans objet", f"« {YES} » si l’indicateur est sans objet ; le commentaire dit pourquoi."
        ),
        "source": Column("Source", "D’où vient la valeur.", 24),
        "comment": Column("Commentaire", "Commentaire d’écart, ou raison de l’absence de valeur.", 44),
        "key": Column(KEY, KEY_NOTE, kind="key"),
    }


def expense_columns() -> dict[str, Column]:
    return {
        "sheet": Column("Fiche", f"Le code de la fiche, ou « {OUTSIDE} ».", 16, required=True),
        "account": Column("Compte", "Le numéro suffit.", 44, "Comptes de charges", True),
        "forecast": Column("Prévu", READ_ONLY, 16, kind="money"),
        "amount": Column("Dépensé", "En euros. Vide : non renseigné ; 0 si rien n’a été dépensé.", 16, kind="money"),
        "comment": Column("Explication de l’écart", "250 caractères au plus.", 44),
    }


def resource_columns() -> dict[str, Column]:
    return {
        "account": Column("Compte", "Le numéro suffit.", 44, "Comptes de produits", True),
        "funder": Column("Financeur", "Qui a versé ce montant.", 30, required=True),
        "forecast": Column("Prévu", READ_ONLY, 16, kind="money"),
        "amount": Column("Reçu", "En euros. Vide : non renseigné ; 0 si rien n’a été reçu.", 16, kind="money"),
    }


def network_columns() -> dict[str, Column]:
    return {
        "measure": Column("Chiffre du réseau", "À laisser tel quel.", 60, required=True),
        "number": Column("Nombre", "Vide : non renseigné, qui n’est pas zéro.", 16, kind="number"),
    }


def text_columns() -> dict[str, Column]:
    return {
        "name": Column("Rubrique", "À laisser telle quelle.", 44, required=True),
        "text": Column("Texte", "Ce que dit le compte rendu.", 100),
    }
