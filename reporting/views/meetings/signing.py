"""The signature of the minutes of a meeting: in the browser, in three steps, or as a scan of a paper original."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from conventions.models import SigningAttempt
from conventions.services.signing import browser
from conventions.views.common import refusal_page
from conventions.views.drafting import add_errors
from conventions.views.signing.browser import SignView
from cpo.lib.files import stored
from cpo.lib.wording import french
from cpo.lib.workflow import Option, Refused
from reporting.forms.meetings import ScanForm
from reporting.guards.meetings import address
from reporting.models import Meeting
from reporting.pages.meetings import MeetingPage
from reporting.services import minutes_signing as services
from reporting.workflow.meetings import MEETING

from . import common

DONE = "Le relevé est signé. Les deux parties en sont informées."
BOTH = "Le relevé est signé des deux parties, qui en sont informées."


def _option(meeting: Meeting, user: Any) -> Option:
    """Raises PermissionDenied, Refused (signed already, not printed yet)."""
    option = MEETING.attempt("sign", meeting, user)
    if not option.ready:
        raise Refused(option.blocking[0].text)
    return option


class MinutesSignView(SignView):
    """The three steps of the signature of an act, for the minutes of a meeting."""

    meeting: Meeting
    option: Option

    def dispatch(self, request: HttpRequest, number: str, pk: int) -> HttpResponse:  # type: ignore[override]
        self.meeting = common.meeting_of(request, number, pk)
        try:
            self._set(request)
        except Refused as error:
            return refusal_page(request, self.meeting.convention.act, error)
        return super(SignView, self).dispatch(request)  # type: ignore[return-value]

    def _set(self, request: HttpRequest) -> None:
        self.option = _option(self.meeting, request.user)
        self.document, self.party = self.meeting.minutes, services.party_of(self.meeting, self.option.actor)
        assert self.document is not None  # noqa: S101  the guard of the transition
        self.act = self.document.act

    def read_again(self, request: HttpRequest) -> None:
        self.meeting = common.meeting_of(request, self.meeting.convention.number, self.meeting.pk)
        self.document = self.meeting.minutes

    @property
    def file_name(self) -> str:
        return f"releve-{self.meeting.pk}"

    @property
    def name(self) -> str:
        return f"le relevé ({french.lower_first(self.meeting.title)})"

    @property
    def capacity(self) -> str:
        return services.capacity_of(self.option.actor)

    def send_code(self, attempt: SigningAttempt) -> None:
        browser.send_code(attempt, name=self.name, page=self.request.path)

    def confirm(self, attempt: SigningAttempt, code: str, sha256: str) -> tuple[str, str]:
        meeting = services.sign_in_browser(attempt, self.meeting, code, shown_sha256=sha256)
        return BOTH if meeting.signed_on else DONE, address(meeting)

    def subject(self, request: HttpRequest) -> dict[str, Any]:
        page = MeetingPage(self.meeting, request.user)  # type: ignore[arg-type]
        return {
            "number": self.meeting.convention.number,
            "back": {"url": address(self.meeting), "label": self.meeting.title},
            "back_name": str(self.meeting.dossier.beneficiary),
            "badges": [("sign", "turn", "")],
            "nav_section": "convention-list",
            "signed_title": f"Relevé, {french.lower_first(self.meeting.title)}",
            "problem": "",
            "lines": _lines(page, self.party.organisation_id),
            "before": [],
        }


def _lines(page: MeetingPage, own: int) -> list[dict[str, Any]]:
    """The parties, for `conventions/signing/_signatories.html`: those that signed, then those that have not."""
    signed = [
        {
            "party": row.party,
            "name": row.signatory_name,
            "capacity": row.capacity,
            "signature": row,
            "words": french.upper_first(row.get_mode_display()),
        }
        for row in page.signatures
    ]
    return [
        *signed,
        *({"party": {"organisation": one}, "name": str(one), "mine": one.pk == own} for one in page.unsigned),
    ]


meeting_sign = MinutesSignView.as_view()


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_scan(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    meeting = common.meeting_of(request, number, pk)
    try:
        option = _option(meeting, request.user)
    except Refused as error:
        return refusal_page(request, meeting.convention.act, error)
    initial = {"signatory_name": str(request.user), "capacity": services.capacity_of(option.actor)}
    form = ScanForm(initial=initial)
    if request.method == "POST":
        form = ScanForm(request.POST, request.FILES)
        if form.is_valid() and _record(request, meeting, form):
            return redirect(address(meeting))
    context = {"form": form, "meeting": meeting, "page_title": "Déposer l’original signé"}
    return common.page(request, "scan", meeting.convention, context)


def _record(request: HttpRequest, meeting: Meeting, form: ScanForm) -> bool:
    data = form.cleaned_data
    upload = data.pop("upload")
    try:
        content, media_type = stored.check_upload(upload.file, name=upload.name, size=upload.size, pdf_only=True)
        scan = stored.store_upload(content, media_type, field="upload")
        signed = services.record_scan(meeting, by=request.user, scan=scan, **data)  # type: ignore[arg-type]
    except ValidationError as error:
        add_errors(form, error if hasattr(error, "error_dict") else ValidationError({"upload": error}))
        return False
    messages.success(request, BOTH if signed.signed_on else DONE)
    return True
