"""The dialogue de gestion of a year: a form for the lead service, a page to read for the others."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from cpo.lib import journal
from cpo.lib.editing import conflicts
from reporting import workflow
from reporting.enums import ReportState
from reporting.forms.others import ReviewForm
from reporting.models import Report, Review
from reporting.pages import reports as pages
from reporting.services import reviews as services

from . import common

NOT_YET = "Le dialogue de gestion se lit une fois enregistré par le service chef de file."
CLOSED = "Le dialogue de gestion n’est pas ouvert : le compte rendu n’est pas encore recevable."
CONCLUDED = "L’année est conclue : le relevé du dialogue de gestion ne se modifie plus."


@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, number: str, year: int) -> HttpResponse:
    report = common.find(request, number, year)
    record = getattr(report, "review", None)
    if services.reviewer(request.user, report) is None:  # type: ignore[arg-type]
        if request.method == "POST":
            raise PermissionDenied(CONCLUDED if report.state == ReportState.CONCLUDED else NOT_YET)
        if record is None or not services.may_read(request.user, report):  # type: ignore[arg-type]
            raise PermissionDenied(NOT_YET if record or report.state in services.OPEN_IN else CLOSED)
        return _page(request, report, record)
    if request.method != "POST":
        return _page(request, report, record, form=_form(record))
    outcome = conflicts.save(
        request,
        make=lambda data: _form(Review.objects.filter(report=report).first(), data),
        write=lambda form, revision: _write(request, report, form, revision),
        author=lambda: journal.last(report, "review_written"),
    )
    if outcome.saved:
        messages.success(request, "Dialogue de gestion enregistré.")
        return HttpResponseRedirect(request.path)
    if outcome.error:
        outcome.form.add_error(None, outcome.error)
    return _page(request, report, record, form=outcome.form, status=outcome.status)


def _form(record: Review | None, data: QueryDict | None = None) -> ReviewForm:
    initial = {name: getattr(record, name) for name in services.FIELDS} if record else {}
    return ReviewForm(data, initial=initial | {"revision": record.revision if record else 0})


def _write(request: HttpRequest, report: Report, form: ReviewForm, revision: int) -> None:
    fields = {name: form.cleaned_data[name] for name in services.FIELDS}
    services.save_review(report, fields=fields, by=request.user, expected_revision=revision)  # type: ignore[arg-type]


def _page(
    request: HttpRequest,
    report: Report,
    record: Review | None,
    *,
    form: ReviewForm | None = None,
    status: int = 200,
) -> HttpResponse:
    actors = pages.actors_of(request.user, report)  # type: ignore[arg-type]
    options = workflow.REPORT.available(report, request.user) if form is not None else []
    context = common.work_context(
        request,
        report,
        actors,
        record=record,
        form=form,
        with_bar=form is not None,
        conclusion=record.conclusion if record and services.may_read_conclusion(request.user, report) else "",  # type: ignore[arg-type]
        options=[
            {"option": option, "url": pages.guards.url(report, "report-transition", name=option.transition.name)}
            for option in options
        ],
    )
    return render(request, "reporting/review.html", context, status=status)
