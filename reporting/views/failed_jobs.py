"""The work that failed, for the national administration: what it is about, when it is tried again, and « Relancer »."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from arml.permissions import acting_nationally
from arml.services import passwords
from arml.views.territories import trail
from conventions.documents import drafts, ending, production
from conventions.evidence import seal
from conventions.models import Act, Document, Version
from conventions.services import evidence_file
from conventions.tasks import PRINT_JOURNAL
from cpo.lib.models import Job
from cpo.lib.wording.numbers import whole_number
from cpo.lib.work import jobs
from reporting.jobs import ACKNOWLEDGE, MINUTES
from reporting.models import Report
from reporting.services import chorus

SHOWN = 100
LABELS = {
    production.KIND: "Production d’un document",
    drafts.KIND: "Projet en cours de rédaction",
    ending.KIND: "Document de fin de convention",
    seal.KIND: "Cachet du document notifié",
    evidence_file.KIND: "Dossier de preuve",
    PRINT_JOURNAL: "Journal en PDF",
    ACKNOWLEDGE: "Accusé de réception d’un compte rendu",
    MINUTES: "Compte rendu du dialogue de gestion",
    passwords.KIND: "Lien de mot de passe oublié",
    chorus.READ: "Lecture d’un extrait de Chorus",
}


@require_http_methods(["GET", "HEAD", "POST"])
def failed_jobs(request: HttpRequest) -> HttpResponse:
    acting_nationally(request.user)
    if request.method == "POST":
        job = get_object_or_404(jobs.stopped(), pk=whole_number(request.POST.get("travail", "")) or 0)
        jobs.relaunch(job)
        messages.success(request, "Le travail est relancé. Rechargez cette page pour voir s’il aboutit.")
        return redirect("reference-jobs")
    found = list(jobs.stopped()[:SHOWN])
    names = _names(found)
    lines = [{"job": job, "label": LABELS.get(job.kind, job.kind), "about": names.get(job.pk, "")} for job in found]
    return render(request, "reference/jobs.html", {"lines": lines, "breadcrumb": trail({"label": "Travaux en échec"})})


def _names(found: list[Job]) -> dict[int, str]:
    """Return what each job is about, in a constant number of queries."""
    sources: list[tuple[str, Any, Any]] = [
        ("version", Version.objects.select_related("act__convention").defer("content"), lambda v: v.act.reference),
        ("act", Act.objects.select_related("convention"), lambda act: act.reference),
        ("document", Document.objects.select_related("act__convention"), lambda d: d.act.reference),
        ("report", Report.objects.select_related("convention"), lambda r: f"{r.convention.number}, {r.year}"),
    ]
    names: dict[int, str] = {}
    for argument, rows, name in sources:
        wanted = {job.pk: job.arguments[argument] for job in found if isinstance(job.arguments.get(argument), int)}
        known = {row.pk: name(row) for row in rows.filter(pk__in=set(wanted.values()))} if wanted else {}
        names |= {pk: known[key] for pk, key in wanted.items() if key in known}
    return names
