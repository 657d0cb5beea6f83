"""The files of a fiche: join one, take one away, read one."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from cpo.lib.files import stored
from reporting import permissions as may
from reporting.forms.meetings import FileForm
from reporting.guards import url
from reporting.models import Report, ReportVersion, SheetFile
from reporting.pages import reports as pages
from reporting.services import sheet_files as services
from reporting.views import common

from .parts import PARTIES_ONLY, check_readable, sheet_of, sheet_page


@require_POST
def report_sheet_file_add(request: HttpRequest, number: str, year: int, key: Any) -> HttpResponse:
    report = common.find(request, number, year)
    page, make, _ = sheet_page(request, report, key)
    if not page.writable:
        raise PermissionDenied(may.why_not(request.user, report, page.path))  # type: ignore[arg-type]
    form = FileForm(request.POST, request.FILES)
    if form.is_valid():
        upload, part = form.cleaned_data["upload"], sheet_of(report, key)
        try:
            services.join(part=part, by=request.user, upload=upload.file, name=upload.name, size=upload.size)  # type: ignore[arg-type]
        except ValidationError as error:
            form.add_error(None if hasattr(error, "error_dict") else "upload", error)
        else:
            messages.success(request, "Le fichier est joint à la fiche.")
            return redirect(url(report, "report-sheet", "fichiers", key=key))
    page.more["file_form"] = form
    return page.form(make(None, report))


@require_POST
def report_sheet_file_remove(request: HttpRequest, number: str, year: int, key: Any, pk: int) -> HttpResponse:
    report = common.find(request, number, year)
    row = _file(report, key, pk)
    services.remove(file=row, by=request.user)  # type: ignore[arg-type]
    messages.success(request, "Le fichier est retiré de la fiche.")
    return redirect(url(report, "report-sheet", "fichiers", key=key))


@require_safe
def report_sheet_file(request: HttpRequest, number: str, year: int, key: Any, pk: int) -> HttpResponse:
    """The bytes, for who reads the fiche as it is, or a sending that names the file."""
    report = common.find(request, number, year)
    row = _file(report, key, pk)
    if not any(may.reads_sendings(actor) for actor in pages.actors_of(request.user, report)):  # type: ignore[arg-type]
        raise PermissionDenied(PARTIES_ONLY)
    if not _sent(request, report, row):
        check_readable(request, report, may.sheet_path(key))
        if row.removed_at is not None:
            raise Http404(common.NOT_FOUND)
    return stored.serve(request, row.file, name=row.name)


def _file(report: Report, key: Any, pk: int) -> SheetFile:
    part = sheet_of(report, key)
    row = part.files.select_related("file").filter(pk=pk).first()
    if row is None:
        raise Http404(common.NOT_FOUND)
    row.sheet_report = part
    return row


def _sent(request: HttpRequest, report: Report, row: SheetFile) -> bool:
    """Whether a sending that the person reads names the file."""
    versions = ReportVersion.objects.visible_to(request.user).filter(report=report)  # type: ignore[arg-type]
    files = (file for version in versions for sheet in version.content["sheets"] for file in sheet.get("files", []))
    return any(file["id"] == row.pk for file in files)
