"""The State's contribution as a grid (service and line × year), and the plan of its payments."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import formset_factory
from django.utils.functional import cached_property

from actions.enums import STATE_ACCOUNT
from arml.models import Organisation
from conventions.enums import ContributionLine, PartyRole
from conventions.guards.payments import day_fault
from conventions.models import Act
from conventions.money.totals import by_year
from conventions.services.money import ContributionRow, InstalmentRow
from cpo.lib.forms.base import DsfrForm, DsfrFormSet, FrenchDateField, MoneyField
from cpo.lib.forms.confirming import ConfirmedField, Questions, ask
from cpo.lib.money import ZERO
from cpo.lib.wording.proportion import Line, unusual_amounts

from .drafting import RevisionForm


class ContributionForm(RevisionForm):
    """One field for each service, line and year (`m-<service>-<line>-<year>`), one note for each service and line."""

    mark_optional = False

    confirm = ConfirmedField()

    def __init__(self, *args: Any, act: Act, **kwargs: Any) -> None:
        self.act = act
        self.years = act.programme.years
        parties = act.parties.filter(role__in=(PartyRole.LEAD, PartyRole.COSIGNER)).select_related("organisation")
        self.payers: list[Organisation] = [party.organisation for party in parties]
        self.saved = {(row.service_id, row.line, row.year): row for row in act.contributions.all()}
        kwargs.setdefault("initial", {"revision": act.programme.revision, **self.saved_values()})
        super().__init__(*args, **kwargs)
        for service in self.payers:
            for line in ContributionLine:
                for year in self.years:
                    label = f"{service}, {line.label}, {year}"
                    field = MoneyField(label=label, required=False)
                    if act.programme.amounts_of not in (None, year):
                        field.widget.attrs["readonly"] = True
                    self.fields[cell(service, line, year)] = field
                self.fields[note_name(service, line)] = forms.CharField(
                    label=f"{service}, {line.label}, actions désignées", required=False, max_length=200
                )

    def saved_values(self) -> dict[str, Any]:
        """Return what is saved, by field name."""
        values: dict[str, Any] = {}
        for service in self.payers:
            for line in ContributionLine:
                rows = [self.saved.get((service.pk, line.value, year)) for year in self.years]
                for year, row in zip(self.years, rows, strict=True):
                    values[cell(service, line, year)] = row.amount if row else None
                values[note_name(service, line)] = next((row.note for row in rows if row and row.note), "")
        return values

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        stored = {key: row.amount for key, row in self.saved.items()}
        typed = {
            (service.pk, line.value, year): data.get(cell(service, line, year))
            for service in self.payers
            for line in ContributionLine
            for year in self.years
        }
        ask(self, self._unusual(typed), {figure for figure, _ in self._unusual(stored)})
        return data

    def _unusual(self, amounts: Mapping[tuple[int, str, int], Decimal | None]) -> Questions:
        """The amounts out of proportion with other years, other lines, or what the budgets ask of the State."""
        lines = [
            Line(
                f"{service}, {line.label}",
                {year: amounts.get((service.pk, line.value, year)) for year in self.years},
            )
            for service in self.payers
            for line in ContributionLine
        ]
        return list(unusual_amounts(lines, self._state_resources, "ce que les budgets demandent à l’État"))

    @cached_property
    def _state_resources(self) -> dict[int, Decimal]:
        return by_year(self.act.programme.resources.filter(account__code=STATE_ACCOUNT).values("year", "amount"))

    def rows(self) -> list[dict[str, Any]]:
        """Return the grid: a row for each service and line, with a bound field for each year."""
        several = len(self.payers) > 1
        return [
            {
                "id": f"{service.pk}-{line.value}",
                "label": f"{service}, {line.label}" if several else line.label.capitalize(),
                "cells": [
                    (self[cell(service, line, year)], f"ligne-{service.pk}-{line.value} annee-{year}")
                    for year in self.years
                ],
                "note": self[note_name(service, line)],
                "total": self._saved_total(service=service.pk, line=line.value),
            }
            for service in self.payers
            for line in ContributionLine
        ]

    def _saved_total(self, *, service: int | None = None, line: str = "", year: int | None = None) -> Decimal | None:
        """Add up what is saved for a row, for a year or for all; None instead of zero."""
        rows = (
            row.amount
            for key, row in self.saved.items()
            if service in (None, key[0]) and line in ("", key[1]) and year in (None, key[2])
        )
        return sum(rows, ZERO) or None

    def totals(self) -> list[tuple[str, Decimal | None]]:
        """Return the sums at the foot of the grid: one for each year, then the whole."""
        by_year = [(str(rank), self._saved_total(year=year)) for rank, year in enumerate(self.years, start=1)]
        return [*by_year, ("total", self._saved_total())]

    @property
    def open_year(self) -> int:
        """The year that a phone shows first: the first one with an error, which would otherwise be hidden."""
        years_in_error = {int(name.rpartition("-")[2]) for name in self.errors if name.startswith("m-")}
        return min(years_in_error, default=self.act.programme.amounts_of or self.years[0])

    def contributions(self) -> list[ContributionRow]:
        """Return the rows to write. When the note was not changed, each year keeps its own stored note."""
        rows = []
        saved_values = self.saved_values()
        for service in self.payers:
            for line in ContributionLine:
                note = self.cleaned_data[note_name(service, line)]
                for year in self.years:
                    amount = self.cleaned_data[cell(service, line, year)]
                    saved = self.saved.get((service.pk, line.value, year))
                    row_note = saved.note if saved and note == saved_values[note_name(service, line)] else note
                    if amount:
                        rows.append(ContributionRow(year, amount, service, line.value, row_note))
        return rows


def cell(service: Organisation, line: ContributionLine, year: int) -> str:
    return f"m-{service.pk}-{line.value}-{year}"


def note_name(service: Organisation, line: ContributionLine) -> str:
    return f"n-{service.pk}-{line.value}"


class InstalmentForm(DsfrForm):
    mark_optional = False
    year = forms.TypedChoiceField(label="Année", coerce=int, error_messages={"required": "Choisissez l’année."})
    label = forms.CharField(label="Objet", max_length=60, error_messages={"required": "Donnez l’objet du versement."})
    amount = MoneyField(label="Montant", min_value=Decimal("0.01"), error_messages={"required": "Indiquez le montant."})
    due_on = FrenchDateField(label="Date prévue", required=False)
    condition = forms.CharField(label="Condition", required=False, max_length=250)

    def __init__(self, *args: Any, act: Act, years: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.act = act
        self.fields["year"].choices = [("", "Choisir"), *((year, str(year)) for year in years)]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("year") and (fault := day_fault(self.act, data["year"], data.get("due_on"))):
            self.add_error("due_on", fault[:1].upper() + fault[1:])
        return data

    @property
    def identity(self) -> str:
        """What identifies a payment, whatever its rank; "" for a blank row."""
        values = [str(self[name].value() or "").strip() for name in ("year", "label")]
        return "/".join(values).casefold() if any(values) else ""

    @property
    def row_label(self) -> str:
        return ", ".join(str(self[name].value()) for name in ("year", "label") if self[name].value())


InstalmentFormSet = formset_factory(InstalmentForm, formset=DsfrFormSet, can_delete=True, extra=1, max_num=60)


def instalment_formset(act: Act, data: Any = None) -> Any:
    """Return a form for each payment that this act may change: all of them, or those of the year of the act."""
    years = _own_years(act)
    initial = [
        {
            "year": row.year,
            "label": row.label,
            "amount": row.amount,
            "due_on": row.due_on,
            "condition": row.condition,
        }
        for row in act.instalments.all()
        if row.year in years
    ]
    return InstalmentFormSet(
        data,
        prefix="versement",
        initial=initial if data is None else None,  # Django matches by rank, and posted rows may have another one
        form_kwargs={"act": act, "years": years},
    )


def _own_years(act: Act) -> list[int]:
    return [act.programme.amounts_of] if act.programme.amounts_of else act.programme.years


def instalments(act: Act, formset: Any) -> list[InstalmentRow]:
    """Return the whole plan: the rows as typed, and the stored rows of the years that the act does not change."""
    other_years = [
        InstalmentRow(year=row.year, amount=row.amount, label=row.label, condition=row.condition, due_on=row.due_on)
        for row in act.instalments.exclude(year__in=_own_years(act))
    ]
    return other_years + [
        InstalmentRow(
            year=form.cleaned_data["year"],
            amount=form.cleaned_data["amount"],
            label=form.cleaned_data["label"],
            condition=form.cleaned_data["condition"],
            due_on=form.cleaned_data["due_on"],
        )
        for form in formset.forms
        if form.cleaned_data and not form.cleaned_data.get("DELETE")
    ]


def sums_of(act: Act) -> list[dict[str, Any]]:
    """Return `sums` of what is stored now."""
    amounts = (by_year(rows.values("year", "amount")) for rows in (act.contributions, act.instalments))
    return sums(act.programme.years, *amounts)


def sums(
    years: Iterable[int], contributions: Mapping[int, Decimal], instalment_rows: Mapping[int, Decimal]
) -> list[dict[str, Any]]:
    """Return for each year the contribution, the planned payments and the gap between them."""
    rows = []
    for year in years:
        contribution, payments = contributions.get(year, ZERO), instalment_rows.get(year, ZERO)
        rows.append(
            {
                "year": year,
                "contribution": contribution or None,
                "planned": payments or None,
                "gap": payments - contribution,
            }
        )
    return rows
