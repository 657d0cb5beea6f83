"""Amounts as tables: rows of accounts or funders, a cell for each year, and the sums of the columns."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from cpo.lib.money import ZERO, share, total

from .enums import STATE_ACCOUNT, AccountKind, AccountSide
from .indirect import IndirectCosts, is_indirect
from .models import Account, Expense, Resource

Amount = Expense | Resource


@dataclass
class YearSum:
    """The sums of a column, in euros. `year` is None for the total of all years."""

    year: int | None
    expenses: Decimal = ZERO
    indirect: Decimal = ZERO  # among the charges
    resources: Decimal = ZERO
    state: Decimal = ZERO
    uses: Decimal = ZERO
    sources: Decimal = ZERO

    def add(self, account: Account, amount: Decimal) -> None:
        names = ("expenses", "uses") if account.side == AccountSide.EXPENSE else ("resources", "sources")
        name = names[account.kind == AccountKind.IN_KIND]
        setattr(self, name, getattr(self, name) + amount)
        if account.code == STATE_ACCOUNT:
            self.state += amount
        if is_indirect(account.code):
            self.indirect += amount

    def add_sum(self, other: "YearSum") -> None:
        for name in ("expenses", "indirect", "resources", "state", "uses", "sources"):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def direct(self) -> Decimal:
        return self.expenses - self.indirect

    @property
    def indirect_share(self) -> Decimal | None:
        """Indirect charges in percent of the direct ones, comparable with a flat rate."""
        return share(self.indirect, self.direct)

    @property
    def gap(self) -> Decimal:
        """Produits minus charges: negative when produits are missing."""
        return self.resources - self.expenses

    @property
    def missing_amount(self) -> Decimal:
        return abs(self.gap)

    @property
    def in_kind_gap(self) -> Decimal:
        return self.sources - self.uses

    @property
    def state_share(self) -> Decimal | None:
        return share(self.state, self.expenses)

    @property
    def state_too_high(self) -> bool:
        return self.state > self.expenses

    @property
    def key(self) -> str:
        return str(self.year or "total")


@dataclass(frozen=True)
class Rule:
    """A rule of every budget, and the years that break it."""

    key: str
    label: str
    years: list[int | None]


def rules(sums: Sequence[YearSum], indirect: IndirectCosts) -> list[Rule]:
    columns = [column for column in sums if column.year]
    result = [
        Rule("state", "Contribution de l’État ≤ coût éligible", [c.year for c in columns if c.state_too_high]),
        Rule("in_kind", "Comptes 86 = 87", [c.year for c in columns if c.in_kind_gap]),
        Rule("cash", "Charges = produits", [c.year for c in columns if c.gap]),
    ]
    if indirect.words:
        exceeded_years = [c.year for c in columns if indirect.exceeded(c.direct, c.indirect)]
        result.append(Rule("indirect", f"Charges indirectes : {indirect.words}", exceeded_years))
    return result


@dataclass
class Row:
    """One line of a table, with a cell for each year; None is a blank cell, not zero."""

    account: Account
    funder: str = ""
    amounts: dict[int, Decimal] = field(default_factory=dict)
    years: Sequence[int] = ()

    @property
    def cells(self) -> list[tuple[int, Decimal | None]]:
        return [(year, self.amounts.get(year)) for year in self.years]

    @property
    def total(self) -> Decimal:
        return total(self.amounts.get(year) for year in self.years)

    @property
    def in_kind(self) -> bool:
        return self.account.kind == AccountKind.IN_KIND


def year_sums(expenses: Iterable[Amount], resources: Iterable[Amount], years: Sequence[int]) -> list[YearSum]:
    """Return one sum for each year, then the total."""
    columns = {year: YearSum(year) for year in years}
    whole = YearSum(None)
    for row in [*expenses, *resources]:
        for column in (columns.get(row.year), whole):
            if column:
                column.add(row.account, row.amount)
    return [*columns.values(), whole]


def merged(parts: Iterable[Sequence[YearSum]], years: Sequence[int]) -> list[YearSum]:
    """Add up sums of the same years, such as those of each fiche; each line has been added up once."""
    whole = [*(YearSum(year) for year in years), YearSum(None)]
    for columns in parts:
        for into, column in zip(whole, columns, strict=True):
            into.add_sum(column)
    return whole


def account_rows(rows: Iterable[Amount], years: Sequence[int], *, by_head: bool = False) -> list[Row]:
    """Return a line for each account and funder, in the order of the nomenclature.

    `by_head` adds the detail up in its parent account (needs `account__parent`).
    """
    lines: dict[tuple[int, str, str], Row] = {}
    for row in rows:
        account = (row.account.parent or row.account) if by_head else row.account
        funder = row.funder if isinstance(row, Resource) and not by_head else ""
        key = (account.rank, account.code, funder)
        line = lines.setdefault(key, Row(account, funder if funder != account.label else "", years=years))
        line.amounts[row.year] = line.amounts.get(row.year, ZERO) + row.amount
    return [line for _, line in sorted(lines.items(), key=lambda item: item[0])]
