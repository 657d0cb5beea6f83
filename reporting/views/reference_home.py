"""The home of the pages of reference data, for the national administration."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.views.decorators.http import require_safe

from actions.models import Cycle
from actions.views.catalogue import SECTIONS
from arml.permissions import acting_nationally
from cpo.lib import journal
from cpo.lib.models import JournalEntry
from reporting.todo.setup import steps

DESCRIPTIONS = {
    "reference-values": "Seuils, délais, budget de l’État, façons de signer",
    "reference-axes": "Libellés des axes et de leurs objectifs",
    "reference-indicators": "Définitions, agrégation, indicateurs nationaux",
    "reference-examples": "Actions que les associations reprennent et adaptent",
    "reference-threshold": "Somme en deçà de laquelle rien n’est recouvré, datée",
    "reference-model": "Articles du modèle, versions, publication",
    "reference-rules": "Dates, rappels, destinataires, ce qui partira",
    "reference-emails": "Objet et texte de chaque message, variables",
}


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    actor = acting_nationally(request.user)
    cycles = [
        {
            "cycle": cycle,
            "parts": [(label, DESCRIPTIONS[route], resolve_url(route, cycle.key)) for route, label in SECTIONS],
        }
        for cycle in Cycle.objects.all()
    ]
    roots = [journal.key(item["cycle"]) for item in cycles] + [journal.key(actor.organisation)]
    audiences = journal.readable_by([actor])
    entries = JournalEntry.objects.filter(root__in=roots, audience__in=audiences)[:10]
    context = {"steps": steps(), "cycles": cycles, "entries": entries, "breadcrumb": [{"label": "Référentiels"}]}
    return render(request, "reference/home.html", context)
