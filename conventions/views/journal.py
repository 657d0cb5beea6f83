"""The journal of a convention, with filters, and its exports with the same filters."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from arml.permissions import capacities
from conventions.documents.journal import Entries, columns, filter_labels, filtered, pdf_job
from conventions.forms.listing import JournalFilter
from conventions.models import Act
from conventions.services import visits
from conventions.tasks import PRINT_JOURNAL
from cpo.lib import journal
from cpo.lib.enums import Audience, JobState
from cpo.lib.files import stored as stored_files
from cpo.lib.files.exports import csv_response
from cpo.lib.models import Job, StoredFile
from cpo.lib.work import jobs

from .common import work_page
from .framing import open_act, page


def _readable(request: HttpRequest, act: Act) -> tuple[Entries, JournalFilter, list[str]]:
    """Return the events that the person may read, the form that filters them, and their audiences."""
    actors = capacities(request.user, act.dossier)
    audiences = journal.readable_by(actors)
    return journal.entries(act.dossier, actors), JournalFilter(request.GET or {}, audiences=audiences), audiences


@require_safe
def convention_journal(request: HttpRequest, number: str) -> HttpResponse:
    """Show the events that the person may read, newest first. The filters and the page are in the URL."""
    act = open_act(request, number)
    entries, form, _ = _readable(request, act)
    values = form.values()
    entries_page = Paginator(filtered(entries, act.dossier, values), 30).get_page(request.GET.get("page"))
    since = visits.previous_visit_end(request.user, act.dossier)
    context = {"since": since, "page_obj": entries_page, "form": form, "filtered": bool(values)}
    return page(request, "convention_journal", act, "journal", context)


@require_safe
def convention_journal_csv(request: HttpRequest, number: str) -> StreamingHttpResponse:
    act = open_act(request, number)
    entries, form, _ = _readable(request, act)
    lines = filtered(entries, act.dossier, form.values())
    return csv_response(f"journal-{number}.csv", columns(act.dossier), lines.iterator(chunk_size=500))


@require_http_methods(["GET", "HEAD", "POST"])
def convention_journal_pdf(request: HttpRequest, number: str) -> HttpResponse:
    """Serve the PDF of what the page shows, when a worker has printed it. POST: ask for it. JSON: for the script."""
    act = open_act(request, number)
    entries, form, audiences = _readable(request, act)
    values = form.values()
    key, arguments = pdf_job(entries, act.dossier, audiences, values)
    if request.method == "POST":
        jobs.enqueue(PRINT_JOURNAL, key, **arguments)
        return redirect(request.get_full_path())
    job = Job.objects.filter(kind=PRINT_JOURNAL, key=key).order_by("-pk").first()
    done = job is not None and job.state == JobState.DONE
    if not request.accepts("text/html"):
        return JsonResponse(_progress(request, job))
    if job is not None and done:
        stored = StoredFile.objects.get(pk=job.result["file"])
        return stored_files.serve(request, stored, name=f"journal-{number}.pdf", inline=True)
    context: dict[str, Any] = work_page(act, "convention-journal", "Journal") | {
        "job": job,
        "under_way": job is not None and job.under_way,
        "address": request.get_full_path(),
        "choices": filter_labels(values),
        "count": len(arguments["lines"]),
        "audiences": ", ".join(Audience(audience).label for audience in audiences),
    }
    return render(request, "conventions/journal_pdf.html", context)


def _progress(request: HttpRequest, job: Job | None) -> dict[str, Any]:
    """Return what static/js/progress.js shows."""
    if job is None or job.stopped:
        return {"title": "La production a échoué", "percent": 0, "done": True, "url": ""}
    if job.state == JobState.DONE:
        ready = {"title": "Le journal est prêt", "text": "", "link": "Télécharger le journal (PDF)"}
        return ready | {"percent": 100, "done": True, "url": request.get_full_path()}
    return {"title": "Le journal est en cours de production", "percent": job.percent, "done": False, "url": ""}


__all__ = ["convention_journal", "convention_journal_csv", "convention_journal_pdf"]
