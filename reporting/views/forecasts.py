"""The landing forecast of a year: to read, to type, to send, to send back."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from arml.permissions import capacities
from conventions.models import Convention
from conventions.views.common import refusal_page
from conventions.views.drafting import add_errors
from cpo.lib import journal, zones
from cpo.lib.editing import conflicts
from cpo.lib.workflow import Refused
from reporting import permissions as may
from reporting.forms.forecasts import ForecastForm
from reporting.forms.meetings import ReasonForm
from reporting.guards.forecasts import address
from reporting.models import Forecast
from reporting.pages.forecasts import ForecastPage
from reporting.services import forecasts as services
from reporting.workflow.forecasts import FORECAST, apply

NOT_FOUND = "Cette prévision n’existe pas, ou ne vous est pas ouverte."
DONE = {
    "send": "La prévision est envoyée. Le service en est informé.",
    "send_back": "La correction est demandée. L’association en est informée.",
}


def _forecast(request: HttpRequest, number: str, year: int) -> Forecast:
    """The forecast of a year, stored or not. Raises Http404 for another year, or for who only observes."""
    rows = Convention.objects.visible_to(request.user).filter(number=number)  # type: ignore[arg-type]
    rows = rows.select_related("dossier__lead", "dossier__beneficiary", "cycle")
    convention = rows.prefetch_related("acts", "dossier__services", "dossier__territories").first()
    if convention is None or not may.reads_forecasts(capacities(request.user, convention.dossier)):  # type: ignore[arg-type]
        raise Http404(NOT_FOUND)
    zones.set_page(convention.dossier)
    forecast = services.forecast_of(convention, year)
    if forecast is None or not convention.act.is_active:
        raise Http404(NOT_FOUND)
    return forecast


def _page(
    request: HttpRequest, template: str, forecast: Forecast, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    base = {"number": forecast.convention.number, "tab": "rapports", "nav_section": "convention-list"}
    base |= {"forecast": forecast, "page_title": str(forecast), "crumb": str(forecast)}
    return render(request, f"reporting/forecasts/{template}.html", base | context, status=status)


@require_safe
def convention_forecast(request: HttpRequest, number: str, year: int) -> HttpResponse:
    forecast = _forecast(request, number, year)
    return _page(request, "detail", forecast, {"page": ForecastPage(forecast, request.user)})  # type: ignore[arg-type]


@require_http_methods(["GET", "HEAD", "POST"])
def forecast_edit(request: HttpRequest, number: str, year: int) -> HttpResponse:
    forecast = _forecast(request, number, year)
    actor = services.typist(request.user, forecast)  # type: ignore[arg-type]
    if actor is None:
        raise PermissionDenied(services.NOT_YOURS)
    if reason := services.closed(forecast):
        return refusal_page(request, forecast.convention.act, Refused(reason))

    def make(data: Any) -> ForecastForm:
        fresh = services.forecast_of(forecast.convention, year) or forecast
        return ForecastForm(data, forecast=fresh, texts=may.sends_forecast(actor))

    form, status = make(None), 200
    if request.method == "POST":
        outcome = conflicts.save(
            request,
            make=make,
            write=lambda form, revision: services.save(
                forecast.convention,
                year,
                lines=form.lines(),
                texts=form.written(),
                by=request.user,  # type: ignore[arg-type]
                expected_revision=revision,
            ),
            author=lambda: journal.last(forecast, "forecast_written") if forecast.pk else None,
        )
        if outcome.saved:
            messages.success(request, "La prévision est enregistrée.")
            return redirect(address(forecast))
        form, status = outcome.form, outcome.status
        if outcome.error:
            add_errors(form, outcome.error)
    return _page(request, "edit", forecast, {"form": form, "report": forecast}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def forecast_transition(request: HttpRequest, number: str, year: int, name: str) -> HttpResponse:
    """Send it, or ask for a correction."""
    forecast = _forecast(request, number, year)
    if name not in DONE or forecast.pk is None:
        raise Http404(NOT_FOUND)
    try:
        option = FORECAST.attempt(name, forecast, request.user)
        form = ReasonForm(request.POST if request.method == "POST" else None)
        form.fields["comment"].label = option.transition.comment_label
        with_reason = option.transition.comment_required
        if request.method == "POST" and (not with_reason or form.is_valid()):
            apply(name, forecast, by=request.user, comment=form.cleaned_data["comment"] if with_reason else "")
            messages.success(request, DONE[name])
            return redirect(address(forecast))
    except Refused as error:
        return refusal_page(request, forecast.convention.act, error)
    return _page(request, "transition", forecast, {"option": option, "form": form if with_reason else None})
