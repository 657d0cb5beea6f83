"""The tab « Lettres » of a convention: the list, the page that produces one, its steps, its files."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from arml.permissions import capacities
from conventions import permissions as may
from conventions.documents.letters import letter_content, template_text, text_of, values_of
from conventions.enums import LetterKind
from conventions.forms.letters import STEPS, LetterForm
from conventions.models import Convention, Letter
from conventions.pages.letters import letter_lines, preview
from conventions.services import letters as services
from conventions.text.letters import VARIABLES
from conventions.workflow.letters import LETTER
from cpo.lib import clock, zones
from cpo.lib.files import stored
from cpo.lib.files.inspection import extension_of
from cpo.lib.workflow import Refused

from .common import refusal_page
from .drafting import add_errors

NOT_FOUND = "Cette page n’existe pas, ou ne vous est pas ouverte."
FILES = {"lettre": "document", "signee": "scan", "preuve": "proof"}


def _convention(request: HttpRequest, number: str) -> Convention:
    convention = Convention.objects.visible_to(request.user).filter(number=number).first()
    if convention is None or not may.reads_letters(capacities(request.user, convention.dossier)):
        raise Http404(NOT_FOUND)
    zones.set_page(convention.dossier)
    return convention


def _letter(request: HttpRequest, convention: Convention, pk: int) -> Letter:
    rows = Letter.objects.visible_to(request.user).filter(convention=convention, pk=pk)
    letter = rows.select_related("document__file", "scan", "proof").first()
    if letter is None:
        raise Http404(NOT_FOUND)
    letter.convention = convention
    return letter


def _frame(number: str, **more: Any) -> dict[str, Any]:
    return {"number": number, "tab": "lettres", "nav_section": "convention-list", **more}


@require_safe
def convention_letters(request: HttpRequest, number: str) -> HttpResponse:
    convention = _convention(request, number)
    may_write = services.writer(request.user, convention) is not None and not services.closed(convention)
    context = _frame(
        number,
        lines=letter_lines(convention, request.user),
        kinds=[(one.value, one.label) for one in LetterKind.written_alone()] if may_write else [],
    )
    return render(request, "conventions/letters/letters.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def letter_add(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    """Write one letter from the text of the service: edit it, see it, produce it."""
    convention = _convention(request, number)
    if kind not in LetterKind.written_alone():
        raise Http404(NOT_FOUND)
    if services.writer(request.user, convention) is None:
        raise PermissionDenied(services.NOT_YOURS)
    if reason := services.closed(convention):
        return refusal_page(request, convention.act, Refused(reason))
    today = clock.today(convention.dossier.time_zone)
    text = template_text(convention.dossier.lead, kind)
    posted = request.method == "POST"
    initial = {"dated_on": today, "subject": text.subject, "body": text.body}
    form = LetterForm(request.POST if posted else None, initial=initial)
    content = letter_content(convention, kind, text, dated_on=today, by=request.user)
    if posted and form.is_valid():
        dated_on = form.cleaned_data["dated_on"]
        content = letter_content(convention, kind, form.text, dated_on=dated_on, by=request.user)
        if "apercu" not in request.POST:
            try:
                services.produce(convention=convention, kind=kind, text=form.text, dated_on=dated_on, by=request.user)
            except ValidationError as error:
                add_errors(form, error)
            else:
                messages.success(request, "La lettre est produite\u00a0: son fichier arrive dans un instant.")
                return redirect(reverse("convention-letters", args=[convention.number]))
    values = values_of(convention, text_of(convention), dated_on=today)
    context = _frame(
        number,
        form=form,
        kind_label=LetterKind(kind).label,
        content=content,
        preview_html=preview(content),
        choices=[(one, _words(values.get(one.name, ""))) for one in VARIABLES.values()],
        page_title=f"Lettre\u00a0: {LetterKind(kind).label.lower()}",
    )
    return render(request, "conventions/letters/letter_add.html", context)


def _words(value: Any) -> str:
    return value if isinstance(value, str) else "\u00a0; ".join(value)


@require_http_methods(["GET", "HEAD", "POST"])
def letter_step(request: HttpRequest, number: str, pk: int, name: str) -> HttpResponse:
    """Say that a letter is signed, sent or voided."""
    convention = _convention(request, number)
    letter = _letter(request, convention, pk)
    if name not in STEPS:
        raise Http404(NOT_FOUND)
    try:
        option = LETTER.attempt(name, letter, request.user)
    except Refused as error:
        return refusal_page(request, convention.act, error)
    if not option.ready:
        return refusal_page(request, convention.act, Refused(f"{letter}\u00a0: pas encore.", option.blocking))
    posted = request.method == "POST"
    form = STEPS[name](
        request.POST if posted else None, request.FILES if posted else None, letter=letter, initial=_initial(letter)
    )
    if posted and form.is_valid():
        try:
            services.step(name, letter, by=request.user, **form.values())
        except ValidationError as error:
            add_errors(form, error)
        except Refused as error:
            return refusal_page(request, convention.act, error)
        else:
            messages.success(request, f"{option.transition.label}\u00a0: c’est fait.")
            return redirect(reverse("convention-letters", args=[convention.number]))
    context = _frame(number, form=form, option=option, letter=letter, page_title=f"{option.transition.label}, {letter}")
    return render(request, "conventions/letters/letter_step.html", context)


def _initial(letter: Letter) -> dict[str, Any]:
    """Who signs is the signatory of the service's party; the day is the letter's, or today."""
    party = letter.content["parties"][0]
    today = clock.today(letter.convention.dossier.time_zone)
    return {
        "signed_on": today,
        "sent_on": today,
        "signatory_name": party.get("signatory_name", ""),
        "capacity": party.get("capacity", ""),
    }


@require_safe
def letter_file(request: HttpRequest, number: str, pk: int, what: str) -> HttpResponse:
    """Serve the letter as it was produced, the signed one, or the proof of its sending."""
    letter = _letter(request, _convention(request, number), pk)
    row: Any = getattr(letter, FILES.get(what, ""), None)
    file = row.file if what == "lettre" and row else row
    if file is None:
        raise Http404(NOT_FOUND)
    name = f"{letter.reference}-{what}.{extension_of(file.media_type)}"
    return stored.serve(request, file, name=name, inline=True)
