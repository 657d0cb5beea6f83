"""Pages to propose a wording for an article or a text of a fiche, and to accept it."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from conventions.forms.negotiation import WordingForm
from conventions.models import Act, Thread
from conventions.services import threads, wordings
from cpo.lib.wording.numbers import whole_number
from cpo.lib.workflow import Refused

from .common import get_act, refusal_page, work_page
from .drafting import add_errors
from .versions import back_to, get_thread
from .versions import page as versions_page


@require_http_methods(["GET", "HEAD", "POST"])
def thread_propose(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Propose a wording in an open exchange. The form begins with the present text."""
    act, thread = get_thread(request, number, pk)

    def write(**values: str) -> Thread:
        wordings.propose(thread, by=request.user, **values)
        return thread

    try:
        wordings.proposer(thread, request.user)
        proposal = wordings.pending_proposal(thread)
        return _wording(request, act, thread, write, proposal.text if proposal else None)
    except Refused as error:
        return refusal_page(request, act, error)


@require_http_methods(["GET", "HEAD", "POST"])
def thread_wording(request: HttpRequest, number: str, about: str) -> HttpResponse:
    """Open an exchange and propose a wording in it, from the page of an article or of a field of a fiche."""
    act = get_act(request, number)

    def write(**values: str) -> Thread:
        return wordings.start(act, by=request.user, path=about, **values)

    try:
        threads.writer(request.user, act)
        anchor = next((anchor for anchor in threads.anchors(act, request.user, about) if anchor.path == about), None)
        if anchor is None:
            raise Http404
        return _wording(request, act, anchor, write)
    except Refused as error:
        return refusal_page(request, act, error)


def _wording(
    request: HttpRequest,
    act: Act,
    anchor: Thread | threads.Anchor,
    write: Callable[..., Thread],
    pending_text: str | None = None,
) -> HttpResponse:
    """Show the form of a wording. `pending_text`: the wording that the new one would replace. Raises Refused."""
    present = wordings.present_text(act, anchor.path, request.user)
    if present is None:
        raise Refused(wordings.NOT_HERE)
    form = WordingForm(request.POST or None, initial={"wording": present if pending_text is None else pending_text})
    if request.method == "POST" and form.is_valid():
        try:
            thread = write(**form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, "La rédaction est proposée à l’autre partie.")
            return back_to(request, act, thread)
    context = work_page(act, "convention-versions", "Versions et échanges")
    context |= {"anchor": anchor, "form": form, "present": present, "with_bar": True}
    return render(request, "conventions/negotiation/propose_wording.html", context)


@require_POST
def thread_accept(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Accept the pending wording. When the text changed meanwhile, the page shows the new difference."""
    act, thread = get_thread(request, number, pk)
    try:
        wordings.accept(
            thread,
            by=request.user,
            number=whole_number(request.POST.get("proposal")) or 0,
            shown_digest=request.POST.get("seen", ""),
        )
    except wordings.StaleWording:
        return versions_page(request, get_act(request, number), stale=thread.pk, status=409)
    except Refused as error:
        return refusal_page(request, act, error)
    messages.success(request, "La rédaction est acceptée : le texte est à jour, l’échange est résolu.")
    return back_to(request, act, thread)
