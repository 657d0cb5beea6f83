"""The tab « Contrôles » of a convention, and the pages that announce, answer, close, correct and impute."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from arml.permissions import capacities
from conventions.models import Convention
from conventions.views.common import refusal_page
from conventions.views.drafting import add_errors
from cpo.lib import zones
from cpo.lib.files import stored
from cpo.lib.forms.base import DsfrForm
from cpo.lib.workflow import Refused
from reporting import permissions as may
from reporting.forms.controls import CONTROL_STEPS, CORRECTION_STEPS, ControlForm, CorrectionForm, ImputeForm
from reporting.models import Control, Correction
from reporting.money.corrections import to_impute
from reporting.money.reading import with_money
from reporting.pages.controls import ControlsPage
from reporting.services import controls as services
from reporting.workflow.controls import CONTROL, CORRECTION

NOT_FOUND = "Cette page n’existe pas, ou ne vous est pas ouverte."
UNSIGNED = "Un contrôle porte sur une convention signée."


def _convention(request: HttpRequest, number: str) -> Convention:
    convention = with_money(Convention.objects.visible_to(request.user)).filter(number=number).first()
    if convention is None or not may.reads_payments(capacities(request.user, convention.dossier)):
        raise Http404(NOT_FOUND)
    zones.set_page(convention.dossier)
    return convention


def _row(request: HttpRequest, convention: Convention, model: type[Control] | type[Correction], pk: int) -> Any:
    row = model.objects.visible_to(request.user).filter(convention=convention, pk=pk).first()  # type: ignore[union-attr]
    if row is None:
        raise Http404(NOT_FOUND)
    row.convention = convention
    return row


def find_control(request: HttpRequest, number: str, pk: int) -> Control:
    """The control of an address. Raises Http404 when the person may not see it."""
    return _row(request, _convention(request, number), Control, pk)  # type: ignore[no-any-return]


@require_safe
def convention_controls(request: HttpRequest, number: str) -> HttpResponse:
    page = ControlsPage(_convention(request, number), request.user)
    return render(request, "reporting/controls.html", frame(number, controls=page))


@require_http_methods(["GET", "HEAD", "POST"])
def control_add(request: HttpRequest, number: str) -> HttpResponse:
    convention = _convention(request, number)
    if refusal := _refusal(request, convention):
        return refusal
    form = ControlForm(_posted(request), convention=convention)
    return _form_page(
        request,
        convention,
        form,
        lambda: services.announce(convention=convention, by=request.user, **form.cleaned_data),
        title="Enregistrer un contrôle",
        text="L’association est informée par courriel des dates et du périmètre.",
        done="Le contrôle est enregistré. L’association en est informée.",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def correction_add(request: HttpRequest, number: str) -> HttpResponse:
    convention = _convention(request, number)
    if refusal := _refusal(request, convention):
        return refusal
    form = CorrectionForm(_posted(request), convention=convention)
    return _form_page(
        request,
        convention,
        form,
        lambda: services.propose(convention=convention, by=request.user, **form.correction()),
        title="Proposer une correction",
        text="L’association la lit une fois la lettre reçue\u00a0; ce qui est corrigé ne se modifie pas ensuite.",
        done="La correction est proposée.",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def control_transition(request: HttpRequest, number: str, pk: int, name: str) -> HttpResponse:
    convention = _convention(request, number)
    row = _row(request, convention, Control, pk)
    if name not in CONTROL_STEPS:
        raise Http404(NOT_FOUND)
    form = CONTROL_STEPS[name](_posted(request), request.FILES or None, row=row)

    def write() -> None:
        values = form.values()
        file = values.pop("file", None)
        upload = (file.file, file.name, file.size) if file else None
        services.apply_to_control(name, row, by=request.user, data=values, file=upload)

    return _step(request, convention, row, CONTROL, name, form, write)


@require_http_methods(["GET", "HEAD", "POST"])
def correction_transition(request: HttpRequest, number: str, pk: int, name: str) -> HttpResponse:
    convention = _convention(request, number)
    row = _row(request, convention, Correction, pk)
    if name not in CORRECTION_STEPS:
        raise Http404(NOT_FOUND)
    form = CORRECTION_STEPS[name](_posted(request), row=row)
    return _step(
        request,
        convention,
        row,
        CORRECTION,
        name,
        form,
        lambda: services.apply_to_correction(name, row, by=request.user, data=form.values()),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def correction_impute(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    convention = _convention(request, number)
    row = _row(request, convention, Correction, pk)
    if refusal := _refusal(request, convention):
        return refusal
    if row.pk not in {one.pk for one in to_impute(convention)}:
        reason = "Cette correction n’est pas à imputer, ou l’est déjà."
        return refusal_page(request, convention.act, Refused(reason))
    form = ImputeForm(_posted(request), correction=row)
    return _form_page(
        request,
        convention,
        form,
        lambda: services.impute(correction=row, by=request.user, **form.arguments()),
        title="Imputer ou reporter la correction",
        text="Le versement est proposé pour moins que sa ligne\u00a0: ce qu’il laisse porte la correction.",
        done="C’est enregistré.",
        row=row,
    )


@require_safe
def control_file(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """The report of a control; the association opens it with the findings."""
    row = _row(request, _convention(request, number), Control, pk)
    if row.file is None:
        raise Http404(NOT_FOUND)
    return stored.serve(request, row.file, name=row.file_name)


def _step(
    request: HttpRequest,
    convention: Convention,
    row: Any,
    workflow: Any,
    name: str,
    form: Any,
    write: Callable[[], Any],
) -> HttpResponse:
    try:
        option = workflow.attempt(name, row, request.user)
    except Refused as error:
        return refusal_page(request, convention.act, error)
    if not option.ready:
        return refusal_page(request, convention.act, Refused(f"{row}\u00a0: pas encore.", option.blocking))
    return _form_page(
        request,
        convention,
        form,
        write,
        title=option.transition.label,
        text=option.transition.consequence,
        done=f"{option.transition.label}\u00a0: c’est fait.",
        row=row,
    )


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def frame(number: str, **more: Any) -> dict[str, Any]:
    return {"number": number, "tab": "controles", "nav_section": "convention-list", **more}


def _form_page(
    request: HttpRequest,
    convention: Convention,
    form: DsfrForm,
    write: Callable[[], Any],
    *,
    title: str,
    text: str,
    done: str,
    row: Any = None,
) -> HttpResponse:
    """Show a form, write what it says, come back to the tab; a refusal is told on its own page."""
    if request.method == "POST" and form.is_valid():
        try:
            write()
        except ValidationError as error:
            add_errors(form, error)
        except Refused as error:
            return refusal_page(request, convention.act, error)
        else:
            messages.success(request, done)
            return redirect(reverse("convention-controls", args=[convention.number]))
    more = {"form": form, "page_title": title, "text": text, "row": row, "draft": f"controle-{title[:20]}"}
    return render(request, "reporting/control_form.html", frame(convention.number, **more))


def _refusal(request: HttpRequest, convention: Convention) -> HttpResponse | None:
    """Refuse a person who does not keep the controls (403), or a convention that is not signed (409)."""
    if services.keeper(request.user, convention) is None:
        raise PermissionDenied(services.NOT_YOURS)
    return None if convention.text.latest else refusal_page(request, convention.act, Refused(UNSIGNED))
