"""The differences between two sendings of a report, part by part and field by field. No table is read."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from conventions.content.comparison.contents import ADDED, MODIFIED, REMOVED, ElementChange
from conventions.content.comparison.fields import Number, changes

Content = dict[str, Any]
Fields = dict[str, str | Number]

TEXTS = {
    "progress_label": "Avancement",
    "narrative": "Ce qui a été fait",
    "audience": "Publics touchés",
    "partners": "Partenaires mobilisés",
    "difficulties": "Difficultés",
    "measures": "Mesures prises",
    "next_year": "Suites",
}


def compare(before: Content, after: Content) -> list[ElementChange]:
    """The parts that differ, in the order of the second content; a fiche is recognised by its key."""
    return [*_sheets(before, after), *_fixed_parts(before, after)]


def _sheets(before: Content, after: Content) -> Iterator[ElementChange]:
    old, new = ({sheet["key"]: sheet for sheet in content["sheets"]} for content in (before, after))
    for key in [*new, *(key for key in old if key not in new)]:
        kind = MODIFIED if key in old and key in new else ADDED if key in new else REMOVED
        fields = changes(sheet_fields(old[key]) if key in old else {}, sheet_fields(new[key]) if key in new else {})
        sheet = new.get(key) or old[key]
        if fields or kind != MODIFIED:
            yield ElementChange(f"sheet/{key}", kind, f"{sheet['code']} {sheet['title']}", fields=fields)


def _fixed_parts(before: Content, after: Content) -> Iterator[ElementChange]:
    for path, title, fields_of in (
        ("general", "Synthèse de l’année", _general_fields),
        ("finance", "Compte rendu financier", _finance_fields),
        ("attachments", "Pièces de l’exercice", _attachment_fields),
        ("decisions", "Suite donnée aux décisions", _decision_fields),
    ):
        fields = changes(fields_of(before.get(path, [])), fields_of(after.get(path, [])))
        if fields:
            yield ElementChange(path, MODIFIED, title, fields=fields)


def sheet_fields(sheet: Content) -> Fields:
    """Every field of a fiche's part by its French name."""
    rows: Fields = {label: sheet.get(name, "") for name, label in TEXTS.items()}
    rows["ETP mobilisés"] = _number(sheet["fte_used"])
    for indicator in sheet["indicators"]:
        name = indicator["label"]
        rows[f"{name}, cible"] = indicator["target"]
        rows[f"{name}, réalisé"] = _realised(indicator)
        rows[f"{name}, numérateur"] = _number(indicator["numerator"])
        rows[f"{name}, dénominateur"] = _number(indicator["denominator"])
        rows[f"{name}, source"] = indicator.get("source", "")
        rows[f"{name}, commentaire d’écart"] = indicator["comment"]
    rows |= _file_fields(sheet.get("files", []))
    return rows | _line_fields("Dépensé", sheet["expenses"])


def _file_fields(files: list[Content]) -> Fields:
    """By name, the first digits of the hash: one name may hold another file; the files of one name together."""
    rows: Fields = {}
    for file in files:
        name = f"Fichier joint « {file['name']} »"
        rows[name] = f"{rows[name]} {file['sha256'][:12]}" if name in rows else f"empreinte {file['sha256'][:12]}"
    return rows


def _realised(indicator: Content) -> str | Number:
    """The value; « sans objet » is one, and is neither blank nor zero."""
    if indicator.get("not_applicable"):
        return "sans objet"
    return _number(indicator["number"]) or str(indicator["text"])


def _general_fields(part: Content) -> Fields:
    texts: Fields = {"Faits marquants": part["highlights"], "Gouvernance et représentation": part["governance"]}
    return texts | {row["label"]: _number(row["number"]) for row in part.get("network", [])}


def _finance_fields(part: Content) -> Fields:
    return {
        **_line_fields("Charges hors fiches", part["structure"]),
        **_line_fields("Produits", [*part["resources"], *part["sources"]]),
        "Explication des écarts": part["comment"],
        "Clés de répartition": part.get("allocation_keys", ""),
        "Excédent": part.get("surplus_use", ""),
    }


def _line_fields(title: str, lines: list[Content]) -> Fields:
    rows: Fields = {}
    for line in lines:
        name = ", ".join(part for part in (title, line["funder"], f"compte {line['account']}") if part)
        rows[name] = _number(line["actual"], money=True)
        rows[f"{name}, prévu"] = _number(line["forecast"], money=True)
        rows[f"{name}, commentaire"] = line["comment"]
    return rows


def _decision_fields(rows: list[Content]) -> Fields:
    """What the report answers to each decision; its state is said by who follows it, not by a sending."""
    return {f"{row['text']} ({row['meeting']})": row["answer"] for row in rows}


def _attachment_fields(rows: list[Content]) -> Fields:
    """One field for each type of document, with the first digits of the hash: one name may hold another file."""
    return {
        row["label"]: " ".join(
            part for part in (row["name"], "(provisoire)" if row["provisional"] else "", row["sha256"][:12]) if part
        )
        for row in rows
    }


def _number(text: str | None, *, money: bool = False) -> str | Number:
    return "" if text is None else Number(Decimal(text), money=money)
