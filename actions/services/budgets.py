"""Charges by account and year, resources by funder, account and year, of a fiche or of the structure (no fiche).

Amounts are euros with at most two decimals, never negative; a blank or a zero is no line. Accounts 86 and 87 (in kind)
are ordinary lines, but the totals exclude them from the cost.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.core.exceptions import ValidationError

from actions.editing import editing
from actions.enums import STATE_ACCOUNT, AccountKind, AccountSide
from actions.models import Account, Expense, Programme, Resource, Sheet
from arml.models import Dossier, User
from cpo.lib.actor import Actor
from cpo.lib.forms.fields import MONEY_MAX
from cpo.lib.money import ZERO, to_cents, total
from cpo.lib.wording import french

from .common import record, sheet_full_name
from .funders import funder_fault, state_funders

MOST_LINES = 120  # of a fiche, and of the structure


@dataclass(frozen=True)
class AmountLine:
    """One line of a grid: an account, its amounts by year, and the funder of a resource ("": see `default_funder`)."""

    account: Account
    amounts: Mapping[int, Decimal | None] = field(default_factory=dict)
    funder: str = ""


def set_sheet_budget(
    *,
    sheet: Sheet,
    by: User | Actor,
    expected_revision: int | None,
    expenses: Sequence[AmountLine],
    resources: Sequence[AmountLine],
) -> None:
    """Replace the budget of a fiche by these lines."""
    element = f"le budget de la fiche {sheet.code}"
    with editing(sheet.programme, by=by, expected_revision=expected_revision, element=element, budget=True) as (
        root,
        who,
    ):
        replace_lines(root, sheet, sheet.years, expenses, resources, state_funders(root))
        words = f"modifie le budget de {sheet_full_name(sheet)} : {_summary(expenses, sheet.years)}"
        record(root, sheet, who, "budget_set", words)


def set_structure(
    *,
    programme: Programme,
    by: User | Actor,
    expected_revision: int | None,
    expenses: Sequence[AmountLine],
    resources: Sequence[AmountLine],
) -> None:
    """Replace the structure costs (outside fiches) and their resources by these lines."""
    with editing(
        programme, by=by, expected_revision=expected_revision, element="les coûts de structure", budget=True
    ) as (root, who):
        years = root.years
        replace_lines(root, None, years, expenses, resources, state_funders(root))
        record(root, root, who, "structure_set", f"modifie les coûts de structure : {_summary(expenses, years)}")


def default_funder(account: Account, dossier: Dossier) -> str:
    """Return the funder when none is typed: the lead service for the State's contribution, else the account's label."""
    return dossier.lead.short_name if account.code == STATE_ACCOUNT else account.label[:120]


def replace_lines(
    programme: Programme,
    sheet: Sheet | None,
    years: list[int],
    expenses: Sequence[AmountLine],
    resources: Sequence[AmountLine],
    of_state: Collection[str] | None = None,
) -> None:
    """Replace the amounts of a fiche or of the structure. Call it under the lock of the programme.

    `of_state`: see `line_faults`.
    """
    resource_lines = [_with_funder(line, programme.dossier) for line in resources]
    for lines, side in ((expenses, AccountSide.EXPENSE), (resource_lines, AccountSide.RESOURCE)):
        for fault in line_faults(lines, side, years, programme.dossier, of_state):
            raise ValidationError(fault.message)
    if programme.amounts_of:
        _check_other_years(programme, sheet, expenses, resource_lines)
    programme.expenses.filter(sheet=sheet).delete()
    programme.resources.filter(sheet=sheet).delete()
    Expense.objects.bulk_create(
        Expense(programme=programme, sheet=sheet, account=line.account, year=year, amount=amount)
        for line in expenses
        for year, amount in _nonzero_amounts(line)
    )
    Resource.objects.bulk_create(
        Resource(programme=programme, sheet=sheet, account=line.account, funder=line.funder, year=year, amount=amount)
        for line in resource_lines
        for year, amount in _nonzero_amounts(line)
    )


def _check_other_years(
    programme: Programme, sheet: Sheet | None, expenses: Sequence[AmountLine], resources: Sequence[AmountLine]
) -> None:
    """Refuse a change in other years, in an act that only changes the amounts of one year."""
    current = [
        *stored_lines(programme.expenses.filter(sheet=sheet).select_related("account")),
        *stored_lines(programme.resources.filter(sheet=sheet).select_related("account")),
    ]
    new, year = [*expenses, *resources], programme.amounts_of
    if _amounts_outside(current, year) != _amounts_outside(new, year):
        raise ValidationError(f"Cet acte ne change que les montants de {year} : laissez les autres années.")


def _amounts_outside(lines: Iterable[AmountLine], year: int | None) -> dict[tuple[int, str, int], Decimal]:
    return {
        (line.account.pk, line.funder, of): to_cents(amount)
        for line in lines
        for of, amount in _nonzero_amounts(line)
        if of != year
    }


def _nonzero_amounts(line: AmountLine) -> list[tuple[int, Decimal]]:
    return [(year, amount) for year, amount in line.amounts.items() if amount]


@dataclass(frozen=True)
class LineFault:
    """An error of a line: of one of its years, or of the whole line (None), told beside its account or its funder."""

    line: int
    year: int | None
    message: str
    place: str = "account"


def line_faults(
    lines: Sequence[AmountLine],
    side: AccountSide,
    years: Sequence[int],
    dossier: Dossier,
    of_state: Collection[str] | None,
) -> Iterator[LineFault]:
    """Return the errors that prevent storing these lines, from a page or from an import.

    `of_state`: the answer of `state_funders`; None where the funders were checked before.
    """
    used_accounts = {line.account.pk for line in lines if _nonzero_amounts(line)}
    keys: set[tuple[str, str]] = set()
    for index, line in enumerate(lines):
        account = line.account
        if account.side != side:
            yield LineFault(index, None, f"Le compte {account} n’est pas un compte de {side.label}.")
        if _nonzero_amounts(line) and not account.enterable:
            words = f"Le compte {account} reçoit la somme de son détail : saisissez le détail."
            yield LineFault(index, None, words)
        if _nonzero_amounts(line) and account.parent_id in used_accounts:
            words = f"Saisissez le compte {account.code.split('-')[0]} en entier, ou son détail, pas les deux."
            yield LineFault(index, None, words)
        for year, amount in _nonzero_amounts(line):
            if words := _amount_fault(account, year, amount, years):
                yield LineFault(index, year, words)
        named = line.funder.strip() if side == AccountSide.RESOURCE and of_state is not None else ""
        if words := funder_fault(account, named, of_state or ()):
            yield LineFault(index, None, words, "funder")
        funder = _with_funder(line, dossier).funder if side == AccountSide.RESOURCE else ""
        if (account.code, funder.casefold()) in keys:
            who = f", {funder}" if funder else ""
            yield LineFault(index, None, f"La ligne {account}{who} figure deux fois. Réunissez les montants.")
        keys.add((account.code, funder.casefold()))


def _with_funder(line: AmountLine, dossier: Dossier) -> AmountLine:
    return AmountLine(line.account, line.amounts, line.funder.strip() or default_funder(line.account, dossier))


def _amount_fault(account: Account, year: int, amount: Decimal, years: Sequence[int]) -> str:
    if year not in years:
        return f"Compte {account.code} : l’année {year} est hors de l’action."
    if amount < 0:
        return f"Compte {account.code}, {year} : un montant ne peut pas être négatif."
    if amount != to_cents(amount):
        return f"Compte {account.code}, {year} : un montant a au plus deux décimales."
    if amount > MONEY_MAX:
        return f"Compte {account.code}, {year} : ce montant est trop grand."
    return ""


def stored_lines(rows: Iterable[Expense | Resource]) -> list[AmountLine]:
    """Group stored amounts into lines, one for each account and funder, in the order of the nomenclature."""
    groups: dict[tuple[int, str, str], tuple[Account, str, dict[int, Decimal | None]]] = {}
    for row in rows:
        funder = row.funder if isinstance(row, Resource) else ""
        key = (row.account.rank, row.account.code, funder)
        groups.setdefault(key, (row.account, funder, {}))[2][row.year] = row.amount
    return [AmountLine(account, amounts, funder) for _, (account, funder, amounts) in sorted(groups.items())]


def _summary(expenses: Sequence[AmountLine], years: list[int]) -> str:
    """« 93 960 € en 2025, 95 634 € en 2026 »: the cost by year, without contributions in kind."""
    cash = [line for line in expenses if line.account.kind == AccountKind.CASH]
    sums = {year: total(line.amounts.get(year) for line in cash) for year in years}
    amounts = [f"{french.euros(amount)} en {year}" for year, amount in sums.items() if amount != ZERO]
    return ", ".join(amounts) or "aucune charge"
