"""Rows of amounts beside their forecast, and one row to add what was not forecast."""

import zlib
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms

from actions.models import Account
from cpo.lib.forms.base import MoneyField
from reporting.figures import Line
from reporting.services.reports import AmountInput

NOTABLE = 5  # percent of the forecast
TAKEN = "Ce compte est déjà dans le tableau : écrivez le montant sur sa ligne."


@dataclass
class Row:
    """One line of the form: `line` for what is known, the names of its fields."""

    line: Line
    name: str
    comment: str = ""


def _wide(line: Line) -> bool:
    return bool(line.gap) and (line.percent is None or abs(line.percent) > NOTABLE)


def row_name(prefix: str, line: Line) -> str:
    suffix = f"-{zlib.crc32(line.funder.encode()):08x}" if line.funder else ""
    return f"{prefix}-{line.account_id}{suffix}"


class AmountRows:
    """Fields of one table of amounts inside a form: names start with `prefix`."""

    def __init__(
        self, form: Any, prefix: str, lines: list[Line], accounts: list[Account], *, verb: str, funders: bool = False
    ) -> None:
        self.form, self.prefix, self.funders = form, prefix, funders
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
        form.fields[self.amount] = MoneyField(label=f"Montant {verb}", required=False)

    @staticmethod
    def stored(prefix: str, lines: list[Line]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for line in lines:
            name = row_name(prefix, line)
            found[name], found[f"{name}-comment"] = line.actual, line.comment
        return found

    def bound(self) -> list[dict[str, Any]]:
        """For the template: the line, its input, its comment's input."""
        return [
            {
                "line": row.line,
                "name": row.name,
                "field": self.form[row.name],
                "comment": self.form[row.comment] if row.comment else None,
            }
            for row in self.rows
        ]

    def explained(self) -> list[dict[str, Any]]:
        """The rows whose gap asks for a word: it passes five percent, or something was said or refused."""
        return [
            row
            for row in self.bound()
            if row["comment"] and (_wide(row["line"]) or row["comment"].value() or row["comment"].errors)
        ]

    @property
    def extra(self) -> dict[str, Any]:
        return {
            "account": self.form[self.account],
            "amount": self.form[self.amount],
            "funder": self.form[self.funder] if self.funder else None,
        }

    def clean(self, data: dict[str, Any]) -> None:
        """The added row is complete or absent; an explanation needs its amount."""
        account, amount = data.get(self.account), data.get(self.amount)
        funder = (data.get(self.funder) or "").strip() if self.funders else ""
        typed = bool(account or funder or self.form.data.get(self.amount, "").strip())
        if typed and not account:
            self.form.add_error(self.account, "Choisissez le compte de ce montant.")
        if typed and amount is None and not self.form.errors.get(self.amount):
            self.form.add_error(self.amount, "Écrivez le montant de cette ligne.")
        if typed and self.funders and not funder:
            self.form.add_error(self.funder, "Écrivez qui a versé ce montant.")
        known = {(str(row.line.account_id), row.line.funder) for row in self.rows}
        if account and (account, funder) in known:
            self.form.add_error(self.account, TAKEN)
        for row in self.rows:
            explained = row.comment and data.get(row.comment)
            if explained and data.get(row.name) is None and not self.form.errors.get(row.name):
                self.form.add_error(row.name, "Écrivez le montant qui va avec cette explication, 0 s’il est nul.")

    def inputs(self, data: dict[str, Any]) -> list[AmountInput]:
        found = [
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
            found.append(AmountInput(int(data[self.account]), amount, funder))
        return found
