"""The tab « Instruction » of a report: what is retained, and the page where the officer writes each part."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from cpo.lib import journal
from cpo.lib.editing import conflicts
from reporting import guards
from reporting import permissions as may
from reporting.enums import GroundUse
from reporting.forms.instruction import ExaminationForm
from reporting.models import Ground, Report
from reporting.pages import reports as pages
from reporting.pages.instruction import WHOLE, ExaminationPage, PartOfExamination, parts_of
from reporting.services import instruction as services

from . import common

NOT_YET = "L’instruction se lit une fois le compte rendu recevable."
OF_PARTIES = "L’instruction d’un compte rendu est lue par les parties et par l’administration centrale."


def _report(request: HttpRequest, number: str, year: int) -> Report:
    """Raises Http404, and PermissionDenied when the person does not read the examination."""
    report = common.find(request, number, year)
    actors = pages.actors_of(request.user, report)  # type: ignore[arg-type]
    if not may.reads_examination(actors, report):
        raise PermissionDenied(OF_PARTIES if report.state in may.PUBLISHED else NOT_YET)
    return report


@require_safe
def report_examination(request: HttpRequest, number: str, year: int) -> HttpResponse:
    report = _report(request, number, year)
    context = _context(request, report, page=ExaminationPage(report, request.user))  # type: ignore[arg-type]
    return render(request, "reporting/examination.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def report_examine(request: HttpRequest, number: str, year: int, part: str) -> HttpResponse:
    report = _report(request, number, year)
    row = _part(report, part)
    if reason := may.why_not_examine(request.user, report):  # type: ignore[arg-type]
        raise PermissionDenied(reason)
    if request.method != "POST":
        return _page(request, report, row, _form(report, part))
    outcome = conflicts.save(
        request,
        make=lambda data: _form(Report.objects.get(pk=report.pk), part, data),
        write=lambda form, revision: services.examine(
            report, sheet_key=row.key, **form.arguments(), by=request.user, expected_revision=revision
        ),
        author=lambda: journal.last(report, "report_examined"),
    )
    if outcome.saved:
        messages.success(request, "Instruction enregistrée.")
        return HttpResponseRedirect(guards.url(report, "report-examination"))
    if outcome.error:
        outcome.form.add_error(None, outcome.error)
    return _page(request, report, row, outcome.form, outcome.status)


def _part(report: Report, part: str) -> PartOfExamination:
    row = next((row for row in parts_of(report) if (row.key or WHOLE) == part), None)
    if row is None:
        raise Http404(common.NOT_FOUND)
    return row


def _form(report: Report, part: str, data: Any = None) -> ExaminationForm:
    row = _part(report, part)
    grounds = list(Ground.objects.filter(use=GroundUse.REJECTED, withdrawn=False))
    return ExaminationForm(data, lines=row.lines, grounds=grounds, opinion=row.opinion, revision=report.revision)


def _context(request: HttpRequest, report: Report, **more: Any) -> dict[str, Any]:
    actors = pages.actors_of(request.user, report)  # type: ignore[arg-type]
    parts = pages.parts(report, request.user)  # type: ignore[arg-type]
    return common.work_context(request, report, actors, **pages.menu(report, parts, actors, pages.EXAMINATION), **more)


def _page(
    request: HttpRequest, report: Report, row: PartOfExamination, form: ExaminationForm, status: int = 200
) -> HttpResponse:
    context = _context(request, report, row=row, form=form, with_bar=True)
    context["back"] = {
        "label": f"Instruction du compte rendu {report.year}",
        "url": reverse("report-examination", kwargs={"number": report.convention.number, "year": report.year}),
    }
    return render(request, "reporting/examine.html", context, status=status)
