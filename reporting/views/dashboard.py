"""The dashboard: figures, map and tables; each figure opens the list that adds up to it, also as CSV."""

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from actions.models import Axis
from arml.models import BY_NAME, Territory
from arml.permissions import follows_deadlines
from cpo.lib.files.exports import Column, csv_response
from cpo.lib.forms.base import FilterForm
from reporting.dashboard import board as figures
from reporting.dashboard import france, lists

PER_PAGE = 50


class ScopeForm(FilterForm):
    annee = forms.TypedChoiceField(label="Année", coerce=int, required=False)
    territoire = forms.ChoiceField(label="Territoire", required=False)

    def __init__(self, *args: Any, years: list[int], territories: list[Territory], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["annee"].choices = [(year, str(year)) for year in years]  # type: ignore[attr-defined]
        self.fields["territoire"].choices = [("", "France entière")] + [(t.code, t.name) for t in territories]  # type: ignore[attr-defined]


def _scope(request: HttpRequest) -> tuple[figures.Scope, ScopeForm, list[Territory]]:
    key = request.GET.get("cycle", "")
    cycle = figures.current_cycle(request.user, key)  # type: ignore[arg-type]
    territories = list(Territory.objects.only("code", "name").order_by(BY_NAME))
    if cycle is None:
        raise Http404
    year = figures.default_year(cycle)
    data = {"annee": str(year), **request.GET.dict()}
    form = ScopeForm(data, years=cycle.years, territories=territories)
    form.is_valid()
    chosen = form.cleaned_data.get("territoire")
    territory = next((t for t in territories if t.code == chosen), None)
    scope = figures.Scope(request.user, cycle, form.cleaned_data.get("annee") or year, territory)  # type: ignore[arg-type]
    return scope, form, territories


@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    scope, form, territories = _scope(request)
    context = {
        "nav_section": "dashboard",
        "scope": scope,
        "filter_form": form,
        "axes": scope.cycle.axes.all(),
        "late_url": scope.link("retards"),
        "with_deadlines": follows_deadlines(request.user),  # type: ignore[arg-type]
    }
    return render(request, "reporting/dashboard.html", context | _figures(scope, territories))


def _figures(scope: figures.Scope, territories: list[Territory]) -> dict[str, Any]:
    """Everything that is counted or added up."""
    states = figures.by_state(scope)
    money = figures.money(scope)
    reports = figures.report_counts(scope)
    lines = figures.conventions_table(scope)
    whole = sum(row["count"] for row in states)
    return {
        "states": states,
        "whole": whole,
        "in_force": next(row for row in states if row["step"] == 4),
        "money": money,
        "money_of_year": next(row for row in money if row["year"] == scope.year),
        "reports": reports,
        "reports_of_year": next((row for row in reports if row["year"] == scope.year), None)
        or (reports[-1] if reports else None),
        "late_count": scope.late().count(),
        "late": figures.late_lines(scope),
        "lines": lines,
        "more": whole - len(lines),
        "regions": france.shapes(scope, territories),
    }


COLUMNS = [
    Column("Convention", "convention_number"),
    Column("Association", "arml_name"),
    Column("Service", "service_name"),
    Column("Objet", "what"),
    Column("Montant en euros", "euros"),
]


@require_safe
def dashboard_list(request: HttpRequest) -> HttpResponse:
    """The list behind a figure, with its total; `?format=csv` gives all of it."""
    scope, _form, _ = _scope(request)
    measure = request.GET.get("mesure", "conventions")
    axis = Axis.objects.filter(cycle=scope.cycle, number=_number(request.GET.get("axe"))).first()
    found = lists.rows(scope, measure, state=request.GET.get("etat", ""), axis=axis)
    if request.GET.get("format") == "csv":
        columns = COLUMNS if found.has_amount else COLUMNS[:-1]
        return csv_response(f"{measure}-{scope.year}.csv", columns, lists.labelled(found.queryset.iterator()))
    page = Paginator(found.queryset, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "nav_section": "dashboard",
        "found": found,
        "scope": scope,
        "page_obj": page,
        "lines": lists.labelled(page.object_list),
        "total": found.queryset.aggregate(s=Sum("euros"))["s"] if found.has_amount else None,
    }
    return render(request, "reporting/dashboard_list.html", context)


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() and len(text) < 6 else 0
