"""The page where a person asks for the evidence file of a convention, sees its progress, and downloads it."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from conventions import permissions as may
from conventions.enums import ConventionState
from conventions.models import Act, Document
from conventions.services import evidence_file
from cpo.lib.enums import JobState
from cpo.lib.models import Job

from .common import actors, get_act, work_page


@require_http_methods(["GET", "HEAD", "POST"])
def convention_evidence(request: HttpRequest, number: str) -> HttpResponse:
    """For both sides and the DGEFP, after the signature. JSON: for the page's script."""
    act = get_act(request, number)
    if act.number or act.state != ConventionState.ACTIVE or not may.reads_funding_files(actors(request, act)):
        raise Http404
    convention = act.convention
    if request.method == "POST":
        evidence_file.ask(convention)
        return redirect(request.path)
    job = evidence_file.last_job(convention)
    document = _produced_document(act, job)
    if not request.accepts("text/html"):
        return JsonResponse(_progress(request, job, document))
    context: dict[str, Any] = work_page(act, "convention-documents", "Documents et signatures") | {
        "job": job,
        "document": document,
        "file_url": reverse("document-file", args=[act.reference, document.pk]) if document else "",
        "under_way": job is not None and job.under_way,
    }
    return render(request, "conventions/pieces/evidence.html", context)


def _produced_document(act: Act, job: Job | None) -> Document | None:
    if job is None or job.state != JobState.DONE:
        return None
    return act.documents.select_related("file").filter(pk=job.result["document"], voided_at=None).first()


def _progress(request: HttpRequest, job: Job | None, document: Document | None) -> dict[str, Any]:
    """Return what static/js/progress.js shows."""
    if document:
        return {"title": "Le dossier de preuve est prêt", "percent": 100, "done": True, "url": request.path}
    if job is None or job.stopped:
        return {"title": "La production a échoué", "percent": 0, "done": True, "url": ""}
    return {"title": "Le dossier de preuve se prépare", "percent": job.percent, "done": False, "url": ""}
