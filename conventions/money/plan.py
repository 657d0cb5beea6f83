"""The funding plan of an act: amounts asked (content), granted and paid (facts), by funder, fiche and year.

A missing amount is not zero: it is None, and each sum tells how many of its amounts are known.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from actions.enums import STATE_ACCOUNT, AccountKind
from actions.models import Account, Expense
from actions.rows import ProgrammeRows
from arml.models import zone_of
from conventions.enums import FundingKind
from conventions.models import Act, FundingFact
from cpo.lib import zones
from cpo.lib.files.exports import Column
from cpo.lib.hooks import Hook
from cpo.lib.money import ZERO, share
from cpo.lib.wording import french

ASKED = "asked"
MEASURES = {ASKED: "Demandé", FundingKind.GRANTED: "Accordé", FundingKind.PAID: "Versé"}
NO_SHEET = "Hors fiches : structure, ou non réparti"


@dataclass(frozen=True)
class StateMoney:
    """What the State granted or paid for a year, as a line of the plan (`FundingFact` has the same names)."""

    account: Account
    funder: str
    kind: str
    year: int
    amount: Decimal
    sheet_key: UUID | None = None
    sheet_label: str = ""
    dated_on: dt.date | None = None
    reference: str = ""
    recorded_by: str = ""
    recorded_at: dt.datetime | None = None
    voided_at: dt.datetime | None = None
    zone: str = ""

    def get_kind_display(self) -> str:
        return FundingKind(self.kind).label


# `reporting` keeps the commitments and the payments of the State; nobody types them here.
money_of_state: Hook[[Act], list[StateMoney]] = Hook(lambda act: [])


@dataclass(frozen=True)
class Cell:
    """An amount in euros of a table: the sum of `known_count` amounts of the `expected_count` that make it up.

    `cost`: the cost of which the amount is a share, if any.
    """

    rank: str
    amount: Decimal | None
    known_count: int
    expected_count: int
    cost: Decimal | None = None

    @property
    def partial(self) -> bool:
        return 0 < self.known_count < self.expected_count

    @property
    def share(self) -> Decimal | None:
        return share(self.amount, self.cost) if self.amount is not None and self.cost else None


@dataclass
class Amounts:
    """The amounts asked, granted and paid, by year; a year without amount has no entry."""

    years: Sequence[int]
    by_measure: dict[str, dict[int, Decimal]] = field(default_factory=lambda: {name: {} for name in MEASURES})

    def add(self, measure: str, year: int, amount: Decimal) -> None:
        amounts = self.by_measure[measure]
        amounts[year] = amounts.get(year, ZERO) + amount

    def get(self, measure: str, year: int) -> Decimal | None:
        return self.by_measure[measure].get(year)

    def concerns(self, year: int) -> bool:
        return any(year in amounts for amounts in self.by_measure.values())


@dataclass
class Funder:
    """A funder of the plan, or a funder that gave without being asked. Its lines are its fiches."""

    account: Account
    name: str
    whole: Amounts
    lines: dict[str, Amounts] = field(default_factory=dict)

    @property
    def value(self) -> str:
        return line_value(self.account, self.name)

    @property
    def of_state(self) -> bool:
        """Whether its money is kept with the payments, and not recorded beside the plan."""
        return self.account.code == STATE_ACCOUNT

    @property
    def rows(self) -> list[tuple[str, list[Cell]]]:
        return measure_rows([self.whole])

    @property
    def sheets(self) -> list[tuple[str, list[tuple[str, list[Cell]]]]]:
        return [(label, measure_rows([amounts])) for label, amounts in self.lines.items()]

    def warnings(self) -> list[str]:
        """The payments above the granted amounts. They are not refused: the documents may arrive in any order."""
        messages = []
        for year, paid_amount in sorted(self.whole.by_measure[FundingKind.PAID].items()):
            granted_amount = self.whole.get(FundingKind.GRANTED, year)
            if granted_amount is None:
                messages.append(
                    f"{self.name}, {year} : {french.euros(paid_amount)} versés, aucun accord n’est enregistré."
                )
            elif paid_amount > granted_amount:
                words = f"{french.euros(paid_amount)} versés, au-delà des {french.euros(granted_amount)} accordés."
                messages.append(f"{self.name}, {year} : {words}")
        return messages


@dataclass
class Coverage:
    """The amounts asked, granted and paid for a cost."""

    label: str
    cost: list[Cell]
    rows: list[tuple[str, list[Cell]]]


@dataclass
class Plan:
    years: list[int]
    funders: list[Funder]
    totals: list[tuple[str, list[Cell]]]
    coverage: list[Coverage]

    @property
    def warnings(self) -> list[str]:
        return [warning for funder in self.funders for warning in funder.warnings()]


def line_value(account: Account, funder: str) -> str:
    """The value of a funder of the plan in a form."""
    return f"{account.code}|{funder}"


def plan(rows: ProgrammeRows, years: list[int], facts: Iterable[FundingFact | StateMoney]) -> Plan:
    """The plan of a programme. `facts`: the valid ones, with their account. Contributions in kind are not counted."""
    sheets: dict[UUID | None, str] = {sheet.key: str(sheet) for sheet in rows.content.sheets}
    keys = {sheet.pk: sheet.key for sheet in rows.content.sheets}
    resources = [row for row in rows.resources if row.account.kind == AccountKind.CASH]
    accounts = {row.account.code: row.account for row in resources}
    entries = [
        (row.account, row.funder, keys.get(row.sheet_id or 0), ASKED, row.year, row.amount, "") for row in resources
    ] + [
        (accounts.get(f.account.code, f.account), f.funder, f.sheet_key, f.kind, f.year, f.amount, f.sheet_label)
        for f in facts
    ]
    ranks = {key: rank for rank, key in enumerate(sheets)}
    entries.sort(key=lambda entry: (entry[0].rank, entry[1], ranks.get(entry[2], len(ranks)), entry[6]))
    funders: dict[tuple[str, str], Funder] = {}
    for account, name, key, measure, year, amount, label in entries:
        funder = funders.setdefault((account.code, name), Funder(account, name, Amounts(years)))
        label_of_absent = f"{label} (n’est plus au programme)" if label else NO_SHEET
        for amounts in (funder.whole, funder.lines.setdefault(sheets.get(key, label_of_absent), Amounts(years))):
            amounts.add(measure, year, amount)
    lines = list(funders.values())
    coverage = _coverage(rows.expenses, years, sheets, lines)
    return Plan(years, lines, measure_rows([funder.whole for funder in lines]), coverage)


def _coverage(
    expenses: Iterable[Expense], years: list[int], sheets: dict[UUID | None, str], funders: list[Funder]
) -> list[Coverage]:
    """The coverage of the eligible cost by the money of the fiches, and of the whole budget by all the money."""
    eligible: dict[int, Decimal] = {}
    whole: dict[int, Decimal] = {}
    for row in expenses:
        if row.account.kind == AccountKind.CASH:
            whole[row.year] = whole.get(row.year, ZERO) + row.amount
            if row.sheet_id:
                eligible[row.year] = eligible.get(row.year, ZERO) + row.amount
    on_sheets = [_on_sheets(funder, set(sheets.values())) for funder in funders]
    everything = [funder.whole for funder in funders]
    return [
        Coverage(label, _cost(cost, years), measure_rows(rows, cost))
        for label, cost, rows in (
            ("Coût éligible (fiches)", eligible, on_sheets),
            ("Budget global (fiches et structure)", whole, everything),
        )
        if cost
    ]


def _on_sheets(funder: Funder, present: set[str]) -> Amounts:
    """The amounts of a funder for the fiches.

    In a year when the funder is asked only for the fiches, its amounts that are not shared between them also count.
    """
    result = Amounts(funder.whole.years)
    parts = [amounts for label, amounts in funder.lines.items() if label in present]
    unshared = funder.lines.get(NO_SHEET, Amounts(result.years))
    unshared_years = {year for part in parts for year in part.by_measure[ASKED]} - set(unshared.by_measure[ASKED])
    for part in [*parts, unshared]:
        for measure, by_year in part.by_measure.items():
            for year, amount in by_year.items():
                if part is not unshared or year in unshared_years:
                    result.add(measure, year, amount)
    return result


def _cost(cost: dict[int, Decimal], years: Sequence[int]) -> list[Cell]:
    cells = [Cell(str(rank), cost.get(year), 1, 1) for rank, year in enumerate(years, start=1)]
    return [*cells, Cell("total", sum(cost.values(), ZERO), 1, 1)]


def measure_rows(parts: Sequence[Amounts], cost: dict[int, Decimal] | None = None) -> list[tuple[str, list[Cell]]]:
    """« Demandé », « Accordé », « Versé »: a cell for each year, then the total."""
    years = parts[0].years if parts else []
    rows = []
    for measure, label in MEASURES.items():
        cells = [
            _cell(str(rank), measure, parts, [year], (cost or {}).get(year)) for rank, year in enumerate(years, start=1)
        ]
        whole = sum(cost.values(), ZERO) if cost else None
        rows.append((label, [*cells, _cell("total", measure, parts, years, whole)]))
    return rows


def _cell(rank: str, measure: str, parts: Sequence[Amounts], years: Sequence[int], cost: Decimal | None) -> Cell:
    pairs = [(part, year) for part in parts for year in years if part.concerns(year)]
    amounts = [amount for part, year in pairs if (amount := part.get(measure, year)) is not None]
    # The content gives all asked amounts; only facts may be unknown.
    expected_count = len(amounts) if measure == ASKED else len(pairs)
    return Cell(rank, sum(amounts, ZERO) if amounts else None, len(amounts), expected_count, cost)


COLUMNS = [
    Column("Date", "dated_on"),
    Column("Nature", lambda fact: fact.get_kind_display()),
    Column("Compte", "account.code"),
    Column("Financeur", "funder"),
    Column("Fiche", lambda fact: fact.sheet_label or NO_SHEET),
    Column("Année", "year"),
    Column("Montant", "amount"),
    Column("Référence", "reference"),
    Column("Motif du dépassement", "excess_reason"),
    Column("Pièce", "file_name"),
    Column("Enregistré par", "recorded_by"),
    Column("Enregistré le", lambda fact: fact.recorded_at and zones.at(fact.recorded_at, fact.zone)),
    Column("Annulé le", lambda fact: fact.voided_at and zones.at(fact.voided_at, fact.zone)),
    Column("Motif de l’annulation", "void_reason"),
]


def facts_of(act: Act) -> Any:
    """Every fact of the act's convention, voided ones too, newest first."""
    facts = act.convention.funding_facts.select_related("account", "recorded_by", "voided_by", "file")
    return facts.annotate(zone=zone_of("convention__dossier"))
