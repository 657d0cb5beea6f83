"""The page of a transition: consequence, what is missing, comment; sending back has its own form."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from cpo.lib.workflow import Option, Refused
from reporting import guards, workflow
from reporting import permissions as may
from reporting.forms.others import ReopenForm, SendBackForm
from reporting.models import Report
from reporting.pages import reports as pages
from reporting.views import common

TEMPLATES = {"send_back": "report_send_back", "reopen": "report_reopen"}
ELSEWHERE = ("conclude", "sign")  # they have pages of their own
DONE = {
    "reopen": "Le compte rendu est rouvert. L’association en est informée, avec votre motif.",
    "start": "Le compte rendu est commencé.",
    "submit": "Le compte rendu est envoyé. L’accusé de réception est en cours de production.",
    "send_back": "Le compte rendu est renvoyé à l’association, avec vos demandes.",
    "declare_admissible": "Le compte rendu est déclaré recevable.",
    "review": "Le dialogue de gestion est enregistré.",
}


@require_http_methods(["GET", "HEAD", "POST"])
def report_transition(request: HttpRequest, number: str, year: int, name: str) -> HttpResponse:
    report = common.find(request, number, year)
    transition = workflow.REPORT.transitions.get(name)
    if transition is None or name in ELSEWHERE:
        raise Http404(common.NOT_FOUND)
    actors = pages.actors_of(request.user, report)  # type: ignore[arg-type]
    if not any(transition.who(actor) for actor in actors):
        raise PermissionDenied(_refusal(name, transition.label, request.user, report))
    detail = guards.url(report, "report-detail")
    option = workflow.REPORT.option(report, request.user, name)
    if option is None:
        messages.warning(request, f"L’action « {transition.label} » n’est pas possible dans l’état actuel.")
        return HttpResponseRedirect(detail)
    form = _form(request, report, name)
    context: dict[str, Any] = {"missing": option.missing, "comment": request.POST.get("comment", "")}
    status = 200
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            workflow.apply(name, report, by=request.user, comment=_comment(form, context), data=_data(form))
        except Refused as refusal:
            context |= {"refused": refusal.message, "missing": refusal.missing or option.missing}
            status = 409
        else:
            messages.success(request, DONE[name])
            return HttpResponseRedirect(detail)
    return _page(request, report, option, actors, form, context, status)


def _page(
    request: HttpRequest,
    report: Report,
    option: Option,
    actors: list[Any],
    form: SendBackForm | ReopenForm | None,
    context: dict[str, Any],
    status: int,
) -> HttpResponse:
    template = TEMPLATES.get(option.transition.name, "report_transition")
    base = common.work_context(request, report, actors, option=option, form=form)
    return render(request, f"reporting/{template}.html", base | context, status=status)


def _form(request: HttpRequest, report: Report, name: str) -> SendBackForm | ReopenForm | None:
    """The form of the two transitions that take more than a comment."""
    if name not in TEMPLATES:
        return None
    data = request.POST if request.method == "POST" else None
    parts = [(part.path, part.label) for part in pages.parts(report, request.user)]  # type: ignore[arg-type]
    return SendBackForm(data, parts=parts) if name == "send_back" else ReopenForm(data, parts=parts)


def _data(form: SendBackForm | ReopenForm | None) -> dict[str, Any]:
    return form.data_of_transition() if form is not None else {}


def _comment(form: SendBackForm | ReopenForm | None, context: dict[str, Any]) -> str:
    return str(form.cleaned_data["comment"] if isinstance(form, ReopenForm) else context["comment"])


def _refusal(name: str, label: str, user: Any, report: Report) -> str:
    reasons = {
        "submit": may.why_not_submit(user, report),
        "declare_admissible": "La recevabilité est déclarée par la ou le responsable du service chef de file.",
        "reopen": "Le compte rendu est rouvert par la ou le responsable du service chef de file.",
        "send_back": "Le service chef de file examine le compte rendu et le renvoie.",
        "review": "Le dialogue de gestion est enregistré par le service chef de file.",
    }
    return reasons.get(name, f"Votre rôle ne permet pas l’action « {label} » sur ce dossier.")
