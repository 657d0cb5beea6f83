"""The dialogue de gestion of a year: date, attendees, opinion, conclusion."""

from django.db import models

from arml.models import User
from cpo.lib.models import StoredFile
from reporting.enums import Opinion

from .reports import Report


class Review(models.Model):
    report = models.OneToOneField(Report, on_delete=models.PROTECT, related_name="review")
    held_on = models.DateField("date du dialogue", null=True, blank=True)
    attendees = models.TextField("participants", blank=True)
    opinion = models.CharField("avis d’ensemble", max_length=20, choices=Opinion, blank=True)
    decisions = models.TextField("décisions, avec leur responsable et leur échéance", blank=True)
    conclusion = models.TextField("conclusion", blank=True)
    minutes = models.ForeignKey(StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    updated_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "dialogue de gestion"

    def __str__(self) -> str:
        return f"dialogue de gestion {self.report}"
