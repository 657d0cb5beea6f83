"""The recovery threshold of a cycle, for the national administration: those of before, and the next one."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from actions.views.catalogue import frame, get_cycle
from arml.permissions import acting_nationally
from conventions.views.drafting import add_errors
from cpo.lib import clock
from cpo.lib.clock import PARIS
from reporting.forms.thresholds import ThresholdForm
from reporting.models import RecoveryThreshold
from reporting.money.threshold import threshold_on
from reporting.services import thresholds as services


@require_http_methods(["GET", "HEAD", "POST"])
def thresholds(request: HttpRequest, cycle: str) -> HttpResponse:
    actor = acting_nationally(request.user)
    cycle_row = get_cycle(cycle)
    form = ThresholdForm(request.POST if request.method == "POST" else None, cycle=cycle_row)
    if request.method == "POST" and form.is_valid():
        try:
            services.set_threshold(cycle=cycle_row, by=actor, **form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, "Le seuil est enregistré. Ce qui est déjà décidé ne change pas.")
            return redirect("reference-threshold", cycle_row.key)
    context = {
        "form": form,
        "rows": RecoveryThreshold.objects.filter(cycle=cycle_row).select_related("set_by"),
        "present": threshold_on(cycle_row, clock.today(PARIS)),
        **frame(cycle_row, "reference-threshold"),
    }
    return render(request, "reference/threshold.html", context)
