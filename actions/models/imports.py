"""A workbook between its preview and its confirmation."""

import datetime as dt

from django.db import models

from arml.models import User
from cpo.lib import clock

from .programmes import Programme

LIFETIME = dt.timedelta(days=2)


class ProgrammeImportQuerySet(models.QuerySet["ProgrammeImport"]):
    def waiting(self) -> "ProgrammeImportQuerySet":
        return self.filter(created_at__gte=clock.now() - LIFETIME)

    def expired(self) -> "ProgrammeImportQuerySet":
        return self.filter(created_at__lt=clock.now() - LIFETIME)


class ProgrammeImport(models.Model):
    """The last unconfirmed workbook of a person for a programme: only this person reads it, and it is deleted later."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="imports")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    name = models.CharField("nom du fichier", max_length=200)
    data = models.BinaryField("classeur")
    created_at = models.DateTimeField("envoyé le")
    # Cell of a row that has no key → the key of its fiche, or "new" (see actions.spreadsheet.reading.Question).
    answers = models.JSONField("réponses sur les lignes sans clé", default=dict, blank=True)

    objects = ProgrammeImportQuerySet.as_manager()

    class Meta:
        verbose_name = "import en attente"
        verbose_name_plural = "imports en attente"
        constraints = [models.UniqueConstraint(name="one_import_per_person", fields=["programme", "user"])]

    def __str__(self) -> str:
        return self.name
