"""The versions of a report: what was sent, each time, for ever."""

import pgtrigger
from django.db import models
from django.db.models import F, Q

from arml.models import User, within_scope
from conventions.models import Document, Signature
from cpo.lib.models import StoredFile

from .reports import SETTLED, Report


class ReportVersionQuerySet(models.QuerySet["ReportVersion"]):
    def visible_to(self, user: User) -> "ReportVersionQuerySet":
        """What was sent to the service stays read by both sides; an observer reads the admissible version only."""
        settled = Q(report__state__in=SETTLED, number=F("report__round"))
        return within_scope(self, user, "report__convention__dossier", observed=settled)


class ReportVersion(models.Model):
    """One sending: the whole content with its hash (see `reporting.content.freeze`), who sent it and when."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField("envoi n°")
    content = models.JSONField("contenu")
    content_sha256 = models.CharField("empreinte du contenu", max_length=64)
    sent_at = models.DateTimeField("envoyé le")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    author_name = models.CharField(max_length=200)
    capacity = models.CharField("envoyé en qualité de", max_length=120)
    changes = models.PositiveSmallIntegerField("rubriques modifiées depuis l’envoi précédent", null=True, blank=True)
    acknowledgement = models.ForeignKey(StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    # The entry of the register: what the president signs is this file.
    financial_document = models.ForeignKey(
        Document, null=True, blank=True, on_delete=models.PROTECT, related_name="sendings"
    )

    objects = ReportVersionQuerySet.as_manager()

    class Meta:
        verbose_name = "envoi d’un compte rendu"
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(name="report_version_number_is_unique", fields=["report", "number"])]
        triggers = [
            pgtrigger.Protect(name="report_version_is_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="report_version_never_changes",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(exclude=["acknowledgement", "financial_document"]),
            ),
            # What is signed is of this sending for ever.
            pgtrigger.Protect(
                name="financial_document_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__financial_document__isnull=False)
                & pgtrigger.Q(old__financial_document__df=pgtrigger.F("new__financial_document")),
            ),
        ]

    def __str__(self) -> str:
        return f"envoi n° {self.number}"

    @property
    def signature(self) -> Signature | None:
        """The signature of its compte rendu financier; None before it is signed."""
        rows = self.financial_document.signatures.all() if self.financial_document else ()
        return next((row for row in rows if row.voided_at is None), None)

    @property
    def short_hash(self) -> str:
        return self.content_sha256[:12]

    @property
    def changes_label(self) -> str:
        """« 3 rubriques modifiées » since the sending before; "" for the first one."""
        if self.changes is None:
            return ""
        ending = "s" if self.changes > 1 else ""
        return f"{self.changes} rubrique{ending} modifiée{ending}" if self.changes else "aucune modification"
