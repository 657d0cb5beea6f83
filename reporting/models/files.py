"""The files that the association joins to a fiche of its report."""

from django.db import models

from arml.models import User
from cpo.lib.models import StoredFile

from .reports import OF_SHEET_REPORT, SheetReport, settled_trigger


class SheetFileQuerySet(models.QuerySet["SheetFile"]):
    def current(self) -> "SheetFileQuerySet":
        return self.filter(removed_at=None)


class SheetFile(models.Model):
    """A file that was taken away stays: what was sent with it names it, and is read again."""

    sheet_report = models.ForeignKey(SheetReport, on_delete=models.PROTECT, related_name="files")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    name = models.CharField("nom", max_length=200)
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField("joint le")
    removed_at = models.DateTimeField("retiré le", null=True, blank=True)

    objects = SheetFileQuerySet.as_manager()

    class Meta:
        verbose_name = "fichier d’une fiche"
        verbose_name_plural = "fichiers d’une fiche"
        ordering = ["id"]
        triggers = [settled_trigger("settled_sheet_file", OF_SHEET_REPORT)]

    def __str__(self) -> str:
        return self.name
