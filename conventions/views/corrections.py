"""The pages that correct what was typed of a paper original: the values of one place, a row more or less, the scan."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from actions.models import SheetIndicator
from conventions import workflow
from conventions.enums import PartyRole
from conventions.forms.corrected_rows import OF_INDICATOR, OF_PARTY, OF_SHEET, ROW_FORMS, CorrectedRowForm
from conventions.forms.corrections import CorrectionForm
from conventions.later import lines, typed
from conventions.models import Act
from conventions.services.corrections import correct_record
from cpo.lib import journal
from cpo.lib.editing import conflicts
from cpo.lib.wording.numbers import whole_number
from cpo.lib.workflow import Refused

from .common import get_act, refusal_page
from .drafting import add_errors
from .framing import page, read_again
from .pieces import posted_files

DONE = "La correction est enregistrée ; l’association est invitée à la confirmer."


@require_http_methods(["GET", "HEAD", "POST"])
def record_correct(request: HttpRequest, number: str) -> HttpResponse:
    act = get_act(request, number)
    places = _places(act)
    asked = request.GET.get("endroit", "")
    place = asked if asked in dict(places) else lines.PARTIES

    def make(data: QueryDict | None = None) -> CorrectionForm:
        fresh = read_again(act)
        own = [line for line in typed.lines(fresh).values() if line.place == place]
        return CorrectionForm(data, lines=own, revision=fresh.programme.revision)

    def write(form: CorrectionForm, revision: int) -> None:
        reason = form.cleaned_data["reason"]
        correct_record(act=act, values=form.values(), reason=reason, by=request.user, expected_revision=revision)  # type: ignore[arg-type]

    context = {
        "places": places,
        "place": place,
        "place_label": dict(places)[place],
        "changes": _changes(act, place),
        "page_title": "Corriger ce qui a été saisi",
    }
    return _answer(request, act, make, write, "taking_over/correct", context)


@require_http_methods(["GET", "HEAD", "POST"])
def record_correct_row(request: HttpRequest, number: str, change: str) -> HttpResponse:
    """Add a row, remove one, or replace the scan. `endroit`: the key of the fiche, or of the party."""
    act, kind = get_act(request, number), ROW_FORMS.get(change)
    if kind is None:
        raise Http404
    place, about = _place(act, change, request.GET.get("endroit", ""))

    def make(data: QueryDict | None = None) -> CorrectedRowForm:
        return kind(data, posted_files(request, data), act=read_again(act), place=place)

    def write(form: CorrectedRowForm, revision: int) -> None:
        row, reason = form.row(), form.cleaned_data["reason"]
        correct_record(
            act=act, rows=[row] if row else [], scan=form.scan(), reason=reason, by=request.user,  # type: ignore[arg-type]
            expected_revision=revision,
        )  # fmt: skip

    back = reverse("record-correct", args=[number])
    context = {"about": about, "back_url": back, "page_title": kind.title}
    return _answer(request, act, make, write, "taking_over/correct_row", context)


def _answer(
    request: HttpRequest,
    act: Act,
    make: Callable[..., Any],
    write: Callable[[Any, int], None],
    template: str,
    context: dict[str, Any],
) -> HttpResponse:
    try:
        workflow.ACT.attempt("correct_record", act, request.user)
    except Refused as error:
        return refusal_page(request, act, error)
    form, status = make(), 200
    if request.method == "POST":
        try:
            outcome = conflicts.save(
                request, make=make, write=write, author=lambda: journal.last(act, "correct_record")
            )  # fmt: skip
        except Refused as error:
            return refusal_page(request, act, error)
        if outcome.saved:
            messages.success(request, DONE)
            return redirect("convention-detail", act.reference)
        form, status = outcome.form, outcome.status
        if outcome.error:
            add_errors(form, outcome.error)
    return page(request, template, act, "synthese", context | {"form": form}, status)


def _places(act: Act) -> list[tuple[str, str]]:
    sheets = act.programme.sheets.values_list("key", "code", "title")
    fiches = [(str(key), f"Fiche {code} – {title}") for key, code, title in sheets]
    return [(lines.PARTIES, "Parties et dates"), (lines.AMOUNTS, "Contribution, versements et structure"), *fiches]


def _place(act: Act, change: str, asked: str) -> tuple[str, str]:
    """The fiche or the party that the address names, and its words. Raises Http404 for one that the act has not."""
    if change in OF_PARTY:
        party = act.parties.filter(pk=whole_number(asked) or 0).select_related("organisation").first()
        if party is None:
            raise Http404
        return str(party.pk), str(party.organisation)
    if change in OF_INDICATOR:
        indicators = SheetIndicator.objects.filter(sheet__programme=act.programme_id)
        indicator = indicators.filter(pk=whole_number(asked) or 0).select_related("sheet").first()
        if indicator is None:
            raise Http404
        return str(indicator.pk), f"Fiche {indicator.sheet.code} – {indicator.label}"
    try:
        sheet = act.programme.sheets.filter(key=uuid.UUID(asked)).first() if asked else None
    except ValueError:
        sheet = None
    if sheet is None and (change in OF_SHEET or (asked and change in ("charge", "produit"))):
        raise Http404
    return (str(sheet.key), f"Fiche {sheet.code} – {sheet.title}") if sheet else ("", "")


def _changes(act: Act, place: str) -> list[dict[str, str]]:
    """What else is corrected of a place, each with its page."""
    if place == lines.PARTIES:
        parties = act.parties.filter(role__in=(PartyRole.COSIGNER, PartyRole.COFUNDER)).select_related("organisation")
        removals = [("retirer-partie", f"Retirer {party.organisation.in_sentence}", str(party.pk)) for party in parties]
        rows = [("original", "Remplacer l’original numérisé", ""), ("partie", "Ajouter une partie", ""), *removals]
    elif place == lines.AMOUNTS:
        rows = [
            ("contribution", "Ajouter une ligne de contribution", ""),
            ("versement", "Ajouter un versement prévu", ""),
            ("charge", "Ajouter une charge de la structure", ""),
            ("produit", "Ajouter un produit de la structure", ""),
            ("fiche", "Ajouter une fiche", ""),
        ]
    else:
        rows = [
            ("charge", "Ajouter une charge", place),
            ("produit", "Ajouter un produit", place),
            ("indicateur", "Ajouter un indicateur", place),
            ("retirer-fiche", "Retirer cette fiche", place),
            *_indicator_removals(act, place),
        ]
    return [{"label": label, "url": _address(act, change, of)} for change, label, of in rows]


def _indicator_removals(act: Act, place: str) -> list[tuple[str, str, str]]:
    rows = SheetIndicator.objects.filter(sheet__programme=act.programme_id, sheet__key=place)
    return [("retirer-indicateur", f"Retirer l’indicateur «\u00a0{row.label}\u00a0»", str(row.pk)) for row in rows]


def _address(act: Act, change: str, place: str) -> str:
    page_url = reverse("record-correct-row", args=[act.reference, change])
    return f"{page_url}?{urlencode({'endroit': place})}" if place else page_url
