"""« À faire »: the page that opens after signing in; opening a campaign."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from actions.models import Cycle
from arml.permissions import is_national_admin
from conventions.enums import ConventionState
from conventions.models import Convention
from cpo.lib import clock

from ..permissions import follows_deadlines
from ..services import campaigns
from ..todo import agenda
from ..todo_lines import conventions_of, in_letters, line

TASKS, OTHERS, FOLLOWING, CONVENTIONS = 20, 6, 5, 10


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    found = agenda(user)
    shown = found.mine if request.GET.get("tout") else found.mine[:TASKS]
    rows, count = conventions_of(user, CONVENTIONS)
    context = {
        "today": clock.today(),
        "lines": [line(task, primary=rank == 0) for rank, task in enumerate(shown)],
        "count": len(found.mine),
        "count_text": in_letters(len(found.mine)),
        "late": found.late,
        "late_text": in_letters(found.late).lower(),
        "hidden": len(found.mine) - len(shown),
        "others": found.others[:OTHERS],
        "more_others": max(0, len(found.others) - OTHERS),
        "following": found.following[:FOLLOWING],
        "with_deadlines": follows_deadlines(user),
        "conventions": rows,
        "convention_count": count,
        "roles": bool(user.roles),
    }
    return render(request, "reporting/home.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def campaign(request: HttpRequest, cycle: str, year: int) -> HttpResponse:
    """Open the year's reports of the conventions that have none: says how many first, then does it."""
    user: Any = request.user
    found = get_object_or_404(Cycle, key=cycle)
    if year not in found.years:
        raise Http404
    if not is_national_admin(user):
        raise PermissionDenied("L’ouverture d’une campagne revient à l’administration nationale.")
    if request.method == "POST":
        opened = campaigns.open_campaign(found, year, by=user)
        plural = "s" if opened > 1 else ""
        messages.success(request, f"Campagne {year}\u00a0: {opened} compte{plural} rendu{plural} ouvert{plural}.")
        return redirect("home")
    active = Convention.objects.filter(cycle=found, state=ConventionState.ACTIVE)
    waiting = active.exclude(reports__year=year).select_related("dossier__beneficiary").order_by("number")
    context = {
        "cycle": found,
        "year": year,
        "opening": campaigns.opening_day(found, year),
        "conventions": waiting,
        "breadcrumb": [{"label": "Accueil", "url": "/"}, {"label": f"Campagne {year}"}],
    }
    return render(request, "reporting/campaign.html", context)
