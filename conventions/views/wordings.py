"""A wording proposed for an article or a text of a fiche: in an exchange or with one, and its acceptance."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from conventions.forms.negotiation import WordingForm
from conventions.models import Act, Thread
from conventions.services import threads, wordings
from cpo.lib.workflow import Refused

from .common import get_act, refused, work_page
from .drafting import add_errors
from .versions import back_to, get_thread
from .versions import page as versions_page


@require_http_methods(["GET", "HEAD", "POST"])
def thread_propose(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Propose a wording in an exchange: a page of its own, filled in with the present text."""
    act, thread = get_thread(request, number, pk)

    def write(**given: str) -> Thread:
        wordings.propose(thread, by=request.user, **given)
        return thread

    try:
        wordings.proposer(thread, request.user)
        waiting = wordings.standing(thread)
        return _wording(request, act, thread, write, waiting.text if waiting else None)
    except Refused as error:
        return refused(request, act, error)


@require_http_methods(["GET", "HEAD", "POST"])
def thread_wording(request: HttpRequest, number: str, about: str) -> HttpResponse:
    """The same, which opens the exchange besides: from an article or a field of a fiche, in one step."""
    act = get_act(request, number)

    def write(**given: str) -> Thread:
        return wordings.start(act, by=request.user, path=about, **given)

    try:
        threads.writer(request.user, act)
        place = next((place for place in threads.places(act, about) if place.path == about), None)
        if place is None:
            raise Http404
        return _wording(request, act, place, write)
    except Refused as error:
        return refused(request, act, error)


def _wording(
    request: HttpRequest,
    act: Act,
    place: Thread | threads.Place,
    write: Callable[..., Thread],
    waiting: str | None = None,
) -> HttpResponse:
    """The page of a wording; `waiting`: the one that a new one would replace. Raises Refused."""
    present = wordings.present_text(act, place.path)
    if present is None:
        raise Refused(wordings.NOT_HERE)
    form = WordingForm(request.POST or None, initial={"wording": present if waiting is None else waiting})
    if request.method == "POST" and form.is_valid():
        try:
            thread = write(**form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, "La rédaction est proposée à l’autre partie.")
            return back_to(request, act, thread)
    context = work_page(act, "convention-versions", "Versions et échanges")
    context |= {"place": place, "form": form, "present": present, "with_bar": True}
    return render(request, "conventions/negotiation/propose_wording.html", context)


@require_POST
def thread_accept(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Accept the wording that waits; when the text changed meanwhile, the page shows the new difference."""
    act, thread = get_thread(request, number, pk)
    shown = request.POST.get("proposal", "")
    try:
        wordings.accept(
            thread,
            by=request.user,
            number=int(shown) if shown.isdecimal() else 0,
            seen=request.POST.get("seen", ""),
        )
    except wordings.StaleWording:
        return versions_page(request, get_act(request, number), stale=thread.pk, status=409)
    except Refused as error:
        return refused(request, act, error)
    messages.success(request, "La rédaction est acceptée : le texte est à jour, l’échange est résolu.")
    return back_to(request, act, thread)
