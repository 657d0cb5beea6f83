"""The decisions of earlier years at the head of a report: the association answers each, the others read."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from cpo.lib import journal
from cpo.lib.editing import conflicts
from reporting import permissions as may
from reporting.content.decisions import answer_of, to_answer
from reporting.forms.meetings import DecisionAnswersForm
from reporting.models import Report
from reporting.pages import reports as pages
from reporting.services.decision_answers import answer_decisions
from reporting.views import common

NOT_READ = "Cette rubrique se lira quand l’association aura envoyé son compte rendu."


@require_http_methods(["GET", "HEAD", "POST"])
def report_decisions(request: HttpRequest, number: str, year: int) -> HttpResponse:
    report, user = common.find(request, number, year), request.user
    actors = pages.actors_of(user, report)  # type: ignore[arg-type]
    writes = may.writer(user, report, may.GENERAL) is not None  # type: ignore[arg-type]
    if request.method == "POST" and not writes:
        raise PermissionDenied(may.why_not(user, report, may.GENERAL))  # type: ignore[arg-type]
    if not may.reads_meetings(actors) or not may.may_read(user, report, may.GENERAL):  # type: ignore[arg-type]
        raise PermissionDenied(NOT_READ)
    lines, form, status = _lines(report), None, 200
    if writes:
        form = _form(report)
    if request.method == "POST":
        outcome = conflicts.save(
            request,
            make=lambda data: _form(Report.objects.get(pk=report.pk), data),
            write=lambda form, revision: answer_decisions(
                report,
                answers=form.answers(),
                by=user,  # type: ignore[arg-type]
                expected_revision=revision,
            ),
            author=lambda: journal.last(report, "report_written"),
        )
        if outcome.saved:
            messages.success(request, "Les réponses aux décisions sont enregistrées.")
            return HttpResponseRedirect(request.path)
        form, status = outcome.form, outcome.status
        if outcome.error:
            form.add_error(None, outcome.error)
    context = common.work_context(
        request, report, actors, form=form, lines=lines, decisions=lines, with_bar=bool(form and lines)
    )
    return render(request, "reporting/report_decisions.html", context, status=status)


def _lines(report: Report) -> list[tuple[Any, str]]:
    rows = []
    for row in to_answer(report):
        row.meeting.convention = report.convention
        rows.append((row, answer_of(row)))
    return rows


def _form(report: Report, data: Any = None) -> DecisionAnswersForm:
    return DecisionAnswersForm(data, decisions=_lines(report), initial={"revision": report.revision})
