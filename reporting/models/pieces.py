"""What the service found of a document of a year: received and checked, or refused with a reason."""

import pgtrigger
from django.db import models
from django.db.models import Exists, OuterRef, Q

from arml.models import Attachment, User

from .reports import Report


class PieceCheck(models.Model):
    """One finding about one document. The last one counts; a newer document has none yet."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="piece_checks")
    attachment = models.ForeignKey(Attachment, on_delete=models.PROTECT, related_name="checks")
    refusal = models.TextField("motif du refus", blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("le")

    class Meta:
        verbose_name = "vérification d’une pièce"
        verbose_name_plural = "vérifications de pièces"
        ordering = ["-id"]
        triggers = [pgtrigger.Protect(name="piece_check_never_changes", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.refusal[:80] or "vérifiée"

    @property
    def is_refusal(self) -> bool:
        return bool(self.refusal)


def refused_documents() -> Q:
    """The condition on `Attachment` rows: the last finding about the document is a refusal."""
    later = PieceCheck.objects.filter(attachment=OuterRef("attachment"), pk__gt=OuterRef("pk"))
    refusals = PieceCheck.objects.filter(~Exists(later), ~Q(refusal=""), attachment=OuterRef("pk"))
    return Q(Exists(refusals))
