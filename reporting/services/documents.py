"""The documents of a year: people who may write the report add them, the lead service checks or refuses each."""

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from arml.models import Attachment, AttachmentKind, User
from conventions.services.pieces import add_attachment
from cpo.lib import clock, journal
from cpo.lib.workflow import Refused
from reporting import notifications
from reporting import permissions as may
from reporting.models import PieceCheck, Report

from .deadlines import sync

REPLACED = "Cette pièce a été remplacée depuis l’ouverture de la page : vérifiez la nouvelle."


def add_document(report: Report, *, kind: AttachmentKind, by: User, **fields: Any) -> Attachment:
    """Add a document of the report's year, or the reason why it does not apply (see conventions.services.pieces).

    Raises PermissionDenied, ValidationError keyed by field.
    """
    dated = fields.get("dated")
    if dated is not None and dated < dt.date(report.year, 1, 1):
        words = f"Une pièce de {report.year} ne peut pas dater d’avant le 1er janvier {report.year}."
        raise ValidationError({"dated": words})
    with transaction.atomic():
        locked = Report.objects.select_for_update().get(pk=report.pk)
        actor = may.writer(by, locked, may.DOCUMENTS)
        if actor is None:
            raise PermissionDenied(may.why_not(by, locked, may.DOCUMENTS))
        added = add_attachment(act=locked.convention.act, kind=kind, by=actor, year=locked.year, **fields)
        sync(locked.convention)  # a document that replaces a refused one meets its deadline
        return added


@transaction.atomic
def check_document(report: Report, attachment: Attachment, *, refusal: str = "", by: User) -> PieceCheck | None:
    """Say that a document is checked or, with a reason, refused; nothing when that is said already.

    A refused document is missing again: the association is told, and its deadline opens. Raises PermissionDenied,
    Refused (another document replaced it).
    """
    locked = Report.objects.select_for_update().get(pk=report.pk)
    actor = may.examiner(by, locked)
    if actor is None:
        raise PermissionDenied(may.why_not_examine(by, locked))
    own = Attachment.objects.current().filter(dossier=locked.dossier, year=locked.year, pk=attachment.pk)
    if not own.exists():
        raise Refused(REPLACED)
    last = PieceCheck.objects.filter(attachment=attachment).first()
    if last is not None and last.refusal == refusal.strip():
        return None
    row = PieceCheck.objects.create(
        report=locked, attachment=attachment, refusal=refusal.strip(), by=by, at=clock.now()
    )
    label = attachment.kind.label
    verb = f"refuse la pièce « {label} »" if row.is_refusal else f"vérifie la pièce « {label} »"
    journal.record(
        attachment,
        root=locked.dossier,
        by=actor,
        verb="piece_checked",
        sentence=f"{actor.name} {verb} de {locked.year}.",
        comment=row.refusal,
    )
    if row.is_refusal:
        notifications.piece_refused(row, actor)
    sync(locked.convention)
    return row
