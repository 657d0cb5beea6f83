"""What every page of a convention does: find the act for the person, frame the page, say who saved meanwhile."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from actions.permissions import editor, why_not
from arml.models import User
from conventions.models import Act
from conventions.pages.act_page import ActPage, find_page
from cpo.lib import journal
from cpo.lib.models import JournalEntry

NOT_FOUND = "Cette convention n’existe pas, ou ne vous est pas ouverte."


def open_page(request: HttpRequest, number: str) -> ActPage:
    """The page of the act of that reference, if the person may see it, one for a request; 404 otherwise."""
    found: ActPage | None = getattr(request, "act_page", None)
    if found is None or found.act.reference != number:
        found = find_page(request.user, number)
        if found is None:
            raise Http404(NOT_FOUND)
        request.act_page = found  # type: ignore[attr-defined]
    return found


def open_act(request: HttpRequest, number: str) -> Act:
    return open_page(request, number).act


def page(
    request: HttpRequest, template: str, act: Act, tab: str, context: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """Render a tab of a convention."""
    base = {"number": act.reference, "act": act, "convention": act.convention, "tab": tab}
    return render(request, f"conventions/{template}.html", base | (context or {}), status=status)


def editing_rights(user: User, act: Act, *, of_amounts: bool = False) -> dict[str, Any]:
    """Who may write here now: `actor` (or None) and why not, for the page to say."""
    actor = editor(user, act.programme, of_amounts=of_amounts)
    reason = "" if actor else why_not(user, act.programme, of_amounts=of_amounts)
    return {"actor": actor, "may_edit": actor is not None, "why_not": reason}


def read_again(act: Act) -> Act:
    """What is stored now, beside what the page was made of."""
    return Act.objects.select_related("programme__cycle", "convention__dossier", "model_version").get(pk=act.pk)


def last_writer(act: Act, element: str) -> JournalEntry | None:
    """Who saved this last: `element` begins as the service names it in the journal."""
    return journal.last_writing(act, element, "edited", "acceptances_cancelled")
