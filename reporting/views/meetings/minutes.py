"""The minutes of a meeting, to write; the follow-up of its decisions."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from conventions.views.common import refusal_page
from conventions.views.drafting import add_errors
from cpo.lib import journal
from cpo.lib.editing import conflicts
from cpo.lib.workflow import Refused
from reporting.forms.meetings import FollowForm, MinutesForm
from reporting.guards.meetings import address
from reporting.models import Decision, Meeting
from reporting.pages.meetings import MeetingPage, decision_lines
from reporting.services import meetings as services
from reporting.services import minutes

from . import common


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_minutes(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    meeting = common.meeting_of(request, number, pk)
    if services.keeper(request.user, meeting) is None:  # type: ignore[arg-type]
        raise PermissionDenied(services.OF_ANOTHER)
    if reason := minutes.closed_minutes(meeting):
        return refusal_page(request, meeting.convention.act, Refused(reason))
    known = services.people_of(meeting.convention)

    def make(data: Any) -> MinutesForm:
        fresh = Meeting.objects.select_related("convention__dossier__lead").get(pk=meeting.pk)
        invitees, decisions = list(fresh.invitees.all()), list(fresh.decisions.all())
        return MinutesForm(data, meeting=fresh, invitees=invitees, decisions=decisions, known=known)

    form, status = make(None), 200
    if request.method == "POST":
        outcome = conflicts.save(
            request,
            make=make,
            write=lambda form, revision: minutes.save_minutes(
                meeting,
                fields=form.values(),
                attendance=form.attendance(),
                decisions=form.inputs(),
                by=request.user,  # type: ignore[arg-type]
                expected_revision=revision,
            ),
            author=lambda: journal.last(meeting, "minutes_written", "meeting_changed", "meeting_planned"),
        )
        if outcome.saved:
            messages.success(request, "Le relevé est enregistré.")
            return redirect(request.path)
        form, status = outcome.form, outcome.status
        if outcome.error:
            add_errors(form, outcome.error)
    context = {"form": form, "meeting": meeting, "page_title": "Relevé de la réunion"}
    return common.page(request, "minutes", meeting.convention, context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_decisions(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """One form for each decision that the person follows; `decision` of the post says which."""
    meeting = common.meeting_of(request, number, pk)
    page = MeetingPage(meeting, request.user)  # type: ignore[arg-type]
    if not page.reads_minutes:
        raise Http404(common.NOT_FOUND)
    lines = [line for line in decision_lines(_rows(meeting), request.user) if line.url]  # type: ignore[arg-type]
    if not lines:
        raise PermissionDenied("Aucune décision de cette réunion n’est suivie par votre rôle.")
    posted = request.POST.get("decision", "") if request.method == "POST" else ""
    line = next((one for one in lines if str(one.decision.pk) == posted), None)
    if request.method == "POST" and line is None:
        raise Http404(common.NOT_FOUND)
    answer, status = (None, 200) if line is None else _follow(request, line.decision)
    if line is not None and answer is None:
        messages.success(request, "La suite de la décision est enregistrée.")
        return redirect(address(meeting, "meeting-decisions", f"decision-{line.decision.pk}"))
    forms = [(one, answer if one is line else _form(one.decision)) for one in lines]
    context = {"forms": forms, "meeting": meeting, "page_title": "Suite des décisions"}
    return common.page(request, "decisions", meeting.convention, context, status=status)


def _rows(meeting: Meeting) -> Any:
    rows = meeting.decisions.select_related("owner", "meeting")
    for row in rows:
        row.meeting = meeting
    return rows


def _form(decision: Decision, data: Any = None) -> FollowForm:
    initial = {name: getattr(decision, name) for name in ("state", "note", "revision")}
    return FollowForm(data, initial=initial, auto_id=f"id_{decision.pk}_%s")


def _follow(request: HttpRequest, decision: Decision) -> tuple[FollowForm | None, int]:
    """Write the follow-up; return the form to show again, None once saved."""
    outcome = conflicts.save(
        request,
        make=lambda data: _form(Decision.objects.get(pk=decision.pk), data),
        write=lambda form, revision: minutes.follow(
            decision,
            state=form.cleaned_data["state"],
            note=form.cleaned_data["note"],
            by=request.user,  # type: ignore[arg-type]
            expected_revision=revision,
        ),
        author=lambda: journal.last(decision.meeting, "decision_followed"),
        form=f"decision-{decision.pk}",
    )
    if outcome.saved:
        return None, 200
    if outcome.error:
        add_errors(outcome.form, outcome.error)
    return outcome.form, outcome.status
