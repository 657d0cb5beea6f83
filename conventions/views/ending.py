"""The end of a convention: its progress, what each side may do, its forms and its files."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views import View
from django.views.decorators.http import require_http_methods, require_safe

from conventions import permissions as may
from conventions import workflow
from conventions.documents import register
from conventions.documents.ending import KIND, documents_due, key
from conventions.enums import ConventionState, DocumentPurpose, EndGround
from conventions.forms import ending as forms
from conventions.forms.pieces import FORMATS
from conventions.guards import notices
from conventions.models import Act, Document, FormalNotice, NoticeObservation
from conventions.pages.next_step import option_link
from conventions.services import ending as services
from conventions.workflow.ending import ENDING
from cpo.lib import clock
from cpo.lib.actor import Actor
from cpo.lib.enums import Side
from cpo.lib.files import stored as stored_files
from cpo.lib.forms.base import DsfrForm, add_faults
from cpo.lib.journal import readable_by
from cpo.lib.models import Job, StoredFile
from cpo.lib.work import jobs
from cpo.lib.workflow import Refused

from .common import actors, get_act, refusal_page, url, work_page
from .drafting import add_errors
from .framing import open_act, open_page, page

NAMES = frozenset(transition.name for transition in ENDING) | {"abandon"}
PURPOSES = (
    DocumentPurpose.NOTICE_LETTER,
    DocumentPurpose.TERMINATION,
    DocumentPurpose.CLOSING,
    DocumentPurpose.ABANDONMENT,
)


@dataclass(frozen=True)
class NoticeLine:
    """A formal notice as its page shows it."""

    notice: FormalNotice
    giver: str
    receiver: str
    days_left: int | None
    observations: list[NoticeObservation] = field(default_factory=list)

    @property
    def badge(self) -> tuple[str, str]:
        """The tone of the badge and its words."""
        notice = self.notice
        if notice.decided_on:
            return "grey", "Suivie d’une résiliation" if notice.ground == EndGround.BREACH else "Fin de la convention"
        if notice.withdrawn_on:
            return "grey", "Retirée"
        if notice.sent_on is None:
            return "info", "En préparation, votre partie seule la voit"
        return (
            ("warning", "Délai écoulé") if self.days_left is not None and self.days_left < 0 else ("info", "En cours")
        )


def _lines(act: Act, people: list[Actor], today: dt.date) -> list[NoticeLine]:
    """Return the formal notices that the person may know, newest first."""
    dossier = act.dossier
    names = {Side.STATE: dossier.lead.in_sentence, Side.BENEFICIARY: dossier.beneficiary.in_sentence}
    rows = act.convention.notices.select_related("letter", "proof", "decision_file", "author", "decided_by")
    rows = rows.prefetch_related("observations__file", "observations__author")
    return [
        NoticeLine(
            notice,
            names[notice.side],
            names[Side.other(notice.side)],
            (notice.due_on - today).days if notice.due_on else None,
            list(notice.observations.all()),
        )
        for notice in rows
        if notices.may_know(notice, people)
    ]


def _readers_only(request: HttpRequest, act: Act) -> list[Actor]:
    """Return the capacities of a person of both sides or of the DGEFP. Raises Http404 for others.

    Others may know that a convention has ended, but not how.
    """
    people = actors(request, act)
    if not may.reads_negotiation(people):
        raise Http404
    return people


@require_http_methods(["GET", "HEAD", "POST"])
def convention_ending(request: HttpRequest, number: str) -> HttpResponse:
    """Show the progress of the end of the convention. POST: start again the documents that could not be produced."""
    act = open_act(request, number)
    people = _readers_only(request, act)
    if act.number:
        return redirect("convention-ending", act.convention.number)
    if request.method == "POST":
        for job in _failed_jobs(act, people):
            jobs.relaunch(job)
        return redirect("convention-ending", number)
    today = clock.today(act.dossier.time_zone)
    context = {
        "lines": _lines(act, people, today),
        "options": _options(act, request),
        "documents": _documents(act, people),
        "waiting": sum(job.under_way for job in _jobs(act, people)),
        "failed": len(_failed_jobs(act, people)),
        "terminated": act.convention.state == ConventionState.TERMINATED,
        "closed": act.convention.state == ConventionState.CLOSED,
        "documents_by": documents_due(act.convention),
    }
    return page(request, "ending/ending", act, "fin", context)


def _options(act: Act, request: HttpRequest) -> list[dict[str, Any]]:
    """Return the buttons of the page. When a notice is already prepared, its button says « Modifier »."""
    options = [one for one in open_page(request, act.reference).options if one.transition.name in NAMES]
    links = [option_link(act, one) for one in options]
    for one, link in zip(options, links, strict=True):
        if one.transition.name == "prepare_notice" and notices.own_notice(act, one.actor.side):
            link["label"] = "Modifier la mise en demeure"
    return links


def _documents(act: Act, people: list[Actor]) -> list[Document]:
    return list(register.readable(act, people).filter(purpose__in=PURPOSES))


def _jobs(act: Act, people: list[Actor]) -> Any:
    """Return the jobs that produce the documents which these capacities may read."""
    jobs_of_act = Job.objects.filter(kind=KIND, key__startswith=key(act))
    return jobs_of_act.filter(arguments__audience__in=readable_by(people))


def _failed_jobs(act: Act, people: list[Actor]) -> list[Job]:
    return list(jobs.stopped().filter(pk__in=_jobs(act, people)))


class EndingFormView(View):
    """The page of an action that needs a form, and not only a reason."""

    name = ""
    form_class: type[DsfrForm] = DsfrForm
    success_message = ""
    act: Act

    def dispatch(self, request: HttpRequest, number: str) -> HttpResponse:
        self.act = get_act(request, number)
        try:
            self.option = workflow.ACT.attempt(self.name, self.act, request.user)
        except Refused as error:
            return refusal_page(request, self.act, error)
        return super().dispatch(request)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(request, self.form_class(initial=self.initial()))

    def initial(self) -> dict[str, Any]:
        return {}

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self.form_class(request.POST, request.FILES)
        if form.is_valid():
            try:
                self.write(request, form.cleaned_data)
            except ValidationError as error:
                add_errors(form, error)
            except Refused as error:
                return refusal_page(request, self.act, error)
            else:
                messages.success(request, self.success_message)
                return redirect(url(self.act, "convention-ending"))
        else:
            add_faults(form, self.faults(form.cleaned_data))
        return self.page(request, form)

    def faults(self, data: dict[str, Any]) -> dict[str, str]:
        """Return what the service would say next of what is valid, by field."""
        return {}

    def write(self, request: HttpRequest, data: dict[str, Any]) -> None:
        raise NotImplementedError

    def page(self, request: HttpRequest, form: DsfrForm) -> HttpResponse:
        context = work_page(self.act, "convention-ending", "Fin de la convention") | {
            "form": form,
            "option": self.option,
            "notice": self.notice(),
            "multipart": any(field.field.widget.needs_multipart_form for field in form),
            "formats": FORMATS,
            "max_bytes": settings.UPLOAD_MAX_BYTES,
        }
        return render(request, "conventions/ending/ending_form.html", context)

    def notice(self) -> FormalNotice | None:
        return notices.own_notice(self.act, self.option.actor.side)


class PrepareNotice(EndingFormView):
    name, form_class = "prepare_notice", forms.NoticeForm
    success_message = "La mise en demeure est préparée : la lettre à signer est en cours de production."

    def initial(self) -> dict[str, Any]:
        notice = self.notice()
        return {"breaches": notice.breaches} if notice else {}

    def write(self, request: HttpRequest, data: dict[str, Any]) -> None:
        services.prepare_notice(act=self.act, by=request.user, **data)


class SendNotice(EndingFormView):
    name, form_class = "send_notice", forms.SendNoticeForm
    success_message = "L’envoi est enregistré : l’autre partie est prévenue, le délai de deux mois court."

    def faults(self, data: dict[str, Any]) -> dict[str, str]:
        return services.sending_faults(self.act, self.notice(), data.get("sent_on"), data.get("proof"))

    def write(self, request: HttpRequest, data: dict[str, Any]) -> None:
        files = {name: _upload(data[name]) for name in ("letter", "proof")}
        services.send_notice(act=self.act, by=request.user, **data | files)


class Observe(EndingFormView):
    name, form_class = "observe", forms.ObservationForm
    success_message = "Vos observations sont enregistrées : l’autre partie en est prévenue."

    def notice(self) -> FormalNotice | None:
        return notices.notice_against(self.act, self.option.actor.side)

    def write(self, request: HttpRequest, data: dict[str, Any]) -> None:
        services.give_observations(act=self.act, by=request.user, **data | {"file": _upload(data["file"])})


class Terminate(EndingFormView):
    name, form_class = "terminate", forms.TerminationForm
    success_message = "La convention est résiliée : les deux parties en sont prévenues."

    def faults(self, data: dict[str, Any]) -> dict[str, str]:
        days = (data.get("decided_on"), data.get("notified_on"))
        return services.termination_faults(self.act, self.notice(), *days)

    def write(self, request: HttpRequest, data: dict[str, Any]) -> None:
        services.terminate(act=self.act, by=request.user, **data | {"file": _upload(data["file"])})


class Dissolve(EndingFormView):
    name, form_class = "record_dissolution", forms.DissolutionForm
    success_message = "La fin de la convention est enregistrée : les deux parties en sont prévenues."

    def notice(self) -> FormalNotice | None:
        return None

    def faults(self, data: dict[str, Any]) -> dict[str, str]:
        return services.dissolution_faults(self.act, data.get("effective_on"))

    def write(self, request: HttpRequest, data: dict[str, Any]) -> None:
        services.record_dissolution(act=self.act, by=request.user, **data | {"file": _upload(data["file"])})


def _upload(upload: Any) -> services.Upload | None:
    return (upload, upload.name, upload.size) if upload else None


prepare_notice = PrepareNotice.as_view()
send_notice = SendNotice.as_view()
observe = Observe.as_view()
terminate = Terminate.as_view()
dissolve = Dissolve.as_view()


@require_safe
def ending_file(request: HttpRequest, number: str, kind: str, pk: int) -> HttpResponse:
    """Serve the letter, its proof or the decision of a notice, or the file joined to observations."""
    act = get_act(request, number)
    people = _readers_only(request, act)
    row: Any
    if kind == "observations":
        row = get_object_or_404(NoticeObservation, pk=pk, notice__convention=act.convention_id)
        notice, stored = row.notice, row.file
    else:
        row = notice = get_object_or_404(FormalNotice, pk=pk, convention=act.convention_id)
        stored = {"lettre": row.letter, "preuve": row.proof, "decision": row.decision_file}.get(kind)
    if stored is None or not notices.may_know(notice, people):
        raise Http404
    return _serve(request, stored, f"{act.convention.number}-{kind}-{pk}")


def _serve(request: HttpRequest, stored: StoredFile, name: str) -> HttpResponse:
    pdf = stored.media_type == "application/pdf"
    return stored_files.serve(request, stored, name=f"{name}.pdf" if pdf else name, inline=pdf)  # type: ignore[return-value]
