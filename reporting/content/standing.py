"""« Où en est-on »: budget, declared before, this report, in five cuts. Pure: rows in, table out; no query.

Blank stays blank: an amount that nobody typed is None, never zero. In-kind contributions (86, 87) are no cost and stand
in no cut. The table is frozen in each sending as text (`frozen`), and read from there (`tables`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from actions.enums import STATE_ACCOUNT, AccountKind
from conventions.enums import ContributionLine
from cpo.lib.money import ZERO, share, split, total
from cpo.lib.wording import french

Content = dict[str, Any]
Retained = Mapping[tuple[int, str, str], Decimal | None]  # by report, key of the fiche ("" for none), account

NO_SHEET = "Hors fiches : structure"
NO_LINE = "Non réparti entre les lignes"
COLUMNS = ("budget", "before", "now")
CHARGES = ("account", "sheet", "axis")
CUTS = {
    "account": "Compte",
    "sheet": "Fiche",
    "axis": "Axe",
    "funder": "Financeur",
    "line": "Ligne de l’État",
}


@dataclass(frozen=True)
class Entry:
    """A planned or declared amount in euros: a charge, or a resource with its funder."""

    year: int
    account: str
    label: str
    amount: Decimal | None
    funder: str = ""
    sheet: str = ""  # key of the fiche
    sheet_label: str = ""
    axis: str = ""
    axis_label: str = ""


@dataclass
class Source:
    """The charges, the resources and the State's lines (year → line → amount) of one column."""

    expenses: list[Entry] = field(default_factory=list)
    resources: list[Entry] = field(default_factory=list)


Lines = Mapping[int, Mapping[str, Decimal]]


@dataclass
class Row:
    """A line of a cut. `retained`: the sum of what was examined, None when nothing was; `partial`: some is not."""

    key: str
    label: str
    budget: Decimal | None = None
    before: Decimal | None = None
    now: Decimal | None = None
    retained: Decimal | None = None
    partial: bool = False
    axis: str = ""  # of a fiche

    def add(self, column: str, amount: Decimal | None) -> None:
        if amount is not None:
            setattr(self, column, (getattr(self, column) or ZERO) + amount)

    @property
    def total(self) -> Decimal | None:
        return _sum([self.before, self.now])

    @property
    def percent(self) -> Decimal | None:
        """What is declared in percent of the budget; None without one of them."""
        return None if self.total is None or not self.budget else share(self.total, self.budget)

    @property
    def remainder(self) -> Decimal | None:
        """What of the budget is not declared; below zero when more was spent, or when nothing was planned."""
        return None if self.budget is None and self.total is None else (self.budget or ZERO) - (self.total or ZERO)


@dataclass
class Table:
    cut: str
    rows: list[Row]
    retained_shown: bool = True

    @property
    def title(self) -> str:
        return CUTS[self.cut]

    @property
    def sentence(self) -> str:
        return french.lower_first(self.title)

    @property
    def shows_retained(self) -> bool:
        """Whether it has the column of what is retained: charges are, resources are not."""
        return self.retained_shown and self.cut in CHARGES

    @property
    def whole(self) -> Row:
        whole = Row("", "Total", partial=any(row.partial for row in self.rows))
        for name in (*COLUMNS, "retained"):
            setattr(whole, name, _sum([getattr(row, name) for row in self.rows]))
        return whole


def _sum(amounts: Sequence[Decimal | None]) -> Decimal | None:
    return None if all(amount is None for amount in amounts) else total(amounts)


def declared(content: Content) -> Source:
    """What the content of a report declares (see `reporting.content.freeze`), cash only."""
    year = content["year"]
    sheets = [
        Entry(
            year,
            line["account"],
            line["label"],
            _amount(line["actual"]),
            sheet=sheet["key"],
            sheet_label=f"{sheet['code']} {sheet['title']}",
            axis=sheet.get("axis", ""),
            axis_label=sheet.get("axis_label", ""),
        )
        for sheet in content["sheets"]
        for line in _cash(sheet["expenses"])
    ]
    finance = content["finance"]
    structure = [
        Entry(year, line["account"], line["label"], _amount(line["actual"])) for line in _cash(finance["structure"])
    ]
    resources = [
        Entry(year, line["account"], line["label"], _amount(line["actual"]), line["funder"])
        for line in _cash(finance["resources"])
    ]
    return Source(sheets + structure, resources)


