"""The State's contribution as a grid (service and line × year), and the plan of its payments."""

from decimal import Decimal
from typing import Any

from django import forms
from django.forms import formset_factory

from arml.models import Organisation
from conventions.enums import ContributionLine, PartyRole
from conventions.models import Act
from conventions.services.money import ContributionRow, InstalmentRow
from cpo.lib.forms.base import DsfrForm, DsfrFormSet, FrenchDateField, MoneyField
from cpo.lib.money import ZERO

from .drafting import RevisionForm


class ContributionForm(RevisionForm):
    """One field per service, line and year (`m-<service>-<line>-<year>`), one note per service and line."""

    def __init__(self, *args: Any, act: Act, **kwargs: Any) -> None:
        self.act = act
        self.years = act.programme.cycle.years
        parties = act.parties.filter(role__in=(PartyRole.LEAD, PartyRole.COSIGNER)).select_related("organisation")
        self.payers: list[Organisation] = [party.organisation for party in parties]
        self.saved = {(row.service_id, row.line, row.year): row for row in act.contributions.all()}
        kwargs.setdefault("initial", {"revision": act.programme.revision, **self.current()})
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

    def current(self) -> dict[str, Any]:
        """What is saved, by field name."""
        values: dict[str, Any] = {}
        for service in self.payers:
            for line in ContributionLine:
                rows = [self.saved.get((service.pk, line.value, year)) for year in self.years]
                for year, row in zip(self.years, rows, strict=True):
                    values[cell(service, line, year)] = row.amount if row else None
                values[note_name(service, line)] = next((row.note for row in rows if row and row.note), "")
        return values

    def rows(self) -> list[dict[str, Any]]:
        """The grid: a row per service and line, its bound fields by year."""
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
                "total": self._saved(service=service.pk, line=line.value),
            }
            for service in self.payers
            for line in ContributionLine
        ]

    def _saved(self, *, service: int | None = None, line: str = "", year: int | None = None) -> Decimal | None:
        """What is saved for a row, a year or all; None rather than zero."""
        rows = (
            row.amount
            for key, row in self.saved.items()
            if service in (None, key[0]) and line in ("", key[1]) and year in (None, key[2])
        )
        return sum(rows, ZERO) or None

    def totals(self) -> list[tuple[str, Decimal | None]]:
        """The sums at the foot: per year, then in all."""
        by_year = [(str(rank), self._saved(year=year)) for rank, year in enumerate(self.years, start=1)]
        return [*by_year, ("total", self._saved())]

    @property
    def open_year(self) -> int:
        """The year that a phone shows first: that of the first error, which would be out of sight."""
        refused = {int(name.rpartition("-")[2]) for name in self.errors if name.startswith("m-")}
        return min(refused, default=self.act.programme.amounts_of or self.years[0])

    def contributions(self) -> list[ContributionRow]:
        """The rows to write; a note left as it was keeps what each year had."""
        found = []
        shown = self.current()
        for service in self.payers:
            for line in ContributionLine:
                note = self.cleaned_data[note_name(service, line)]
                for year in self.years:
                    amount = self.cleaned_data[cell(service, line, year)]
                    saved = self.saved.get((service.pk, line.value, year))
                    kept = saved.note if saved and note == shown[note_name(service, line)] else note
                    if amount:
                        found.append(ContributionRow(year, amount, service, line.value, kept))
        return found


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

    def __init__(self, *args: Any, years: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"].choices = [("", "Choisir"), *((year, str(year)) for year in years)]  # type: ignore[attr-defined]

    @property
    def identity(self) -> str:
        """What tells a payment from the others, wherever it stands; nothing for a blank row."""
        named = [str(self[name].value() or "").strip() for name in ("year", "label")]
        return "/".join(named).casefold() if any(named) else ""

    @property
    def row_label(self) -> str:
        return ", ".join(str(self[name].value()) for name in ("year", "label") if self[name].value())


InstalmentFormSet = formset_factory(InstalmentForm, formset=DsfrFormSet, can_delete=True, extra=1, max_num=60)


def instalment_formset(act: Act, data: Any = None) -> Any:
    """The payments that this act may change: those of its own year where it has one, else all."""
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
        initial=initial if data is None else None,  # by place: rows that were typed may have another
        form_kwargs={"years": years},
    )


def _own_years(act: Act) -> list[int]:
    return [act.programme.amounts_of] if act.programme.amounts_of else act.programme.cycle.years


def instalments(act: Act, formset: Any) -> list[InstalmentRow]:
    """The whole plan as typed: what stands for the years that the act leaves alone is kept."""
    kept = [
        InstalmentRow(year=row.year, amount=row.amount, label=row.label, condition=row.condition, due_on=row.due_on)
        for row in act.instalments.exclude(year__in=_own_years(act))
    ]
    return kept + [
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


def sums(act: Act) -> list[dict[str, Any]]:
    """Per year: contribution, planned payments and the gap between them."""
    found = []
    contributions, planned = list(act.contributions.all()), list(act.instalments.all())
    for year in act.programme.cycle.years:
        convened = sum((row.amount for row in contributions if row.year == year), ZERO)
        paid = sum((row.amount for row in planned if row.year == year), ZERO)
        found.append({"year": year, "contribution": convened or None, "planned": paid or None, "gap": paid - convened})
    return found
