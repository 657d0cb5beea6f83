"""The page that corrects what was typed of a paper original, one place at a time."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from conventions import workflow
from conventions.forms.corrections import CorrectionForm
from conventions.later import typed
from conventions.models import Act
from conventions.services.corrections import correct_record
from cpo.lib import journal
from cpo.lib.editing import conflicts
from cpo.lib.workflow import Refused

from .common import get_act, refusal_page
from .drafting import add_errors
from .framing import page, read_again


@require_http_methods(["GET", "HEAD", "POST"])
def record_correct(request: HttpRequest, number: str) -> HttpResponse:
    act = get_act(request, number)
    try:
        workflow.ACT.attempt("correct_record", act, request.user)
    except Refused as error:
        return refusal_page(request, act, error)
    places = _places(act)
    asked = request.GET.get("endroit", "")
    place = asked if asked in dict(places) else typed.PARTIES

    def make(data: QueryDict | None = None) -> CorrectionForm:
        fresh = read_again(act)
        lines = [line for line in typed.lines(fresh).values() if line.place == place]
        return CorrectionForm(data, lines=lines, revision=fresh.programme.revision)

    def write(form: CorrectionForm, revision: int) -> None:
        reason = form.cleaned_data["reason"]
        correct_record(act=act, values=form.values(), reason=reason, by=request.user, expected_revision=revision)

    form, status = make(), 200
    if request.method == "POST":
        try:
            outcome = conflicts.save(
                request,
                make=make,
                write=write,
                author=lambda: journal.last(act, "correct_record"),
            )
        except Refused as error:
            return refusal_page(request, act, error)
        if outcome.saved:
            messages.success(request, "La correction est enregistrée ; l’association est invitée à la confirmer.")
            return redirect("convention-detail", number)
        form, status = outcome.form, outcome.status
        if outcome.error:
            add_errors(form, outcome.error)
    context = {"form": form, "places": places, "place": place, "page_title": "Corriger ce qui a été saisi"}
    return page(request, "taking_over/correct", act, "synthese", context, status)


def _places(act: Act) -> list[tuple[str, str]]:
    sheets = act.programme.sheets.values_list("key", "code", "title")
    fiches = [(str(key), f"Fiche {code} – {title}") for key, code, title in sheets]
    return [(typed.PARTIES, "Parties et dates"), (typed.AMOUNTS, "Contribution, versements et structure"), *fiches]