def _cash(lines: list[Content]) -> list[Content]:
    return [line for line in lines if line["kind"] == AccountKind.CASH]


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def build(budget: Source, lines: Lines, earlier: Iterable[Content], present: Content) -> dict[str, Table]:
    """The five cuts. `lines`: the State's contribution of each year by line; `earlier`: contents of former years."""
    former = [declared(content) for content in earlier]
    columns = {
        "budget": budget,
        "before": Source([e for one in former for e in one.expenses], [e for one in former for e in one.resources]),
        "now": declared(present),
    }
    charges = [(name, entry) for name in COLUMNS for entry in columns[name].expenses]
    resources = [(name, entry) for name in COLUMNS for entry in columns[name].resources]
    return {
        "account": _group("account", charges, lambda e: (e.account, f"{e.account} {e.label}"), ordered=True),
        "sheet": _group("sheet", charges, lambda e: (e.sheet, e.sheet_label or NO_SHEET)),
        "axis": _group("axis", charges, lambda e: (e.axis, e.axis_label or NO_SHEET), ordered=True),
        "funder": _group("funder", resources, _funder, ordered=True),
        "line": _lines(resources, lines),
    }


def _funder(entry: Entry) -> tuple[str, str]:
    return f"{entry.account}|{entry.funder}", f"{entry.funder or entry.label} ({entry.account})"


def _group(
    cut: str, entries: list[tuple[str, Entry]], name: Callable[[Entry], tuple[str, str]], *, ordered: bool = False
) -> Table:
    """One row for each key, with the label of the act in force; what belongs to no fiche comes last."""
    rows: dict[str, Row] = {}
    for column, entry in entries:
        key, label = name(entry)
        rows.setdefault(key, Row(key, label, axis=entry.axis)).add(column, entry.amount)
    order = sorted(rows.values(), key=lambda row: row.key) if ordered else list(rows.values())
    return Table(cut, sorted(order, key=lambda row: not row.key))


def _lines(entries: list[tuple[str, Entry]], lines: Lines) -> Table:
    """The State's money by line of its contribution: what a year received is shared as that year's contribution.

    The cents that the sharing leaves go to the largest line, so that the rows add up.
    """
    rows = {str(line.value): Row(line.value, str(line.label).capitalize()) for line in ContributionLine}
    rows[""] = Row("", NO_LINE)
    for contribution in lines.values():
        for line, amount in contribution.items():
            rows[line].add("budget", amount)
    for column, entry in entries:
        if entry.account != STATE_ACCOUNT or column == "budget" or entry.amount is None:
            continue
        weights = {line: amount for line, amount in lines.get(entry.year, {}).items() if amount} or {"": Decimal(1)}
        for line, part in zip(weights, split(entry.amount, list(weights.values())), strict=True):
            rows[line].add(column, part)
    return Table("line", [row for row in rows.values() if any(getattr(row, name) is not None for name in COLUMNS)])


def frozen(tables: Mapping[str, Table]) -> Content:
    """The five cuts as JSON: amounts as text, blank as null."""
    return {
        cut: [
            {
                "key": row.key,
                "label": row.label,
                "axis": row.axis,
                **{name: _text(getattr(row, name)) for name in COLUMNS},
            }
            for row in table.rows
        ]
        for cut, table in tables.items()
    }


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)


def read(content: Content, retained: Retained | None = None) -> dict[str, Table]:
    """The five cuts of a frozen table, with what was retained of the reports that it adds up.

    `retained` None: the reader sees no column of it. Accounts that the table lacks are those in kind.
    """
    shown = retained is not None
    tables = {cut: Table(cut, [_read_row(row) for row in content[cut]], retained_shown=shown) for cut in CUTS}
    axes, accounts = {row.key: row.axis for row in tables["sheet"].rows}, {row.key for row in tables["account"].rows}
    for (_, sheet, account), amount in (retained or {}).items():
        if account not in accounts:
            continue
        for cut, key in zip(CHARGES, (account, sheet, axes.get(sheet, "")), strict=True):
            for row in tables[cut].rows:
                if row.key == key:
                    row.add("retained", amount)
                    row.partial = row.partial or amount is None
    return tables


def _read_row(content: Content) -> Row:
    row = Row(content["key"], content["label"], axis=content["axis"])
    for name in COLUMNS:
        setattr(row, name, _amount(content[name]))
    return row
