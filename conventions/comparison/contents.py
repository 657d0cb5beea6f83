"""Two contents side by side: articles by word, fiches and parties field by field, amounts with their gap."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from cpo.lib import french
from cpo.lib.words import Piece, changed_paragraphs

from ..enums import VariableType
from ..variables import VARIABLES
from . import amounts
from .amounts import AmountTable
from .fields import FieldChange, changes, party_changes, sheet_changes

Content = dict[str, Any]
ADDED, REMOVED, MODIFIED = "added", "removed", "modified"
TO_FILL_IN = "[à compléter]"
_NAME = re.compile(r"\{\{\s*([a-z0-9_]+)\s*\}\}")


@dataclass
class ElementChange:
    """An article, a fiche or a party that was added, removed or modified."""

    key: str
    kind: str
    title: str
    summary: str = ""
    reason: str = ""
    paragraphs: list[list[Piece]] = field(default_factory=list)
    fields: list[FieldChange] = field(default_factory=list)


@dataclass
class Comparison:
    articles: list[ElementChange]
    sheets: list[ElementChange]
    parties: list[ElementChange]
    facts: list[FieldChange]
    tables: list[AmountTable]
    money_changes: int
    articles_count: int  # of the second content

    @property
    def count(self) -> int:
        """How many elements differ: each article, fiche, party and fact; each kind of amounts counts as one."""
        return len(self.articles) + len(self.sheets) + len(self.parties) + len(self.facts) + self.money_changes


def compare(before: Content, after: Content) -> Comparison:
    """Return what differs. Articles are compared as printed: with the values of their variables."""
    return Comparison(
        articles=list(_articles(before, after)),
        sheets=list(_elements(before["sheets"], after["sheets"], "key", sheet_title, sheet_changes, _sheet_summary)),
        parties=list(
            _elements(before["parties"], after["parties"], "short_name", lambda row: str(row["name"]), party_changes)
        ),
        facts=_facts(before, after),
        tables=amounts.tables(before, after),
        money_changes=sum(before[name] != after[name] for name in ("contributions", "instalments", "structure")),
        articles_count=sum(row["included"] for row in after["articles"]),
    )


def _by(rows: list[Content], key: str) -> dict[str, Content]:
    return {row[key]: row for row in rows}


def _ordered(old: dict[str, Content], new: dict[str, Content]) -> list[str]:
    """The keys in the order of the new content; what was removed stands after what preceded it."""
    order = list(new)
    position = 0
    for key in old:
        if key in new:
            position = order.index(key) + 1
        else:
            order.insert(position, key)
            position += 1
    return order


def printed(article: Content, content: Content) -> str:
    """The text of an article as the document prints it: values in place, no mark of bold, tables left as names."""
    variants = content.get("variants", {})
    values = content.get("values", {})

    def value(match: re.Match[str]) -> str:
        found = values.get(match[1])
        if isinstance(found, list):
            return ", ".join(str(item) for item in found)
        known = VARIABLES.get(match[1])
        if found or (known and known.kind == VariableType.TABLE):
            return str(found or match[0])
        return TO_FILL_IN

    body = _NAME.sub(lambda match: variants.get(match[1], match[0]), article["body"])
    return _NAME.sub(value, body).replace("**", "")


def article_title(article: Content) -> str:
    number = str(article.get("number") or "")
    if number[:1].isdigit():
        return f"Article\u00a0{number} – {article['title']}"
    return str(article["title"])


def _articles(before: Content, after: Content) -> Iterator[ElementChange]:
    old = _by([row for row in before["articles"] if row["included"]], "key")
    new = _by([row for row in after["articles"] if row["included"]], "key")
    for key in _ordered(old, new):
        left = printed(old[key], before) if key in old else ""
        right = printed(new[key], after) if key in new else ""
        if left == right and (key in old) == (key in new):
            continue
        kind = MODIFIED if key in old and key in new else ADDED if key in new else REMOVED
        row = new.get(key) or old[key]
        yield ElementChange(
            key,
            kind,
            article_title(row),
            reason=row["reason"] if key in new else "",
            paragraphs=changed_paragraphs(left, right),
        )


def _elements(
    before: list[Content],
    after: list[Content],
    key: str,
    title: Callable[[Content], str],
    fields: Callable[[Content, Content], list[FieldChange]],
    summary: Callable[[Content], str] = lambda row: "",
) -> Iterator[ElementChange]:
    old, new = _by(before, key), _by(after, key)
    for name in _ordered(old, new):
        if old.get(name) == new.get(name):
            continue
        row = new.get(name) or old[name]
        if name in old and name in new:
            yield ElementChange(name, MODIFIED, title(row), fields=fields(old[name], new[name]))
        else:
            yield ElementChange(name, ADDED if name in new else REMOVED, title(row), summary=summary(row))


def sheet_title(row: Content) -> str:
    return f"{row['code']} – {row['title']}"


def _sheet_summary(row: Content) -> str:
    count = len(row["indicators"])
    indicators = "aucun indicateur" if not count else f"{count} indicateur{'s' if count > 1 else ''}"
    years = len(row["years"])
    return f"{indicators}, {french.euros(amounts.cash(row['expenses']))} sur {years} an{'s' if years > 1 else ''}"


def _facts(before: Content, after: Content) -> list[FieldChange]:
    return changes(_convention_fields(before), _convention_fields(after))


def _convention_fields(content: Content) -> dict[str, str]:
    """What the convention says of itself: dates, territories, drafting options, documents joined."""
    rows = {
        "Prise d’effet": french.date(_day(content["convention"]["effective_on"])),
        "Terme": french.date(_day(content["convention"]["ends_on"])),
        "Territoires": ", ".join(row["name"] for row in content["territories"]),
    }
    for name, value in sorted(content["options"].items()):
        rows[f"Option de rédaction «\u00a0{name.replace('_', ' ')}\u00a0»"] = str(value)
    for row in content["attachments"]:
        rows[f"Pièce jointe\u00a0: {row['label']}"] = (
            f"{french.date(_day(row['dated']))}, empreinte {row['sha256'][:12]}"
        )
    return rows


def _day(text: str | None) -> Any:
    import datetime as dt

    return dt.date.fromisoformat(text) if text else None
