"""The rows of « Charges » and of « Produits »."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from django.utils.functional import cached_property

from actions.enums import AccountSide
from actions.models import Account
from actions.services import AmountLine, default_funder, line_faults, state_funders
from actions.services.budgets import MOST_LINES

from .base import Draft, Reader, by_number
from .cells import Row
from .layout import (
    STRUCTURE,
    plain,
)


class AmountReader(Reader):
    @cached_property
    def of_state(self) -> list[str]:
        return state_funders(self.programme)

    def lines(self, rows: Sequence[Row], drafts: Mapping[str, Draft], side: AccountSide) -> dict[str, list[AmountLine]]:
        """Return the lines of each fiche, in the order of the nomenclature."""
        by_sheet: dict[str, list[tuple[AmountLine, Row]]] = defaultdict(list)
        for row in rows:
            code = self.owner(row, drafts, structure=True)
            account = self.account(row)
            amounts = {year: row.number(f"y{year}", "un montant") for year in self.years}
            funder = self.funder(row)
            if code and account:
                nonzero: dict[int, Decimal | None] = {year: amount for year, amount in amounts.items() if amount}
                by_sheet[code].append((AmountLine(account, nonzero, funder), row))
        for code, lines in by_sheet.items():
            years = self.years if code == STRUCTURE and code not in drafts else drafts[code].sheet.years
            self.check_lines(lines, side, years)
        return defaultdict(list, {code: self.sorted_lines(lines, side) for code, lines in by_sheet.items()})

    def account(self, row: Row) -> Account | None:
        text = row.required("account") and row.identifier("account")
        account = by_number(text, self.accounts)
        if text and account is None:
            row.fault("account", f"« {text} » n’est pas un compte de la nomenclature.")
        return account

    def funder(self, row: Row) -> str:
        funder = plain(row.text("funder")).strip()
        if len(funder) > 120:
            row.fault("funder", "Le nom d’un financeur a 120 caractères au plus.")
        return funder

    def check_lines(self, lines: Sequence[tuple[AmountLine, Row]], side: AccountSide, years: Sequence[int]) -> None:
        for fault in line_faults([line for line, _ in lines], side, years, self.programme.dossier, self.of_state):
            row = lines[fault.line][1]
            row.fault(fault.place if fault.year is None else f"y{fault.year}", fault.message)
        if len(lines) > MOST_LINES:
            lines[MOST_LINES][1].fault("account", f"Une fiche a {MOST_LINES} lignes de charges ou de produits au plus.")

    def sorted_lines(self, lines: Iterable[tuple[AmountLine, Row]], side: AccountSide) -> list[AmountLine]:
        return sorted(
            self.named_lines((line for line, _ in lines if line.amounts), side),
            key=lambda line: (line.account.rank, line.account.code, line.funder),
        )

    def named_lines(self, lines: Iterable[AmountLine], side: AccountSide) -> Iterator[AmountLine]:
        for line in lines:
            funder = line.funder or default_funder(line.account, self.programme.dossier)
            yield AmountLine(line.account, line.amounts, funder if side == AccountSide.RESOURCE else "")
