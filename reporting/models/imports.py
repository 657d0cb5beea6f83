"""A workbook of a report between its preview and its confirmation."""

import datetime as dt

from django.db import models

from arml.models import User
from cpo.lib import clock

from .reports import Report

LIFETIME = dt.timedelta(days=2)


class ReportImportQuerySet(models.QuerySet["ReportImport"]):
    def waiting(self) -> "ReportImportQuerySet":
        return self.filter(created_at__gte=clock.now() - LIFETIME)

    def expired(self) -> "ReportImportQuerySet":
        return self.filter(created_at__lt=clock.now() - LIFETIME)


class ReportImport(models.Model):
    """The last unconfirmed workbook of a person for a report: only this person reads it, and it is deleted later."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="imports")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    name = models.CharField("nom du fichier", max_length=200)
    data = models.BinaryField("classeur")
    created_at = models.DateTimeField("envoyé le")
    # Cell of a row that has no key → the key of its fiche, or "skip" (see reporting.spreadsheet.reading.Question).
    answers = models.JSONField("réponses sur les lignes sans clé", default=dict, blank=True)

    objects = ReportImportQuerySet.as_manager()

    class Meta:
        verbose_name = "import d’un compte rendu en attente"
        verbose_name_plural = "imports de comptes rendus en attente"
        constraints = [models.UniqueConstraint(name="one_report_import_per_person", fields=["report", "user"])]

    def __str__(self) -> str:
        return self.name
