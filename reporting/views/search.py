"""The search of the header."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cpo.lib.wording.searching import LONGEST
from reporting.pages import search as finder


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    text = request.GET.get("q", "").strip()[:LONGEST]
    key = request.GET.get("dans", "")
    key = key if any(kind.key == key for kind in finder.KINDS) else ""
    results = finder.search(user, text, key=key, page=request.GET.get("page"))
    context = {
        "q": text,
        "groups": results.groups,
        "total": results.total,
        "close": results.close,
        "only": results.groups[0] if key and results.groups else None,
        "too_short": bool(text) and not finder.words_of(text),
        "breadcrumb": [{"label": "Accueil", "url": "/"}, {"label": "Recherche"}],
    }
    return render(request, "reporting/search.html", context)
