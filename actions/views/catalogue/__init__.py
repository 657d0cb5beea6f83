"""Reference pages of a cycle: values, axes and objectives, indicators; for the national administration alone."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from actions.forms.catalogue import AxisForm, IndicatorFilterForm, IndicatorForm, ObjectiveForm, ValuesForm
from actions.models import Axis, Cycle, Objective
from actions.services import catalogue as services
from arml.permissions import acting_nationally
from cpo.lib import journal
from cpo.lib.editing import conflicts
from cpo.lib.models import JournalEntry
from cpo.lib.wording.searching import found

FORM = ["GET", "HEAD", "POST"]
SECTIONS = (
    ("reference-values", "Valeurs du cycle"),
    ("reference-axes", "Axes et objectifs"),
    ("reference-indicators", "Indicateurs"),
    ("reference-examples", "Exemples d’actions"),
    ("reference-threshold", "Seuil de recouvrement"),
    ("reference-model", "Modèle de convention"),
    ("reference-rules", "Échéances et rappels"),
    ("reference-emails", "Textes des courriels"),
)


def frame(cycle: Cycle, section: str, *trail: dict[str, str]) -> dict[str, Any]:
    """Return the frame of every page about a cycle: side menu and breadcrumb."""
    menu = [
        {"label": label, "url": resolve_url(route, cycle.key), "current": route == section} for route, label in SECTIONS
    ]
    here = next(item for item in menu if item["current"])
    home = {"label": "Référentiels", "url": resolve_url("reference-home")}
    if not trail:
        here = {"label": here["label"]}
    return {"cycle": cycle, "side_menu": menu, "breadcrumb": [home, here, *trail], "nav_section": "reference-home"}


def get_cycle(key: str) -> Cycle:
    return get_object_or_404(Cycle, key=key)


def add_changes_message(request: HttpRequest, labels: list[str]) -> None:
    if labels:
        messages.success(request, "C’est enregistré : " + ", ".join(labels) + ".")
    else:
        messages.info(request, "Rien n’a changé.")


@require_http_methods(FORM)
def values(request: HttpRequest, cycle: str) -> HttpResponse:
    actor = acting_nationally(request.user)
    cycle_row = get_cycle(cycle)
    form, status = ValuesForm(cycle=cycle_row), 200
    if request.method == "POST":
        outcome = conflicts.save(
            request,
            make=lambda data: ValuesForm(data, cycle=get_cycle(cycle)),
            write=lambda form, revision: services.update_values(
                cycle=cycle_row,
                values=form.values,
                signing=form.signing,
                thresholds=form.thresholds,
                expected_revision=revision,
                by=actor,
            ),
            author=lambda: JournalEntry.objects.filter(root=journal.key(cycle_row), verb__startswith="cycle_").first(),
        )
        if outcome.saved:
            add_changes_message(request, outcome.result)
            return redirect("reference-values", cycle_row.key)
        form, status = outcome.form, outcome.status
    derived = [(text.label, text.value) for text in cycle_row.texts.filter(name__in=services.DERIVED)]
    context = {"form": form, "derived": derived, **frame(cycle_row, "reference-values")}
    return render(request, "reference/values.html", context, status=status)


@require_safe
def axes(request: HttpRequest, cycle: str) -> HttpResponse:
    acting_nationally(request.user)
    cycle_row = get_cycle(cycle)
    rows = cycle_row.axes.prefetch_related("objectives")
    return render(request, "reference/axes.html", {"axes": rows, **frame(cycle_row, "reference-axes")})


@require_http_methods(FORM)
def axis(request: HttpRequest, cycle: str, number: int) -> HttpResponse:
    """Show one page for an axis and its objectives, which are corrected together."""
    actor = acting_nationally(request.user)
    cycle_row = get_cycle(cycle)
    one = get_object_or_404(Axis.objects.select_related("cycle"), cycle=cycle_row, number=number)
    forms_, status = _axis_forms(one), 200
    if request.method == "POST":

        def write(page_forms: list[Any], revision: int) -> list[str]:
            form, *parts = page_forms
            wordings = {part.instance.pk: part.cleaned_data for part in parts}
            return services.update_axis(
                axis=one, changes=form.changes, objectives=wordings, expected_revision=revision, by=actor
            )

        outcome = conflicts.save(
            request,
            make=lambda data: _axis_forms(Axis.objects.get(pk=one.pk), data),
            write=write,
            author=lambda: journal.last(one, "axis_changed"),
        )
        if outcome.saved:
            add_changes_message(request, outcome.result)
            return redirect("reference-axes", cycle_row.key)
        forms_, status = outcome.form, outcome.status
    form, *parts = forms_
    here = frame(cycle_row, "reference-axes", {"label": f"{cycle_row.axis_label} {one.number}"})
    context = {"axis": one, "form": form, "parts": parts, "forms": forms_, **here}
    return render(request, "reference/axis.html", context, status=status)


def _axis_forms(axis: Axis, posted: Any = None) -> list[Any]:
    """Return the form of the axis, then one for each of its objectives."""
    objectives = Objective.objects.filter(axis=axis)
    return [
        AxisForm(posted, instance=axis),
        *(ObjectiveForm(posted, instance=one, prefix=f"o{one.pk}") for one in objectives),
    ]


@require_safe
def indicators(request: HttpRequest, cycle: str) -> HttpResponse:
    acting_nationally(request.user)
    cycle_row = get_cycle(cycle)
    form = IndicatorFilterForm(request.GET or None, cycle=cycle_row)
    filters = form.values() if request.GET else {}
    rows = services.current_indicators(cycle_row)
    rows = found(rows, ("label", "code"), filters.get("q", ""))
    if number := filters.get("axe"):
        rows = rows.filter(examples__axis__number=number).distinct()
    if status := filters.get("national"):
        rows = rows.filter(
            {"oui": Q(national=True), "non": Q(national=False)}.get(status, Q(proposed_national=True, national=False))
        )
    context = {
        "filter_form": form,
        "page_obj": Paginator(rows, 25).get_page(request.GET.get("page")),
        "filtered": bool(filters),
        **frame(cycle_row, "reference-indicators"),
    }
    return render(request, "reference/indicators.html", context)


@require_http_methods(FORM)
def indicator(request: HttpRequest, cycle: str, code: str) -> HttpResponse:
    actor = acting_nationally(request.user)
    cycle_row = get_cycle(cycle)
    one = get_object_or_404(services.current_indicators(cycle_row).select_related("cycle"), code=code)
    form, status = IndicatorForm(instance=one), 200
    if request.method == "POST":
        outcome = conflicts.save(
            request,
            make=lambda data: IndicatorForm(data, instance=services.current_indicators(cycle_row).get(code=code)),
            write=lambda form, version: services.revise_indicator(
                indicator=one, changes=form.changes, expected_version=version, by=actor
            ),
            author=lambda: journal.last(services.current_indicators(cycle_row).get(code=code), "indicator_revised"),
        )
        if outcome.saved:
            revised = outcome.result
            messages.success(request, f"L’indicateur {revised.code} est enregistré, version {revised.version}.")
            return redirect("reference-indicators", cycle_row.key)
        form, status = outcome.form, outcome.status
    context = {
        "indicator": one,
        "form": form,
        "uses": one.uses.count(),
        **frame(cycle_row, "reference-indicators", {"label": one.code}),
    }
    return render(request, "reference/indicator.html", context, status=status)


class _SwitchForm(forms.Form):
    national = forms.TypedChoiceField(choices=[("oui", "oui"), ("non", "non")], coerce=lambda value: value == "oui")


@require_POST
def indicator_national(request: HttpRequest, cycle: str, code: str) -> HttpResponse:
    actor = acting_nationally(request.user)
    cycle_row = get_cycle(cycle)
    one = get_object_or_404(services.current_indicators(cycle_row), code=code)
    form = _SwitchForm(request.POST)
    if form.is_valid():
        national = form.cleaned_data["national"]
        services.set_national(cycle=cycle_row, code=one.code, national=national, by=actor)
        words = "est maintenant national" if national else "n’est plus national"
        messages.success(request, f"L’indicateur {one} {words}.")
    else:
        messages.error(request, "Dites si l’indicateur est national : oui ou non.")
    return redirect("reference-indicators", cycle_row.key)
