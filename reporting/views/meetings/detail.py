"""One meeting: its page, its transitions, its documents, its file for a calendar."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from conventions.views.common import refusal_page
from cpo.lib.files import stored
from cpo.lib.workflow import Refused
from reporting.deadlines import ical, invitations
from reporting.forms.meetings import FileForm, ReasonForm
from reporting.guards.meetings import address
from reporting.models import Meeting
from reporting.pages.meetings import MeetingPage
from reporting.pages.preparation import Preparation
from reporting.services import meetings as services
from reporting.workflow.meetings import MEETING, apply

from . import common

DONE = {
    "record": "Le relevé est enregistré. Les deux parties en sont informées.",
    "cancel": "La réunion est annulée. Les personnes invitées en sont informées.",
    "take_back": "Le relevé est repris : corrigez-le, il sera à signer de nouveau.",
}


@require_safe
def meeting_detail(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    return _page(request, common.meeting_of(request, number, pk), FileForm())


def _page(request: HttpRequest, meeting: Meeting, form: FileForm) -> HttpResponse:
    context = {
        "meeting": meeting,
        "page": MeetingPage(meeting, request.user),  # type: ignore[arg-type]
        "files": meeting.files.select_related("file", "added_by"),
        "form": form,
        "page_title": meeting.title,
    }
    return common.page(request, "detail", meeting.convention, context)


@require_safe
def meeting_preparation(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """What both sides prepare a dialogue de gestion with, on a page to print."""
    meeting = common.meeting_of(request, number, pk)
    if not meeting.is_dialogue:
        raise Http404(common.NOT_FOUND)
    context = {
        "meeting": meeting,
        "preparation": Preparation(meeting, request.user),  # type: ignore[arg-type]
        "back": {"url": address(meeting), "label": meeting.title},
        "back_name": str(meeting.dossier.beneficiary),
    }
    return common.page(request, "preparation", meeting.convention, context)


@require_POST
def meeting_file_add(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    meeting = common.meeting_of(request, number, pk)
    if not MeetingPage(meeting, request.user).may_join:  # type: ignore[arg-type]
        raise PermissionDenied(services.NOT_JOINED)
    form = FileForm(request.POST, request.FILES)
    if form.is_valid():
        upload = form.cleaned_data["upload"]
        try:
            services.add_file(meeting=meeting, by=request.user, upload=upload.file, name=upload.name, size=upload.size)  # type: ignore[arg-type]
        except ValidationError as error:
            form.add_error("upload", error)
        else:
            messages.success(request, "Le document est joint à la réunion.")
            return redirect(address(meeting, fragment="documents"))
    return _page(request, meeting, form)


@require_safe
def meeting_file(request: HttpRequest, number: str, pk: int, file: int) -> HttpResponse:
    meeting = common.meeting_of(request, number, pk)
    row = meeting.files.select_related("file").filter(pk=file).first()
    if row is None:
        raise Http404(common.NOT_FOUND)
    return stored.serve(request, row.file, name=row.name)


@require_safe
def meeting_ics(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """The meeting as a file for a calendar; who downloads it answers nobody."""
    meeting = common.meeting_of(request, number, pk)
    if meeting.day is None:
        raise Http404(common.NOT_FOUND)
    events = invitations.of_feed([meeting], [])
    answer = HttpResponse(ical.file(events, name=meeting.title), content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="reunion-{meeting.pk}.ics"'
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_transition(request: HttpRequest, number: str, pk: int, name: str) -> HttpResponse:
    """Record, cancel or take back; the signature has its own page."""
    meeting = common.meeting_of(request, number, pk)
    if name not in DONE:
        raise Http404(common.NOT_FOUND)
    try:
        option = MEETING.attempt(name, meeting, request.user)
    except Refused as error:
        return refusal_page(request, meeting.convention.act, error)
    with_reason = option.transition.comment_required
    data = request.POST if request.method == "POST" else None
    form = ReasonForm(data) if with_reason else None
    if form is not None:
        form.fields["comment"].label = option.transition.comment_label
    context: dict[str, Any] = {"meeting": meeting, "option": option, "form": form}
    context["page_title"] = option.transition.label
    if data is not None and (form is None or form.is_valid()):
        try:
            apply(name, meeting, by=request.user, comment=form.cleaned_data["comment"] if form else "")
        except Refused as error:
            return refusal_page(request, meeting.convention.act, error)
        messages.success(request, DONE[name])
        return redirect(address(meeting))
    return common.page(request, "transition", meeting.convention, context)
