"""The search of the header."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from reporting.pages import search as finder

LONGEST = 100


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    text = request.GET.get("q", "").strip()[:LONGEST]
    groups = finder.search(user, text)
    context = {
        "q": text,
        "groups": [group for group in groups if group.lines],
        "total": sum(group.count for group in groups),
        "too_short": bool(text) and not finder.words_of(text),
        "breadcrumb": [{"label": "Accueil", "url": "/"}, {"label": "Recherche"}],
    }
    return render(request, "reporting/search.html", context)
