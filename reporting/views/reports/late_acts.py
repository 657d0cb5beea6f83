"""« Reprendre les fiches de l’acte »: the report follows an act that was signed after it was opened."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from cpo.lib.workflow import Refused
from reporting import guards
from reporting.services import late_acts
from reporting.views import common


@require_POST
def take_over(request: HttpRequest, number: str, year: int) -> HttpResponse:
    report = common.find(request, number, year)
    try:
        late_acts.take_over(report, by=request.user)  # type: ignore[arg-type]
    except Refused as refusal:
        messages.warning(request, refusal.message)
    else:
        messages.success(request, "Les fiches de l’acte sont reprises. Ce qui était saisi demeure.")
    return HttpResponseRedirect(guards.url(report, "report-detail"))
