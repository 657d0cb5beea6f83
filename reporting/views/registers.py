"""The registers of an association as a workbook: export, upload with errors by cell, preview, confirmation."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from actions.forms.imports import ImportForm
from actions.spreadsheet import MEDIA_TYPE
from arml.models import Organisation
from arml.permissions import reads_association
from cpo.lib import clock
from cpo.lib.wording.characters import clean
from reporting.content.association import state_of
from reporting.forms.registers import Outcome, take_in
from reporting.models import AssociationImport
from reporting.spreadsheet.association import write_registers

from .association import FORM, NOT_FOUND, find, frame, may_import

SHOWN_FAULTS = 200
WRITERS = "Les registres sont tenus par la direction de l’association ; la comptabilité tient les cotisations."


@require_safe
def association_export(request: HttpRequest, key: str) -> HttpResponse:
    organisation = find(request, key)
    if not reads_association(request.user, organisation):  # type: ignore[arg-type]
        raise Http404(NOT_FOUND)
    response = HttpResponse(write_registers(organisation), content_type=MEDIA_TYPE)
    response["Content-Disposition"] = f'attachment; filename="registres-{organisation.key}.xlsx"'
    response["Cache-Control"] = "private, no-cache"
    return response


def _find(request: HttpRequest, key: str) -> Organisation:
    organisation = find(request, key)
    if not reads_association(request.user, organisation):  # type: ignore[arg-type]
        raise Http404(NOT_FOUND)
    if not may_import(request.user, organisation):
        raise PermissionDenied(WRITERS)
    return organisation


@require_http_methods(FORM)
def association_import(request: HttpRequest, key: str) -> HttpResponse:
    """Choose a workbook. One with an error is not kept."""
    organisation = _find(request, key)
    if request.method != "POST":
        return _upload_page(request, organisation, ImportForm())
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return _upload_page(request, organisation, form)
    user: Any = request.user
    try:
        outcome = take_in(organisation, form.data_bytes, user, write=False)
    except ValidationError as error:
        form.add_error("workbook", error)
        return _upload_page(request, organisation, form)
    if outcome.faults:
        count = len(outcome.faults)
        words = "une erreur" if count == 1 else f"{count} erreurs"
        form.add_error("workbook", f"Ce classeur contient {words} : rien n’est importé. Corrigez les cellules listées.")
        return _upload_page(request, organisation, form, outcome)
    AssociationImport.objects.update_or_create(
        organisation=organisation,
        user=user,
        defaults={
            "name": clean(form.cleaned_data["workbook"].name)[:200],
            "data": form.data_bytes,
            "created_at": clock.now(),
            "changes": outcome.changes,
            "state": state_of(organisation),
        },
    )
    return redirect("association-import-preview", key=key)


def _upload_page(
    request: HttpRequest, organisation: Organisation, form: ImportForm, outcome: Outcome | None = None
) -> HttpResponse:
    form.fields["workbook"].label = "Classeur des registres"
    faults = outcome.faults if outcome else []
    context = frame(request, organisation, crumb="Importer un classeur")
    context |= {"form": form, "faults": faults[:SHOWN_FAULTS], "fault_count": len(faults)}
    context["waiting"] = organisation.imports.waiting().filter(user=request.user).first()
    return render(request, "reporting/association/import.html", context)


@require_http_methods(FORM)
def association_import_preview(request: HttpRequest, key: str) -> HttpResponse:
    """Show what the workbook would change, as it was compared when it was sent; then write it."""
    organisation = _find(request, key)
    pending = organisation.imports.waiting().filter(user=request.user).first()
    if pending is None:
        messages.info(request, "Aucun classeur n’attend votre confirmation. Envoyez-le à nouveau.")
        return redirect("association-import", key=key)
    if request.method != "POST":
        return _preview_page(request, organisation, pending)
    if "abandon" in request.POST:
        pending.delete()
        messages.info(request, "L’import est abandonné : les registres n’ont pas changé.")
        return redirect("association", key=key)
    if pending.state != state_of(organisation):
        return _compare_again(request, organisation, pending)
    outcome = take_in(organisation, bytes(pending.data), request.user, write=True)  # type: ignore[arg-type]
    if outcome.faults:
        return _compare_again(request, organisation, pending)
    pending.delete()
    count = len(outcome.changes)
    lines = f"{count} lignes ajoutées ou corrigées" if count > 1 else f"{count} ligne ajoutée ou corrigée"
    messages.success(request, f"Le classeur est importé : {lines}.")
    return redirect("association", key=key)


def _compare_again(request: HttpRequest, organisation: Organisation, pending: AssociationImport) -> HttpResponse:
    """Somebody wrote since the workbook was sent: nothing is written, the person reads the differences again."""
    outcome = take_in(organisation, bytes(pending.data), request.user, write=False)  # type: ignore[arg-type]
    pending.changes, pending.state = outcome.changes, state_of(organisation)
    pending.save(update_fields=["changes", "state"])
    return _preview_page(request, organisation, pending, status=409, stale=True, outcome=outcome)


def _preview_page(
    request: HttpRequest,
    organisation: Organisation,
    pending: AssociationImport,
    *,
    status: int = 200,
    stale: bool = False,
    outcome: Outcome | None = None,
) -> HttpResponse:
    faults = outcome.faults if outcome else []
    context = frame(request, organisation, crumb="Aperçu de l’import")
    context |= {"pending": pending, "changes": pending.changes, "stale": stale}
    context |= {"faults": faults[:SHOWN_FAULTS], "fault_count": len(faults)}
    context["importable"] = bool(pending.changes) and not faults
    return render(request, "reporting/association/preview.html", context, status=status)
