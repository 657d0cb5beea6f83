"""The campaigns of yearly reports, for the national administration: list by cycle and year, opening."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from actions.models import Cycle
from arml.permissions import is_national_admin
from cpo.lib.workflow import Refused
from reporting.deadlines.reported import campaign_years, pending
from reporting.deadlines.rules import may_open
from reporting.models import Report
from reporting.services.campaigns import open_campaign, opening_day

NATIONAL_ONLY = "L’ouverture d’une campagne revient à l’administration nationale."


def _crumbs(*last: dict[str, str]) -> list[dict[str, str]]:
    return [{"label": "Comptes rendus", "url": reverse("report-list")}, *last]


@require_safe
def campaign_list(request: HttpRequest) -> HttpResponse:
    """Each year of each cycle: opening day, open reports, conventions without report."""
    if not is_national_admin(request.user):  # type: ignore[arg-type]
        raise PermissionDenied(NATIONAL_ONLY)
    context = {
        "nav_section": "report-list",
        "breadcrumb": _crumbs({"label": "Campagnes"}),
        "cycles": [{"cycle": cycle, "years": _years(cycle)} for cycle in Cycle.objects.all()],
    }
    return render(request, "reporting/campaigns.html", context)


def _years(cycle: Cycle) -> list[dict[str, Any]]:
    report_years = list(Report.objects.filter(convention__cycle=cycle).values_list("year", flat=True))
    return [
        {
            "year": year,
            "opening_day": opening_day(cycle, year),
            "opened": report_years.count(year),
            "pending": pending(cycle, year),
            "may_open": may_open(year),
        }
        for year in campaign_years(cycle)
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def campaign_open(request: HttpRequest, cycle: str, year: int) -> HttpResponse:
    """GET lists the conventions whose report would open; POST opens the reports."""
    selected_cycle = get_object_or_404(Cycle, key=cycle)
    if year not in campaign_years(selected_cycle):
        raise Http404
    if not is_national_admin(request.user):  # type: ignore[arg-type]
        raise PermissionDenied(NATIONAL_ONLY)
    error, status = "", 200
    if request.method == "POST":
        try:
            count = open_campaign(selected_cycle, year, by=request.user)  # type: ignore[arg-type]
        except Refused as refusal:
            error, status = refusal.message, 409
        else:
            plural = "s" if count > 1 else ""
            messages.success(request, f"Campagne {year} : {count} compte{plural} rendu{plural} ouvert{plural}.")
            return HttpResponseRedirect(reverse("campaign-list"))
    context = {
        "nav_section": "report-list",
        "breadcrumb": _crumbs({"label": "Campagnes", "url": reverse("campaign-list")}, {"label": str(year)}),
        "cycle": selected_cycle,
        "year": year,
        "opening": opening_day(selected_cycle, year),
        "conventions": pending(selected_cycle, year),
        "may_open": may_open(year),
        "refused": error,
    }
    return render(request, "reporting/campaign.html", context, status=status)
