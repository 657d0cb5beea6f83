"""The page where the national administration produces all the texts in force of a cycle."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from actions.models import Cycle
from arml.permissions import is_national, is_national_admin
from conventions.services import batches
from conventions.services.batches import Part

WORDS = {
    "done": ("success", "Produit"),
    "running": ("info", "En cours"),
    "waiting": ("grey", "En attente"),
    "failed": ("error", "Échec, à relancer"),
    "missing": ("grey", "À produire"),
}


@require_http_methods(["GET", "HEAD", "POST"])
def texts_in_force(request: HttpRequest, cycle: str) -> HttpResponse:
    """Show the progress of the batch and its documents; POST: ask for the missing ones. JSON: for the page's script."""
    cycle_obj = get_object_or_404(Cycle, key=cycle)
    if not is_national(request.user):  # type: ignore[arg-type]
        raise PermissionDenied("Les textes de tout un cycle se produisent et se lisent à l’administration nationale.")
    if request.method == "POST":
        count = batches.ask(cycle_obj, by=request.user)  # type: ignore[arg-type]
        several = "s" if count > 1 else ""
        words = f"{count} texte{several} demandé{several}." if count else "Tous les textes sont produits ou en cours."
        messages.success(request, words)
        return redirect(request.path)
    parts = batches.parts(cycle_obj, request.user)  # type: ignore[arg-type]
    progress = _progress(request, parts)
    if not request.accepts("text/html"):
        return JsonResponse(progress)
    context: dict[str, Any] = {
        "cycle": cycle_obj,
        "lines": [(part, *WORDS[part.state]) for part in parts],
        "progress": progress,
        "may_ask": is_national_admin(request.user) and any(_to_produce(part) for part in parts),  # type: ignore[arg-type]
        "nav_section": "convention-list",
        "breadcrumb": [
            {"label": "Conventions", "url": reverse("convention-list")},
            {"label": "Textes en vigueur", "url": ""},
        ],
    }
    return render(request, "conventions/later/texts_in_force.html", context)


def _to_produce(part: Part) -> bool:
    return part.state in ("missing", "failed")


def _progress(request: HttpRequest, parts: list[Part]) -> dict[str, Any]:
    """Return what static/js/progress.js shows. The batch is under way as long as one part waits or runs."""
    done_count = sum(part.state == "done" for part in parts)
    unfinished_count = sum(part.state in ("waiting", "running") for part in parts)
    plural = "s" if done_count > 1 else ""
    return {
        "title": f"{done_count} texte{plural} produit{plural} sur {len(parts)}",
        "percent": 100 * done_count // len(parts) if parts else 0,
        "done": not unfinished_count,
        "going": unfinished_count,
        "url": request.path,
    }
