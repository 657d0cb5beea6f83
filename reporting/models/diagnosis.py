"""The shared diagnosis of a region: what both sides say of its youth and its jobs, kept year by year with its files."""

from django.db import models

from arml.models import Dossier, User, within_scope
from conventions.models import Convention
from cpo.lib.models import StoredFile


class DiagnosisQuerySet(models.QuerySet["Diagnosis"]):
    def visible_to(self, user: User) -> "DiagnosisQuerySet":
        """Both sides and the DGEFP, as the meetings that it prepares."""
        return within_scope(self, user, "convention__dossier", observed=None)


class Diagnosis(models.Model):
    convention = models.ForeignKey(Convention, on_delete=models.PROTECT, related_name="diagnoses")
    year = models.PositiveIntegerField("année")
    text = models.TextField("diagnostic partagé", blank=True)
    revision = models.PositiveIntegerField(default=0)
    updated_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    updated_at = models.DateTimeField("modifié le")

    objects = DiagnosisQuerySet.as_manager()

    class Meta:
        verbose_name = "diagnostic partagé"
        verbose_name_plural = "diagnostics partagés"
        ordering = ["-year"]
        constraints = [models.UniqueConstraint(name="one_diagnosis_per_year", fields=["convention", "year"])]

    def __str__(self) -> str:
        return f"Diagnostic partagé {self.year}"

    @property
    def dossier(self) -> Dossier:
        return self.convention.dossier


class DiagnosisFile(models.Model):
    """A document of the diagnosis, joined by one of the parties, or brought from the year before."""

    diagnosis = models.ForeignKey(Diagnosis, on_delete=models.PROTECT, related_name="files")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    name = models.CharField("nom", max_length=200)
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField("joint le")

    class Meta:
        verbose_name = "document du diagnostic"
        verbose_name_plural = "documents du diagnostic"
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name
