"""A summary of the changes in a few lines: at the top of the comparison, and in the e-mail of a proposal."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from conventions.content.held import articles_of
from cpo.lib.wording import french

from .amounts import AmountTable, tables_of
from .contents import Comparison, ElementChange, article_title, sheet_title

NAMES = 5  # the names after these are only counted
# An e-mail gives totals; the application shows the shares of years, lines, fiches and funders.
TOTALS = ("contribution", "echeancier", "couts")
TERMS = "Dates, conditions et détail des montants"


@dataclass(frozen=True)
class Line:
    """A line of the summary: its anchor on the page, its text, the names of the elements, its amounts."""

    anchor: str
    icon: str
    text: str
    names: str = ""
    amounts: str = ""


def lines(comparison: Comparison, names: int | None = NAMES) -> list[Line]:
    """A line for each kind of element that differs, then for each table of amounts; `names`: how many, None for all."""
    rows = [
        Line(
            "articles", "edit-line", _count_words(comparison.articles, "article"), _titles(comparison.articles, names)
        ),
        Line(
            "fiches", "file-text-line", _count_words(comparison.sheets, "fiche", "e"), _titles(comparison.sheets, names)
        ),
        Line(
            "parties", "team-line", _count_words(comparison.parties, "partie", "e"), _titles(comparison.parties, names)
        ),
    ]
    if comparison.facts:
        several = "s" if len(comparison.facts) > 1 else ""
        text = f"{len(comparison.facts)} information{several} générale{several} modifiée{several}"
        rows.append(
            Line("informations", "information-line", text, _name_list([fact.label for fact in comparison.facts], names))
        )
    rows += [Line(f"m-{t.key}-titre", "scales-3-line", t.caption, amounts=_total(t)) for t in comparison.tables]
    if comparison.terms:
        rows.append(
            Line("precisions", "scales-3-line", TERMS, _name_list([term.label for term in comparison.terms], names))
        )
    return [row for row in rows if row.text]


def message(comparison: Comparison) -> str:
    """The text of the e-mail, without detailed amounts."""
    keys = {f"m-{table.key}-titre" for table in comparison.tables if table.key not in TOTALS}
    return "\n".join(_line_text(line) for line in lines(comparison) if line.anchor not in keys)


def first_message(content: dict[str, Any]) -> str:
    """The content of the first version in a few lines: there is no earlier version to compare with."""
    departing = [row for row in articles_of(content) if row["departure"]]
    sheets = content["sheets"]
    rows = [
        Line("", "", _number(len(departing), "article") + " à l’écart du modèle national",
             _name_list([article_title(row) for row in departing])),
        Line("", "", _number(len(sheets), "fiche"), _name_list([sheet_title(row) for row in sheets])),
    ]  # fmt: skip
    rows += [
        Line("", "", table.caption, amounts=f"{french.euros(table.total.after)} au total")
        for table in tables_of(content)
        if table.key in TOTALS
    ]
    return "\n".join(_line_text(row) for row in rows)


def _line_text(line: Line) -> str:
    details = line.names or line.amounts
    return f"- {line.text} : {details}" if details else f"- {line.text}"


def _count_words(elements: Sequence[ElementChange], noun: str, feminine: str = "") -> str:
    """« 1 fiche ajoutée, 2 modifiées »: the noun is written once."""
    number_by_kind = Counter(change.kind for change in elements)
    words = [("added", "ajouté"), ("removed", "supprimé"), ("modified", "modifié")]
    phrases: list[str] = []
    for kind, word in words:
        if number_by_kind[kind]:
            ending = feminine + ("s" if number_by_kind[kind] > 1 else "")
            number = str(number_by_kind[kind]) if phrases else _number(number_by_kind[kind], noun)
            phrases.append(f"{number} {word}{ending}")
    return ", ".join(phrases)


def _number(count: int, noun: str) -> str:
    return f"{count or 'aucun' + ('e' if noun == 'fiche' else '')} {noun}{'s' if count > 1 else ''}"


def _titles(elements: Iterable[ElementChange], limit: int | None) -> str:
    return _name_list([change.title for change in elements], limit)


def _name_list(names: list[str], limit: int | None = NAMES) -> str:
    remaining = len(names) - limit if limit is not None else 0
    text = "\u00a0; ".join(names[:limit])
    return f"{text} ; et {remaining} autre{'s' if remaining > 1 else ''}" if remaining > 0 else text


def _total(table: AmountTable) -> str:
    total = table.total
    if not total.gap:
        return f"{french.euros(total.after)} au total, réparti autrement"
    before, after, gap = french.euros(total.before), french.euros(total.after), french.euros(total.gap, signed=True)
    return f"{before} → {after} ({gap})"
