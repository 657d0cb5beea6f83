"""Amounts of two contents, line by line, with the gap in euros and in percent."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from conventions.money.eligible import cash
from cpo.lib.money import ZERO, share

Content = dict[str, Any]


@dataclass(frozen=True)
class AmountRow:
    label: str
    before: Decimal | None
    after: Decimal | None

    @property
    def gap(self) -> Decimal:
        return (self.after or ZERO) - (self.before or ZERO)

    @property
    def percent(self) -> Decimal | None:
        """The gap in percent of the first amount; None where there was none."""
        return share(self.gap, self.before) if self.before else None


@dataclass(frozen=True)
class AmountTable:
    key: str
    caption: str
    row_header: str
    rows: list[AmountRow]

    @property
    def total(self) -> AmountRow:
        return AmountRow(
            "Total",
            sum((row.before or ZERO for row in self.rows), ZERO),
            sum((r.after or ZERO for r in self.rows), ZERO),
        )

    @property
    def changed(self) -> bool:
        return any(row.gap for row in self.rows)


def cost(lines: Iterable[Content]) -> Decimal:
    """The sum of some lines, without contributions in kind."""
    return sum((Decimal(line["amount"]) for line in cash(lines)), ZERO)


def tables(before: Content, after: Content) -> list[AmountTable]:
    """The tables that differ: contribution by year and by line, instalments, cost of the programme, funders."""
    candidates = [
        _table("contribution", "Contribution de l’État, par année", "Année", before, after, _contribution_by_year),
        _table("lignes", "Contribution de l’État, par année et ligne", "Ligne", before, after, _contribution_by_line),
        _table("echeancier", "Échéancier des versements", "Versement", before, after, _instalments),
        _table("couts", "Coût du programme, par année", "Année", before, after, _costs),
        _by_sheet(before, after),
        _table("financeurs", "Produits, par financeur", "Financeur", before, after, _funders),
    ]
    contribution, lines = candidates[0], candidates[1]
    if len(lines.rows) == len(contribution.rows):  # with one line a year, both tables are the same
        candidates.remove(lines)
    return [table for table in candidates if table.changed]


def tables_of(content: Content) -> list[AmountTable]:
    """The amounts of one content, compared with a content without amounts."""
    nothing = {"contributions": [], "instalments": [], "sheets": [], "structure": {"expenses": [], "resources": []}}
    return tables(content | nothing, content)


Sums = dict[str, Decimal]


def _table(
    key: str, caption: str, header: str, before: Content, after: Content, sums: Callable[[Content], Sums]
) -> AmountTable:
    old, new = sums(before), sums(after)
    labels = sorted({*old, *new}) if header == "Année" else list(dict.fromkeys([*new, *old]))
    return AmountTable(key, caption, header, [AmountRow(label, old.get(label), new.get(label)) for label in labels])


def _by_sheet(before: Content, after: Content) -> AmountTable:
    """The cost of each fiche. Rows go by key, so a fiche with a new title stays the same row."""
    old, new = _costs_by_sheet(before), _costs_by_sheet(after)
    names = {
        sheet["key"]: f"{sheet['code']} {sheet['title']}" for content in (before, after) for sheet in content["sheets"]
    }
    rows = [
        AmountRow(names.get(key, "Coûts de structure"), old.get(key), new.get(key))
        for key in dict.fromkeys([*new, *old])
    ]
    return AmountTable("fiches", "Coût de chaque fiche action", "Fiche", rows)


def _sum(pairs: Iterable[tuple[str, str]]) -> Sums:
    result: Sums = {}
    for label, amount in pairs:
        result[label] = result.get(label, ZERO) + Decimal(amount)
    return result


def _contribution_by_year(content: Content) -> Sums:
    return _sum((str(row["year"]), row["amount"]) for row in content["contributions"])


def _contribution_by_line(content: Content) -> Sums:
    return _sum(
        (f"{row['year']}, {row.get('line_label') or row['line']}, {row['service']}", row["amount"])
        for row in content["contributions"]
    )


def _instalments(content: Content) -> Sums:
    return _sum((f"{row['year']}, {row['rank']}. {row['label']}", row["amount"]) for row in content["instalments"])


def _lines(content: Content, name: str) -> Iterable[Content]:
    for sheet in content["sheets"]:
        yield from sheet[name]
    yield from content["structure"][name]


def _costs(content: Content) -> Sums:
    return _sum((str(line["year"]), line["amount"]) for line in cash(_lines(content, "expenses")))


def _costs_by_sheet(content: Content) -> Sums:
    rows = {sheet["key"]: cost(sheet["expenses"]) for sheet in content["sheets"]}
    structure = cost(content["structure"]["expenses"])
    return rows | ({"": structure} if structure else {})


def _funders(content: Content) -> Sums:
    return _sum((line["funder"], line["amount"]) for line in cash(_lines(content, "resources")))
