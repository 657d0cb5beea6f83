"""A report as a workbook: export, blank form, upload with errors by cell, preview, confirmation."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from actions.forms.imports import ImportForm
from actions.spreadsheet import MEDIA_TYPE
from cpo.lib import clock
from cpo.lib.editing import conflicts
from cpo.lib.editing.lock import StaleRevision
from cpo.lib.wording.characters import clean
from reporting import permissions as may
from reporting.forms.imports import Plan, SheetMatchForm, plan
from reporting.models import Report, ReportImport
from reporting.pages import reports as pages
from reporting.services import imports as services
from reporting.spreadsheet.reading import ReportReading, read_report
from reporting.spreadsheet.writing import stamp, write_report
from reporting.views import common

from .parts import check_readable

SHOWN_FAULTS = 200


def _find(request: HttpRequest, number: str, year: int) -> Report:
    """The report, for who writes a part of it now. Raises PermissionDenied."""
    report = common.find(request, number, year)
    paths = [part.path for part in pages.parts(report, request.user) if part.writable and not part.is_documents]  # type: ignore[arg-type]
    if not paths:
        raise PermissionDenied(may.why_not(request.user, report, may.FINANCE))  # type: ignore[arg-type]
    return report


def _workbook(data: bytes, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type=MEDIA_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-cache"
    return response


@require_safe
def report_export(request: HttpRequest, number: str, year: int) -> HttpResponse:
    report = common.find(request, number, year)
    for part in pages.parts(report, request.user):  # type: ignore[arg-type]
        if not part.is_documents:
            check_readable(request, report, part.path)
    return _workbook(write_report(report), f"compte-rendu-{number}-{year}.xlsx")


@require_safe
def report_blank(request: HttpRequest, number: str, year: int) -> HttpResponse:
    """The same workbook without anything that was typed."""
    report = common.find(request, number, year)
    return _workbook(write_report(report, blank=True), f"formulaire-{number}-{year}.xlsx")


@require_http_methods(["GET", "HEAD", "POST"])
def report_import(request: HttpRequest, number: str, year: int) -> HttpResponse:
    """Choose a workbook. One that can't be imported is not kept."""
    report = _find(request, number, year)
    if request.method != "POST":
        return _upload_page(request, report, ImportForm())
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return _upload_page(request, report, form)
    try:
        reading = read_report(form.data_bytes, report)
    except ValidationError as error:
        form.add_error("workbook", error)
        return _upload_page(request, report, form)
    found = plan(report, reading, request.user)
    if found.faults:
        count = len(found.faults)
        words = "une erreur" if count == 1 else f"{count} erreurs"
        form.add_error("workbook", f"Ce classeur contient {words} : rien n’est importé. Corrigez les cellules listées.")
        return _upload_page(request, report, form, found)
    ReportImport.objects.update_or_create(
        report=report,
        user=request.user,
        defaults={
            "name": clean(form.cleaned_data["workbook"].name)[:200],
            "data": form.data_bytes,
            "created_at": clock.now(),
            "answers": {},
        },
    )
    return redirect("report-import-preview", number=number, year=year)


def _context(request: HttpRequest, report: Report, found: Plan | None, **more: Any) -> dict[str, Any]:
    actors = pages.actors_of(request.user, report)  # type: ignore[arg-type]
    faults = found.faults if found else []
    base = common.work_context(request, report, actors)
    return base | {"faults": faults[:SHOWN_FAULTS], "fault_count": len(faults), **more}


def _upload_page(request: HttpRequest, report: Report, form: ImportForm, found: Plan | None = None) -> HttpResponse:
    form.fields["workbook"].label = "Classeur du compte rendu"
    waiting = report.imports.waiting().filter(user=request.user).first()
    context = _context(request, report, found, form=form, waiting=waiting)
    return render(request, "reporting/report_import.html", context)


class Preview:
    """The workbook that waits for the person's confirmation, read again."""

    def __init__(self, request: HttpRequest, report: Report, pending: ReportImport) -> None:
        self.request, self.report, self.pending = request, report, pending
        self.reading: ReportReading = read_report(bytes(pending.data), report, pending.answers)
        self.unanswered = any(not question.answer for question in self.reading.questions)
        confirmed = request.method == "POST" and "confirmed" in request.POST
        self.plan = plan(report, self.reading, request.user, confirmed=confirmed)

    def matching(self, data: Any = None) -> SheetMatchForm | None:
        return SheetMatchForm(data, questions=self.reading.questions) if self.reading.questions else None

    def page(self, *, status: int = 200, **more: Any) -> HttpResponse:
        found, here = self.plan, stamp(self.report)
        context = {
            "pending": self.pending,
            "changes": [] if self.unanswered else found.changes,
            "unusual": [] if self.unanswered else found.unusual,
            "matching": self.matching(),
            "foreign": bool(self.reading.stamp) and self.reading.stamp != here,
            "older": self.reading.stamp == here and self.reading.revision not in (None, self.report.revision),
            "importable": bool(found.changes) and not found.faults and not self.unanswered,
            "with_bar": True,
        }
        return render(
            self.request,
            "reporting/report_import_preview.html",
            _context(self.request, self.report, found, **context | more),
            status=status,
        )

    def answer(self) -> HttpResponse:
        """Keep what the person says of the rows without key."""
        form = self.matching(self.request.POST)
        if form is not None and not form.is_valid():
            return self.page(matching=form)
        self.pending.answers = dict(form.cleaned_data) if form else {}
        self.pending.save(update_fields=["answers"])
        return redirect("report-import-preview", number=self.report.convention.number, year=self.report.year)

    def write(self) -> int:
        by_path = {change.path: change.form.arguments(change.form.cleaned_data) for change in self.plan.changes}
        sheets = [(one.part, by_path[one.path]) for one in self.plan.changes if one.part is not None]
        return services.write_report(
            self.report,
            sheets=sheets,
            general=by_path.get(may.GENERAL),
            finance=by_path.get(may.FINANCE),
            by=self.request.user,  # type: ignore[arg-type]
            expected_revision=conflicts.posted_revision(self.request.POST.get("revision")),
        )


@require_http_methods(["GET", "HEAD", "POST"])
def report_import_preview(request: HttpRequest, number: str, year: int) -> HttpResponse:
    """Show what the workbook would change, then write it."""
    report = _find(request, number, year)
    pending = report.imports.waiting().filter(user=request.user).first()
    if pending is None:
        messages.info(request, "Aucun classeur n’attend votre confirmation. Envoyez-le à nouveau.")
        return redirect("report-import", number=number, year=year)
    if request.method == "POST" and "abandon" in request.POST:
        pending.delete()
        messages.info(request, "L’import est abandonné : le compte rendu n’a pas changé.")
        return redirect("report-detail", number=number, year=year)
    preview = Preview(request, report, pending)
    if request.method != "POST":
        return preview.page()
    if "answer" in request.POST:
        return preview.answer()
    if preview.unanswered:
        return preview.page(matching=preview.matching(request.POST))
    if preview.plan.faults or preview.plan.unusual or not preview.plan.changes:
        return preview.page(unconfirmed=bool(preview.plan.unusual))
    try:
        count = preview.write()
    except StaleRevision:
        report.refresh_from_db(fields=["revision"])
        return preview.page(stale=True, status=409)
    pending.delete()
    messages.success(
        request,
        f"Le classeur est importé : {count} rubrique{'s' if count > 1 else ''} modifiée{'s' if count > 1 else ''}.",
    )
    return redirect("report-detail", number=number, year=year)
