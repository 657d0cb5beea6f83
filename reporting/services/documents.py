"""The documents of a year: people who may write the report add them to the dossier until it is admissible."""

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from arml.models import Attachment, AttachmentKind, User
from conventions.services.pieces import add_attachment
from reporting import permissions as may
from reporting.models import Report


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
        return add_attachment(act=locked.convention.act, kind=kind, by=actor, year=locked.year, **fields)
