"""Documents and signatures of an act, and the permanent address of its PDF."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_safe

from conventions import permissions as may
from conventions.documents import production, register, signed_copy
from conventions.enums import ConventionState, DocumentPurpose
from conventions.guards.signing import signing_document
from conventions.models import Act, Delivery, Document, Signature, Version, counted_from
from conventions.pages.signatures import signature_lines
from conventions.pages.versions import latest_number
from conventions.pages.whole_text import whole_text
from conventions.services import deliveries
from cpo.lib.actor import Actor
from cpo.lib.enums import JobState
from cpo.lib.files import stored as stored_files
from cpo.lib.models import Job
from cpo.lib.wording import french

from .common import actors, get_act, get_act_alone, url, work_page
from .pieces import pieces

PRODUCED = (DocumentPurpose.DRAFT, DocumentPurpose.TO_SIGN, DocumentPurpose.CONSOLIDATED, DocumentPurpose.WORKING)
REGISTER_PAGE = 30


@require_safe
def documents(request: HttpRequest, number: str) -> HttpResponse:
    """Show the expected documents, those that were produced, and who signed."""
    act = get_act(request, number)
    people = actors(request, act)
    party = may.reads_negotiation(people)
    document = signing_document(act)
    signed_file = document.signed_file if document else None
    lines = signature_lines(act, document, request.user) if act.is_signed_act else []
    context: dict[str, Any] = {
        "number": act.reference,
        "tab": "documents",
        "convention": act.convention,
        "act": act,
        "document": document,
        "signed_file": signed_file,
        **_signed_copy(act, people),
        "sealed": _sealed_copy(act) if act.state == ConventionState.ACTIVE else None,
        "document_label": f"{act.name}{', ' if act.number else ' '}{act.reference}",
        "document_detail": f"PDF, {french.file_size(signed_file.size)}" if signed_file else "",
        "job": None if document else _signing_job(act),
        "latest": latest_number(act) if party else 0,
        "lines": lines,
        "annulled": _annulled_signatures(act) if party else [],
        "waiting": [str(line.party.organisation) for line in lines if line.signature is None],
        "produced": _register_page(request, act, people) if party else None,
        "pieces": pieces(act, request.user) if party else [],
        "party": party,
        "reads_pieces": may.reads_funding_files(people),
        "whole_text": whole_text(act, people),
        **_deliveries(request, act, people),
    }
    return render(request, "conventions/pieces/documents.html", context)


def _deliveries(request: HttpRequest, act: Act, people: list[Actor]) -> dict[str, Any]:
    """How the act was notified, for the parties and the DGEFP; nothing before."""
    if deliveries.closed(act) or not may.reads_negotiation(people):
        return {}
    return {
        "shows_deliveries": True,
        "counted_from": counted_from(act),
        "received_on": Delivery.objects.received_on(act),
        "deliveries": list(act.deliveries.select_related("addressee")),
        "may_deliver": deliveries.recorder(request.user, act) is not None,
    }


def _register_page(request: HttpRequest, act: Act, people: list[Actor]) -> Page[Document]:
    entries = register.readable(act, people).prefetch_related("signatures")
    return Paginator(entries, REGISTER_PAGE).get_page(request.GET.get("page"))


def _sealed_copy(act: Act) -> Document | None:
    return act.documents.filter(purpose=DocumentPurpose.SEALED, voided_at=None).select_related("file").first()


def _signed_copy(act: Act, people: list[Actor]) -> dict[str, Any]:
    """The signed copy, or the job that makes it, for those who read the pièces that it holds."""
    document = signing_document(act)
    if document is None or not may.reads_funding_files(people):
        return {}
    copy = signed_copy.current(act)
    detail = f"PDF, {french.file_size(copy.file.size)}" if copy else ""
    return {"signed_copy": copy, "copy_detail": detail, "copy_job": None if copy else signed_copy.last_job(document)}


def _annulled_signatures(act: Act) -> QuerySet[Signature]:
    """Return the annulled signatures. They stay readable, because the journal mentions them."""
    signatures = Signature.objects.of_text(act).exclude(voided_at=None)
    return signatures.select_related("party__organisation").order_by("voided_at", "pk")


def _signing_job(act: Act) -> Job | None:
    if act.state != (ConventionState.SIGNATURE if act.is_signed_act else ConventionState.ACTIVE):
        return None
    version = _latest_version(act)
    return production.last_job(version.pk, DocumentPurpose.TO_SIGN) if version else None


def _latest_version(act: Act) -> Version | None:
    return act.versions.order_by("-number").defer("content").first()


def file_name(document: Document, number: str) -> str:
    """Return CPO-2025-BRE-001.pdf for the document to sign or signed; other names say the version or the kind."""
    if document.purpose == DocumentPurpose.EVIDENCE:
        return f"{number}-dossier-de-preuve.zip"
    if document.label:
        return f"{number}-{slugify(document.label)}.pdf"
    if document.purpose == DocumentPurpose.WORKING and document.version:
        return f"{number}-version-{document.version.number}-copie-de-travail.docx"
    if document.purpose == DocumentPurpose.DRAFT and document.version:
        return f"{number}-version-{document.version.number}-projet.pdf"
    if document.purpose == DocumentPurpose.CONSOLIDATED:
        return f"{number}-version-consolidee.pdf"
    return f"{number}-cachet.pdf" if document.purpose == DocumentPurpose.SEALED else f"{number}.pdf"


@require_safe
def best_document(request: HttpRequest, number: str) -> HttpResponse:
    """Serve the document signed or to sign, or else the draft of the latest version; 202 while it is produced."""
    act = get_act_alone(request, number)
    document = signing_document(act)
    if document:
        return stored_files.serve(request, document.signed_file, name=file_name(document, number), inline=True)
    if not may.reads_negotiation(actors(request, act)):
        return _no_document(request, number)
    version = _latest_version(act)
    if version is None or (version.handed_over and act.number):  # a later act begins with the text that it changes
        return _no_document(request, number)
    purpose = DocumentPurpose.TO_SIGN if act.state == ConventionState.SIGNATURE else DocumentPurpose.DRAFT
    document = production.current_document(version.pk, purpose)
    if document:
        document.version = version
        return stored_files.serve(request, document.file, name=file_name(document, number), inline=True)
    return _progress_page(request, get_act(request, number), version, purpose, status=202)


def _no_document(request: HttpRequest, number: str) -> HttpResponse:
    act = get_act(request, number)
    context = work_page(act) | {"whole_text": whole_text(act, actors(request, act))}
    return render(request, "conventions/pieces/no_document.html", context, status=404)


@require_safe
def document_file(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Serve one stored document. Observers may read only the valid document, signed or to sign."""
    act = get_act_alone(request, number)
    document = register.entry(act, actors(request, act), pk)
    if document is None:
        raise Http404
    return stored_files.serve(request, document.file, name=file_name(document, document.act.reference), inline=True)


