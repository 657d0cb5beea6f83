"""Budgets: of a fiche, of the structure, and of the whole programme (read only)."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.functional import cached_property

from actions.enums import STATE_ACCOUNT, AccountSide
from actions.forms.budgets import BudgetForm, initial_line, initial_lines
from actions.indirect import FLAT, IndirectCosts, costs_of
from actions.models import Account
from actions.permissions import why_not
from actions.proportion import unusual_lines
from actions.retained import retain
from actions.services import (
    AmountLine,
    default_funder,
    set_sheet_budget,
    set_structure,
    state_funders,
    stored_lines,
)
from actions.tables import account_rows, merged, rules, year_sums
from cpo.lib.money import share, total

from .common import ProgrammeView, SheetView, Work
from .sheets import SheetParts


class BudgetGrid(Work):
    """Mixin: the grid of charges and produits, of a fiche (`sheet`) or of the structure (None)."""

    budget = True
    sheet: Any = None
    indirect = IndirectCosts()  # no limit for the costs of the structure
    years: list[int]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.show(self.form())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if "add" in request.POST:
            return self.with_row(self.make(request.POST))
        outcome = self.save()
        if not outcome.saved:
            if outcome.error:
                outcome.form.expenses._non_form_errors.extend(outcome.error.messages)
            return self.show(outcome.form, status=outcome.status)
        messages.success(request, self.saved)
        return redirect(self.after)

    def make(self, data: QueryDict | None = None) -> BudgetForm:
        return self.form() if data is None else self._grid(data=data)

    def _grid(self, **kwargs: Any) -> BudgetForm:
        shape = {"years": self.years, "accounts": self.accounts, "indirect": self.indirect}
        shape["of_state"] = self.of_state
        return BudgetForm(**shape, only=self.programme.amounts_of, stored=self.unusual_stored, **kwargs)

    def unusual_stored(self) -> Iterator[tuple[str, str]]:
        """The stored amounts out of proportion, which somebody confirmed."""
        return unusual_lines(*self.stored_lines())

    def form(self, **rows: Any) -> BudgetForm:
        if not rows:
            lines = self.stored_lines()
            rows = {
                "expenses": initial_lines(lines[0], self.accounts, AccountSide.EXPENSE),
                "resources": initial_lines(lines[1], self.accounts, AccountSide.RESOURCE),
            }
            for row in rows["resources"]:
                if row["account"] == STATE_ACCOUNT:
                    state = self.accounts[STATE_ACCOUNT]
                    row["funder"] = row["funder"] or default_funder(state, self.programme.dossier)
        return self._grid(**rows)

    def with_row(self, form: BudgetForm) -> HttpResponse:
        """Show the grid as typed, with one more line or with the flat rate. Nothing is stored."""
        side = self.request.POST["add"]
        if side == FLAT:
            return self.with_flat_rate(form)
        name = "expenses" if side == AccountSide.EXPENSE else "resources"
        account = self.accounts.get(self.request.POST.get(f"new_{side}", ""))
        if account is None or account.side != side or not account.offered:
            return self.show(form, add_error={side: "Choisissez d’abord un compte dans la liste."})
        rows = {"expenses": form.expenses.typed_rows(), "resources": form.resources.typed_rows()}
        rows[name].append(initial_line(account))
        fresh = self.form(**rows)
        return self.show(fresh, added=side, added_line=getattr(fresh, name).forms[-1].prefix)

    def with_flat_rate(self, form: BudgetForm) -> HttpResponse:
        """Show the grid as typed, with the flat rate of the direct costs in place of the typed indirect costs."""
        if not form.expenses.is_valid() or self.indirect.rate is None:
            return self.show(form)
        return self.show(self.form(**form.with_flat_rate()), added=FLAT)

    def stored_lines(self) -> tuple[list[AmountLine], list[AmountLine]]:
        expenses = self.programme.expenses.filter(sheet=self.sheet).select_related("account")
        resources = self.programme.resources.filter(sheet=self.sheet).select_related("account")
        return stored_lines(expenses), stored_lines(resources)

    @cached_property
    def of_state(self) -> list[str]:
        return state_funders(self.programme)

    @cached_property
    def accounts(self) -> dict[str, Account]:
        accounts = retain(self.programme, Account.objects.select_related("parent"))
        retain(self.programme, [account.parent for account in accounts])
        return {account.code: account for account in accounts}

    def context(self, form: BudgetForm, **extra: Any) -> dict[str, Any]:
        return {
            "budget": form,
            "formsets": form.formsets,
            "years": self.years,
            "rules": rules(form.sums, form.indirect),
            "indirect": form.indirect,
            "addable": {side: form.addable(side) for side in AccountSide.values},
        } | extra

    def show(self, form: BudgetForm, *, status: int = 200, **extra: Any) -> HttpResponse:
        return self.page(self.context(form, **extra), status=status)


class SheetBudget(SheetParts, BudgetGrid, SheetView):
    template_name = "actions/sheet_budget.html"
    verbs = ("budget_set",)
    tab = "budget"

    @property
    def years(self) -> list[int]:
        return self.sheet.years

    @cached_property
    def indirect(self) -> IndirectCosts:  # type: ignore[override]
        return costs_of(self.programme)

    @property
    def saved(self) -> str:
        return f"Le budget de la fiche {self.sheet.code} est enregistré."

    @property
    def after(self) -> str:
        return self.url("programme-budget") if "next" in self.request.POST else self.sheet_url()

    def write(self, form: BudgetForm, revision: int) -> None:
        set_sheet_budget(
            sheet=self.sheet,
            by=self.request.user,
            expected_revision=revision,
            expenses=form.expenses.lines(),
            resources=form.resources.lines(),
        )

    def context(self, form: BudgetForm, **extra: Any) -> dict[str, Any]:
        by_axis = self.sums.by_axis_year.get(self.sheet.axis.number, {})
        place = [
            (column, by_axis.get(column.year, {}).get("state"), self.sums.state_by_year[column.year])
            for column in form.sums
            if column.year
        ]
        axis_label = f"{self.programme.cycle.axis_label} {self.sheet.axis.number}"
        items = self.parts("sheet-budget")
        return super().context(form, place=place, axis_label=axis_label, side_items=items, **extra)


class ProgrammeStructure(BudgetGrid, ProgrammeView):
    """Costs of the association that no fiche carries."""

    template_name = "actions/programme_structure.html"
    verbs = ("structure_set",)
    tab = "budget"
    saved = "Les coûts de structure sont enregistrés."

    @property
    def years(self) -> list[int]:
        return self.programme.years

    @property
    def after(self) -> str:
        return self.url("programme-budget")

    def write(self, form: BudgetForm, revision: int) -> None:
        set_structure(
            programme=self.programme,
            by=self.request.user,
            expected_revision=revision,
            expenses=form.expenses.lines(),
            resources=form.resources.lines(),
        )

    def page(self, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        back = {"label": f"{self.number}, budget", "url": self.url("programme-budget")}
        return super().page({"back": back} | context, status=status)


class ProgrammeBudget(ProgrammeView):
    """The whole budget: accounts, funders, fiches, balance, each by year."""

    template_name = "actions/programme_budget.html"
    tab = "budget"
    budget = True

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        why_not_budget = why_not(request.user, self.programme, budget=True)
        return self.page({"body": self.body("actions/_budget.html", self.context), "why_not_budget": why_not_budget})

    def context(self) -> dict[str, Any]:
        years, indirect = self.shown.years, self.rows.indirect
        sheets, expenses, resources = self.rows.listed, self.rows.expenses, self.rows.resources
        spent, received = _by_sheet(expenses), _by_sheet(resources)
        sums = [(sheet, year_sums(spent[sheet.pk], received[sheet.pk], years)) for sheet in sheets]
        eligible = merged((of_sheet for _, of_sheet in sums), years)
        structure = year_sums(spent[None], received[None], years)
        return {
            "years": years,
            "sheets": [_sheet_row(sheet, of_sheet, indirect) for sheet, of_sheet in sums],
            "indirect": indirect,
            "expense_rows": account_rows(expenses, years, by_head=True),
            "funders": account_rows(resources, years),
            "in_kind": [row for row in account_rows([*expenses, *resources], years) if row.in_kind],
            "sums": merged((eligible, structure), years),
            "eligible": eligible,
            "structure": structure,
            "planned": self._planned_contributions(years),
        }

    def _planned_contributions(self, years: Sequence[int]) -> list[Any]:
        """Return the yearly contributions of the convention and their total; they belong to an upper application."""
        amounts = self.shown.planned
        cells = [amounts.get(year) for year in years]
        return [*cells, total(cells)] if amounts else []


def _by_sheet(rows: Sequence[Any]) -> dict[int | None, list[Any]]:
    """The lines of each fiche, by its id; those of the structure under None."""
    lines: dict[int | None, list[Any]] = defaultdict(list)
    for row in rows:
        lines[row.sheet_id].append(row)
    return lines


def _sheet_row(sheet: Any, sums: Sequence[Any], indirect: IndirectCosts) -> dict[str, Any]:
    whole = sums[-1]
    over = [column.year for column in sums if column.year and indirect.exceeded(column.direct, column.indirect)]
    return {"sheet": sheet, "sums": sums, "share": share(whole.state, whole.expenses), "indirect_over": over}
