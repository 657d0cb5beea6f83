"""The documents of a report's year: checklist, upload, download."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from arml.models import Attachment, AttachmentKind
from cpo.lib.files import stored
from cpo.lib.workflow import Refused
from reporting import guards
from reporting import permissions as may
from reporting.forms.others import DocumentForm, PieceCheckForm
from reporting.models import PieceCheck, Report
from reporting.services import documents
from reporting.views import common

from .parts import PartPage, check_readable


def checklist(
    request: HttpRequest,
    report: Report,
    *,
    invalid_form: DocumentForm | None = None,
    invalid_check: tuple[int, PieceCheckForm] | None = None,
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
    checks = _checks(report)
    examines = may.examiner(request.user, report) is not None  # type: ignore[arg-type]
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
                "former": [(one, checks.get(one.pk)) for one in former.get(kind.pk, [])],
                "check": checks.get(attachments[kind.pk].pk) if kind.pk in attachments else None,
                "check_form": _check_form(attachments.get(kind.pk), invalid_check) if examines else None,
                "closed": not may.opens_documents(request.user, report, kind),  # type: ignore[arg-type]
                "form": form,
                "open": form is not None and form.is_bound,
            }
        )
    return sorted(lines, key=lambda line: not line["expected"])


def _checks(report: Report) -> dict[int, PieceCheck]:
    """By document, the last finding of the service."""
    rows = report.piece_checks.select_related("by").order_by("pk")
    return {row.attachment_id: row for row in rows}


def _check_form(
    attachment: Attachment | None, invalid_check: tuple[int, PieceCheckForm] | None
) -> PieceCheckForm | None:
    if attachment is None:
        return None
    if invalid_check is not None and invalid_check[0] == attachment.pk:
        return invalid_check[1]
    return PieceCheckForm(pk=attachment.pk)


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
        if not page.writable:
            raise PermissionDenied(may.why_not(request.user, report, may.DOCUMENTS))  # type: ignore[arg-type]
        kind = guards.all_yearly_kinds().filter(withdrawn=False, key=request.POST.get("kind", "")).first()
        if kind is None:
            raise Http404(common.NOT_FOUND)
        invalid_form = _add(request, report, kind)
        if invalid_form is None:
            messages.success(request, f"Pièce déposée : {kind.label}.")
            return HttpResponseRedirect(f"{page.url}#piece-{kind.key}")
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


@require_POST
def report_piece_check(request: HttpRequest, number: str, year: int, pk: int) -> HttpResponse:
    """The service says what it found of a document; an error shows the page of the documents again."""
    report = common.find(request, number, year)
    if may.examiner(request.user, report) is None:  # type: ignore[arg-type]
        raise PermissionDenied(may.why_not_examine(request.user, report))  # type: ignore[arg-type]
    visible = Attachment.objects.visible_to(request.user)  # type: ignore[arg-type]
    attachment = visible.filter(dossier=report.dossier, year=year, pk=pk).select_related("kind").first()
    if attachment is None:
        raise Http404(common.NOT_FOUND)
    page = PartPage(request, report, may.DOCUMENTS, template="report_documents")
    form, status = PieceCheckForm(request.POST, pk=pk), 200
    if form.is_valid():
        refusal = form.cleaned_data["refusal"] if form.cleaned_data["answer"] == "refused" else ""
        try:
            documents.check_document(report, attachment, refusal=refusal, by=request.user)  # type: ignore[arg-type]
        except Refused as error:
            messages.warning(request, error.message)
        else:
            messages.success(request, f"Pièce {'refusée' if refusal else 'vérifiée'}\u00a0: {attachment.kind.label}.")
        return HttpResponseRedirect(f"{page.url}#piece-{attachment.kind.key}")
    lines = checklist(request, report, invalid_check=(pk, form))
    context = page.context(signed=signed_paper(report), lines=lines, form=form)
    return render(request, "reporting/report_documents.html", context, status=status)


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
