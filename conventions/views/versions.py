"""« Versions et échanges »: what was proposed, who accepted, the exchanges of both sides."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from actions.permissions import editor, why_not
from cpo.lib.actor import Actor
from cpo.lib.enums import Audience, Side
from cpo.lib.models import JournalEntry
from cpo.lib.words import changed_paragraphs
from cpo.lib.workflow import Refused

from .. import permissions as may
from ..forms.negotiation import INTERNAL, CompareForm, ReplyForm, ThreadForm, WordingForm, by_organisation
from ..models import Act, Thread
from ..selectors import version_choices, version_lines
from ..services import proposals, threads, visits
from ..standing import last_entry
from .common import actors, get_act, refused, url, work_page
from .creation import add_errors
from .negotiation import compare_form, readable_versions


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
    stale: int | None = None,
    status: int = 200,
) -> HttpResponse:
    capacities = actors(request, act)
    negotiation = may.reads_negotiation(capacities)
    lines = version_lines(act, capacities)
    if not negotiation:
        shown = set(readable_versions(request, act).values_list("pk", flat=True))
        lines = [line for line in lines if line.version.pk in shown]
    found = list(threads.readable(act, capacities))
    writer = threads.commenter(request.user, act) if act.state in Act.OPEN else None
    people = threads.readers(act, but=request.user) if writer else []
    _with_wordings(request, act, found, writer)
    for thread in found:
        thread.people = by_organisation([one for one in people if one.reads(thread.audience)])
    context: dict[str, Any] = {
        "number": number_of(act),
        "tab": "versions",
        "convention": act.convention,
        "act": act,
        "lines": lines,
        "since": visits.before(request.user, act.dossier) if negotiation else None,
        "negotiation": negotiation,
        "president_asked": _president_asked(act, capacities),
        "may_withdraw": any(may.lead_officer(actor) for actor in capacities) and act.state != "abandoned",
        "side_names": {Side.STATE: str(act.dossier.lead), Side.BENEFICIARY: str(act.dossier.beneficiary)},
        "open_threads": [thread for thread in found if thread.resolved_at is None],
        "resolved_threads": [thread for thread in found if thread.resolved_at],
        "writer": writer,
        "form": form or (thread_form(act, writer, people, near=request.GET.get("a-propos")) if writer else None),
        "reply_to": reply[0] if reply else None,
        "reply_form": reply[1] if reply else ReplyForm(),
        "stale": stale,
        "compare_form": _last_two(act, capacities) if negotiation and lines else None,
    }
    return render(request, "conventions/versions.html", context, status=status)


def _president_asked(act: Act, capacities: list[Actor]) -> JournalEntry | None:
    """The request for the president's visa that waits, for the association alone."""
    if act.president_visa_asked_at and may.reads_visas(capacities, act.dossier.beneficiary):
        return last_entry(act, "ask_president_visa")
    return None


def _with_wordings(request: HttpRequest, act: Act, found: list[Thread], writer: Any) -> None:
    """What each open exchange that both read needs: may a wording be proposed, and the one that waits, word by word."""
    shared = [thread for thread in found if thread.audience == Audience.BOTH and thread.resolved_at is None]
    texts = proposals.present_texts(act, {thread.path for thread in shared}) if writer else {}
    editing = editor(request.user, act.programme) if writer else None
    for thread in shared:
        said = [comment.proposal for comment in thread.comments.all() if hasattr(comment, "proposal")]
        thread.may_propose = thread.path in texts
        last = said[-1] if said and said[-1].accepted_at is None else None
        if last is None:
            continue
        present = texts.get(thread.path, last.base)
        other = bool(writer) and writer.side != last.comment.side
        thread.waiting = {
            "proposal": last,
            "paragraphs": changed_paragraphs(present, last.text),
            "moved": present != last.base,
            "seen": proposals.digest(present),
            "may_accept": other and editing is not None and thread.may_propose,
            "why_not": why_not(request.user, act.programme) if other and editing is None else "",
        }


def number_of(act: Act) -> str:
    return str(act.reference)


def _last_two(act: Act, people: list[Actor]) -> CompareForm:
    """The form on the latest version and the one before it; on the national model when it is the first."""
    choices = version_choices(act)
    latest, previous = ([number for number, _ in choices] + [0])[:2]
    return compare_form(act, people, choices, previous, latest)


def thread_form(
    act: Act, writer: Any, people: list[threads.Reader], data: Any = None, near: str | None = None
) -> ThreadForm:
    return ThreadForm(
        data,
        places=threads.places(act, near=near or ""),
        own_side=str(writer.organisation),
        people=people,
        initial={"path": near} if near else None,
    )


@require_POST
def thread_create(request: HttpRequest, number: str) -> HttpResponse:
    act = get_act(request, number)
    writer = threads.commenter(request.user, act)
    if writer is None:
        raise PermissionDenied("Les deux parties échangent ici. Votre rôle permet de lire, pas d’écrire.")
    people = threads.readers(act, but=request.user)
    form = thread_form(act, writer, people, request.POST, near=request.POST.get("path"))
    if not form.is_valid():
        return page(request, act, form=form)
    data = form.cleaned_data
    try:
        thread = threads.start(
            act,
            by=request.user,
            path=data["path"],
            text=data["text"],
            internal=data["audience"] == INTERNAL,
            mention=form.called,
        )
    except ValidationError as error:
        add_errors(form, error)
        return page(request, act, form=form)
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
    try:
        threads.writer(request.user, act)
        form = ReplyForm(request.POST, people=threads.readers(act, audience=thread.audience, but=request.user))
        if not form.is_valid():
            return page(request, act, reply=(thread.pk, form))
        threads.reply(thread, by=request.user, text=form.cleaned_data["text"], mention=form.called)
    except ValidationError as error:
        add_errors(form, error)
        return page(request, act, reply=(thread.pk, form))
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


@require_http_methods(["GET", "HEAD", "POST"])
def thread_propose(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Propose a wording: a page of its own, filled in with the present text."""
    act, thread = _thread(request, number, pk)
    try:
        proposals.proposer(thread, request.user)
        present = proposals.present_text(act, thread.path) or ""
        waiting = proposals.standing(thread)
        initial = {"wording": waiting.text if waiting else present}
        form = WordingForm(request.POST or None, initial=initial)
        if request.method == "POST" and form.is_valid():
            data = form.cleaned_data
            try:
                proposals.propose(thread, by=request.user, wording=data["wording"], text=data["text"])
            except ValidationError as error:
                add_errors(form, error)
            else:
                messages.success(request, "La rédaction est proposée à l’autre partie.")
                return _back(request, act, thread)
    except Refused as error:
        return refused(request, act, error)
    context = work_page(act, "convention-versions", "Versions et échanges")
    context |= {"thread": thread, "form": form, "present": present, "with_bar": True}
    return render(request, "conventions/propose_wording.html", context)


@require_POST
def thread_accept(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Accept the wording that waits; when the text changed meanwhile, the page shows the new difference."""
    act, thread = _thread(request, number, pk)
    shown = request.POST.get("proposal", "")
    try:
        proposals.accept(
            thread,
            by=request.user,
            number=int(shown) if shown.isdecimal() else 0,
            seen=request.POST.get("seen", ""),
        )
    except proposals.StaleWording:
        return page(request, get_act(request, number), stale=thread.pk, status=409)
    except Refused as error:
        return refused(request, act, error)
    messages.success(request, "La rédaction est acceptée\u00a0: le texte est à jour, l’échange est résolu.")
    return _back(request, act, thread)
