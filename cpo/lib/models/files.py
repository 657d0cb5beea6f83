"""A file stored once, found by its SHA-256. Rights depend on the objects that refer to it, never on the file."""

import pgtrigger
from django.db import models

from cpo.lib.retention import Retained


class StoredFile(models.Model):
    sha256 = models.CharField("empreinte SHA-256", max_length=64, unique=True)
    size = models.PositiveBigIntegerField("taille en octets")
    media_type = models.CharField("type de contenu", max_length=100)
    path = models.CharField("chemin dans le stockage", max_length=200)
    created_at = models.DateTimeField("enregistré le")

    class Meta:
        verbose_name = "fichier"
        triggers = [
            pgtrigger.Protect(name="stored_file_never_changes", operation=pgtrigger.Update),
            pgtrigger.Protect(name="stored_file_is_kept", operation=pgtrigger.Delete, condition=Retained()),
        ]
        constraints = [
            models.CheckConstraint(name="file_is_not_empty", condition=models.Q(size__gt=0)),
        ]

    def __str__(self) -> str:
        return self.sha256[:12]
