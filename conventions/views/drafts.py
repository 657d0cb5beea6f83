"""The whole text as it is written now, or as the person last received it: PDF « projet » and DOCX working copy."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from conventions import permissions as may
from conventions.documents import drafts, production
from conventions.enums import DocumentPurpose
from conventions.models import Act
from conventions.reads import version_read
from cpo.lib.enums import JobState
from cpo.lib.files import stored as stored_files
from cpo.lib.models import Job

from .common import actors, get_act, work_page
from .documents import words_of

HEADINGS = {
    DocumentPurpose.DRAFT: "Projet en PDF",
    DocumentPurpose.WORKING: "Copie de travail en DOCX",
}


@require_http_methods(["GET", "HEAD", "POST"])
def draft_file(request: HttpRequest, number: str) -> HttpResponse:
    """Serve the file of what the person reads, or say how far it is (JSON for the script); POST: ask for it."""
    act = get_act(request, number)
    purpose = request.GET.get("usage", DocumentPurpose.DRAFT)
    if purpose not in drafts.PURPOSES:
        raise Http404
    people = actors(request, act)
    if not drafts.readable(act, people):
        return _version_file(request, act, purpose)
    if request.method == "POST":
        drafts.ask(act, purpose)
        return redirect(request.get_full_path())
    job = drafts.last_job(act, purpose)
    if not request.accepts("text/html"):
        return JsonResponse(_progress(request, job))
    stored = drafts.file_of(job)
    if stored:
        inline = purpose == DocumentPurpose.DRAFT
        return stored_files.serve(request, stored, name=drafts.file_name(act, purpose), inline=inline)  # type: ignore[return-value]
    return render(request, "conventions/pieces/draft.html", _context(request, act, purpose, job))


def _version_file(request: HttpRequest, act: Act, purpose: str) -> HttpResponse:
    """Lead to the file of the version that the person reads. Who reads no version finds nothing here."""
    people = actors(request, act)
    version = version_read(act, people) if may.reads_negotiation(people) and drafts.has_text(act) else None
    if version is None:
        raise Http404
    if request.method == "POST" and production.current_document(version.pk, purpose) is None:
        production.ask(version, purpose)
    return redirect(f"{reverse('render-progress', args=[act.reference, version.number])}?usage={purpose}")


def _context(request: HttpRequest, act: Act, purpose: str, job: Job | None) -> dict[str, Any]:
    return work_page(act, "convention-documents", "Documents et signatures") | {
        "heading": HEADINGS[DocumentPurpose(purpose)],
        "revision": act.programme.revision,
        "address": request.get_full_path(),
        "job": job,
        "under_way": production.under_way(job),
        "title": words_of(job) if job else "",
    }


def _progress(request: HttpRequest, job: Job | None) -> dict[str, Any]:
    """Return what static/js/progress.js shows."""
    if job is None or job.stopped:
        return {"title": "La production a échoué", "percent": 0, "done": True, "url": ""}
    if job.state == JobState.DONE:
        ready = {"title": "Le document est prêt", "text": "", "link": "Ouvrir le document"}
        return ready | {"percent": 100, "done": True, "url": request.get_full_path()}
    return {"title": words_of(job), "percent": job.percent, "done": False, "url": ""}
