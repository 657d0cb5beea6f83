"""When the report of a year opens for one convention: with the campaign, by exception before it, or not at all."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from conventions.models import Convention
from conventions.views.common import refusal_page
from conventions.views.drafting import add_errors
from cpo.lib import zones
from cpo.lib.workflow import Refused
from reporting.deadlines.reported import reported_years
from reporting.forms.openings import OpeningForm
from reporting.services import openings as services
from reporting.services.campaigns import opening_day
from reporting.views.common import NOT_FOUND


def _convention(request: HttpRequest, number: str, year: int) -> Convention:
    rows = Convention.objects.visible_to(request.user).select_related("cycle", "dossier__lead", "dossier__beneficiary")  # type: ignore[arg-type]
    convention = rows.prefetch_related("acts", "dossier__services").filter(number=number).first()
    if convention is None or year not in reported_years(convention):
        raise Http404(NOT_FOUND)
    zones.set_page(convention.dossier)
    if services.decider(request.user, convention) is None:  # type: ignore[arg-type]
        raise PermissionDenied(services.NOT_YOURS)
    return convention


@require_http_methods(["GET", "HEAD", "POST"])
def report_opening(request: HttpRequest, number: str, year: int) -> HttpResponse:
    convention = _convention(request, number, year)
    if words := services.why_not_decided(convention, year):
        return refusal_page(request, convention.act, Refused(words))
    choice, reason = services.present_choice(convention, year)
    initial = {"choice": choice, "reason": reason}
    form = OpeningForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        data: dict[str, Any] = form.cleaned_data
        try:
            report = services.decide(convention=convention, year=year, by=request.user, **data)  # type: ignore[arg-type]
        except Refused as refusal:
            return refusal_page(request, convention.act, refusal)
        except ValidationError as error:
            add_errors(form, error)
        else:
            done = "est ouvert" if report else "suivra ce qui est décidé ici"
            messages.success(request, f"Le compte rendu {year} {done}.")
            return redirect("convention-reports", number)
    context = {
        "number": number,
        "tab": "rapports",
        "nav_section": "convention-list",
        "form": form,
        "year": year,
        "opening": opening_day(convention.cycle, year),
        "not_early": services.why_not_early(convention, year),
        "back_url": reverse("convention-reports", args=[number]),
    }
    return render(request, "reporting/opening.html", context)