@require_safe
def signature_file(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Serve the scan of a paper original or the PDF signed with a certificate, to the parties and the DGEFP."""
    act = get_act_alone(request, number)
    if not may.reads_negotiation(actors(request, act)):
        raise Http404
    signatures = Signature.objects.filter(document__act=act).select_related("scan", "signed_file")
    signature = get_object_or_404(signatures, pk=pk)
    stored = signature.scan or signature.signed_file
    if stored is None:
        raise Http404
    kind = "original" if signature.scan else "signe"
    return stored_files.serve(request, stored, name=f"{number}-{kind}-{signature.pk}.pdf", inline=True)


@require_http_methods(["GET", "HEAD", "POST"])
def progress(request: HttpRequest, number: str, n: int) -> HttpResponse:
    """Show the progress of the production of a document (JSON for the page's script); POST: start it again."""
    act = get_act(request, number)
    if not may.reads_negotiation(actors(request, act)):
        raise Http404
    version = get_object_or_404(act.versions.defer("content"), number=n)
    purpose = request.GET.get("usage", DocumentPurpose.DRAFT)
    if purpose not in PRODUCED:
        raise Http404
    document = production.current_document(version.pk, purpose)
    if request.method == "POST":
        if document is None and _may_ask(act, purpose):
            production.ask(version, purpose)
        return redirect(request.get_full_path())
    if request.accepts("text/html"):
        if document:
            return redirect(url(act, "document-file", pk=document.pk))
        return _progress_page(request, act, version, purpose)
    return JsonResponse(_state(act, version, purpose, document))


def _may_ask(act: Act, purpose: str) -> bool:
    if purpose == DocumentPurpose.TO_SIGN:
        return act.state == ConventionState.SIGNATURE
    return purpose in (DocumentPurpose.DRAFT, DocumentPurpose.WORKING) or act.state == ConventionState.ACTIVE


def _state(act: Act, version: Version, purpose: str, document: Document | None) -> dict[str, Any]:
    """Return what static/js/progress.js shows."""
    if document:
        return {"title": "Le document est prêt", "percent": 100, "done": True, "url": url(act, "convention-documents")}
    job = production.last_job(version.pk, purpose)
    if job is None or job.stopped:
        return {"title": "La production a échoué", "percent": 0, "done": True, "url": ""}
    return {"title": words_of(job), "percent": job.percent, "done": False, "url": ""}


def words_of(job: Job) -> str:
    if job.state == JobState.WAITING:
        return "Le document attend d’être produit"
    return "Le document est en cours de production"


def _heading(act: Act, version: Version, purpose: str) -> str:
    if purpose == DocumentPurpose.CONSOLIDATED:
        return "Version consolidée"
    name = {
        DocumentPurpose.TO_SIGN: "Document à signer" if act.is_signed_act else "Document notifié",
        DocumentPurpose.WORKING: "Copie de travail",
    }.get(DocumentPurpose(purpose), "Projet en PDF")
    return f"{name}, version {version.number}"


def _progress_page(request: HttpRequest, act: Act, version: Version, purpose: str, status: int = 200) -> HttpResponse:
    job = production.last_job(version.pk, purpose)
    under_way = production.under_way(job)
    context = work_page(act, "convention-documents", "Documents et signatures") | {
        "heading": _heading(act, version, purpose),
        "version": version,
        "purpose": purpose,
        "job": job,
        "under_way": under_way,
        "title": words_of(job) if job and under_way else "Le document n’a pas pu être produit",
    }
    return render(request, "conventions/progress.html", context, status=status if under_way else 200)
