"""The dashboard: figures, map and tables; each figure opens the list behind it, also as CSV."""

from dataclasses import replace
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import capfirst
from django.views.decorators.http import require_safe

from actions.models import Axis
from arml.models import BY_NAME, Scope, Territory
from arml.permissions import DEADLINES_ARE_FOLLOWED, follows_deadlines, perimeter
from cpo.lib import clock, zones
from cpo.lib.files.exports import Column, csv_response
from cpo.lib.forms.base import FilterForm
from cpo.lib.wording.numbers import whole_number
from reporting.dashboard import board as figures
from reporting.dashboard import france, lists, payments
from reporting.dashboard.indicators import national
from reporting.dashboard.late import late_lines
from reporting.dashboard.money import money
from reporting.services.chorus import keeps_money

PER_PAGE = 50


class SelectionForm(FilterForm):
    annee = forms.TypedChoiceField(label="Année", coerce=int, required=False)
    territoire = forms.ChoiceField(label="Territoire", required=False)

    def __init__(self, *args: Any, years: list[int], territories: list[Territory], whole: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["annee"].choices = [(year, str(year)) for year in years]  # type: ignore[attr-defined]
        self.fields["territoire"].choices = [("", whole)] + [(t.code, t.name) for t in territories]  # type: ignore[attr-defined]


def everywhere(user: Any) -> str:
    """What the dashboard shows when no territory is chosen."""
    scope = Scope.of(user)
    return "la France entière" if scope.everything or scope.all_published else "tout votre périmètre"


def _selection(request: HttpRequest) -> tuple[figures.Selection, SelectionForm, list[Territory]]:
    key = request.GET.get("cycle", "")
    cycle = figures.current_cycle(request.user, key)  # type: ignore[arg-type]
    territories = list(perimeter(request.user).only("code", "name").order_by(BY_NAME))  # type: ignore[arg-type]
    if cycle is None:
        raise Http404
    code = request.GET.get("territoire", "")
    territory = next((t for t in territories if t.code == code), None)
    year = whole_number(request.GET.get("annee")) or zones.today().year
    selection = figures.Selection(request.user, cycle, year, territory)  # type: ignore[arg-type]
    if year not in selection.years:
        selection = replace(selection, year=figures.default_year(selection.years))
    data = {"annee": request.GET.get("annee", str(selection.year)), "territoire": code}
    whole = capfirst(everywhere(request.user).removeprefix("la "))
    form = SelectionForm(data, years=selection.years, territories=territories, whole=whole)
    form.is_valid()
    return selection, form, territories


@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    selection, form, territories = _selection(request)
    context = {
        "nav_section": "dashboard",
        "selection": selection,
        "filter_form": form,
        "axes": selection.cycle.axes.all(),
        "late_url": selection.link("retards"),
        "everywhere": everywhere(request.user),
        "now": clock.now(),
        "with_deadlines": follows_deadlines(request.user),  # type: ignore[arg-type]
    }
    return render(request, "reporting/dashboard.html", context | _figures(selection, territories))


def _figures(selection: figures.Selection, territories: list[Territory]) -> dict[str, Any]:
    """Context of the figures, tables and map."""
    states = figures.by_state(selection)
    money_rows = money(selection)
    reports = figures.report_counts(selection)
    lines = figures.conventions_table(selection)
    convention_count = sum(row["count"] for row in states)
    return {
        "states": states,
        "whole": convention_count,
        "in_force": next(row for row in states if row["step"] == 4),
        "money": money_rows,
        "money_of_year": next(row for row in money_rows if row["year"] == selection.year),
        "reports": reports,
        "reports_of_year": next((row for row in reports if row["year"] == selection.year), None)
        or (reports[-1] if reports else None),
        "indicators": national(selection),
        "late_count": selection.late().count(),
        "late": late_lines(selection),
        "lines": lines,
        "more": convention_count - len(lines),
        "regions": france.shapes(selection, Territory.objects.only("code", "name"), {one.code for one in territories}),
        "without": france.nothing_in(selection),
    }


COLUMNS = [
    Column("Convention", "convention_number"),
    Column("Association", "arml_name"),
    Column("Service", "service_name"),
    Column("Objet", "what"),
]
AMOUNT = [Column("Montant en euros", "euros")]
MEASURED = [
    Column("Indicateur", "of_label"),
    Column("Valeur", "said_number"),
    Column("Unité", "of_unit"),
    Column("Numérateur", "said_numerator"),
    Column("Dénominateur", "said_denominator"),
    Column("Précision", "said"),
]
LATE = [Column("Année", "year"), Column("Date légale", "legal_day"), Column("Jours de retard", "days")]


PAID = [
    Column("Région", "region"),
    Column("Convention", "convention.number"),
    Column("Association", "convention.dossier.beneficiary"),
    Column("Service", "service"),
    Column("Ligne", "label"),
    Column("Année", "year"),
    Column("Conventionné", "sums.conventioned"),
    Column("Engagé", "sums.committed"),
    Column("Proposé, non payé", "sums.reserved"),
    Column("Payé", "sums.paid"),
    Column("Reste à payer", "sums.remaining"),
]
NOT_FOLLOWED = "Les versements sont suivis par les parties aux conventions et par l’administration centrale."


@require_safe
def dashboard_payments(request: HttpRequest) -> HttpResponse:
    """What the State agreed, committed and paid; `?format=csv` gives each line of each convention."""
    if not follows_deadlines(request.user):  # type: ignore[arg-type]
        raise PermissionDenied(NOT_FOLLOWED)
    selection, form, _ = _selection(request)
    rows = payments.lines(selection)
    if request.GET.get("format") == "csv":
        return csv_response(f"argent-de-l-etat-{selection.cycle.first_year}.csv", PAID, rows)
    context = {
        "nav_section": "dashboard",
        "selection": selection,
        "filter_form": form,
        "everywhere": everywhere(request.user),
        "with_chorus": keeps_money(request.user),  # type: ignore[arg-type]
        "years": payments.by_year(rows),
        "regions": payments.by_region(rows, selection.year),
    }
    return render(request, "reporting/dashboard_payments.html", context)


@require_safe
def dashboard_list(request: HttpRequest) -> HttpResponse:
    """The list behind a figure, with its total; `?format=csv` gives all of it."""
    selection, _form, _ = _selection(request)
    measure = request.GET.get("mesure", "conventions")
    if measure == "retards" and not follows_deadlines(request.user):  # type: ignore[arg-type]
        raise PermissionDenied(DEADLINES_ARE_FOLLOWED)
    axis = Axis.objects.filter(cycle=selection.cycle, number=whole_number(request.GET.get("axe"))).first()
    indicator = whole_number(request.GET.get("indicateur"))
    figure = lists.figure_list(selection, measure, state=request.GET.get("etat", ""), axis=axis, indicator=indicator)
    if request.GET.get("format") == "csv":
        more = [(figure.has_amount, AMOUNT), (figure.dated, LATE), (figure.measured, MEASURED)]
        columns = [*COLUMNS, *(column for shown, group in more if shown for column in group)]
        return csv_response(f"{measure}-{selection.year}.csv", columns, lists.with_labels(figure.queryset.iterator()))
    page = Paginator(figure.queryset, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "nav_section": "dashboard",
        "figure": figure,
        "selection": selection,
        "everywhere": everywhere(request.user),
        "page_obj": page,
        "lines": lists.with_labels(page.object_list),
        "total": figure.queryset.aggregate(s=Sum("euros"))["s"] if figure.has_amount else None,
        "aggregate": figure.aggregate(selection.year),
    }
    return render(request, "reporting/dashboard_list.html", context)
