"""The floor: what an authenticated page can't do without. Session, user, a count, a page of 20 rows, 18 kB of HTML."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path

from conventions.models import Convention


def floor(request: HttpRequest) -> HttpResponse:
    rows = Convention.objects.select_related("dossier__beneficiary", "dossier__lead", "cycle")
    return render(request, "bench/floor.html", {"page": Paginator(rows, 20).get_page(request.GET.get("page"))})


urlpatterns = [path("plancher/", floor, name="floor"), path("", include("cpo.urls"))]
