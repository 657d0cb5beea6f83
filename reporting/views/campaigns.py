"""The campaigns of yearly reports, for the national administration: list by cycle and year, opening."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from actions.models import Cycle
from arml.permissions import is_national_admin
from cpo.lib.enums import JobState
from cpo.lib.models import Job
from cpo.lib.workflow import Refused
from reporting.deadlines.reported import campaign_years, pending
from reporting.deadlines.rules import may_open
from reporting.models import Report, SkippedReport
from reporting.services.campaigns import OPEN, ask_campaign, campaign_key, opening_day

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
    skipped = list(SkippedReport.objects.filter(convention__cycle=cycle).values_list("year", flat=True))
    return [
        {
            "year": year,
            "opening_day": opening_day(cycle, year),
            "opened": report_years.count(year),
            "pending": pending(cycle, year),
            "skipped": skipped.count(year),
            "may_open": may_open(year),
        }
        for year in campaign_years(cycle)
    ]


def _skipped(cycle: Cycle, year: int) -> list[SkippedReport]:
    """The conventions of a cycle that have no report that year, and why."""
    rows = SkippedReport.objects.filter(convention__cycle=cycle, year=year).order_by("convention__number")
    return list(rows.select_related("convention__dossier__beneficiary"))


def _progress(job: Job, url: str) -> dict[str, Any]:
    """How far the opening of a campaign is; the page itself is where it leads once done."""
    done, total = job.done_steps, job.total_steps
    title = f"Ouverture : {done} sur {total}" if total else "L’ouverture va commencer"
    return {"title": title, "percent": job.percent, "done": not job.under_way, "url": url}


@require_http_methods(["GET", "HEAD", "POST"])
def campaign_open(request: HttpRequest, cycle: str, year: int) -> HttpResponse:
    """GET lists the conventions whose report would open, or how far the opening is; POST asks for it."""
    selected_cycle = get_object_or_404(Cycle, key=cycle)
    if year not in campaign_years(selected_cycle):
        raise Http404
    if not is_national_admin(request.user):  # type: ignore[arg-type]
        raise PermissionDenied(NATIONAL_ONLY)
    error, status = "", 200
    if request.method == "POST":
        try:
            ask_campaign(selected_cycle, year, by=request.user)  # type: ignore[arg-type]
        except Refused as refusal:
            error, status = refusal.message, 409
        else:
            return HttpResponseRedirect(request.path)
    job = Job.objects.filter(kind=OPEN, key=campaign_key(selected_cycle, year)).first()
    progress = _progress(job, request.path) if job else None
    if progress and not request.accepts("text/html"):
        return JsonResponse(progress)
    context = {
        "nav_section": "report-list",
        "breadcrumb": _crumbs({"label": "Campagnes", "url": reverse("campaign-list")}, {"label": str(year)}),
        "cycle": selected_cycle,
        "year": year,
        "opening": opening_day(selected_cycle, year),
        "conventions": pending(selected_cycle, year),
        "skipped": _skipped(selected_cycle, year),
        "job": job,
        "progress": progress,
        "opened": job.result.get("opened") if job and job.state == JobState.DONE else None,
        "may_open": may_open(year),
        "refused": error,
    }
    return render(request, "reporting/campaign.html", context, status=status)
