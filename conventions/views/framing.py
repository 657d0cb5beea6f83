"""What every page of a convention does: find the act for the person, render in the frame, say who saved meanwhile."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from actions.permissions import editor, why_not
from arml.models import User
from conventions.models import Act
from conventions.pages.act_page import ActPage, find_page
from cpo.lib import journal, zones
from cpo.lib.models import JournalEntry

NOT_FOUND = "Cette convention n’existe pas, ou ne vous est pas ouverte."


def open_page(request: HttpRequest, number: str) -> ActPage:
    """Return the page of the act, the same one during a request. Raises Http404 when the person may not see it."""
    act_page: ActPage | None = getattr(request, "act_page", None)
    if act_page is None or act_page.number != number:
        act_page = find_page(request.user, number)
        if act_page is None:
            raise Http404(NOT_FOUND)
        zones.set_page(act_page.act.dossier)
        request.act_page = act_page  # type: ignore[attr-defined]
    return act_page


def open_act(request: HttpRequest, number: str) -> Act:
    return open_page(request, number).act


def page(
    request: HttpRequest, template: str, act: Act, tab: str, context: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """Render a tab of a convention. `act`: the one of the address, or the one whose text the page shows."""
    number = opened.number if (opened := getattr(request, "act_page", None)) else act.reference
    base = {"number": number, "act": act, "convention": act.convention, "tab": tab}
    return render(request, f"conventions/{template}.html", base | (context or {}), status=status)


def editing_rights(user: User, act: Act, *, of_amounts: bool = False) -> dict[str, Any]:
    """Return the context that says whether the person may write now: `actor` (or None), `may_edit`, `why_not`."""
    actor = editor(user, act.programme, of_amounts=of_amounts)
    reason = "" if actor else why_not(user, act.programme, of_amounts=of_amounts)
    return {"actor": actor, "may_edit": actor is not None, "why_not": reason}


def read_again(act: Act) -> Act:
    """Read the act again, to compare what is stored now with what the page showed."""
    return Act.objects.select_related("programme__cycle", "convention__dossier", "model_version").get(pk=act.pk)


def last_writer(act: Act, element: str) -> JournalEntry | None:
    """Return the last journal entry about `element`, the beginning of the name that the service gives it."""
    return journal.last_writing(act, element, "edited", "acceptances_cancelled")
