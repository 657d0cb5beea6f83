"""The articles of a content that the application holds.

A convention signed on paper before the application has no text here: its articles are those of its scan. An act after
it may quote one (`former`: its title and its text in the original), and from then on its new text is held.
"""

from collections.abc import Mapping
from typing import Any

from conventions.enums import Origin

Content = Mapping[str, Any]


def on_paper(content: Content) -> bool:
    return bool(content["convention"].get("origin") == Origin.PAPER)


def articles_of(content: Content) -> list[dict[str, Any]]:
    """The articles held, those left out by an option too. Older versions of a paper original hold the model's: none."""
    rows: list[dict[str, Any]] = content["articles"]
    return [row for row in rows if row.get("former")] if on_paper(content) else rows


def before_of(before: Content, after: Content) -> list[dict[str, Any]]:
    """The articles that `after` may change, as they stood before: quoted from the original where it is first quoted."""
    rows = articles_of(before)
    known = {row["key"] for row in rows}
    quoted = [row for row in articles_of(after) if row.get("former") and row["key"] not in known]
    return [*rows, *(_quoted(row) for row in quoted if row["former"]["text"])]


def _quoted(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"body": row["former"]["text"], "included": True, "reason": "", "verbatim": True}


def sheets_in_words(content: Content, other: Content | None = None) -> list[dict[str, Any]]:
    """The fiches of a content, their functions in words; `other` names those that an older content only codes."""
    return [in_words(sheet, content, other or {}) for sheet in content["sheets"]]


def in_words(sheet: Content, *contents: Content) -> dict[str, Any]:
    """A fiche whose functions are named, not coded (« F1 »), as far as one of the contents names them."""
    labels = {row["code"]: row["label"] for content in reversed(contents) for row in content.get("functions", [])}
    codes = sheet.get("functions")
    if not codes:
        return dict(sheet)
    return {**sheet, "functions": [labels.get(code, code) if isinstance(code, str) else code for code in codes]}
