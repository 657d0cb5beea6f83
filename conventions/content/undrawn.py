"""The characters of a content that no font of the documents draws, each with the field that holds it."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from conventions.text.markers import texts_below
from conventions.text.variables import VARIABLES
from cpo.lib.printing.glyphs import undrawn

from .comparison.contents import article_title, sheet_title
from .comparison.fields import PARTY_TEXTS, SHEET_TEXTS

Content = Mapping[str, Any]


class Undrawn(NamedTuple):
    """Where: `kind` is value, article, sheet, party, money or act; `key` names it there; its characters."""

    kind: str
    key: str
    label: str
    characters: list[str]


def undrawn_characters(content: Content) -> Iterator[Undrawn]:
    """List what a document of this content would print as « ? »; a field comes once, with all its characters."""
    for kind, key, label, value in _fields(content):
        if characters := undrawn("".join(texts_below(value))):
            yield Undrawn(kind, key, label, characters)


def _fields(content: Content) -> Iterator[tuple[str, str, str, Any]]:
    for article in content["articles"]:
        if article["included"]:
            yield "article", article["key"], article_title(article), article["body"]
    for name, value in content["values"].items():
        if name in VARIABLES:
            yield "value", name, VARIABLES[name].label, value
    for party in content["parties"]:
        for name, label in PARTY_TEXTS.items():
            yield "party", "", f"{label}, {party['name']}", party.get(name)
    for sheet in content["sheets"]:
        for name, label in SHEET_TEXTS.items():
            yield "sheet", sheet["key"], f"{label}, fiche {sheet_title(sheet)}", sheet.get(name)
        yield "sheet", sheet["key"], f"Indicateurs, fiche {sheet_title(sheet)}", sheet["indicators"]
        yield "sheet", sheet["key"], f"Financeurs, fiche {sheet_title(sheet)}", sheet["resources"]
    for row in (*content["contributions"], *content["instalments"]):
        yield "money", "", f"Contribution et versements de {row['year']}", row
    act = content["act"]
    for name, label in (("purpose", "Objet"), ("cause", "Cause"), ("consequences", "Conséquences")):
        yield "act", "", f"{label} de l’acte", act.get(name)
