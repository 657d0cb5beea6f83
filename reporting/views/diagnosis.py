"""The shared diagnosis of a region, year by year: to read, to write, its documents, what is brought forward."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from conventions.models import Convention
from conventions.views.common import refusal_page
from conventions.views.drafting import add_errors
from cpo.lib import journal
from cpo.lib.editing import conflicts
from cpo.lib.files import stored
from cpo.lib.workflow import Refused
from reporting.forms.diagnosis import DiagnosisForm
from reporting.forms.meetings import FileForm
from reporting.models import Diagnosis
from reporting.services import diagnosis as services

from .meetings import common

NOT_FOUND = "Ce diagnostic n’existe pas, ou ne vous est pas ouvert."


def _convention(request: HttpRequest, number: str, year: int) -> Convention:
    """Raises Http404 for who reads none of the meetings, and for a year that the convention does not cover."""
    convention = common.convention_of(request, number)
    if year not in services.years_of(convention) or not convention.act.is_active:
        raise Http404(NOT_FOUND)
    return convention


def _row(convention: Convention, year: int) -> Diagnosis:
    row = convention.diagnoses.select_related("updated_by").filter(year=year).first()
    row = row or Diagnosis(convention=convention, year=year)
    row.convention = convention
    return row


def address(convention: Convention, year: int, fragment: str = "") -> str:
    page = reverse("convention-diagnosis", kwargs={"number": convention.number, "year": year})
    return f"{page}#{fragment}" if fragment else page


def _render(
    request: HttpRequest, template: str, convention: Convention, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    base = {"number": convention.number, "tab": "reunions", "nav_section": "convention-list"}
    return render(request, f"reporting/diagnosis/{template}.html", base | context, status=status)


@require_safe
def convention_diagnosis(request: HttpRequest, number: str, year: int) -> HttpResponse:
    return _page(request, _convention(request, number, year), year, FileForm())


def _page(request: HttpRequest, convention: Convention, year: int, form: FileForm) -> HttpResponse:
    row = _row(convention, year)
    writes = not services.closed(convention) and services.writer(request.user, convention) is not None  # type: ignore[arg-type]
    files = list(row.files.select_related("file", "added_by")) if row.pk else []
    context = {
        "diagnosis": row,
        "files": files,
        "form": form,
        "writes": writes,
        "former": services.before(convention, year) if writes and not row.text.strip() and not files else None,
        "years": [
            {"label": str(one), "url": address(convention, one), "current": one == year}
            for one in services.years_of(convention)
        ],
        "page_title": str(row),
        "crumb": str(row),
    }
    return _render(request, "detail", convention, context)


@require_http_methods(["GET", "HEAD", "POST"])
def diagnosis_edit(request: HttpRequest, number: str, year: int) -> HttpResponse:
    convention = _convention(request, number, year)
    if services.writer(request.user, convention) is None:  # type: ignore[arg-type]
        raise PermissionDenied(services.NOT_YOURS)
    if reason := services.closed(convention):
        return refusal_page(request, convention.act, Refused(reason))

    def make(data: Any) -> DiagnosisForm:
        row = _row(convention, year)
        return DiagnosisForm(data, initial={"text": row.text, "revision": row.revision})

    form, status = make(None), 200
    if request.method == "POST":
        row = _row(convention, year)
        outcome = conflicts.save(
            request,
            make=make,
            write=lambda form, revision: services.save(
                convention,
                year,
                text=form.cleaned_data["text"],
                by=request.user,  # type: ignore[arg-type]
                expected_revision=revision,
            ),
            author=lambda: journal.last(row, "diagnosis_written", "diagnosis_brought") if row.pk else None,
        )
        if outcome.saved:
            messages.success(request, "Le diagnostic partagé est enregistré.")
            return redirect(address(convention, year))
        form, status = outcome.form, outcome.status
        if outcome.error:
            add_errors(form, outcome.error)
    context = {"form": form, "year": year, "page_title": f"Diagnostic partagé {year}"}
    return _render(request, "edit", convention, context, status=status)


@require_POST
def diagnosis_bring_forward(request: HttpRequest, number: str, year: int) -> HttpResponse:
    convention = _convention(request, number, year)
    try:
        services.bring_forward(convention, year, by=request.user)  # type: ignore[arg-type]
    except Refused as error:
        return refusal_page(request, convention.act, error)
    messages.success(request, "Le diagnostic de l’année précédente est repris, avec ses documents.")
    return redirect(address(convention, year))


@require_POST
def diagnosis_file_add(request: HttpRequest, number: str, year: int) -> HttpResponse:
    convention = _convention(request, number, year)
    if services.writer(request.user, convention) is None:  # type: ignore[arg-type]
        raise PermissionDenied(services.NOT_YOURS)
    form = FileForm(request.POST, request.FILES)
    if form.is_valid():
        upload = form.cleaned_data["upload"]
        try:
            services.add_file(
                convention,
                year,
                by=request.user,  # type: ignore[arg-type]
                upload=upload.file,
                name=upload.name,
                size=upload.size,
            )
        except Refused as error:
            return refusal_page(request, convention.act, error)
        except ValidationError as error:
            form.add_error("upload", error)
        else:
            messages.success(request, "Le document est joint au diagnostic.")
            return redirect(address(convention, year, "documents"))
    return _page(request, convention, year, form)


@require_safe
def diagnosis_file(request: HttpRequest, number: str, year: int, file: int) -> HttpResponse:
    convention = _convention(request, number, year)
    row = _row(convention, year)
    found = row.files.select_related("file").filter(pk=file).first() if row.pk else None
    if found is None:
        raise Http404(NOT_FOUND)
    return stored.serve(request, found.file, name=found.name)
