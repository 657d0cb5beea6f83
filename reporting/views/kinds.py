"""The types of documents, for the national administration: list and form."""

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.views.decorators.http import require_http_methods, require_safe

from actions.views.catalogue import add_changes_message
from arml.enums import AttachmentMoment
from arml.models import AttachmentKind
from arml.permissions import acting_nationally
from arml.views.territories import trail
from conventions.guards.pieces import CONDITIONS
from cpo.lib import journal
from cpo.lib.editing import conflicts
from reporting.forms.kinds import KindForm
from reporting.guards import can_evaluate
from reporting.services import kinds as services

KINDS = {"label": "Types de pièces"}
BLOCKED = {
    "": "rien",
    "ouverture_signature": "l’ouverture de la signature",
    "declaration_complet": "le compte rendu complet",
    "paiement": "le paiement",
}


@require_safe
def kinds(request: HttpRequest) -> HttpResponse:
    acting_nationally(request.user)
    rows = [{"kind": kind, "blocked": BLOCKED.get(kind.blocks, kind.blocks)} for kind in AttachmentKind.objects.all()]
    moments = [
        (f"pieces-{moment}", moment.label, [row for row in rows if row["kind"].moment == moment])
        for moment in AttachmentMoment
    ]
    return render(request, "reference/kinds.html", {"moments": moments, "breadcrumb": trail(KINDS)})


@require_http_methods(["GET", "HEAD", "POST"])
def kind(request: HttpRequest, key: str) -> HttpResponse:
    actor = acting_nationally(request.user)
    instance = get_object_or_404(AttachmentKind, key=key)
    name = instance.label
    form, status = KindForm(instance=instance), 200
    if request.method == "POST":
        outcome = conflicts.save(
            request,
            make=lambda data: KindForm(data, instance=AttachmentKind.objects.get(pk=instance.pk)),
            write=lambda form, revision: services.update_kind(
                kind=instance, changes=form.changes, expected_revision=revision, by=actor
            ),
            author=lambda: journal.last(instance, "attachment_kind_changed"),
        )
        if outcome.saved:
            add_changes_message(request, outcome.result)
            return redirect("reference-kinds")
        form, status = outcome.form, outcome.status
    context = {
        "kind": instance,
        "name": name,
        "form": form,
        "fixed": _fixed(instance, form),
        "why": list(_why(instance)),
        "breadcrumb": trail({**KINDS, "url": resolve_url("reference-kinds")}, {"label": name}),
    }
    return render(request, "reference/kind.html", context, status=status)


def _fixed(kind: AttachmentKind, form: KindForm) -> list[tuple[str, str]]:
    """The facts that the page shows without a field."""
    facts = [
        ("Nom de code", kind.key),
        ("Moment", kind.get_moment_display()),
        ("Condition", CONDITIONS.get(kind.condition, kind.condition)),
        ("Accès", "limité au service et à l’association" if kind.confidential else "parties du dossier"),
    ]
    if "blocks" not in form.fields:
        facts.append(("Bloque", BLOCKED.get(kind.blocks, kind.blocks)))
    return facts


def _why(kind: AttachmentKind) -> Iterator[str]:
    yield (
        "Les échéances, les annexes et les droits de lecture s’appuient sur ces règles : "
        "les modifier changerait le sens de ce qui est déposé."
    )
    if kind.moment == AttachmentMoment.YEARLY and not can_evaluate(kind.condition):
        yield "Une pièce dont l’application ne calcule pas la condition ne bloque rien."
    if reason := services.why_not_withdraw(kind):
        yield reason
