"""The floor, a minimal page for a signed-in person: session, user, a count, 20 rows, 18 kB of HTML."""

from django.core.files.storage import default_storage
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path

from conventions.models import Convention
from cpo.lib.models import StoredFile


def floor(request: HttpRequest) -> HttpResponse:
    rows = Convention.objects.select_related("dossier__beneficiary", "dossier__lead", "cycle")
    return render(request, "bench/floor.html", {"page": Paginator(rows, 20).get_page(request.GET.get("page"))})


def floor_file(request: HttpRequest, pk: int) -> FileResponse:
    """The minimal view that streams a stored file to a signed-in person."""
    stored_file = StoredFile.objects.get(pk=pk)
    return FileResponse(default_storage.open(stored_file.path), filename="d.pdf", content_type=stored_file.media_type)


urlpatterns = [
    path("plancher/", floor, name="floor"),
    path("plancher/<int:pk>/", floor_file, name="floor-file"),
    path("", include("cpo.urls")),
]
