"""The grid accounts × years: two formsets of lines, charges and produits, with the sums that the page shows."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import formset_factory
from django.utils.safestring import SafeString

from actions.enums import INDIRECT_ACCOUNT, STATE_ACCOUNT, AccountKind, AccountSide
from actions.indirect import IndirectCosts, is_indirect
from actions.models import Account
from actions.services import AmountLine
from actions.services.budgets import MOST_LINES
from actions.tables import YearSum
from cpo.lib.forms.base import DsfrForm, DsfrFormSet
from cpo.lib.forms.fields import MoneyField
from cpo.lib.money import ZERO, total

# Lines that a blank budget shows; the others are added one by one.
USUAL = (
    "60", "61", "62", "63", "64", "65", "68", "IND", "861", "864",
    "70", "74-ETAT", "74-REGION", "756", "870", "871",
)  # fmt: skip


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
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
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

    @property
    def line_account(self) -> Account | None:
        return self.accounts.get(str(self["account"].value() or ""))

    @property
    def names_funder(self) -> bool:
        """Subventions, contributions and gifts say who gives; a sale or a financial product does not."""
        return self.side == AccountSide.RESOURCE and bool(self.line_account and self.line_account.funder)

    @property
    def row_label(self) -> str:
        funder = self["funder"].value() if "funder" in self.fields else ""
        return ", ".join(filter(None, (str(self.line_account or ""), (funder or "").strip())))

    @property
    def identity(self) -> str:
        """What tells this line from the others, wherever it stands."""
        account = self.line_account
        funder = self["funder"].value() if "funder" in self.fields else ""
        return f"{account.code}/{(funder or account.label).strip().casefold()}" if account else ""

    @property
    def cells(self) -> list[SafeString]:
        """Bare inputs, named by their row and column headers; the messages come on a row of their own."""
        return [self._cell(self[f"y{year}"], f"l-{self.prefix} annee-{year}") for year in self.years]

    @staticmethod
    def _cell(field: Any, labelled_by: str) -> SafeString:
        attrs = {"aria-labelledby": labelled_by} | ({"aria-describedby": field.error_id} if field.errors else {})
        return SafeString(field.as_widget(attrs=attrs))

    @property
    def refused(self) -> list[Any]:
        """Cells whose value is refused."""
        return [self[f"y{year}"] for year in self.years if self[f"y{year}"].errors]

    def amount(self, year: int) -> Decimal | None:
        """What the cell holds, None when blank or refused; works whether the form is bound or not."""
        try:
            return self.fields[f"y{year}"].clean(self[f"y{year}"].value())
        except ValidationError:
            return None

    @property
    def shown_total(self) -> Decimal | None:
        """Nothing when nothing was typed: blank is not zero."""
        filled = [amount for year in self.years if (amount := self.amount(year)) is not None]
        return total(filled) if filled else None

    @property
    def total(self) -> Decimal:
        return total(self.amount(year) for year in self.years)

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


class LinesFormSet(DsfrFormSet):
    grid = ("account", "funder")  # what names a row: a blank one and none are the same (cpo/lib/editing/conflicts/)

    def initial_form_count(self) -> int:
        return super().initial_form_count() if self.is_bound else len(self.initial or ())

    def total_form_count(self) -> int:
        return super().total_form_count() if self.is_bound else len(self.initial or ())

    def clean(self) -> None:
        """The same account and funder twice, or an account and its detail: said on the line itself."""
        seen: set[tuple[str, str]] = set()
        used = {form.line_account.pk for form in self.forms if form.line_account and form.total}
        for form in self.forms:
            account = form.line_account
            if account is None or not form.total:
                continue
            key = (account.code, (form.cleaned_data.get("funder") or account.label).casefold())
            field = "funder" if form.names_funder else f"y{form.years[0]}"
            if key in seen:
                form.add_error(field, "Cette ligne figure deux fois. Réunissez les montants sur une seule.")
            if account.parent_id in used:
                code = account.code.split("-")[0]
                form.add_error(
                    f"y{form.years[0]}", f"Saisissez le compte {code} en entier, ou son détail, pas les deux."
                )
            seen.add(key)

    def lines(self) -> list[AmountLine]:
        return [form.line() for form in self.forms]

    def typed_rows(self) -> list[dict[str, Any]]:
        return [{name: form[name].value() for name in form.fields} for form in self.forms]

    def of_kind(self, kind: str) -> list[LineForm]:
        return [form for form in self.forms if form.line_account and form.line_account.kind == kind]


class BudgetForm:
    """Both formsets of one budget. `accounts`: the whole nomenclature, by code; `only`: the one year that changes."""

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
    ) -> None:
        self.only = only
        self.years, self.accounts, self.indirect = years, accounts, indirect or IndirectCosts()
        self.expenses = self._lines(AccountSide.EXPENSE, "charges", data, expenses)
        self.resources = self._lines(AccountSide.RESOURCE, "produits", data, resources)

    def _lines(self, side: str, prefix: str, data: Any, initial: list[dict[str, Any]] | None) -> LinesFormSet:
        factory = formset_factory(LineForm, formset=LinesFormSet, extra=0, max_num=MOST_LINES, absolute_max=MOST_LINES)
        accounts = {code: account for code, account in self.accounts.items() if account.side == side}
        kwargs = {"years": self.years, "accounts": accounts, "side": side, "only": self.only}
        return factory(data=data, initial=initial, prefix=prefix, form_kwargs=kwargs)

    @property
    def formsets(self) -> list[LinesFormSet]:
        return [self.expenses, self.resources]

    def is_valid(self) -> bool:
        valid = [formset.is_valid() for formset in self.formsets]  # each says its errors: no short cut
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
        """One for each year, then the total."""
        found = {year: YearSum(year) for year in self.years}
        whole = YearSum(None)
        for form in [*self.expenses.forms, *self.resources.forms]:
            account = form.line_account
            if account is None:
                continue
            for year in self.years:
                for target in (found[year], whole):
                    target.add(account, form.amount(year) or ZERO)
        return [*found.values(), whole]

    def with_flat_rate(self) -> dict[str, list[dict[str, Any]]]:
        """Rows of a grid: what was typed, and on one line the flat_lines rate of each year's direct costs."""
        typed = {"expenses": self.expenses.typed_rows(), "resources": self.resources.typed_rows()}
        direct = [row for row in typed["expenses"] if not is_indirect(row["account"])]
        amounts = {column.year: self.indirect.ceiling(column.direct) or None for column in self.sums if column.year}
        flat_lines = initial_line(self.accounts[INDIRECT_ACCOUNT], amounts)
        rows = sorted([*direct, flat_lines], key=lambda row: self.accounts[row["account"]].rank)
        return typed | {"expenses": rows}

    @property
    def open_year(self) -> str:
        """The year shown first on a phone: the first one with a problem."""
        lines = [*self.expenses.forms, *self.resources.forms]
        refused = {name for form in lines if form.is_bound for name in form.errors}
        sums = self.sums
        wrong = [column for column in sums[:-1] if f"y{column.year}" in refused]
        broken = [column for column in sums[:-1] if column.gap or column.in_kind_gap]
        only = [column for column in sums if self.only and column.year == self.only]
        return (wrong or broken or only or sums)[0].key

    def addable(self, side: str) -> list[tuple[str, list[Account]]]:
        """Accounts that one may add, by group; charges that the grid shows already stay out."""
        formset = self.expenses if side == AccountSide.EXPENSE else self.resources
        shown = {form.line_account.code for form in formset.forms if form.line_account and not form.names_funder}
        groups: dict[str, list[Account]] = {}
        for account in self.accounts.values():
            if account.side == side and account.offered and account.code not in shown:
                head = account.parent or account
                groups.setdefault(str(head), []).append(account)
        return list(groups.items())


def initial_lines(lines: Sequence[AmountLine], accounts: dict[str, Account], side: str) -> list[dict[str, Any]]:
    """Rows of a grid: what is stored, and the usual lines of which neither the account nor its detail is used."""
    used = {line.account.code for line in lines} | {line.account.parent_id for line in lines}
    blank = [
        AmountLine(accounts[code])
        for code in USUAL
        if code in accounts and accounts[code].side == side and code not in used and accounts[code].pk not in used
        if accounts[code].offered
    ]
    rows = sorted([*lines, *blank], key=lambda line: (line.account.rank, line.account.code, line.funder))
    return [initial_line(line.account, line.amounts, line.funder) for line in rows]


def initial_line(account: Account, amounts: Any = None, funder: str = "") -> dict[str, Any]:
    return {"account": account.code, "funder": funder} | {f"y{year}": value for year, value in (amounts or {}).items()}
