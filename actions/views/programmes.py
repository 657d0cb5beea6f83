"""The whole programme: fiches by axis, totals, missing elements; adding copies of examples or fiches."""

from itertools import chain
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property

from actions import completeness
from actions.forms.sheets import ExamplesForm
from actions.forms.taking import Source, SourceForm, TakeForm, sources
from actions.models import Axis, Sheet
from actions.rows import ProgrammeRows
from actions.services import take_examples, take_sheets
from cpo.lib.money import share, total

from .common import ProgrammeView, Work, turn_badges
from .reading import read_sheet


class ProgrammeDetail(ProgrammeView):
    template_name = "actions/programme_detail.html"

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        return self.page({"body": self.body("actions/_programme.html", self.context)})

    def context(self) -> dict[str, Any]:
        number = self.number
        sheets, indicators, sums = content = self.rows.content
        missing_by_sheet: dict[int, list[completeness.Missing]] = {sheet.pk: [] for sheet in sheets}
        missing: list[completeness.Missing] = []
        if not self.programme.frozen:  # nothing is missing in a signed text, nor in what remains of one that ended
            for sheet in sheets:
                own = completeness.sheet_missing(sheet, indicators.get(sheet.pk, []), sums, number)
                missing_by_sheet[sheet.pk] = list(own)
            whole = completeness.programme_missing(self.programme, content, number)
            missing = [*chain.from_iterable(missing_by_sheet.values()), *whole]
        return {
            "axes": [self._axis(axis, sheets, sums, missing_by_sheet) for axis in self.rows.axes],
            "sheets": sheets,
            "missing": missing,
            "blocking": sum(item.severity == "error" for item in missing),
            **_totals(self.rows, sums, self.shown.years),
        }

    def _axis(
        self, axis: Axis, sheets: list[Sheet], sums: completeness.Totals, missing_by_sheet: dict[int, list[Any]]
    ) -> dict[str, Any]:
        own = (sheet for sheet in sheets if sheet.axis_id == axis.pk)
        years = self.programme.years
        rows = [_row(sheet, sums, len(missing_by_sheet[sheet.pk]), self.number, years) for sheet in own]
        for row in rows[:1]:
            row["first"] = True
        for row in rows[-1:]:
            row["last"] = True
        return {
            "axis": axis,
            "rows": rows,
            "cost": total(row["cost"] for row in rows),
            "state": total(row["state"] for row in rows),
        }


def _row(sheet: Sheet, sums: completeness.Totals, missing_count: int, number: str, years: list[int]) -> dict[str, Any]:
    """Return the values of the line of a fiche. Computed here, not in the template: there are tens of lines."""
    url_kwargs, plural = {"number": number, "key": sheet.key}, "s" if missing_count > 1 else ""
    cells = sums.by_sheet.get(sheet.pk, {}).values()
    cost, state = total(cell["expenses"] for cell in cells), total(cell["state"] for cell in cells)
    return {
        "key": sheet.key,
        "name": f"{sheet.code} – {sheet.title}",
        "code": sheet.code,
        "url": reverse("sheet-detail", kwargs=url_kwargs),
        "years": ", ".join(map(str, sheet.years)) if sheet.years != years else "",
        "cost": cost or None,
        "state": state or None,
        "share": share(state, cost),
        "lacks": f"{missing_count} manque{plural}" if missing_count else "",
        "points": f"{missing_count} point{plural}",
    }


def _totals(rows: ProgrammeRows, sums: completeness.Totals, years: list[int]) -> dict[str, Any]:
    """Return the context of `actions/_totals.html`."""
    return {
        "years": years,
        "year_rows": [_axis_years(axis, sums, years) for axis in rows.axes],
        "year_totals": [(sums.eligible_by_year[year], sums.state_by_year[year]) for year in years],
        "cost": total(sums.eligible_by_year.values()),
        "state": total(sums.state_by_year.values()),
    }


def _axis_years(axis: Axis, sums: completeness.Totals, years: list[int]) -> dict[str, Any]:
    by_year = sums.by_axis_year.get(axis.number, {})
    cells = [by_year.get(year, {}) for year in years]
    cost, state = total(cell.get("expenses") for cell in cells), total(cell.get("state") for cell in cells)
    return {"axis": axis, "cells": cells, "cost": cost or None, "state": state or None}


