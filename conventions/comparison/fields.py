"""The fields of a fiche and of a party as people name them, and what differs between two sets of them."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from cpo.lib import french
from cpo.lib.words import Piece, after_side, before_side, changed_lines

Content = dict[str, Any]
EMPTY = "non renseigné"


@dataclass(frozen=True)
class FieldChange:
    """One field: its name, and the pieces that each column shows."""

    label: str
    before: list[Piece]
    after: list[Piece]


def changes(old: dict[str, str], new: dict[str, str]) -> list[FieldChange]:
    """The fields that differ, in the order of the new set; a missing one is empty."""
    found = []
    for label in [*new, *(label for label in old if label not in new)]:
        left, right = old.get(label, ""), new.get(label, "")
        if left == right:
            continue
        pieces = changed_lines(left, right)
        found.append(
            FieldChange(
                label,
                before_side(pieces) if left else [Piece("equal", EMPTY)],
                after_side(pieces) if right else [Piece("equal", EMPTY)],
            )
        )
    return found


SHEET_TEXTS = {
    "title": "Intitulé",
    "code": "Code",
    "axis": "Axe",
    "objective": "Objectif",
    "functions": "Fonctions",
    "nature_label": "Nature",
    "years": "Années",
    "context": "Contexte et diagnostic",
    "objectives": "Objectifs opérationnels",
    "description": "Description",
    "steps": "Étapes",
    "audience": "Public",
    "territory": "Territoire",
    "partners": "Partenaires",
    "human_means": "Moyens humains",
    "fte": "ETP par an",
    "material_means": "Moyens matériels",
    "milestones": "Jalons",
    "deliverables": "Livrables",
    "evaluation_method": "Méthode d’évaluation",
    "pilot_name": "Pilote",
    "pilot_role": "Fonction du pilote",
    "priorities": "Priorités transversales",
    "label_criterion": "Lien avec la labellisation",
}
PARTY_TEXTS = {
    "name": "Nom",
    "article_name": "Nom dans la convention",
    "siret": "SIRET",
    "rna": "Numéro RNA",
    "address": "Adresse",
    "city": "Ville",
    "signatory_name": "Signataire",
    "capacity": "En qualité de",
}


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(_text(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}\u00a0: {_text(item)}" for name, item in value.items())
    return "" if value is None else str(value)


def sheet_fields(sheet: Content) -> dict[str, str]:
    """Every field of a fiche by its French name: texts, dates, indicators with targets, charges, resources."""
    rows = {label: _text(sheet[name]) for name, label in SHEET_TEXTS.items() if name in sheet}
    if "years" in sheet:
        rows["Années"] = ", ".join(str(year) for year in sheet["years"])
    rows["Début"], rows["Fin"] = _day(sheet.get("starts_on")), _day(sheet.get("ends_on"))
    for indicator in sheet["indicators"]:
        rows |= _indicator_fields(indicator)
    for line in sheet["expenses"]:
        rows[f"Charges {line['year']}, compte {line['account']}"] = french.euros(line["amount"])
    for line in sheet["resources"]:
        rows[f"Produits {line['year']}, {line['funder']}"] = french.euros(line["amount"])
    return rows


LISTS = ("indicators", "expenses", "resources")


def sheet_changes(old: Content, new: Content) -> list[FieldChange]:
    """What differs between two states of a fiche. What both hold alike is not even written in words: it is most."""
    return changes(sheet_fields(_without(old, new)), sheet_fields(_without(new, old)))


def _without(one: Content, other: Content) -> Content:
    texts = {name: value for name, value in one.items() if name not in SHEET_TEXTS or value != other.get(name)}
    return texts | {name: [row for row in one[name] if row not in other[name]] for name in LISTS}


def _indicator_fields(indicator: Content) -> dict[str, str]:
    label = indicator["label"]
    rows = {
        f"Indicateur «\u00a0{label}\u00a0»": ", ".join(
            part for part in (indicator["unit"], indicator.get("direction_label")) if part
        )
    }
    for name, title in (("definition", "définition"), ("source", "source"), ("baseline", "valeur de départ")):
        rows[f"{label}, {title}"] = _text(indicator.get(name))
    for year, target in indicator["targets"].items():
        rows[f"{label}, cible {year}"] = _target(target)
    return rows


def _target(target: Content) -> str:
    if target.get("not_applicable"):
        return "sans objet"
    return french.number(target["value"]) if "value" in target else str(target["text"])


def party_changes(old: Content, new: Content) -> list[FieldChange]:
    return changes(party_fields(old), party_fields(new))


def party_fields(party: Content) -> dict[str, str]:
    rows = {label: _text(party.get(name)) for name, label in PARTY_TEXTS.items()}
    rows["Signe la convention"] = "oui" if party["signs"] else "non"
    delegation = party["delegation"]
    if delegation:
        ceiling = f", plafond {french.euros(delegation['ceiling'])}" if delegation["ceiling"] else ""
        rows["Délégation de signature"] = f"{delegation['reference']} du {_day(delegation['dated'])}{ceiling}"
    return rows


def _day(text: str | None) -> str:
    return french.date(dt.date.fromisoformat(text)) if text else ""
