"""The page « Versions et échanges »: the versions, who accepted them, the exchanges of both sides."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from actions.permissions import editor, why_not
from conventions import permissions as may
from conventions.agreement import last_entry
from conventions.enums import ConventionState
from conventions.forms.negotiation import INTERNAL, CompareForm, ReplyForm, ThreadForm, by_organisation
from conventions.models import Act, Thread
from conventions.pages.versions import LIVE, MODEL, VersionLine, latest_number, version_choices, version_lines
from conventions.pages.waits import shown
from conventions.services import threads, visits, wordings
from conventions.waits import answers_of
from cpo.lib.actor import Actor
from cpo.lib.editing import drafts
from cpo.lib.enums import Audience, Side
from cpo.lib.models import JournalEntry
from cpo.lib.wording.numbers import whole_number
from cpo.lib.wording.words import changed_paragraphs
from cpo.lib.workflow import Refused

from .common import actors, get_act, refusal_page, url
from .drafting import add_errors
from .negotiation import compare_form, readable_versions

NOT_PROPOSED = (
    "Ce qui a été modifié depuis n’est pas encore proposé : la comparaison s’ouvrira avec la prochaine version."
)


@require_safe
def versions(request: HttpRequest, number: str) -> HttpResponse:
    act = get_act(request, number)
    if "de" in request.GET:
        return _compare(request, act)
    return page(request, act)


def _compare(request: HttpRequest, act: Act) -> HttpResponse:
    """Redirect to the comparison that the form, or the link of an e-mail, asks for.

    The link of an e-mail asks for the live content. A reader who may not read it gets the latest version instead,
    or the list when there is no newer version yet.
    """
    try:
        a, b = request.GET["de"], request.GET["a"]
        people = actors(request, act)
        if b in (LIVE, "0") and may.reads_negotiation(people) and not may.reads_live(people, act.turn):
            latest = latest_number(act)
            b = str(latest)
            known = whole_number(a)
            if known is None or latest <= known:
                if act.turn:
                    messages.info(request, NOT_PROPOSED)
                return redirect(url(act, "convention-versions"))
        return redirect(url(act, "convention-compare", a=a, b=b))
    except (KeyError, ValueError, NoReverseMatch) as error:
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
        readable_pks = set(readable_versions(request, act).values_list("pk", flat=True))
        lines = [line for line in lines if line.version.pk in readable_pks]
    act_threads = list(threads.readable(act, capacities))
    writer = threads.commenter(request.user, act) if threads.is_discussed(act) else None
    people = threads.readers(act, excluding=request.user) if writer else []
    _with_wordings(request, act, act_threads, writer)
    for thread in act_threads:
        thread.people = by_organisation([reader for reader in people if reader.reads(thread.audience)])
    if writer and form is None:
        form = thread_form(act, writer, people, near=[request.GET.get("a-propos", ""), _draft_path(request)])
    context: dict[str, Any] = {
        "number": number_of(act),
        "tab": "versions",
        "convention": act.convention,
        "act": act,
        "lines": lines,
        "since": visits.previous_visit_end(request.user, act.dossier) if negotiation else None,
        "negotiation": negotiation,
        "in_preparation": act.state == ConventionState.DRAFT,
        "president_asked": _president_asked(act, capacities),
        "may_withdraw": any(may.lead_officer(actor) for actor in capacities) and act.state != ConventionState.ABANDONED,
        "side_names": {Side.STATE: str(act.dossier.lead), Side.BENEFICIARY: str(act.dossier.beneficiary)},
        "open_threads": [thread for thread in act_threads if thread.resolved_at is None],
        "resolved_threads": [thread for thread in act_threads if thread.resolved_at],
        "writer": writer,
        "form": form,
        "wordable": _wordable(request, act, form, request.GET.get("a-propos", "")),
        "reply_to": reply[0] if reply else None,
        "reply_form": reply[1] if reply else ReplyForm(),
        "stale": stale,
        "compare_form": _last_two(act, capacities, lines) if negotiation and lines else None,
    }
    return render(request, "conventions/negotiation/versions.html", context, status=status)


def _president_asked(act: Act, capacities: list[Actor]) -> JournalEntry | None:
    """Return the pending request for the president's visa. Only the association may read it."""
    if act.president_visa_asked_at and may.reads_visas(capacities, act.dossier.beneficiary):
        return last_entry(act, "ask_president_visa")
    return None


def _with_waits(act: Act, act_threads: list[Thread], capacities: list[Actor]) -> None:
    """Say of each exchange which side has not answered, and since when."""
    waits = {row["key"]: row for row in shown(act, answers_of(act), capacities)} if act_threads else {}
    for thread in act_threads:
        thread.wait = waits.get(f"reponse:{thread.pk}")  # type: ignore[attr-defined]


