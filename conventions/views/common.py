"""What the views of an act share: find the act for the person, explain a refusal, prepare a work page."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from arml.permissions import capacities
from conventions.models import Act
from conventions.pages.act_page import find_act
from cpo.lib.actor import Actor
from cpo.lib.editing import drafts
from cpo.lib.workflow import Refused

from .framing import NOT_FOUND, open_act


def get_act(request: HttpRequest, number: str) -> Act:
    """Read the act and its page again. Raises Http404 when the person may not see it."""
    request.act_page = None  # type: ignore[attr-defined]
    return open_act(request, number)


def get_act_alone(request: HttpRequest, number: str) -> Act:
    """Read the act without its page, to serve a file. Raises Http404 when the person may not see it."""
    act = find_act(request.user, number)
    if act is None:
        raise Http404(NOT_FOUND)
    return act


def actors(request: HttpRequest, act: Act) -> list[Actor]:
    return capacities(request.user, act.dossier)


def url(act: Act, route: str, /, **kwargs: Any) -> str:
    return reverse(route, kwargs={"number": act.reference, **kwargs})


def work_page(act: Act, back: str = "convention-detail", label: str = "", number: str = "") -> dict[str, Any]:
    """Return the context of `layout/work.html`: the link back, the name of the association, the state.

    `number`: the address of the page, by default the reference of the act.
    """
    return {
        "convention": act.convention,
        "act": act,
        "number": number or act.reference,
        "back": {"url": reverse(back, args=[number or act.reference]), "label": label or act.reference},
        "back_name": str(act.dossier.beneficiary),
        "badges": [(act.shown_state, "act", act.state_words if act.number else "")],
        "nav_section": "convention-list",
    }


def refusal_page(request: HttpRequest, act: Act, error: Refused, *, title: str = "") -> HttpResponse:
    """Render the page that says why an action is not possible now, and what is missing."""
    context = work_page(act) | {"error": error, "title": title or "Action impossible pour l’instant"}
    context["typed"] = drafts.unsaved_prose(request)
    return render(request, "conventions/negotiation/refused.html", context, status=409)
