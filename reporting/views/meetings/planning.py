"""The list of the meetings of a convention; convening one, changing it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from conventions.later.term import shown_years
from conventions.models import Convention
from conventions.views.common import refusal_page
from conventions.views.drafting import add_errors
from cpo.lib import clock, journal
from cpo.lib.editing import conflicts
from cpo.lib.workflow import Refused
from reporting.enums import MeetingKind
from reporting.forms.meetings import ChangeForm, NewMeetingForm
from reporting.guards.meetings import address
from reporting.models import Decision, Meeting
from reporting.pages import meetings as pages
from reporting.services import diagnosis
from reporting.services import meetings as services

from . import common


@require_safe
def meeting_list(request: HttpRequest, number: str) -> HttpResponse:
    convention = common.convention_of(request, number)
    followed = Decision.objects.visible_to(request.user).followed().filter(meeting__convention=convention)  # type: ignore[arg-type]
    rows = followed.select_related("owner", "meeting").order_by("due_on", "pk")
    for row in rows:
        row.meeting.convention = convention
    context = {
        "meetings": [(one, pages.MEETING_TONES[one.state]) for one in pages.meetings_of(convention)],  # type: ignore[index]
        "decisions": pages.decision_lines(rows, request.user),  # type: ignore[arg-type]
        "may_plan": pages.may_plan(request.user, convention),  # type: ignore[arg-type]
        "closed": services.closed_to_meetings(convention),
        "diagnosis_year": diagnosis.present_year(convention),
    }
    return common.page(request, "list", convention, context)


def _years(convention: Convention) -> list[int]:
    """The years of the cycle that have begun, and those that an extension adds."""
    today = clock.today(convention.dossier.time_zone)
    return [year for year in shown_years(convention.cycle, [today.year]) if year <= today.year + 1]


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_add(request: HttpRequest, number: str) -> HttpResponse:
    convention, user = common.convention_of(request, number), request.user
    kinds = [kind for kind in MeetingKind.values if services.planner(user, convention, kind)]  # type: ignore[arg-type]
    if not kinds:
        raise PermissionDenied(services.NOT_YOURS)
    if reason := services.closed_to_meetings(convention):
        return refusal_page(request, convention.act, Refused(reason))
    known = services.people_of(convention)
    initial: dict[str, Any] = {"people": [str(one.pk) for one, _ in known], "kind": request.GET.get("nature", "")}
    initial["year"] = request.GET.get("annee", "")
    data = request.POST if request.method == "POST" else None
    form = NewMeetingForm(data, initial=initial, known=known, kinds=kinds, years=_years(convention))
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        try:
            meeting = services.plan(
                convention=convention,
                kind=chosen["kind"],
                year=chosen["year"],
                plan=form.plan,
                by=user,  # type: ignore[arg-type]
            )
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(
                request, "La réunion est inscrite. Les personnes invitées à une réunion à venir ont un courriel."
            )
            return redirect(address(meeting))
    return common.page(request, "plan", convention, {"form": form, "page_title": "Convoquer une réunion"})


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_edit(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    meeting = common.meeting_of(request, number, pk)
    if services.keeper(request.user, meeting) is None:  # type: ignore[arg-type]
        raise PermissionDenied(services.OF_ANOTHER)
    if not meeting.is_planned:
        return refusal_page(
            request, meeting.convention.act, Refused("Cette réunion est tenue ou annulée : elle ne change plus.")
        )
    known = services.people_of(meeting.convention)

    def make(data: Any) -> ChangeForm:
        fresh = Meeting.objects.select_related("convention__dossier").get(pk=meeting.pk)
        return ChangeForm(data, initial=ChangeForm.stored(fresh), known=known)

    form, status = make(None), 200
    if request.method == "POST":
        outcome = conflicts.save(
            request,
            make=make,
            write=lambda form, revision: services.change(
                meeting=meeting,
                plan=form.plan,
                by=request.user,  # type: ignore[arg-type]
                expected_revision=revision,
            ),
            author=lambda: journal.last(meeting, "meeting_changed", "minutes_written", "meeting_planned"),
        )
        if outcome.saved:
            messages.success(request, "La réunion est modifiée. Les personnes invitées en sont informées.")
            return redirect(address(meeting))
        form, status = outcome.form, outcome.status
        if outcome.error:
            add_errors(form, outcome.error)
    context = {"form": form, "meeting": meeting, "page_title": "Modifier la réunion"}
    return common.page(request, "plan", meeting.convention, context, status=status)