def _with_wordings(request: HttpRequest, act: Act, act_threads: list[Thread], writer: Any) -> None:
    """Set on each open shared exchange whether a wording may be proposed, the pending one with its differences, and
    which side has not answered."""
    _with_waits(act, act_threads, actors(request, act))
    shared = [thread for thread in act_threads if thread.audience == Audience.BOTH and thread.resolved_at is None]
    texts = wordings.present_texts(act, {thread.path for thread in shared}, request.user) if writer else {}
    editing = editor(request.user, act.programme) if writer else None
    for thread in shared:
        proposals = [comment.proposal for comment in thread.comments.all() if hasattr(comment, "proposal")]
        thread.may_propose = thread.path in texts
        last = proposals[-1] if proposals and proposals[-1].accepted_at is None else None
        if last is None:
            continue
        present = texts.get(thread.path, last.base)
        other = bool(writer) and writer.side != last.comment.side
        thread.waiting = {
            "proposal": last,
            "paragraphs": changed_paragraphs(present, last.text),
            "moved": present != last.base,
            "digest": wordings.digest(present),
            "may_accept": other and editing is not None and thread.may_propose,
            "why_not": why_not(request.user, act.programme) if other and editing is None else "",
        }


def _draft_path(request: HttpRequest) -> str:
    """Return the path that the stored draft of a message is about: the form must offer it, or the draft loses it."""
    draft = drafts.of_page(request, request.path).get("message") if request.method == "GET" else None
    return str(dict(draft.raw).get("path", "")) if draft else ""


def _wordable(request: HttpRequest, act: Act, form: ThreadForm | None, near: str) -> str:
    """Return the path that the person comes from, when a wording can be proposed for it."""
    offered = form is not None and near in dict(form.fields["path"].choices)
    return near if offered and wordings.present_text(act, near, request.user) is not None else ""


def number_of(act: Act) -> str:
    return str(act.reference)


def _last_two(act: Act, people: list[Actor], lines: list[VersionLine]) -> CompareForm:
    """Return the form for the latest version and the previous one; the national model when there is one version."""
    choices = version_choices(act, [line.version for line in lines])
    latest, previous = ([key for key, _ in choices] + [MODEL])[:2]
    return compare_form(act, people, choices, previous, latest)


def thread_form(
    act: Act, writer: Any, people: list[threads.Reader], data: Any = None, near: Sequence[str] = ()
) -> ThreadForm:
    return ThreadForm(
        data,
        anchors=threads.anchors(act, writer.user, *near),
        own_side=str(writer.organisation),
        people=people,
        initial={"path": near[0]} if near and near[0] else None,
    )


@require_POST
def thread_create(request: HttpRequest, number: str) -> HttpResponse:
    act = get_act(request, number)
    writer = threads.commenter(request.user, act)
    if writer is None:
        raise PermissionDenied("Les deux parties échangent ici. Votre rôle permet de lire, pas d’écrire.")
    people = threads.readers(act, excluding=request.user)
    form = thread_form(act, writer, people, request.POST, near=[request.POST.get("path", "")])
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
            mention=form.mentioned_users,
        )
    except ValidationError as error:
        add_errors(form, error)
        return page(request, act, form=form)
    except Refused as error:
        return refusal_page(request, act, error)
    return back_to(request, act, thread)


def back_to(request: HttpRequest, act: Act, thread: Thread) -> HttpResponse:
    """Redirect to the page where the message was written, or else to the exchange."""
    target = request.POST.get("next", "")
    if target.startswith("/") and url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        return redirect(target)
    return redirect(url(act, "convention-versions") + f"#echange-{thread.pk}")


def get_thread(request: HttpRequest, number: str, pk: int) -> tuple[Act, Thread]:
    act = get_act(request, number)
    thread = get_object_or_404(threads.readable(act, actors(request, act)), pk=pk)
    thread.act = act
    return act, thread


@require_POST
def thread_reply(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    act, thread = get_thread(request, number, pk)
    try:
        threads.writer(request.user, act)
        form = ReplyForm(request.POST, people=threads.readers(act, audience=thread.audience, excluding=request.user))
        if not form.is_valid():
            return page(request, act, reply=(thread.pk, form))
        threads.reply(thread, by=request.user, text=form.cleaned_data["text"], mention=form.mentioned_users)
    except ValidationError as error:
        add_errors(form, error)
        return page(request, act, reply=(thread.pk, form))
    except Refused as error:
        return refusal_page(request, act, error)
    return back_to(request, act, thread)


@require_POST
def thread_resolve(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Close an exchange, open it again when `rouvrir` is posted, or with `sans_reponse` wait for no answer."""
    act, thread = get_thread(request, number, pk)
    try:
        if "rouvrir" in request.POST:
            threads.reopen(thread, by=request.user)
            return back_to(request, act, thread)
        if "sans_reponse" in request.POST:
            threads.settle(thread, by=request.user)
            return back_to(request, act, thread)
        threads.resolve(thread, by=request.user)
    except Refused as error:
        return refusal_page(request, act, error)
    # Go to the top of the page: the resolved exchange is now folded, at the end.
    messages.success(request, f"L’échange est résolu : {thread.label}.")
    return redirect(url(act, "convention-versions"))
