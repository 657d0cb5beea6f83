"""The scans of a paper original: received, read by a worker, completed by hand where a code is not readable."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from conventions.forms.signing import PlacesForm, ScansForm
from conventions.guards.signing import recordable_parties
from conventions.services.signing import reading
from conventions.views.common import url, work_page
from cpo.lib.files import stored as stored_files
from cpo.lib.models import Job
from cpo.lib.wording.numbers import whole_number

from .common import SignedFileView


class ScansView(SignedFileView):
    """GET: the form, or with `lecture` how far the reading is (JSON: for the page's script) and what it tells."""

    transition = "record_signature"
    find_parties = recordable_parties

    def get(self, request: HttpRequest) -> HttpResponse:
        job = self.job()
        if job is None:
            return self.page(form=ScansForm())
        if not request.accepts("text/html"):
            return JsonResponse(_progress(request, job))
        return self.read_page(job)

    def post(self, request: HttpRequest) -> HttpResponse:
        job = self.job()
        if job is not None:
            return self.place(job)
        form = ScansForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.page(form=form)
        try:
            files = [stored_files.store(data, media_type) for data, media_type in form.cleaned_data["files"]]
        except stored_files.NotStored as error:
            form.add_error("files", str(error))
            return self.page(form=form)
        return self.follow(reading.ask(self.document, files))

    def place(self, job: Job) -> HttpResponse:
        """Read again with the places that the person gives; nothing is lost of those given before."""
        received = reading.received(self.document, job)
        if received is None:
            return self.read_page(job)
        form = self.places_form(job, received, self.request.POST)
        if not form.is_valid():
            return self.read_page(job, form)
        return self.follow(reading.ask(self.document, received.files, reading.placed(job) | form.places()))

    def job(self) -> Job | None:
        value = self.request.GET.get("lecture")
        if value is None:
            return None
        job = reading.job_of(self.document, whole_number(value))
        if job is None:
            raise Http404
        return job

    def follow(self, job: Job) -> HttpResponse:
        return redirect(f"{url(self.act, 'convention-scans')}?lecture={job.pk}")

    def places_form(self, job: Job, received: reading.Received, data: Any = None) -> PlacesForm:
        own = received.reading
        by_hand = reading.placed(job)
        ranks = sorted({*own.unreadable, *own.left_out, *(rank for rank in by_hand if rank < len(own.pages))})
        numbers = sorted({*own.missing, *(number for number in by_hand.values() if number)})
        return PlacesForm(data, ranks=ranks, numbers=numbers, placed=by_hand)

    def read_page(self, job: Job, form: PlacesForm | None = None) -> HttpResponse:
        received = reading.received(self.document, job)
        if received is None:
            return self.page(job=job)
        places = form or self.places_form(job, received)
        rows = [(places[f"place-{rank}"], received.thumbnails.get(rank, "")) for rank in places.ranks]
        own = received.reading
        record = f"{reverse('convention-record-signature', args=[self.act.reference])}?lecture={job.pk}"
        return self.page(
            job=job,
            received=received,
            reading=own,
            read_count=len(own.places),
            duplicates=[rank + 1 for rank in own.duplicates],
            places=places,
            rows=rows,
            record_url=record,
        )

    def page(self, **context: Any) -> HttpResponse:
        base = work_page(self.act, "convention-record-signature", "Déposer un original signé")
        common = {"document": self.document, "max_bytes": settings.UPLOAD_MAX_BYTES}
        return render(self.request, "conventions/signing/scans.html", base | common | context)


def _progress(request: HttpRequest, job: Job) -> dict[str, Any]:
    """Return what static/js/progress.js shows."""
    if job.stopped:
        return {"title": "La lecture a échoué", "percent": 0, "done": True, "url": ""}
    words = f"Pages lues : {job.done_steps} sur {job.total_steps}" if job.total_steps else "Lecture des pages"
    done = not job.under_way
    return {"title": words, "percent": job.percent, "done": done, "url": request.get_full_path() if done else ""}


read_scans = ScansView.as_view()
