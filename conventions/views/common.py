"""What the views of an act share: finding it for the person, telling why not, the head of a work page."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from arml.permissions import capacities
from conventions.models import Act
from conventions.pages.act_page import find_alone
from cpo.lib.actor import Actor
from cpo.lib.editing import drafts
from cpo.lib.workflow import Refused

from .framing import NOT_FOUND, open_act


def get_act(request: HttpRequest, number: str) -> Act:
    """The act of that reference, if the person may see it, read anew, for the page and its frame; 404 otherwise."""
    request.act_page = None  # type: ignore[attr-defined]
    return open_act(request, number)


def get_act_alone(request: HttpRequest, number: str) -> Act:
    """As `get_act`, without what its pages show: to serve a file."""
    act = find_alone(request.user, number)
    if act is None:
        raise Http404(NOT_FOUND)
    return act


def actors(request: HttpRequest, act: Act) -> list[Actor]:
    return capacities(request.user, act.dossier)


def url(act: Act, route: str, /, **kwargs: Any) -> str:
    return reverse(route, kwargs={"number": act.reference, **kwargs})


def work_page(act: Act, back: str = "convention-detail", label: str = "") -> dict[str, Any]:
    """Context of `layout/work.html`: the way back, whose convention, its state."""
    return {
        "convention": act.convention,
        "act": act,
        "number": act.reference,
        "back": {"url": url(act, back), "label": label or act.reference},
        "back_name": str(act.dossier.beneficiary),
        "badges": [(act.shown_state, "act", act.state_words if act.number else "")],
        "nav_section": "convention-list",
    }


def refused(request: HttpRequest, act: Act, error: Refused, *, title: str = "") -> HttpResponse:
    """The page that says why an action is not possible now, and what is missing."""
    context = work_page(act) | {"error": error, "title": title or "Action impossible pour l’instant"}
    context["typed"] = drafts.unsaved_prose(request)
    return render(request, "conventions/negotiation/refused.html", context, status=409)
