"""Pages to add and to read typed documents, and the paper original of a convention signed before the application."""

import re
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from actions.permissions import editor, why_not
from arml.enums import AttachmentMoment
from arml.models import Attachment, AttachmentKind, User
from conventions.forms.pieces import FORMATS, AttachmentForm, PaperForm
from conventions.guards.pieces import checklist
from conventions.models import Act
from conventions.services.paper import PaperSignature, record_paper_original
from conventions.services.pieces import add_attachment, may_add, why_not_add
from cpo.lib.editing import conflicts
from cpo.lib.enums import Side
from cpo.lib.files import stored

from .drafting import add_errors
from .framing import last_writer, open_act, page, read_again


def pieces(act: Act, user: User) -> list[dict[str, Any]]:
    """Return the lines of the checklist, with what the person may add and open, for the tab of the documents."""
    lines = [line for line in checklist(act) if line.expected or line.attachments]
    stored_ids = [attachment.pk for line in lines for attachment in line.attachments]
    visible = Attachment.objects.visible_to(user).filter(pk__in=stored_ids) if stored_ids else Attachment.objects.none()
    readable = set(visible.order_by().values_list("pk", flat=True))
    return [
        {
            "line": line,
            "actor": may_add(user, act, line.kind),
            "why_not": why_not_add(user, act, line.kind),
            "history": [a for a in line.attachments if a.pk in readable and a != line.current],
            "readable": line.current is not None and line.current.pk in readable,
        }
        for line in lines
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def attachment_add(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    act = open_act(request, number)
    attachment_kind = get_object_or_404(AttachmentKind.objects.exclude(moment=AttachmentMoment.YEARLY), key=kind)
    if not may_add(request.user, act, attachment_kind):
        raise PermissionDenied(why_not_add(request.user, act, attachment_kind))
    context: dict[str, Any] = {
        "form": AttachmentForm(act=act, kind=attachment_kind),
        "kind": attachment_kind,
        "formats": FORMATS,
        "max_bytes": settings.UPLOAD_MAX_BYTES,
        "page_title": attachment_kind.label,
    }
    if request.method != "POST":
        return page(request, "pieces/attachment_add", act, "documents", context)
    outcome = conflicts.save(
        request,
        make=lambda data: AttachmentForm(data, posted_files(request, data), act=read_again(act), kind=attachment_kind),
        write=lambda form, revision: _add(request, act, attachment_kind, form, revision),
        author=lambda: None,  # a new document conflicts with nobody's work
    )
    if outcome.saved:
        messages.success(request, f"La pièce « {attachment_kind.label} » est enregistrée.")
        return redirect(f"{reverse('convention-documents', args=[number])}#piece-{attachment_kind.key}")
    if outcome.error:
        add_errors(outcome.form, outcome.error)
    return page(request, "pieces/attachment_add", act, "documents", context | {"form": outcome.form}, outcome.status)


def posted_files(request: HttpRequest, data: QueryDict | None) -> Any:
    """Return the files of the request, ready to be read again from their beginning."""
    if data is None:
        return None
    for upload in request.FILES.values():
        upload.seek(0)  # type: ignore[union-attr]
    return request.FILES


def _add(request: HttpRequest, act: Act, kind: AttachmentKind, form: AttachmentForm, revision: int) -> None:
    data = form.cleaned_data
    upload = data["upload"]
    add_attachment(
        act=act,
        kind=kind,
        upload=upload or None,
        name=upload.name if upload else "",
        size=upload.size if upload else None,
        dated=data["dated"],
        valid_until=data["valid_until"],
        comment=data["comment"],
        not_applicable_reason=data.get("not_applicable_reason", ""),
        by=request.user,
        expected_revision=revision,
    )


@require_safe
def attachment_file(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Serve a document of the dossier. Those of a year belong to its report, whose pages serve them."""
    act = open_act(request, number)
    attachments = Attachment.objects.visible_to(request.user).filter(dossier=act.dossier, file__isnull=False)
    attachments = attachments.exclude(kind__moment=AttachmentMoment.YEARLY)
    attachment = get_object_or_404(attachments.select_related("file", "kind"), pk=pk)
    if attachment.file is None:
        raise Http404
    name = re.sub(r"[^\w.\- ]", "_", attachment.name) or f"{attachment.kind.key}"
    return stored.serve(request, attachment.file, name=name)  # type: ignore[return-value]


@require_http_methods(["GET", "HEAD", "POST"])
def convention_paper_original(request: HttpRequest, number: str) -> HttpResponse:
    """Record the scan and the signatures of a paper original, while its act is being recorded."""
    act = open_act(request, number)
    if not act.on_paper:
        raise Http404
    actor = editor(request.user, act.programme, of_amounts=True)
    if actor is None or actor.side != Side.STATE or not act.is_being_recorded:
        raise PermissionDenied(
            why_not(request.user, act.programme, of_amounts=True) or "L’original n’est plus modifiable."
        )
    parties = list(act.parties.filter(signs=True).select_related("organisation"))
    if request.method != "POST":
        return _paper_page(request, act, PaperForm(act=act, parties=parties))

    def make(data: QueryDict | None) -> PaperForm:
        fresh = read_again(act)
        signing = list(fresh.parties.filter(signs=True).select_related("organisation"))
        return PaperForm(data, posted_files(request, data), act=fresh, parties=signing)

    outcome = conflicts.save(
        request,
        make=make,
        write=lambda form, revision: _record(request, act, form, revision),
        author=lambda: last_writer(act, "l’original signé"),
    )
    if outcome.saved:
        messages.success(request, "L’original signé est enregistré.")
        return redirect("convention-detail", number)
    if outcome.error:
        add_errors(outcome.form, outcome.error)
    return _paper_page(request, act, outcome.form, outcome.status)


def _paper_page(request: HttpRequest, act: Act, form: PaperForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "max_bytes": settings.UPLOAD_MAX_BYTES, "page_title": "Original signé sur papier"}
    return page(request, "signing/paper_original", act, "documents", context, status)


def _record(request: HttpRequest, act: Act, form: PaperForm, revision: int) -> None:
    data = form.cleaned_data
    record_paper_original(
        act=act,
        scan=data["scan"],
        notified_on=data["notified_on"],
        signatures=[
            PaperSignature(party, data[f"name-{party.pk}"], data[f"capacity-{party.pk}"], data[f"signed-{party.pk}"])
            for party in form.parties
        ],
        by=request.user,
        expected_revision=revision,
    )
