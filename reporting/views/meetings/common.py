"""First steps of every page of a meeting: find the convention or the meeting, 404 for who reads none of it."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from arml.permissions import capacities
from conventions.models import Convention
from cpo.lib import zones
from reporting import permissions as may
from reporting.models import Meeting

NOT_FOUND = "Cette réunion n’existe pas, ou ne vous est pas ouverte."
RELATED = ("dossier__lead", "dossier__beneficiary", "cycle")


def convention_of(request: HttpRequest, number: str) -> Convention:
    """Raises Http404 when the person may not see the convention, or only observes it."""
    visible = Convention.objects.visible_to(request.user)  # type: ignore[arg-type]
    rows = visible.select_related(*RELATED).prefetch_related("acts", "dossier__services", "dossier__territories")
    convention = rows.filter(number=number).first()
    if convention is None or not may.reads_meetings(capacities(request.user, convention.dossier)):  # type: ignore[arg-type]
        raise Http404(NOT_FOUND)
    zones.set_page(convention.dossier)
    return convention


def meeting_of(request: HttpRequest, number: str, pk: int) -> Meeting:
    convention = convention_of(request, number)
    meeting = convention.meetings.select_related("organiser", "minutes__file", "minutes__act").filter(pk=pk).first()
    if meeting is None:
        raise Http404(NOT_FOUND)
    meeting.convention = convention
    return meeting


def page(
    request: HttpRequest, template: str, convention: Convention, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    base = {"number": convention.number, "tab": "reunions", "nav_section": "convention-list"}
    return render(request, f"reporting/meetings/{template}.html", base | context, status=status)
