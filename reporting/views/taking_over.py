"""Taking over a paper convention: what was already done; then what was recorded, for the association to confirm."""

import re
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_safe

from arml.permissions import capacities
from conventions.enums import ConventionState
from conventions.later.in_force import signed_acts
from conventions.models import Act, Convention
from conventions.money import summary
from conventions.views.common import refusal_page
from conventions.views.drafting import add_errors
from conventions.views.framing import open_page, page, read_again
from conventions.workflow import ACT
from cpo.lib import journal
from cpo.lib.actor import reads_negotiation
from cpo.lib.editing import conflicts
from cpo.lib.enums import Side
from cpo.lib.files import stored
from cpo.lib.workflow import Refused
from reporting.deadlines.before import questions
from reporting.enums import RecordAnswer
from reporting.forms.taking_over import DoneForm, RecordAnswerForm
from reporting.models import DoneBefore, RecordCheck
from reporting.services.taking_over import CLOSED, ELEMENT, answer_record, answerer, record_done, recorder

NOT_YOURS = "Le service chef de file enregistre ce qui était déjà fait. Votre rôle permet de le lire."


@require_http_methods(["GET", "HEAD", "POST"])
def taking_over(request: HttpRequest, number: str) -> HttpResponse:
    act = _paper_act(request, number)
    if act.state == ConventionState.DRAFT:
        return _done(request, act)
    return _record(request, act)


@require_safe
def done_file(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Serve the proof of what was done before the convention was taken over."""
    act = _paper_act(request, number)
    row = get_object_or_404(act.convention.done_before.select_related("file"), pk=pk, file__isnull=False)
    name = re.sub(r"[^\w.\- ]", "_", row.file_name) or "piece"
    return stored.serve(request, row.file, name=name)  # type: ignore[arg-type, return-value]


def _paper_act(request: HttpRequest, number: str) -> Act:
    """The first act of a paper convention, for those who read its negotiation. Raises Http404."""
    act = open_page(request, number).act
    if act.number or not act.convention.on_paper or not reads_negotiation(capacities(request.user, act.dossier)):  # type: ignore[arg-type]
        raise Http404
    return act


def _done(request: HttpRequest, act: Act) -> HttpResponse:
    convention = act.convention
    if recorder(request.user, convention) is None:  # type: ignore[arg-type]
        raise PermissionDenied(NOT_YOURS)
    context: dict[str, Any] = {"dated": act.notified_on is not None, "page_title": "Ce qui est déjà fait"}
    if request.method != "POST":
        return page(request, "taking_over/done", act, "synthese", context | {"form": _done_form(request, act, None)})
    try:
        outcome = conflicts.save(
            request,
            make=lambda data: _done_form(request, read_again(act), data),
            write=lambda form, revision: _write_done(request, convention, form, revision),
            author=lambda: journal.last_writing(act, ELEMENT, "done_before"),
        )
    except Refused as error:
        return refusal_page(request, act, error)
    if outcome.saved:
        messages.success(request, "Ce qui était déjà fait est enregistré.")
        return redirect("convention-detail", convention.number)
    if outcome.error:
        add_errors(outcome.form, outcome.error)
    return page(request, "taking_over/done", act, "synthese", context | {"form": outcome.form}, outcome.status)


def _done_form(request: HttpRequest, act: Act, data: QueryDict | None) -> DoneForm:
    for upload in request.FILES.values():
        upload.seek(0)  # type: ignore[union-attr]
    return DoneForm(
        data,
        request.FILES if data is not None else None,
        questions=questions(act.convention),
        rows=list(act.convention.done_before.select_related("recorded_by")),
        revision=act.programme.revision,
        held=request.POST,
    )


def _write_done(request: HttpRequest, convention: Convention, form: DoneForm, revision: int) -> None:
    record_done(convention=convention, answers=form.answers(), by=request.user, expected_revision=revision)  # type: ignore[arg-type]


def _record(request: HttpRequest, act: Act) -> HttpResponse:
    convention = act.convention
    check = RecordCheck.objects.filter(convention=convention).select_related("answered_by", "thread").first()
    answers = answerer(request.user, convention) is not None  # type: ignore[arg-type]
    posted = request.method == "POST"
    if posted and not answers:
        people = capacities(request.user, act.dossier)  # type: ignore[arg-type]
        if any(actor.side == Side.STATE for actor in people) and recorder(request.user, convention):  # type: ignore[arg-type]
            return refusal_page(request, act, Refused(CLOSED))
        raise PermissionDenied("La direction ou la présidence de l’association confirme ce qui a été enregistré.")
    if posted and (check is None or check.confirmed):
        return refusal_page(request, act, Refused("Ce qui a été enregistré est déjà confirmé."))
    form = RecordAnswerForm(request.POST if posted else None)
    if posted and form.is_valid():
        data = form.cleaned_data
        answer_record(convention=convention, answer=data["answer"], text=data["text"], by=request.user)  # type: ignore[arg-type]
        told = data["answer"] == RecordAnswer.CONTESTED
        messages.success(
            request, "L’erreur est signalée au service." if told else "Vous avez confirmé ce qui a été enregistré."
        )
        return redirect("convention-taking-over", convention.number)
    context = _what_was_recorded(request, act) | {
        "check": check,
        "form": form if answers and check and not check.confirmed else None,
    }
    return page(request, "taking_over/record", act, "synthese", context)


def _what_was_recorded(request: HttpRequest, act: Act) -> dict[str, Any]:
    content = act.versions.latest("number").content
    return {
        "parties": content["parties"],
        "years": summary.years(content),
        "sheets": content["sheets"],
        "later_acts": [one for one in reversed(signed_acts(act.convention)) if one.number and one.on_paper],
        "may_correct": ACT.option(act, request.user, "correct_record") is not None,
        "done": list(DoneBefore.objects.filter(convention=act.convention).select_related("recorded_by", "file")),
        "page_title": "Ce qui a été enregistré",
    }
