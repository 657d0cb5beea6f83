"""Table of amounts: one row per account with its forecast, and one empty row to add an account."""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms

from actions.models import Account
from actions.services import funder_fault
from cpo.lib.forms.base import MoneyField
from cpo.lib.money import total
from cpo.lib.wording import french
from cpo.lib.wording.proportion import MINOR, excess
from reporting.figures import Line
from reporting.services.reports import AmountInput

NOTABLE = 5  # percent of the forecast
ACCOUNT_IN_TABLE = "Ce compte est déjà dans le tableau : écrivez le montant sur sa ligne."


@dataclass
class Row:
    """One row of the table: its amounts, the names of its fields."""

    line: Line
    name: str
    comment: str = ""


def _has_notable_gap(line: Line) -> bool:
    return bool(line.gap) and (line.percent is None or abs(line.percent) > NOTABLE)


def row_name(prefix: str, line: Line) -> str:
    suffix = f"-{zlib.crc32(line.funder.encode()):08x}" if line.funder else ""
    return f"{prefix}-{line.account_id}{suffix}"


class AmountRows:
    """The fields of one table of amounts inside a form; their names start with `prefix`."""

    def __init__(
        self,
        form: Any,
        prefix: str,
        lines: list[Line],
        accounts: list[Account],
        *,
        verb: str,
        funders: bool = False,
        of_state: Sequence[str] = (),
    ) -> None:
        """`of_state`: the names under which the State funds, see `actions.services.state_funders`."""
        self.form, self.prefix, self.funders, self.of_state = form, prefix, funders, of_state
        self.accounts = {str(account.pk): account for account in accounts}
        self.rows: list[Row] = []
        for line in lines:
            row = Row(line, row_name(prefix, line), "" if funders else f"{row_name(prefix, line)}-comment")
            form.fields[row.name] = MoneyField(label=f"{line.label}, {verb}", required=False)
            if row.comment:
                form.fields[row.comment] = forms.CharField(label=line.label, required=False, max_length=250)
            self.rows.append(row)
        choices = [("", "Choisir un compte")] + [(str(a.pk), str(a)) for a in accounts]
        self.account, self.amount = f"{prefix}-extra-account", f"{prefix}-extra-amount"
        form.fields[self.account] = forms.ChoiceField(label="Autre compte", choices=choices, required=False)
        self.funder = ""
        if funders:
            self.funder = f"{prefix}-extra-funder"
            form.fields[self.funder] = forms.CharField(label="Financeur", required=False, max_length=120)
            form.fields[self.funder].widget.attrs |= {"list": f"{self.funder}-etat", "autocomplete": "off"}
        form.fields[self.amount] = MoneyField(label=f"Montant {verb}", required=False)

    @staticmethod
    def stored_values(prefix: str, lines: list[Line]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for line in lines:
            name = row_name(prefix, line)
            values[name], values[f"{name}-comment"] = line.actual, line.comment
        return values

    def bound_rows(self) -> list[dict[str, Any]]:
        """For the template: each line with its bound field and the bound field of its comment."""
        return [
            {
                "line": row.line,
                "name": row.name,
                "field": self.form[row.name],
                "comment": self.form[row.comment] if row.comment else None,
            }
            for row in self.rows
        ]

    def rows_to_explain(self) -> list[dict[str, Any]]:
        """The rows that ask for an explanation: gap above five percent, or explanation already typed or in error."""
        return [
            row
            for row in self.bound_rows()
            if row["comment"] and (_has_notable_gap(row["line"]) or row["comment"].value() or row["comment"].errors)
        ]

    @property
    def extra(self) -> dict[str, Any]:
        return {
            "account": self.form[self.account],
            "amount": self.form[self.amount],
            "funder": self.form[self.funder] if self.funder else None,
            "of_state": self.of_state,
        }

    def clean(self, data: dict[str, Any]) -> None:
        """Refuse a half-filled extra row, an account already in the table, an explanation without its amount."""
        account, amount = data.get(self.account), data.get(self.amount)
        funder = (data.get(self.funder) or "").strip() if self.funders else ""
        typed = bool(account or funder or self.form.data.get(self.amount, "").strip())
        if typed and not account:
            self.form.add_error(self.account, "Choisissez le compte de ce montant.")
        if typed and amount is None and not self.form.errors.get(self.amount):
            self.form.add_error(self.amount, "Écrivez le montant de cette ligne.")
        if typed and self.funders and not funder:
            self.form.add_error(self.funder, "Écrivez qui a versé ce montant.")
        existing = {(str(row.line.account_id), row.line.funder) for row in self.rows}
        if account and (account, funder) in existing:
            self.form.add_error(self.account, ACCOUNT_IN_TABLE)
        elif account and (words := funder_fault(self.accounts[account], funder, self.of_state)):
            self.form.add_error(self.funder, words)
        for row in self.rows:
            explanation = row.comment and data.get(row.comment)
            if explanation and data.get(row.name) is None and not self.form.errors.get(row.name):
                self.form.add_error(row.name, "Écrivez le montant qui va avec cette explication, 0 s’il est nul.")

    def unusual(self, data: dict[str, Any]) -> Iterator[tuple[str, str]]:
        """Yield the typed amounts out of proportion with the forecast, each with the reason in French."""
        for row in self.rows:
            yield from self._unusual(row.line.label, data.get(row.name), row.line.forecast)
        yield from self._unusual(self.form.fields[self.amount].label, data.get(self.amount))

    def stored(self) -> set[str]:
        """The stored amounts out of proportion, which somebody confirmed."""
        return {
            figure
            for row in self.rows
            for figure, _ in self._unusual(row.line.label, row.line.actual, row.line.forecast)
        }

    def _unusual(
        self, label: str, amount: Decimal | None, forecast: Decimal | None = None
    ) -> Iterator[tuple[str, str]]:
        """Compare with the forecast of the line, with that of the whole table where the line has none."""
        if amount is None or amount <= MINOR:
            return
        whole = total(row.line.forecast for row in self.rows)
        if reason := excess(amount, forecast, "le prévu") or excess(amount, whole, "le prévu de toutes les lignes"):
            yield f"{label} : {french.euros(amount)}", reason

    def inputs(self, data: dict[str, Any]) -> list[AmountInput]:
        rows = [
            AmountInput(
                row.line.account_id,
                data.get(row.name),
                row.line.funder,
                data.get(row.comment, "") if row.comment else "",
            )
            for row in self.rows
        ]
        amount: Decimal | None = data.get(self.amount)
        if data.get(self.account) and amount is not None:
            funder = str(data.get(self.funder) or "").strip() if self.funders else ""
            rows.append(AmountInput(int(data[self.account]), amount, funder))
        return rows
