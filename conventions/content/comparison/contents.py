"""Two contents side by side: articles by word, fiches and parties field by field, amounts with their gap."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from conventions.content.held import articles_of, before_of, sheets_in_words
from conventions.enums import VariableType
from conventions.text.values import and_list
from conventions.text.variables import VARIABLES
from cpo.lib.wording import french
from cpo.lib.wording.numbers import whole_number
from cpo.lib.wording.words import Piece, changed_paragraphs

from . import amounts
from .amounts import AmountTable
from .fields import FieldChange, Number, changes, day, lines_fields, party_changes, sheet_changes

Content = dict[str, Any]
ADDED, REMOVED, MODIFIED = "added", "removed", "modified"
TO_FILL_IN = "[à compléter]"
REASON = "Motif de l’écart au modèle"
ORDER = "Ordre des fiches"
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

    @property
    def is_modified(self) -> bool:
        return self.kind == MODIFIED


@dataclass
class Comparison:
    articles: list[ElementChange]
    sheets: list[ElementChange]
    parties: list[ElementChange]
    facts: list[FieldChange]
    tables: list[AmountTable]
    terms: list[FieldChange]  # data beside the amounts: conditions, dates, accounts
    money_changes: int
    articles_count: int  # of the second content

    @property
    def count(self) -> int:
        """The number of changed elements: articles, fiches, parties, facts; each kind of amounts counts for one."""
        return len(self.articles) + len(self.sheets) + len(self.parties) + len(self.facts) + self.money_changes


def compare(before: Content, after: Content) -> Comparison:
    """Return the differences. Articles are compared as the document prints them, with the values of variables."""
    return Comparison(
        articles=list(_articles(before, after)),
        sheets=list(
            _elements(
                sheets_in_words(before, after),
                sheets_in_words(after, before),
                "key",
                sheet_title,
                sheet_changes,
                _sheet_summary,
            )
        ),
        parties=list(
            _elements(before["parties"], after["parties"], "short_name", lambda row: str(row["name"]), party_changes)
        ),
        facts=_facts(before, after),
        tables=amounts.tables(before, after),
        terms=changes(_terms(before), _terms(after)),
        money_changes=sum(before[name] != after[name] for name in ("contributions", "instalments", "structure")),
        articles_count=sum(row["included"] for row in articles_of(after)),
    )


def _by(rows: list[Content], key: str) -> dict[str, Content]:
    return {row[key]: row for row in rows}


def _merged_order(old: dict[str, Content], new: dict[str, Content]) -> list[str]:
    """The keys in the order of the new content; a removed key follows the key that preceded it in the old one."""
    order = list(new)
    position = 0
    for key in old:
        if key in new:
            position = order.index(key) + 1
        else:
            order.insert(position, key)
            position += 1
    return order


def printed_text(article: Content, content: Content) -> str:
    """The text of an article with its values, without marks of bold; a table stays as the name of its variable.

    What is quoted from a paper original is read as it was typed.
    """
    if article.get("verbatim"):
        return str(article["body"])
    variants = content.get("variants", {})
    values = content.get("values", {})

    def replacement(match: re.Match[str]) -> str:
        value, variable = values.get(match[1]), VARIABLES.get(match[1])
        if isinstance(value, list):
            items = [str(item) for item in value]
            return and_list(items) if variable and variable.inline else ", ".join(items)
        if value or (variable and variable.kind == VariableType.TABLE):
            return str(value or match[0])
        return TO_FILL_IN

    body = _NAME.sub(lambda match: variants.get(match[1], match[0]), article["body"])
    return _NAME.sub(replacement, body).replace("**", "")


def article_title(article: Content) -> str:
    """« Article 4 – Contribution de l’État »; the title that the original has, when it was signed on paper."""
    if former := article.get("former"):
        return str(former["title"])
    number = str(article.get("number") or "")
    if whole_number(number[:1]) is not None:
        return f"Article {number} – {article['title']}"
    return str(article["title"])


def _articles(before: Content, after: Content) -> Iterator[ElementChange]:
    old = _by([row for row in before_of(before, after) if row["included"]], "key")
    new = _by([row for row in articles_of(after) if row["included"]], "key")
    for key in _merged_order(old, new):
        old_text = printed_text(old[key], before) if key in old else ""
        new_text = printed_text(new[key], after) if key in new else ""
        kind = MODIFIED if key in old and key in new else ADDED if key in new else REMOVED
        row = new.get(key) or old[key]
        reasons = changes({REASON: old[key]["reason"]}, {REASON: row["reason"]}) if kind == MODIFIED else []
        if kind == MODIFIED and old_text == new_text:
            if reasons:
                yield ElementChange(key, kind, article_title(row), fields=reasons)
            continue
        yield ElementChange(
            key,
            kind,
            article_title(row),
            reason=row["reason"] if key in new else "",
            paragraphs=changed_paragraphs(old_text, new_text),
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
    for name in _merged_order(old, new):
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
    return f"{indicators}, {french.euros(amounts.cost(row['expenses']))} sur {years} an{'s' if years > 1 else ''}"


def _facts(before: Content, after: Content) -> list[FieldChange]:
    old_fields, new_fields = _convention_fields(before), _convention_fields(after)
    common = {row["key"] for row in before["sheets"]} & {row["key"] for row in after["sheets"]}
    old, new = ([row for row in content["sheets"] if row["key"] in common] for content in (before, after))
    if [row["key"] for row in old] != [row["key"] for row in new]:
        old_fields[ORDER], new_fields[ORDER] = (", ".join(row["code"] for row in rows) for rows in (old, new))
    return changes(old_fields, new_fields)


def _terms(content: Content) -> dict[str, str | Number]:
    """Data that the tables of amounts do not show.

    They are the named actions, the objects, dates and conditions of payments, and the structure's costs by account.
    """
    rows: dict[str, str | Number] = {}
    for row in content["contributions"]:
        line = row.get("line_label") or row["line"]
        rows[f"Contribution {row['year']}, {line}, {row['service']}, actions désignées"] = row.get("note") or ""
    for row in content["instalments"]:
        name = f"Versement {row['rank']} de {row['year']}"
        rows |= {
            f"{name}, objet": row["label"],
            f"{name}, date prévue": day(row["due_on"]),
            f"{name}, condition": row["condition"],
        }
    structure = lines_fields(content["structure"])
    return rows | {f"Coûts de structure, {label[0].lower()}{label[1:]}": value for label, value in structure.items()}


def _convention_fields(content: Content) -> dict[str, str]:
    """The general data of the convention: dates, territories, drafting options, joined documents."""
    rows = {
        "Prise d’effet": day(content["convention"]["effective_on"]),
        "Terme": day(content["convention"]["ends_on"]),
        "Territoires": ", ".join(row["name"] for row in content["territories"]),
    }
    for name, value in sorted(content["options"].items()):
        rows[f"Option de rédaction « {name.replace('_', ' ')} »"] = str(value)
    for row in content["attachments"]:
        label = f"Pièce jointe : {row['label']}"  # several documents may have the same label
        description = f"{day(row['dated'])}, empreinte {row['sha256'][:12]}"
        rows[label] = f"{rows[label]}\n{description}" if label in rows else description
    return rows
