"""The requests for details on a report: the list with its form, one request with its answers, their files."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from conventions.views.common import refusal_page
from conventions.views.drafting import add_errors
from cpo.lib.files import stored
from cpo.lib.forms.base import DsfrForm
from cpo.lib.workflow import Refused
from reporting import guards
from reporting import permissions as may
from reporting.forms.clarifications import AnswerForm, ClarificationForm, JudgmentForm
from reporting.models import Clarification, Report
from reporting.pages import reports as pages
from reporting.services import clarifications as services

from . import common

OF_PARTIES = "Les demandes de précisions sont lues par les parties et par l’administration centrale."


def _report(request: HttpRequest, number: str, year: int) -> Report:
    report = common.find(request, number, year)
    if not any(may.reads_sendings(actor) for actor in pages.actors_of(request.user, report)):  # type: ignore[arg-type]
        raise PermissionDenied(OF_PARTIES)
    return report


def _row(request: HttpRequest, report: Report, sequence: int) -> Clarification:
    visible = Clarification.objects.visible_to(request.user)  # type: ignore[arg-type]
    people = ("asked_by", "judged_by", "file")
    row = visible.filter(report=report, number=sequence).select_related(*people).first()
    if row is None:
        raise Http404(common.NOT_FOUND)
    row.report = report
    return row


@require_http_methods(["GET", "HEAD", "POST"])
def report_clarifications(request: HttpRequest, number: str, year: int) -> HttpResponse:
    report = _report(request, number, year)
    reason = may.why_not_examine(request.user, report)  # type: ignore[arg-type]
    if request.method == "POST" and reason:
        raise PermissionDenied(reason)
    form = None
    if not reason:
        parts = [(part.path, part.label) for part in pages.parts(report, request.user)]  # type: ignore[arg-type]
        form = ClarificationForm(_posted(request), _files(request), report=report, parts=parts)
        done = _written(request, report, form, lambda: services.ask(report, by=request.user, **form.arguments()))
        if done is not None:
            return done
    rows = Clarification.objects.visible_to(request.user).filter(report=report)  # type: ignore[arg-type]
    context = _context(request, report, rows=rows.prefetch_related("answers"), form=form)
    return render(request, "reporting/clarifications.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def report_clarification(request: HttpRequest, number: str, year: int, sequence: int) -> HttpResponse:
    report = _report(request, number, year)
    row = _row(request, report, sequence)
    form = _form_of(request, row)
    if request.method == "POST" and form is None:
        if row.is_open:
            raise PermissionDenied(may.WHO_CLARIFIES)
        return refusal_page(request, report.act, Refused("Cette demande de précisions est close."))
    if form is not None:
        write = services.judge if isinstance(form, JudgmentForm) else services.answer
        done = _written(request, report, form, lambda: write(row, by=request.user, **form.arguments()))
        if done is not None:
            return done
    answers = row.answers.select_related("author", "file")
    context = _context(request, report, row=row, answers=answers, form=form, judges=isinstance(form, JudgmentForm))
    return render(request, "reporting/clarification.html", context)


@require_safe
def clarification_file(request: HttpRequest, number: str, year: int, sequence: int, rank: int) -> HttpResponse:
    """The file of the question (rank 0) or of an answer, by its order."""
    row = _row(request, _report(request, number, year), sequence)
    holders: list[Any] = [row, *row.answers.select_related("file")]
    if rank >= len(holders) or holders[rank].file is None:
        raise Http404(common.NOT_FOUND)
    return stored.serve(request, holders[rank].file, name=holders[rank].file_name)


def _form_of(request: HttpRequest, row: Clarification) -> AnswerForm | JudgmentForm | None:
    if not row.is_open:
        return None
    if may.clarifier(request.user, row.report, row):  # type: ignore[arg-type]
        return AnswerForm(_posted(request), _files(request))
    return JudgmentForm(_posted(request), row=row) if may.judge(request.user, row.report) else None  # type: ignore[arg-type]


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _files(request: HttpRequest) -> Any:
    return request.FILES if request.method == "POST" else None


def _written(request: HttpRequest, report: Report, form: DsfrForm, write: Callable[[], Any]) -> HttpResponse | None:
    """Write what a valid form says and go back to the list; None where the form is shown."""
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        write()
    except ValidationError as error:
        add_errors(form, error)
        return None
    except Refused as error:
        return refusal_page(request, report.act, error)
    messages.success(request, "C’est enregistré.")
    return HttpResponseRedirect(guards.url(report, "report-clarifications"))


def _context(request: HttpRequest, report: Report, **more: Any) -> dict[str, Any]:
    actors = pages.actors_of(request.user, report)  # type: ignore[arg-type]
    parts = pages.parts(report, request.user)  # type: ignore[arg-type]
    menu = pages.menu(report, parts, actors, pages.CLARIFICATIONS)
    return common.work_context(request, report, actors, **menu, **more)
