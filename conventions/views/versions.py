"""« Versions et échanges »: what was proposed, who accepted, the exchanges of both sides."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from cpo.lib.enums import Side
from cpo.lib.workflow import Refused

from .. import permissions as may
from ..forms.negotiation import INTERNAL, CompareForm, ReplyForm, ThreadForm
from ..models import Act, Thread
from ..selectors import version_choices, version_lines
from ..services import threads
from .common import actors, get_act, refused, url
from .negotiation import readable_versions


@require_safe
def versions(request: HttpRequest, number: str) -> HttpResponse:
    act = get_act(request, number)
    if "de" in request.GET:
        return _compare(request, act)
    return page(request, act)


def _compare(request: HttpRequest, act: Act) -> HttpResponse:
    """The form of two versions leads to the address of their differences."""
    try:
        a, b = int(request.GET["de"]), int(request.GET["a"])
        return redirect(url(act, "convention-compare", a=a, b=b))
    except (KeyError, ValueError) as error:
        raise Http404 from error


def page(
    request: HttpRequest,
    act: Act,
    *,
    form: ThreadForm | None = None,
    reply: tuple[int, ReplyForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    people = actors(request, act)
    negotiation = may.reads_negotiation(people)
    lines = version_lines(act, people)
    if not negotiation:
        shown = set(readable_versions(request, act).values_list("pk", flat=True))
        lines = [line for line in lines if line.version.pk in shown]
    found = list(threads.readable(act, people))
    writer = threads.commenter(request.user, act) if act.state in Act.OPEN else None
    context: dict[str, Any] = {
        "number": number_of(act),
        "tab": "versions",
        "convention": act.convention,
        "act": act,
        "lines": lines,
        "negotiation": negotiation,
        "reads_visas": may.reads_visas(people),
        "side_names": {Side.STATE: str(act.dossier.lead), Side.BENEFICIARY: str(act.dossier.beneficiary)},
        "open_threads": [thread for thread in found if thread.resolved_at is None],
        "resolved_threads": [thread for thread in found if thread.resolved_at],
        "writer": writer,
        "form": form or (thread_form(act, writer, initial=request.GET.get("a-propos")) if writer else None),
        "reply_to": reply[0] if reply else None,
        "reply_form": reply[1] if reply else ReplyForm(),
        "compare_form": _compare_form(act) if negotiation and len(lines) > 1 else None,
    }
    return render(request, "conventions/versions.html", context, status=status)


def number_of(act: Act) -> str:
    return str(act.convention.number)


def _compare_form(act: Act) -> CompareForm:
    choices = version_choices(act)
    model = (0, f"Modèle national, {act.model_version}")
    return CompareForm(initial={"de": choices[1][0], "a": choices[0][0]}, before=[*choices, model], after=choices)


def thread_form(act: Act, writer: Any, data: Any = None, initial: str | None = None) -> ThreadForm:
    return ThreadForm(
        data,
        places=threads.places(act),
        own_side=str(writer.organisation),
        initial={"path": initial} if initial else None,
    )


@require_POST
def thread_create(request: HttpRequest, number: str) -> HttpResponse:
    act = get_act(request, number)
    writer = threads.commenter(request.user, act)
    if writer is None:
        raise PermissionDenied("Les deux parties échangent ici. Votre rôle permet de lire, pas d’écrire.")
    form = thread_form(act, writer, request.POST)
    if not form.is_valid():
        return page(request, act, form=form)
    data = form.cleaned_data
    try:
        thread = threads.start(
            act, by=request.user, path=data["path"], text=data["text"], internal=data["audience"] == INTERNAL
        )
    except Refused as error:
        return refused(request, act, error)
    return _back(request, act, thread)


def _back(request: HttpRequest, act: Act, thread: Thread) -> HttpResponse:
    """Back to the page that the message was written on, else to the exchange."""
    target = request.POST.get("next", "")
    if target.startswith("/") and url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        return redirect(target)
    return redirect(url(act, "convention-versions") + f"#echange-{thread.pk}")


def _thread(request: HttpRequest, number: str, pk: int) -> tuple[Act, Thread]:
    act = get_act(request, number)
    thread = get_object_or_404(threads.readable(act, actors(request, act)), pk=pk)
    thread.act = act
    return act, thread


@require_POST
def thread_reply(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    act, thread = _thread(request, number, pk)
    form = ReplyForm(request.POST)
    if not form.is_valid():
        if threads.commenter(request.user, act) is None:
            raise PermissionDenied("Les deux parties échangent ici. Votre rôle permet de lire, pas d’écrire.")
        return page(request, act, reply=(thread.pk, form))
    try:
        threads.reply(thread, by=request.user, text=form.cleaned_data["text"])
    except Refused as error:
        return refused(request, act, error)
    return _back(request, act, thread)


@require_POST
def thread_resolve(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Close an exchange, or open it again when `rouvrir` is posted."""
    act, thread = _thread(request, number, pk)
    try:
        if "rouvrir" in request.POST:
            threads.reopen(thread, by=request.user)
        else:
            threads.resolve(thread, by=request.user)
    except Refused as error:
        return refused(request, act, error)
    return _back(request, act, thread)
