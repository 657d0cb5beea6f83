"""Requests for details on a sent report, which reopen nothing: question, answers with files, judgment."""

import pgtrigger
from django.db import models
from django.db.models import Q

from arml.models import User, within_scope
from cpo.lib.models import StoredFile

from .reports import Report

UNJUDGED = Q(satisfactory=None, judged_by=None, judged_at=None, judgment="")
JUDGED = Q(satisfactory__isnull=False, judged_by__isnull=False, judged_at__isnull=False)


class ClarificationQuerySet(models.QuerySet["Clarification"]):
    def visible_to(self, user: User) -> "ClarificationQuerySet":
        """Both sides and the DGEFP; observers read none of the examination."""
        return within_scope(self, user, "report__convention__dossier", observed=None)


class Clarification(models.Model):
    """A numbered request on a part of a report. What is asked never changes; it is open until it is judged."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="clarifications")
    number = models.PositiveSmallIntegerField("demande n°")
    path = models.CharField("rubrique", max_length=120)
    label = models.CharField("intitulé de la rubrique", max_length=200)
    question = models.TextField("ce qui est demandé")
    due_on = models.DateField("réponse attendue le")
    file = models.ForeignKey(StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField("nom du fichier", max_length=200, blank=True)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField("demandée le")
    satisfactory = models.BooleanField("réponse satisfaisante", null=True, blank=True)
    judgment = models.CharField("ce qui en est retenu", max_length=500, blank=True)
    judged_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    judged_at = models.DateTimeField("close le", null=True, blank=True)

    objects = ClarificationQuerySet.as_manager()

    class Meta:
        verbose_name = "demande de précisions"
        verbose_name_plural = "demandes de précisions"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(name="clarification_number_is_unique", fields=["report", "number"]),
            models.CheckConstraint(name="judged_clarification_has_its_author", condition=UNJUDGED | JUDGED),
        ]
        triggers = [
            pgtrigger.Protect(name="clarification_is_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="question_never_changes",
                exclude=["satisfactory", "judgment", "judged_by", "judged_at"],
            ),
        ]

    def __str__(self) -> str:
        return f"Demande de précisions n° {self.number}"

    @property
    def is_open(self) -> bool:
        return self.judged_at is None


class ClarificationAnswer(models.Model):
    clarification = models.ForeignKey(Clarification, on_delete=models.PROTECT, related_name="answers")
    text = models.TextField("réponse")
    file = models.ForeignKey(StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField("nom du fichier", max_length=200, blank=True)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("le")

    class Meta:
        verbose_name = "réponse à une demande de précisions"
        verbose_name_plural = "réponses aux demandes de précisions"
        ordering = ["id"]
        triggers = [pgtrigger.Protect(name="clarification_answer_stays", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.text[:60]
