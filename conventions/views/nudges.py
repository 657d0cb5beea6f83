"""« Relancer »: a button that posts from the page of the act, of its signatures, or of an exchange."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from arml.views.redirects import came_from
from conventions.services.nudges import nudge as write_nudge
from conventions.views.common import get_act, refusal_page, url
from cpo.lib.wording import french
from cpo.lib.workflow import Refused


@require_POST
def nudge(request: HttpRequest, number: str) -> HttpResponse:
    act = get_act(request, number)
    try:
        wait = write_nudge(act=act, about=request.POST.get("attente", "")[:60], by=request.user)  # type: ignore[arg-type]
    except Refused as error:
        return refusal_page(request, act, error)
    words = french.to(wait.organisation.in_sentence)
    messages.success(request, f"La relance est envoyée {words}. Vous pourrez relancer de nouveau demain.")
    return redirect(came_from(request) or url(act, wait.page))
