"""The conclusion of a year: a draft for the lead service; its manager concludes and opens the next act in one step."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from conventions.views.common import refusal_page
from conventions.views.drafting import add_errors
from cpo.lib import journal
from cpo.lib.editing import conflicts
from cpo.lib.workflow import Refused
from reporting.content.decisions import prepared_year
from reporting.enums import ReportState
from reporting.forms.meetings import ConclusionForm
from reporting.guards.meetings import address
from reporting.models import Meeting, Report
from reporting.pages.meetings import MeetingPage
from reporting.services import conclusion as services
from reporting.workflow.reports import REPORT

from . import common

CONCLUDE = "conclure"
CONCLUDED = "L’année est conclue : la conclusion ne se modifie plus."


def _report(request: HttpRequest, meeting: Meeting) -> Report:
    """The report of the dialogue. Raises Http404 for a meeting of another kind, PermissionDenied for who reads."""
    report = meeting.report
    if report is None:
        raise Http404(common.NOT_FOUND)
    report.convention = meeting.convention
    if services.writer(request.user, report) is None:  # type: ignore[arg-type]
        raise PermissionDenied(CONCLUDED if report.state == ReportState.CONCLUDED else services.NOT_YOURS)
    return report


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_conclusion(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    meeting = common.meeting_of(request, number, pk)
    report = _report(request, meeting)
    kinds = services.openable(meeting, request.user)  # type: ignore[arg-type]
    year = prepared_year(meeting)

    def make(data: Any) -> ConclusionForm:
        fresh = Meeting.objects.get(pk=meeting.pk)
        initial = {name: getattr(fresh, name) for name in (*services.FIELDS, "revision")}
        return ConclusionForm(data, initial=initial | {"opens": next(iter(kinds), "")}, year=year, kinds=kinds)

    form, status = make(None), 200
    if request.method == "POST":
        try:
            outcome = conflicts.save(
                request,
                make=make,
                write=lambda form, revision: _write(request, meeting, report, form, revision),
                author=lambda: journal.last(meeting, "conclusion_written", "minutes_written"),
            )
        except Refused as error:
            return refusal_page(request, meeting.convention.act, error)
        if outcome.saved:
            return _saved(request, meeting, outcome.result)
        form, status = outcome.form, outcome.status
        if outcome.error:
            add_errors(form, outcome.error)
    option = REPORT.option(report, request.user, "conclude")
    context = {
        "form": form,
        "meeting": meeting,
        "page": MeetingPage(meeting, request.user),  # type: ignore[arg-type]
        "report": report,
        "option": option,
        "page_title": f"Conclure l’année {report.year}",
    }
    return common.page(request, "conclusion", meeting.convention, context, status=status)


def _write(request: HttpRequest, meeting: Meeting, report: Report, form: ConclusionForm, revision: int) -> Any:
    """Save the draft; then, at the request of the manager, conclude and open the next act. Both or neither."""
    concludes = request.POST.get("suite") == CONCLUDE
    return services.write(
        meeting,
        report,
        fields=form.values(),
        by=request.user,  # type: ignore[arg-type]
        expected_revision=revision,
        concludes=concludes,
        opens=form.cleaned_data.get("opens", ""),
    )


def _saved(request: HttpRequest, meeting: Meeting, act: Any) -> HttpResponse:
    if request.POST.get("suite") != CONCLUDE:
        messages.success(request, "La conclusion est enregistrée. Elle se lit une fois l’année conclue.")
        return redirect(request.path)
    if act is None:
        messages.success(request, "L’année est conclue. Les deux parties en sont informées.")
        return redirect(address(meeting))
    messages.success(request, f"L’année est conclue, et {act.name_in_sentence} est ouvert, prérempli.")
    return redirect(reverse("convention-detail", args=[act.reference]))
