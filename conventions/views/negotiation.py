"""The pages of a version, of the comparison of two versions, and of the transitions of an act."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views import View
from django.views.decorators.http import require_safe

from conventions import permissions as may
from conventions import workflow
from conventions.agreement import received_version
from conventions.content.comparison import cached, summary
from conventions.content.reading import read
from conventions.enums import ConventionState
from conventions.forms.negotiation import Choices, CompareForm
from conventions.guards.versions import live_prints_as_typed, live_prints_complete
from conventions.guards.visas import nothing_new
from conventions.models import Act
from conventions.pages.versions import (
    LIVE,
    MODEL,
    ComparedSide,
    comparison_of,
    latest_number,
    side_by_side,
    version_choices,
)
from conventions.workflow.later import consequence_of, label_of
from cpo.lib import clock
from cpo.lib.actor import Actor
from cpo.lib.wording.numbers import whole_number
from cpo.lib.workflow import Option, Refused

from .common import actors, get_act, refusal_page, url, work_page

DONE = {
    "share": "La négociation est ouverte : l’association est prévenue et a la main.",
    "propose": "La version {number} est proposée : l’autre partie est prévenue et a la main.",
    "accept": "La version {number} est acceptée pour votre partie.",
    "ask_turn": "La main est redemandée : l’autre partie est prévenue.",
    "give_turn": "La main est rendue : l’autre partie est prévenue.",
    "ask_visa": "Le visa est demandé : la personne responsable est prévenue.",
    "give_visa": "Le visa est donné sur la version {number}.",
    "cosigner_visa": "Le visa de votre service est donné sur la version {number}.",
    "refuse_visa": "Le visa est refusé, avec son motif : la personne chargée de mission est prévenue.",
    "refuse_cosigner_visa": "Le visa de votre service est refusé : le service chef de file est prévenu.",
    "ask_president_visa": "Le visa est demandé : la présidence est prévenue.",
    "give_president_visa": "Le visa est donné sur la version {number} : la direction est prévenue.",
    "refuse_president_visa": "Le visa est refusé, avec son motif : la direction est prévenue.",
    "open_signature": "La signature est ouverte : le document définitif est en cours de production.",
    "notify": "La convention est notifiée et en exécution.",
    "declare": "L’adaptation est déclarée : le service est prévenu.",
    "refuse": "L’acte est terminé sans suite : l’autre partie est prévenue.",
    "reopen": "La négociation est rouverte : le document et les signatures sont annulés.",
    "decline_signature": "Votre refus est enregistré avec son motif : les deux parties en sont prévenues.",
    "withdraw_signature": "Votre signature est retirée : le document est annulé, la négociation est rouverte.",
    "record_paper": "La reprise est terminée : l’association est invitée à confirmer ce qui a été saisi.",
    "abandon": "Le projet de convention est abandonné.",
    "withdraw_notice": "La mise en demeure est retirée, avec son motif.",
    "close": "La convention est clôturée : les deux parties en sont prévenues.",
}
NOTIFIED = "{act} : notifié. Le texte prend effet à sa date."
# The page to open after a transition; by default, the summary.
NEXT = {
    "open_signature": "convention-documents",
    "decline_signature": "convention-documents",
    "notify": "convention-documents",
    "withdraw_notice": "convention-ending",
    "close": "convention-ending",
}


def label(name: str, act: Act) -> str:
    """Return the label of a transition with its version: « Proposer la version 5 »."""
    text = label_of(workflow.ACT.transitions[name], act)
    if name == "propose":
        return f"{text} {latest_number(act) + 1}"
    return f"{text} {latest_number(act)}" if name == "accept" else text


class TransitionView(View):
    """GET: say what the action does and what is missing, and ask for a comment. POST: do the action."""

    def dispatch(self, request: HttpRequest, number: str, name: str) -> HttpResponse:
        if name not in workflow.ACT.transitions:
            raise Http404
        self.act, self.name = get_act(request, number), name
        if name in workflow.OWN_PAGES:
            return redirect(url(self.act, workflow.OWN_PAGES[name]))
        return super().dispatch(request)

    def get(self, request: HttpRequest) -> HttpResponse:
        try:
            option = workflow.ACT.attempt(self.name, self.act, request.user)
        except Refused as error:
            return refusal_page(request, self.act, error)
        return self.page(request, option)

    def post(self, request: HttpRequest) -> HttpResponse:
        comment = request.POST.get("comment", "").strip()
        data = {"expected_version": request.POST.get("expected_version") or None}
        if data["expected_version"] and whole_number(data["expected_version"]) is None:
            raise Http404
        try:
            act = workflow.apply(self.name, self.act, by=request.user, comment=comment, data=data)
        except Refused as error:
            return self.refusal(request, error, comment)
        message = NOTIFIED.format(act=act.name) if act.number and self.name == "notify" else DONE[self.name]
        messages.success(request, message.format(number=latest_number(act)))
        return redirect(url(self.act, NEXT.get(self.name, "convention-detail")))

    def refusal(self, request: HttpRequest, error: Refused, comment: str) -> HttpResponse:
        """Say why on the same page, with the comment as typed; or on another page when the action is not possible."""
        self.act = get_act(request, self.act.reference)
        try:
            option = workflow.ACT.attempt(self.name, self.act, request.user)
        except Refused:
            return refusal_page(request, self.act, error)
        if not comment and option.transition.comment and not error.missing and "motif" in error.message:
            return self.page(request, option, comment_error=error.message, status=409)
        return self.page(request, option, error=error, comment=comment, status=409)

    def page(self, request: HttpRequest, option: Option, status: int = 200, **context: Any) -> HttpResponse:
        if self.name == "propose":  # warn before the version is frozen: afterwards, only another version corrects it
            act = self.act
            option.missing.extend([*nothing_new(act), *live_prints_complete(act), *live_prints_as_typed(act)])
        return render(
            request,
            "conventions/negotiation/transition.html",
            work_page(self.act)
            | {
                "option": option,
                "label": label(self.name, self.act),
                "consequence": consequence_of(option.transition, self.act),
                "expected_version": latest_number(self.act),
                "received": received_version(self.act, option.actor.side) if self.name == "accept" else None,
            }
            | context,
            status=status,
        )


transition = TransitionView.as_view()


@require_safe
def version(request: HttpRequest, number: str, n: int) -> HttpResponse:
    """Show the frozen content of a version, as the document prints it."""
    act = get_act(request, number)
    frozen_version = get_object_or_404(readable_versions(request, act).select_related("author"), number=n)
    negotiation = may.reads_negotiation(actors(request, act))
    previous = act.versions.filter(number__lt=n).order_by("-number").values_list("number", flat=True).first()
    context = work_page(act, "convention-versions", "Versions et échanges") | {
        "version": frozen_version,
        "content": read(frozen_version.content),
        "negotiation": negotiation,
        "previous": previous if negotiation else None,
    }
    return render(request, "conventions/negotiation/version.html", context)


def readable_versions(request: HttpRequest, act: Act) -> Any:
    """Return all versions for the parties and the DGEFP; for observers, only the signed one."""
    if may.reads_negotiation(actors(request, act)):
        return act.versions.all()
    return act.versions.filter(pk=_signed_version(act))


def _signed_version(act: Act) -> int | None:
    if act.state != ConventionState.ACTIVE:
        return None
    return act.versions.order_by("-number").values_list("pk", flat=True).first()


@require_safe
def compare_versions(request: HttpRequest, number: str, a: str, b: str) -> HttpResponse:
    """Show the differences between two contents: see `side_by_side`."""
    act = get_act(request, number)
    people = actors(request, act)
    if not may.reads_negotiation(people):
        raise Http404
    before, after = side_by_side(act, a, b)
    if after.key == LIVE and not may.reads_live(people, act.turn):
        raise Http404
    comparison = comparison_of(before, after)
    context = work_page(act, "convention-versions", "Versions et échanges") | {
        "before": before,
        "after": after,
        "sides": (before, after),
        "comparison": comparison,
        "cache_key": cached.key(before.version, after.version) if before.version and after.version else "",
        "summary": summary.lines(comparison),
        "compare_form": compare_form(act, people, version_choices(act), before.key, after.key),
        "answer": _answer(act, request, after),
        "now": clock.now(),
    }
    return render(request, "conventions/negotiation/compare.html", context)


def compare_form(act: Act, people: list[Actor], versions: Choices, a: str, b: str) -> CompareForm:
    """Return the form that chooses two versions, or a version and the national model."""
    live = [(LIVE, "Contenu actuel, pas encore proposé")] if may.reads_live(people, act.turn) else []
    return CompareForm(
        initial={"de": a, "a": b},
        before=[*versions, *_model_choice(act)],
        after=[*live, *versions],
    )


def _model_choice(act: Act) -> Choices:
    """Return the choice of the national model: what was signed on paper was not written from it."""
    return [] if act.convention.on_paper else [(MODEL, f"Modèle national, {act.model_version}")]


def _answer(act: Act, request: HttpRequest, after: ComparedSide) -> dict[str, str] | None:
    """Return the button of the next step, when the page shows the version to answer or the content to propose."""
    if after.version and not after.version.handed_over and after.version.number == latest_number(act):
        for option in workflow.ACT.available(act, request.user):
            if option.transition.name == "accept":
                return {"url": url(act, "convention-transition", name="accept"), "label": label("accept", act)}
    if after.key == LIVE:
        for option in workflow.ACT.available(act, request.user):
            if option.transition.name == "propose":
                return {"url": url(act, "convention-transition", name="propose"), "label": label("propose", act)}
    return None
