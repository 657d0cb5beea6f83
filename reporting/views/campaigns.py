"""Opening the year's reports, by the national administration."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from actions.models import Cycle
from arml.permissions import is_national_admin
from cpo.lib.workflow import Refused

from ..models import Report
from ..services import campaigns

WHO = "L’ouverture d’une campagne revient à l’administration nationale."


@require_http_methods(["GET", "HEAD", "POST"])
def campaign_open(request: HttpRequest) -> HttpResponse:
    """Each year of each cycle: its opening day, the reports open, those that would open."""
    if not is_national_admin(request.user):  # type: ignore[arg-type]
        raise PermissionDenied(WHO)
    refused, status = "", 200
    if request.method == "POST":
        cycle = get_object_or_404(Cycle, key=request.POST.get("cycle", ""))
        year = request.POST.get("annee", "")
        try:
            count = campaigns.open_campaign(cycle, int(year) if year.isdigit() else 0, by=request.user)  # type: ignore[arg-type]
        except Refused as refusal:
            refused, status = refusal.message, 409
        else:
            plural = "s" if count > 1 else ""
            words = f"{count} compte{plural} rendu{plural} ouvert{plural}" if count else "Aucun compte rendu à ouvrir"
            messages.success(request, f"{words} pour {year}.")
            return HttpResponseRedirect(reverse("campaign-open"))
    context = {
        "nav_section": "report-list",
        "breadcrumb": [{"label": "Rapports", "url": reverse("report-list")}, {"label": "Campagnes"}],
        "cycles": [{"cycle": cycle, "years": _years(cycle)} for cycle in Cycle.objects.all()],
        "refused": refused,
    }
    return render(request, "reporting/campaigns.html", context, status=status)


def _years(cycle: Cycle) -> list[dict[str, Any]]:
    opened = list(Report.objects.filter(convention__cycle=cycle).values_list("year", flat=True))
    return [
        {
            "year": year,
            "opening_day": campaigns.opening_day(cycle, year),
            "opened": opened.count(year),
            "pending": campaigns.pending(cycle, year),
            "may_open": campaigns.may_open(year),
        }
        for year in cycle.years
    ]