class ProgrammePrint(ProgrammeView):
    """All the complete fiches, one after the other."""

    template_name = "actions/programme_print.html"

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        return self.page(
            {
                "sheets": [
                    {"sheet": one.sheet, "id": f"-{one.sheet.key}", **read_sheet(one)} for one in self.rows.sheets
                ],
                "back": {"label": "Programme", "url": self.url("programme-detail")},
                "back_name": self.programme.dossier.beneficiary,
                "badges": turn_badges(request, self.programme),
                **_totals(self.rows, self.rows.sums, self.shown.years),
            }
        )


class SheetFromExample(Work, ProgrammeView):
    """Choose examples of the cycle; each becomes a fiche to adapt."""

    template_name = "actions/sheet_from_example.html"

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        return self.show(ExamplesForm(programme=self.programme))

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        form = ExamplesForm(request.POST, programme=self.programme)
        if not form.is_valid():
            return self.show(form)
        examples = list(form.cleaned_data["examples"].prefetch_related("functions", "indicators"))
        sheets = take_examples(programme=self.programme, by=request.user, examples=examples)
        if len(sheets) == 1:
            messages.success(request, f"La fiche {sheets[0].code} est ajoutée. Adaptez-la à votre région.")
            return redirect("sheet-detail", number=number, key=sheets[0].key)
        messages.success(request, f"{len(sheets)} fiches sont ajoutées. Adaptez-les à votre région.")
        return redirect("programme-detail", number=number)

    def show(self, form: ExamplesForm) -> HttpResponse:
        selected = set(form.data.getlist("examples")) if form.is_bound else set()
        codes_by_title = {title.casefold(): code for code, title in self.programme.sheets.values_list("code", "title")}
        axes: dict[Axis, list[dict[str, Any]]] = {axis: [] for axis in self.rows.axes}
        for example in self.examples:
            axes.setdefault(example.axis, []).append(
                {
                    "example": example,
                    "summary": example.content.get("description", ""),
                    "indicators": [indicator.label for indicator in example.indicators.all()],
                    "sheet_code": codes_by_title.get(example.title.casefold(), ""),
                    "checked": str(example.pk) in selected,
                }
            )
        back = {"label": "Programme", "url": self.url("programme-detail")}
        return self.page({"form": form, "axes": axes, "back": back, "count": len(self.examples)})

    @cached_property
    def examples(self) -> list[Any]:
        rows = self.programme.cycle.examples.filter(withdrawn=False).select_related("axis", "objective")
        return list(rows.prefetch_related("indicators"))


class SheetsTake(Work, ProgrammeView):
    """Choose fiches of another year, or of another convention of the association; each becomes a new fiche."""

    template_name = "actions/sheets_take.html"

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        source = self.source(request.GET.get("source"))
        return self.show(source, TakeForm(source=source) if source else None)

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        source = self.source(request.POST.get("source"))
        if source is None:
            return self.show(None, None)
        form = TakeForm(request.POST, source=source)
        if not form.is_valid():
            return self.show(source, form)
        data = form.cleaned_data
        try:
            sheets = take_sheets(
                programme=self.programme,
                by=request.user,
                sheets=data["sheets"],
                origin=source.origin,
                move=(source.year, data["to_year"]) if source.year else None,
                figures=data["figures"],
            )
        except ValidationError as error:
            form.add_error("sheets", error.messages)
            return self.show(source, form)
        if len(sheets) == 1:
            messages.success(request, f"La fiche {sheets[0].code} est ajoutée. Relisez-la.")
            return redirect("sheet-detail", number=number, key=sheets[0].key)
        messages.success(request, f"{len(sheets)} fiches sont ajoutées. Relisez-les.")
        return redirect("programme-detail", number=number)

    def source(self, key: str | None) -> Source | None:
        """Return the source with this key, else the first one."""
        return next((source for source in self.sources if source.key == key), next(iter(self.sources), None))

    @cached_property
    def sources(self) -> list[Source]:
        return sources(self.programme, self.request.user)

    def show(self, source: Source | None, form: TakeForm | None) -> HttpResponse:
        selected = set(form.data.getlist("sheets")) if form is not None and form.is_bound else set()
        rows: dict[Axis, list[dict[str, Any]]] = {}
        for sheet in source.sheets if source else ():
            rows.setdefault(sheet.axis, []).append({"sheet": sheet, "checked": str(sheet.pk) in selected})
        context = {
            "form": form,
            "source": source,
            "source_form": SourceForm({"source": source.key}, sources=self.sources) if source else None,
            "axes": rows,
            "back": {"label": "Programme", "url": self.url("programme-detail")},
        }
        return self.page(context)
