"""Reference pages about territories: the table, and a page for each one with its counts."""

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.views.decorators.http import require_http_methods, require_safe

from arml.forms.territories import CountForm, TerritoryForm
from arml.models import MissionLocaleCount, Territory
from arml.permissions import acting_nationally
from arml.services import territories as services
from cpo.lib import journal
from cpo.lib.editing import conflicts
from cpo.lib.wording.accents import plain

LIST = {"label": "Territoires et missions locales"}


def trail(*items: dict[str, str]) -> list[dict[str, str]]:
    return [{"label": "Référentiels", "url": resolve_url("reference-home")}, *items]


@require_safe
def territories(request: HttpRequest) -> HttpResponse:
    acting_nationally(request.user)
    counts = Prefetch("mission_locale_counts", MissionLocaleCount.objects.order_by("-counted_on"))
    rows = Territory.objects.select_related("service").prefetch_related(counts)
    rows = sorted(rows, key=lambda row: (not row.is_region, plain(row.name)))  # « Île-de-France » among the I
    return render(request, "reference/territories.html", {"rows": rows, "breadcrumb": trail(LIST)})


@require_http_methods(["GET", "HEAD", "POST"])
def territory(request: HttpRequest, code: str) -> HttpResponse:
    """Show two forms: the facts of the territory, and a new dated count."""
    actor = acting_nationally(request.user)
    row = get_object_or_404(Territory.objects.select_related("service"), code=code)
    counting = request.POST.get("form") == "count"
    form, status = TerritoryForm(instance=row), 200
    count_form = CountForm(request.POST if counting else None)
    if counting and count_form.is_valid():
        services.record_count(territory=row, by=actor, **count_form.cleaned_data)
        messages.success(request, "Le comptage est enregistré.")
        return redirect("reference-territory", code=code)
    if request.method == "POST" and not counting:
        outcome = conflicts.save(
            request,
            make=lambda data: TerritoryForm(data, instance=Territory.objects.get(pk=row.pk)),
            write=lambda form, revision: services.update_territory(
                territory=row, changes=form.changes, expected_revision=revision, by=actor
            ),
            author=lambda: journal.last(row, "territory_changed"),
            form="territory",
        )
        if outcome.saved:
            messages.success(request, "Le territoire est enregistré." if outcome.result else "Rien n’a changé.")
            return redirect("reference-territory", code=code)
        form, status = outcome.form, outcome.status
    context = {
        "territory": row,
        "name": row.name,
        "form": form,
        "count_form": count_form,
        "forms": [form, count_form],
        "counts": row.mission_locale_counts.order_by("-counted_on"),
        "breadcrumb": trail({**LIST, "url": resolve_url("reference-territories")}, {"label": row.name}),
    }
    return render(request, "reference/territory.html", context, status=status)
