"""What was sent: one sending to read, the differences of two, its acknowledgement; the answers to the requests."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from cpo.lib import journal
from cpo.lib.editing import conflicts
from cpo.lib.files import stored
from reporting import permissions as may
from reporting.content import reading
from reporting.content.comparison import compare
from reporting.enums import ReportState
from reporting.forms.others import AnswersForm
from reporting.models import Report, ReportVersion, SendBack
from reporting.pages import reports as pages
from reporting.services import request_answers
from reporting.views import common

NO_SENDING = "Cet envoi n’existe pas, ou ne vous est pas ouvert."


def _version(request: HttpRequest, report: Report, number: int) -> ReportVersion:
    visible = ReportVersion.objects.visible_to(request.user)  # type: ignore[arg-type]
    version = visible.filter(report=report, number=number).first()
    if version is None:
        raise Http404(NO_SENDING)
    version.report = report
    return version


@require_safe
def report_version(request: HttpRequest, number: str, year: int, sending: int) -> HttpResponse:
    report = common.find(request, number, year)
    version = _version(request, report, sending)
    actors = pages.actors_of(request.user, report)  # type: ignore[arg-type]
    content = version.content
    context = common.work_context(
        request,
        report,
        actors,
        version=version,
        content=content,
        sheets=reading.sheets(content),
        finance=reading.finance(content),
        attachments=_attachments(actors, content),
        files_open=_reads_examination(actors),
        decisions=content.get("decisions", []) if _reads_examination(actors) else [],
        former=sending - 1 if sending > 1 and _reads_examination(actors) else None,
    )
    return render(request, "reporting/report_version.html", context)


def _reads_examination(actors: list[Any]) -> bool:
    """Whether the person reads the sendings before the admissible one: both sides and the DGEFP, not the observers."""
    return any(may.reads_sendings(actor) for actor in actors)


def _attachments(actors: list[Any], content: dict[str, Any]) -> list[dict[str, Any]] | None:
    """The documents joined to a sending, None for who opens no document of a report."""
    if not _reads_examination(actors):
        return None
    return reading.attachments(content, confidential=any(may.opens_confidential(actor) for actor in actors))


@require_safe
def report_compare(request: HttpRequest, number: str, year: int, before: int, after: int) -> HttpResponse:
    report = common.find(request, number, year)
    versions = [_version(request, report, sending) for sending in (before, after)]
    actors = pages.actors_of(request.user, report)  # type: ignore[arg-type]
    if not _reads_examination(actors):
        raise PermissionDenied("L’examen d’un compte rendu est lu par les parties et par l’administration centrale.")
    contents = [{**version.content, "attachments": _attachments(actors, version.content) or []} for version in versions]
    context = common.work_context(
        request,
        report,
        actors,
        before=versions[0],
        after=versions[1],
        changes=compare(contents[0], contents[1]),
        answers=[row for row in versions[1].content["answers"] if row["answer"].strip()],
    )
    return render(request, "reporting/report_compare.html", context)


@require_safe
def report_acknowledgement(request: HttpRequest, number: str, year: int, sending: int) -> HttpResponse:
    report = common.find(request, number, year)
    if not _reads_examination(pages.actors_of(request.user, report)):  # type: ignore[arg-type]
        raise PermissionDenied("L’accusé de réception est réservé aux parties et à l’administration centrale.")
    version = _version(request, report, sending)
    if version.acknowledgement is None:
        raise Http404(NO_SENDING)
    name = f"accuse-de-reception-{number}-{year}-envoi-{sending}.pdf"
    return stored.serve(request, version.acknowledgement, name=name, inline=True)


@require_safe
def report_financial(request: HttpRequest, number: str, year: int, sending: int) -> HttpResponse:
    """The compte rendu financier of a sending, as CERFA 15059*02 wants it."""
    report = common.find(request, number, year)
    version = _version(request, report, sending)
    if version.financial_document is None:
        raise Http404(NO_SENDING)
    name = f"compte-rendu-financier-{number}-{year}-envoi-{sending}.pdf"
    return stored.serve(request, version.financial_document.file, name=name, inline=True)


@require_safe
def report_form(request: HttpRequest, number: str, year: int) -> HttpResponse:
    """The blank form: it holds targets and forecasts of the act, and nothing that was typed."""
    report = common.find(request, number, year)
    if report.form is None:
        raise Http404("Le formulaire est en cours de production. Rechargez la page dans quelques instants.")
    return stored.serve(request, report.form, name=f"formulaire-{number}-{year}.pdf", inline=True)


# -- The answers to the requests --------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def report_answers(request: HttpRequest, number: str, year: int) -> HttpResponse:
    """Answer the requests of the round, part by part; the requests themselves are read on the report."""
    report = common.find(request, number, year)
    requests = _own_requests(request, report)
    if report.state != ReportState.TO_COMPLETE or not requests:
        raise PermissionDenied(may.why_not_answer(request.user, report))  # type: ignore[arg-type]
    if request.method != "POST":
        return _answers_page(request, report, _answers_form(report, requests))
    outcome = conflicts.save(
        request,
        make=lambda data: _answers_form(Report.objects.get(pk=report.pk), _own_requests(request, report), data),
        write=lambda form, revision: request_answers.answer_requests(
            report,
            answers=form.answers(),
            by=request.user,  # type: ignore[arg-type]
            expected_revision=revision,
        ),
        author=lambda: journal.last_writing(report, request_answers.ANSWERS, "report_written"),
    )
    if outcome.saved:
        messages.success(request, "Réponses enregistrées. Elles partiront avec le prochain envoi.")
        return HttpResponseRedirect(pages.guards.url(report, "report-detail"))
    if outcome.error:
        outcome.form.add_error(None, outcome.error)
    return _answers_page(request, report, outcome.form, status=outcome.status)


def _own_requests(request: HttpRequest, report: Report) -> list[SendBack]:
    """The requests of the round on the parts that the person may write."""
    user: Any = request.user
    return [row for row in pages.current_requests(report) if may.writer(user, report, row.path)]


def _answers_form(report: Report, requests: list[SendBack], data: Any = None) -> AnswersForm:
    return AnswersForm(data, requests=requests, initial={"revision": report.revision})


def _answers_page(request: HttpRequest, report: Report, form: AnswersForm, *, status: int = 200) -> HttpResponse:
    actors = pages.actors_of(request.user, report)  # type: ignore[arg-type]
    context = common.work_context(request, report, actors, form=form, with_bar=True)
    return render(request, "reporting/report_answers.html", context, status=status)
