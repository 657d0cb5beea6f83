"""What changed, in a few lines: at the head of the comparison, and in the e-mail of a proposal."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from cpo.lib.wording import french

from .amounts import AmountTable, tables_of
from .contents import Comparison, ElementChange, article_title, sheet_title

NAMES = 5  # more are counted
# An e-mail gives totals; the shares of years, lines, fiches and funders are read in the application.
TOTALS = ("contribution", "echeancier", "couts")
TERMS = "Dates, conditions et détail des montants"


@dataclass(frozen=True)
class Line:
    """A part of the comparison: its anchor on the page, what is said of it, its names, its amounts."""

    anchor: str
    icon: str
    text: str
    names: str = ""
    amounts: str = ""


def lines(found: Comparison) -> list[Line]:
    """A line for each kind of element that differs, then for each table of amounts."""
    rows = [
        Line("articles", "edit-line", _counted(found.articles, "article"), _titles(found.articles)),
        Line("fiches", "file-text-line", _counted(found.sheets, "fiche", "e"), _titles(found.sheets)),
        Line("parties", "team-line", _counted(found.parties, "partie", "e"), _titles(found.parties)),
    ]
    if found.facts:
        several = "s" if len(found.facts) > 1 else ""
        text = f"{len(found.facts)} information{several} générale{several} modifiée{several}"
        rows.append(Line("informations", "information-line", text, _listed([fact.label for fact in found.facts])))
    rows += [Line(f"m-{t.key}-titre", "scales-3-line", t.caption, amounts=_total(t)) for t in found.tables]
    if found.terms:
        rows.append(Line("precisions", "scales-3-line", TERMS, _listed([term.label for term in found.terms])))
    return [row for row in rows if row.text]


def message(found: Comparison) -> str:
    """The lines of the e-mail, without detailed amounts."""
    keys = {f"m-{table.key}-titre" for table in found.tables if table.key not in TOTALS}
    return "\n".join(_written(line) for line in lines(found) if line.anchor not in keys)


def first_message(content: dict[str, Any]) -> str:
    """What the first version holds, in as few lines: there is none before it."""
    departing = [row for row in content["articles"] if row["departure"]]
    sheets = content["sheets"]
    rows = [
        Line("", "", _number(len(departing), "article") + " à l’écart du modèle national",
             _listed([article_title(row) for row in departing])),
        Line("", "", _number(len(sheets), "fiche"), _listed([sheet_title(row) for row in sheets])),
    ]  # fmt: skip
    rows += [
        Line("", "", table.caption, amounts=f"{french.euros(table.total.after)} au total")
        for table in tables_of(content)
        if table.key in TOTALS
    ]
    return "\n".join(_written(row) for row in rows)


def _written(line: Line) -> str:
    more = line.names or line.amounts
    return f"- {line.text} : {more}" if more else f"- {line.text}"


def _counted(found: Sequence[ElementChange], noun: str, feminine: str = "") -> str:
    """« 1 fiche ajoutée, 2 modifiées »: the noun is said once."""
    counts = Counter(change.kind for change in found)
    words = [("added", "ajouté"), ("removed", "supprimé"), ("modified", "modifié")]
    said: list[str] = []
    for kind, word in words:
        if counts[kind]:
            ending = feminine + ("s" if counts[kind] > 1 else "")
            number = str(counts[kind]) if said else _number(counts[kind], noun)
            said.append(f"{number} {word}{ending}")
    return ", ".join(said)


def _number(count: int, noun: str) -> str:
    return f"{count or 'aucun' + ('e' if noun == 'fiche' else '')} {noun}{'s' if count > 1 else ''}"


def _titles(found: Iterable[ElementChange]) -> str:
    return _listed([change.title for change in found])


def _listed(names: list[str]) -> str:
    more = len(names) - NAMES
    shown = "\u00a0; ".join(names[:NAMES])
    return f"{shown} ; et {more} autre{'s' if more > 1 else ''}" if more > 0 else shown


def _total(table: AmountTable) -> str:
    total = table.total
    if not total.gap:
        return f"{french.euros(total.after)} au total, réparti autrement"
    before, after, gap = french.euros(total.before), french.euros(total.after), french.euros(total.gap, signed=True)
    return f"{before} → {after} ({gap})"
