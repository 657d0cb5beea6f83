"""The grid of accounts × years: two formsets of lines, charges and produits, with the sums of the page."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import formset_factory
from django.utils.safestring import SafeString

from actions.enums import INDIRECT_ACCOUNT, STATE_ACCOUNT, AccountKind, AccountSide
from actions.indirect import IndirectCosts, is_indirect
from actions.models import Account
from actions.proportion import unusual_lines
from actions.services import AmountLine, funder_fault
from actions.services.budgets import MOST_LINES
from actions.tables import YearSum
from cpo.lib.forms.base import DsfrForm, DsfrFormSet
from cpo.lib.forms.confirming import ConfirmForm, Questions
from cpo.lib.forms.fields import MoneyField
from cpo.lib.money import ZERO, total

# Lines of a blank budget; people add the others one by one.
USUAL = (
    "60", "61", "62", "63", "64", "65", "68", "IND", "861", "864",
    "70", "74-ETAT", "74-REGION", "756", "870", "871",
)  # fmt: skip


NOT_A_SERVICE = "Choisissez le service de l’État dans la liste."


class LineForm(DsfrForm):
    """One account, or one funder of an account, with an amount for each year. A blank amount is not a zero."""

    mark_optional = False

    account = forms.CharField(widget=forms.HiddenInput)
    funder = forms.CharField(
        label="Financeur",
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"placeholder": "Nom du financeur", "autocomplete": "off"}),
    )

    def __init__(
        self,
        *args: Any,
        years: list[int],
        accounts: dict[str, Account],
        side: str,
        only: int | None = None,
        of_state: Sequence[str] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.of_state = of_state
        self.years, self.accounts, self.side = years, accounts, side
        for year in years:
            field = MoneyField(label=str(year), required=False)
            kind = self.line_account.kind if self.line_account else AccountKind.CASH
            field.widget.attrs |= {"data-cpo-year": year, "data-cpo-sum": f"{side}-{kind}"}
            if self.line_account and self.line_account.code == STATE_ACCOUNT:
                field.widget.attrs["data-cpo-state"] = ""
            if self.line_account and is_indirect(self.line_account.code):
                field.widget.attrs["data-cpo-indirect"] = ""
            if only not in (None, year):
                field.widget.attrs["readonly"] = True
            self.fields[f"y{year}"] = field
        if not self.names_funder:
            del self.fields["funder"]
        elif self.line_account and self.line_account.code == STATE_ACCOUNT:
            choices = [(name, name) for name in of_state]
            self.fields["funder"] = forms.ChoiceField(
                label="Financeur", required=False, choices=choices, error_messages={"invalid_choice": NOT_A_SERVICE}
            )

    @property
    def line_account(self) -> Account | None:
        return self.accounts.get(str(self["account"].value() or ""))

    @property
    def names_funder(self) -> bool:
        """Whether the line names its funder: subventions, contributions and gifts do, sales do not."""
        return self.side == AccountSide.RESOURCE and bool(self.line_account and self.line_account.funder)

    @property
    def row_label(self) -> str:
        funder = self["funder"].value() if "funder" in self.fields else ""
        return ", ".join(filter(None, (str(self.line_account or ""), (funder or "").strip())))

    @property
    def identity(self) -> str:
        """The identity of the line, whatever its position (see cpo/lib/editing/conflicts/)."""
        account = self.line_account
        funder = self["funder"].value() if "funder" in self.fields else ""
        return f"{account.code}/{(funder or account.label).strip().casefold()}" if account else ""

    @property
    def cells(self) -> list[SafeString]:
        """Bare inputs, labelled by their row and column headers; error messages are on a separate row."""
        return [self._cell(self[f"y{year}"], f"l-{self.prefix} annee-{year}") for year in self.years]

    @staticmethod
    def _cell(field: Any, labelled_by: str) -> SafeString:
        attrs = {"aria-labelledby": labelled_by} | ({"aria-describedby": field.error_id} if field.errors else {})
        return SafeString(field.as_widget(attrs=attrs))

    @property
    def invalid_cells(self) -> list[Any]:
        """The cells with an invalid value."""
        return [self[f"y{year}"] for year in self.years if self[f"y{year}"].errors]

    def amount(self, year: int) -> Decimal | None:
        """Return the amount of a cell, None when blank or invalid; the form may be bound or not."""
        try:
            return self.fields[f"y{year}"].clean(self[f"y{year}"].value())
        except ValidationError:
            return None

    @property
    def shown_total(self) -> Decimal | None:
        """The total, None when all cells are blank: blank is not zero."""
        amounts = [amount for year in self.years if (amount := self.amount(year)) is not None]
        return total(amounts) if amounts else None

    @property
    def total(self) -> Decimal:
        return total(self.amount(year) for year in self.years)

    def clean_funder(self) -> str:
        funder: str = self.cleaned_data["funder"].strip()
        if self.line_account and (words := funder_fault(self.line_account, funder, self.of_state)):
            raise ValidationError(words)
        return funder

    def clean_account(self) -> str:
        code = self.cleaned_data["account"]
        account = self.accounts.get(code)
        if account is None or not account.enterable:
            raise ValidationError(f"Le compte {code} ne se saisit pas ici.")
        return code

    def line(self) -> AmountLine:
        cleaned = self.cleaned_data
        amounts = {year: cleaned.get(f"y{year}") for year in self.years}
        return AmountLine(self.accounts[cleaned["account"]], amounts, cleaned.get("funder", ""))

    def typed_line(self) -> AmountLine:
        """Return the line as it is typed, without what is invalid."""
        funder = str(self["funder"].value() or "") if "funder" in self.fields else ""
        return AmountLine(self.line_account, {year: self.amount(year) for year in self.years}, funder)


class LinesFormSet(DsfrFormSet):
    grid = (
        "account",
        "funder",
    )  # fields that identify a row: a blank row equals a missing one (cpo/lib/editing/conflicts/)

    def initial_form_count(self) -> int:
        return super().initial_form_count() if self.is_bound else len(self.initial or ())

    def total_form_count(self) -> int:
        return super().total_form_count() if self.is_bound else len(self.initial or ())

    def clean(self) -> None:
        """Add an error to a line that repeats an account and funder, or that has an account and its detail."""
        keys: set[tuple[str, str]] = set()
        used_accounts = {form.line_account.pk for form in self.forms if form.line_account and form.total}
        for form in self.forms:
            account = form.line_account
            if account is None or not form.total:
                continue
            key = (account.code, (form.cleaned_data.get("funder") or account.label).casefold())
            field = "funder" if form.names_funder else f"y{form.years[0]}"
            if key in keys:
                form.add_error(field, "Cette ligne figure deux fois. Réunissez les montants sur une seule.")
            if account.parent_id in used_accounts:
                code = account.code.split("-")[0]
                form.add_error(
                    f"y{form.years[0]}", f"Saisissez le compte {code} en entier, ou son détail, pas les deux."
                )
            keys.add(key)

    def lines(self) -> list[AmountLine]:
        return [form.line() for form in self.forms]

    def typed_rows(self) -> list[dict[str, Any]]:
        return [{name: form[name].value() for name in form.fields} for form in self.forms]

    def of_kind(self, kind: str) -> list[LineForm]:
        return [form for form in self.forms if form.line_account and form.line_account.kind == kind]


class BudgetForm:
    """Both formsets of one budget. `accounts`: the whole nomenclature, by code; `only`: the year that may change."""

    def __init__(
        self,
        *,
        years: list[int],
        accounts: dict[str, Account],
        data: Any = None,
        expenses: list[dict[str, Any]] | None = None,
        resources: list[dict[str, Any]] | None = None,
        indirect: IndirectCosts | None = None,
        only: int | None = None,
        of_state: Sequence[str] = (),
        stored: Callable[[], Questions] = tuple,
    ) -> None:
        """`stored`: the amounts out of proportion that are stored, which are not asked about again."""
        self.only, self.of_state = only, of_state
        self.years, self.accounts, self.indirect = years, accounts, indirect or IndirectCosts()
        self.expenses = self._lines(AccountSide.EXPENSE, "charges", data, expenses)
        self.resources = self._lines(AccountSide.RESOURCE, "produits", data, resources)
        self.check = ConfirmForm(data, questions=self.unusual, stored=stored)

    def _lines(self, side: str, prefix: str, data: Any, initial: list[dict[str, Any]] | None) -> LinesFormSet:
        factory = formset_factory(LineForm, formset=LinesFormSet, extra=0, max_num=MOST_LINES, absolute_max=MOST_LINES)
        accounts = {code: account for code, account in self.accounts.items() if account.side == side}
        kwargs = {"years": self.years, "accounts": accounts, "side": side, "only": self.only, "of_state": self.of_state}
        return factory(data=data, initial=initial, prefix=prefix, form_kwargs=kwargs)

    @property
    def formsets(self) -> list[LinesFormSet | ConfirmForm]:
        return [self.expenses, self.resources, self.check]

    def unusual(self) -> Questions:
        """The typed amounts that are out of proportion."""
        return unusual_lines(*([form.typed_line() for form in one.forms if form.line_account] for one in self.grids))

    @property
    def grids(self) -> list[LinesFormSet]:
        return [self.expenses, self.resources]

    def is_valid(self) -> bool:
        valid = [formset.is_valid() for formset in self.formsets]  # no short cut: each formset must have its errors
        return all(valid)

    @property
    def cash(self) -> dict[str, list[LineForm]]:
        return {
            "expenses": self.expenses.of_kind(AccountKind.CASH),
            "resources": self.resources.of_kind(AccountKind.CASH),
        }

    @property
    def in_kind(self) -> dict[str, list[LineForm]]:
        return {
            "expenses": self.expenses.of_kind(AccountKind.IN_KIND),
            "resources": self.resources.of_kind(AccountKind.IN_KIND),
        }

    @property
    def sums(self) -> list[YearSum]:
        """One sum for each year, then the total."""
        by_year = {year: YearSum(year) for year in self.years}
        whole = YearSum(None)
        for form in [*self.expenses.forms, *self.resources.forms]:
            account = form.line_account
            if account is None:
                continue
            for year in self.years:
                for target in (by_year[year], whole):
                    target.add(account, form.amount(year) or ZERO)
        return [*by_year.values(), whole]

    def with_flat_rate(self) -> dict[str, list[dict[str, Any]]]:
        """Return the rows as typed, with one line of indirect costs: the flat rate of each year's direct costs."""
        grids = {"expenses": self.expenses.typed_rows(), "resources": self.resources.typed_rows()}
        direct = [row for row in grids["expenses"] if not is_indirect(row["account"])]
        amounts = {column.year: self.indirect.ceiling(column.direct) or None for column in self.sums if column.year}
        flat_lines = initial_line(self.accounts[INDIRECT_ACCOUNT], amounts)
        rows = sorted([*direct, flat_lines], key=lambda row: self.accounts[row["account"]].rank)
        return grids | {"expenses": rows}

    @property
    def open_year(self) -> str:
        """The year that a phone shows first: the first one with an error or an imbalance."""
        lines = [*self.expenses.forms, *self.resources.forms]
        invalid_fields = {name for form in lines if form.is_bound for name in form.errors}
        sums = self.sums
        invalid = [column for column in sums[:-1] if f"y{column.year}" in invalid_fields]
        unbalanced = [column for column in sums[:-1] if column.gap or column.in_kind_gap]
        single_year = [column for column in sums if self.only and column.year == self.only]
        return (invalid or unbalanced or single_year or sums)[0].key

    def addable(self, side: str) -> list[tuple[str, list[Account]]]:
        """Return the accounts that may be added, by group, without the charges already in the grid."""
        formset = self.expenses if side == AccountSide.EXPENSE else self.resources
        displayed = {form.line_account.code for form in formset.forms if form.line_account and not form.names_funder}
        groups: dict[str, list[Account]] = {}
        for account in self.accounts.values():
            if account.side == side and account.offered and account.code not in displayed:
                head = account.parent or account
                groups.setdefault(str(head), []).append(account)
        return list(groups.items())


def initial_lines(lines: Sequence[AmountLine], accounts: dict[str, Account], side: str) -> list[dict[str, Any]]:
    """Return the rows of a grid: the stored lines, and the usual accounts that have no line yet."""
    used_accounts = {line.account.code for line in lines} | {line.account.parent_id for line in lines}
    usual = (accounts[code] for code in USUAL if code in accounts)
    blank = [
        AmountLine(account)
        for account in usual
        if account.side == side and account.offered and not {account.code, account.pk} & used_accounts
    ]
    rows = sorted([*lines, *blank], key=lambda line: (line.account.rank, line.account.code, line.funder))
    return [initial_line(line.account, line.amounts, line.funder) for line in rows]


def initial_line(account: Account, amounts: Any = None, funder: str = "") -> dict[str, Any]:
    return {"account": account.code, "funder": funder} | {f"y{year}": value for year, value in (amounts or {}).items()}
