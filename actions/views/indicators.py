"""The indicators of a fiche: baseline and yearly targets; a new one is blank or from the catalogue."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property

from actions.forms.indicators import IndicatorFormSet, MethodForm, indicator_formset, initial_row, new_row, stored_rows
from actions.models import IndicatorDefinition, Sheet
from actions.retained import retain
from actions.services import set_indicators
from cpo.lib.wording.numbers import whole_number

from .common import SheetView, Work
from .sheets import SheetParts


class SheetIndicators(SheetParts, Work, SheetView):
    template_name = "actions/sheet_indicators.html"
    verbs = ("indicators_set", "sheet_updated")

    def get(self, request: HttpRequest, number: str, key: str) -> HttpResponse:
        rows = [initial_row(row) for row in stored_rows(self.sheet)]
        return self.show(self.formset(initial=rows), self.method(self.sheet))

    def post(self, request: HttpRequest, number: str, key: str) -> HttpResponse:
        if "add" in request.POST:
            return self.with_row(*self.make(request.POST))
        outcome = self.save()
        formset, method = outcome.form
        if not outcome.saved:
            if outcome.error:
                formset._non_form_errors.extend(outcome.error.messages)
            return self.show(formset, method, status=outcome.status)
        messages.success(request, f"Les indicateurs de la fiche {self.sheet.code} sont enregistrés.")
        return redirect(self.sheet_url("sheet-budget" if "next" in request.POST else "sheet-detail"))

    def make(self, data: QueryDict | None = None) -> tuple[IndicatorFormSet, MethodForm]:
        sheets = Sheet.objects.prefetch_related("indicators__targets", "indicators__definition_from")
        fresh = get_object_or_404(sheets, pk=self.sheet.pk)
        if data is None:
            return self.formset(initial=[initial_row(row) for row in stored_rows(fresh)]), self.method(fresh)
        return self.formset(data=data), self.method(fresh, data)

    def with_row(self, formset: IndicatorFormSet, method: MethodForm) -> HttpResponse:
        """Show the page as typed, with one more indicator. Nothing is stored."""
        definition = None
        if self.request.POST["add"] == "catalogue":
            definition = self.catalogue.get(whole_number(self.request.POST.get("definition")))
            if definition is None:
                return self.show(formset, method, catalogue_error="Choisissez d’abord un indicateur dans la liste.")
        rows = [*formset.typed_rows(), new_row(self.sheet, definition)]
        return self.show(self.formset(initial=rows), method, added=True)

    def write(self, page_form: tuple[IndicatorFormSet, MethodForm], revision: int) -> None:
        formset, method = page_form
        set_indicators(
            sheet=self.sheet,
            by=self.request.user,
            expected_revision=revision,
            indicators=formset.rows(),
            evaluation_method=method.cleaned_data["evaluation_method"],
        )

    @staticmethod
    def method(sheet: Sheet, data: QueryDict | None = None) -> MethodForm:
        return MethodForm(data, initial={"evaluation_method": sheet.evaluation_method})

    def formset(self, **kwargs: Any) -> IndicatorFormSet:
        return indicator_formset(self.sheet, self.catalogue, **kwargs)

    @cached_property
    def catalogue(self) -> dict[int, IndicatorDefinition]:
        return {row.pk: row for row in retain(self.programme, self.programme.cycle.indicators.all())}

    def groups(self, formset: IndicatorFormSet) -> list[tuple[str, list[IndicatorDefinition]]]:
        """Group the indicators that the fiche does not have yet (latest versions) by example; its own example first."""
        used_codes = {form.definition_row.code for form in formset.forms if form.definition_row}
        titles = dict(self.programme.cycle.examples.values_list("code", "title"))
        groups: dict[str, list[IndicatorDefinition]] = {}
        listed_codes: set[str] = set()
        for row in self.catalogue.values():  # newest version of a code first
            if row.code not in used_codes | listed_codes:
                prefix = row.code.rpartition("-")[0]
                label = f"{prefix} {titles[prefix]}" if prefix in titles else "Autres"
                groups.setdefault(label, []).append(row)
            listed_codes.add(row.code)
        return sorted(groups.items(), key=lambda group: (not group[0].startswith(f"{self.sheet.code} "), group[0]))

    def context(self, formset: IndicatorFormSet, method: MethodForm, **extra: Any) -> dict[str, Any]:
        return {
            "formset": formset,
            "method": method,
            "groups": self.groups(formset),
            "side_items": self.parts("sheet-indicators"),
            "empty_form": formset.empty_form,
        } | extra

    def show(self, formset: IndicatorFormSet, method: MethodForm, *, status: int = 200, **extra: Any) -> HttpResponse:
        return self.page(self.context(formset, method, **extra), status=status)
