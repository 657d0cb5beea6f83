"""The documents of a report's year: checklist, upload, download."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from arml.models import Attachment, AttachmentKind
from cpo.lib.files import stored
from reporting import guards
from reporting import permissions as may
from reporting.forms.others import DocumentForm
from reporting.models import Report
from reporting.services import documents
from reporting.views import common

from .parts import PartPage, check_readable


def checklist(
    request: HttpRequest, report: Report, *, invalid_form: DocumentForm | None = None
) -> list[dict[str, Any]]:
    """One line per type of document: whether it is expected, the current document, the form to add one."""
    writable = may.writer(request.user, report, may.DOCUMENTS) is not None  # type: ignore[arg-type]
    expected = {kind.pk for kind in guards.yearly_kinds(report)}
    current = (
        Attachment.objects.visible_to(request.user)  # type: ignore[arg-type]
        .current()
        .filter(dossier=report.dossier, year=report.year)
        .select_related("file", "added_by")
    )
    attachments = {attachment.kind_id: attachment for attachment in current.order_by("added_at")}
    former: dict[int, list[Attachment]] = {}
    for attachment in _former(request, report):
        former.setdefault(attachment.kind_id, []).append(attachment)
    lines = []
    for kind in guards.all_yearly_kinds():
        if kind.withdrawn and kind.pk not in attachments:
            continue
        form = None
        if writable and not kind.withdrawn:
            form = invalid_form if invalid_form is not None and invalid_form.kind == kind else DocumentForm(kind=kind)
        lines.append(
            {
                "kind": kind,
                "expected": kind.pk in expected,
                "attachment": attachments.get(kind.pk),
                "former": former.get(kind.pk, []),
                "closed": not may.opens_documents(request.user, report, kind),  # type: ignore[arg-type]
                "form": form,
                "open": form is not None and form.is_bound,
            }
        )
    return sorted(lines, key=lambda line: not line["expected"])


def signed_paper(report: Report) -> dict[str, Any] | None:
    """The compte rendu financier of the last sending, which counts as a document once signed; None before a sending."""
    sending = report.last_sending()
    kind = AttachmentKind.objects.filter(key=guards.SIGNED, withdrawn=False).first()
    if sending is None or kind is None:
        return None
    page = guards.url(report, "report-financial", sending=sending.number) if sending.financial_document else ""
    return {"kind": kind, "sending": sending, "signature": sending.signature, "url": page}


def _former(request: HttpRequest, report: Report) -> QuerySet[Attachment]:
    """The documents that a newer one replaced: they stay, and are still opened."""
    visible = Attachment.objects.visible_to(request.user)  # type: ignore[arg-type]
    replaced = visible.filter(dossier=report.dossier, year=report.year, replaced_by__isnull=False)
    return replaced.select_related("file", "added_by").order_by("-added_at", "-pk")


@require_http_methods(["GET", "HEAD", "POST"])
def report_documents(request: HttpRequest, number: str, year: int) -> HttpResponse:
    report = common.find(request, number, year)
    page = PartPage(request, report, may.DOCUMENTS, template="report_documents")
    invalid_form = None
    if request.method == "POST":
        if not page.part.writable:
            raise PermissionDenied(may.why_not(request.user, report, may.DOCUMENTS))  # type: ignore[arg-type]
        kind = guards.all_yearly_kinds().filter(withdrawn=False, key=request.POST.get("kind", "")).first()
        if kind is None:
            raise Http404(common.NOT_FOUND)
        invalid_form = _add(request, report, kind)
        if invalid_form is None:
            messages.success(request, f"Pièce déposée : {kind.label}.")
            return HttpResponseRedirect(f"{page.part.url}#piece-{kind.key}")
    check_readable(request, report, may.DOCUMENTS)
    lines = checklist(request, report, invalid_form=invalid_form)
    context = page.context(signed=signed_paper(report), lines=lines, form=invalid_form)
    return render(request, "reporting/report_documents.html", context)


def _add(request: HttpRequest, report: Report, kind: AttachmentKind) -> DocumentForm | None:
    """Add the document; return the form with its errors when it is refused."""
    form = DocumentForm(request.POST, request.FILES, kind=kind)
    if not form.is_valid():
        return form
    try:
        documents.add_document(report, kind=kind, by=request.user, **form.arguments())  # type: ignore[arg-type]
    except ValidationError as error:
        for name, reasons in error.message_dict.items():
            for reason in reasons:
                form.add_error(name if name in form.fields else None, reason)
        return form
    return None


@require_safe
def report_attachment(request: HttpRequest, number: str, year: int, pk: int) -> HttpResponse:
    report = common.find(request, number, year)
    check_readable(request, report, may.DOCUMENTS)
    attachment = (
        Attachment.objects.visible_to(request.user)  # type: ignore[arg-type]
        .filter(dossier=report.dossier, year=year, pk=pk, file__isnull=False)
        .select_related("file")
        .first()
    )
    if attachment is None or attachment.file is None:
        raise Http404(common.NOT_FOUND)
    return stored.serve(request, attachment.file, name=attachment.name)
