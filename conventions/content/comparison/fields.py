"""The fields of a fiche and of a party under their French names, and the differences between two sets of fields."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from actions.enums import Unit
from conventions.enums import PartyRole
from cpo.lib.wording import french
from cpo.lib.wording.words import Piece, after_side, before_side, changed_lines

Content = dict[str, Any]
EMPTY = "non renseigné"


@dataclass(frozen=True)
class FieldChange:
    """A field that differs: its name, the pieces of text of each column, the gap between two numbers."""

    label: str
    before: list[Piece]
    after: list[Piece]
    gap: str = ""


@dataclass(frozen=True)
class Number:
    """An amount in euros (`money`), or a number without unit."""

    value: Decimal
    money: bool = False

    def __str__(self) -> str:
        return french.euros(self.value) if self.money else french.number(self.value)

    def gap_from(self, other: "Number") -> str:
        gap = self.value - other.value
        sign = "+" if gap > 0 else "−" if gap else ""
        return french.euros(gap, signed=True) if self.money else f"{sign}{french.number(abs(gap))}"


Fields = Mapping[str, str | Number]


def changes(old: Fields, new: Fields) -> list[FieldChange]:
    """The fields that differ, in the order of the new set. A missing field counts as empty."""
    differences = []
    for label in [*new, *(label for label in old if label not in new)]:
        old_value, new_value = old.get(label, ""), new.get(label, "")
        if old_value == new_value:
            continue
        pieces = changed_lines(str(old_value), str(new_value))
        differences.append(
            FieldChange(
                label,
                before_side(pieces) if old_value else [Piece("equal", EMPTY)],
                after_side(pieces) if new_value else [Piece("equal", EMPTY)],
                new_value.gap_from(old_value)
                if isinstance(old_value, Number) and isinstance(new_value, Number)
                else "",
            )
        )
    return differences


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
        return ", ".join(f"{name} : {_text(item)}" for name, item in value.items())
    return "" if value is None else str(value).replace("\r\n", "\n")


def sheet_fields(sheet: Content, names: Mapping[str, str] | None = None) -> dict[str, str | Number]:
    """Every field of a fiche by its French name: texts, dates, indicators with targets, charges, resources.

    `names` gives the name of each indicator by key. A comparison uses the same names on both sides, so that a renamed
    indicator stays the same field.
    """
    names = names or _indicator_names(sheet["indicators"])
    rows: dict[str, str | Number] = {label: _text(sheet[name]) for name, label in SHEET_TEXTS.items() if name in sheet}
    if "years" in sheet:
        rows["Années"] = ", ".join(str(year) for year in sheet["years"])
    if isinstance(sheet.get("fte"), dict):
        rows[SHEET_TEXTS["fte"]] = _text({year: french.figure(value) for year, value in sheet["fte"].items()})
    rows["Début"], rows["Fin"] = day(sheet.get("starts_on")), day(sheet.get("ends_on"))
    for indicator in sheet["indicators"]:
        rows |= _indicator_fields(indicator, names[indicator["key"]])
    return rows | lines_fields(sheet)


def lines_fields(lines: Content) -> dict[str, str | Number]:
    """The charges and resources of a fiche, or of the structure: a field for each account, funder and year."""
    rows: dict[str, str | Number] = {}
    for line in lines["expenses"]:
        rows[f"Charges {line['year']}, compte {line['account']}"] = Number(Decimal(line["amount"]), money=True)
    for line in lines["resources"]:
        label = f"Produits {line['year']}, {line['funder']}, compte {line['account']}"
        rows[label] = Number(Decimal(line["amount"]), money=True)
    return rows


LISTS = ("indicators", "expenses", "resources")


def sheet_changes(old: Content, new: Content) -> list[FieldChange]:
    """The fields that differ between two states of a fiche. Equal fields, the most frequent, are skipped first."""
    names = _indicator_names([*old["indicators"], *new["indicators"]])
    old_fields, new_fields = (sheet_fields(_without(*pair), names) for pair in ((old, new), (new, old)))
    old_labels = {indicator["key"]: indicator["label"] for indicator in old["indicators"]}
    for indicator in new["indicators"]:
        key, label = indicator["key"], indicator["label"]
        if old_labels.get(key, label) != label:
            old_fields[f"{names[key]}, intitulé"], new_fields[f"{names[key]}, intitulé"] = old_labels[key], label
    return changes(old_fields, new_fields)


def _indicator_names(indicators: Iterable[Content]) -> dict[str, str]:
    """The latest label of each indicator, by key. Equal labels are followed by a rank."""
    labels = {indicator["key"]: indicator["label"] for indicator in indicators}
    counts: Counter[str] = Counter()
    for key, label in labels.items():
        counts[label] += 1
        labels[key] = f"{label} ({counts[label]})" if counts[label] > 1 else label
    return labels


def _without(sheet: Content, other: Content) -> Content:
    texts = {name: value for name, value in sheet.items() if name not in SHEET_TEXTS or value != other.get(name)}
    return texts | {name: [row for row in sheet[name] if row not in other[name]] for name in LISTS}


def _indicator_fields(indicator: Content, name: str) -> dict[str, str | Number]:
    unit = Unit(indicator["unit"]).label if indicator["unit"] in Unit.values else indicator["unit"]
    rows: dict[str, str | Number] = {
        f"Indicateur « {name} »": ", ".join(part for part in (unit, indicator.get("direction_label")) if part)
    }
    for field, title in (("definition", "définition"), ("source", "source")):
        rows[f"{name}, {title}"] = _text(indicator.get(field))
    rows[f"{name}, valeur de départ"] = french.figure(indicator.get("baseline"))
    for year, target in indicator["targets"].items():
        rows[f"{name}, cible {year}"] = _target(target)
    return rows


def _target(target: Content) -> str | Number:
    if target.get("not_applicable"):
        return "sans objet"
    return Number(Decimal(target["value"])) if "value" in target else str(target["text"])


def party_changes(old: Content, new: Content) -> list[FieldChange]:
    return changes(party_fields(old), party_fields(new))


def party_fields(party: Content) -> dict[str, str]:
    rows = {label: _text(party.get(name)) for name, label in PARTY_TEXTS.items()}
    rows["Rôle"] = PartyRole(party["role"]).label
    rows["Signe la convention"] = "oui" if party["signs"] else "non"
    rows["Signe par délégation"] = "oui" if party["by_delegation"] else "non"
    if party["delegation"]:
        rows["Délégation de signature"] = _delegation(party["delegation"])
    return rows


def _delegation(delegation: Content) -> str:
    parts = [f"{delegation['reference']} du {day(delegation['dated'])}", delegation["raa"] or ""]
    parts += [f"plafond {french.euros(delegation['ceiling'])}"] if delegation["ceiling"] else []
    parts += [f"jusqu’au {day(delegation['valid_until'])}"] if delegation["valid_until"] else []
    return ", ".join(part for part in parts if part)


def day(text: str | None) -> str:
    return french.date(dt.date.fromisoformat(text)) if text else ""
