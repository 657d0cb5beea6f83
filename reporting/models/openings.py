"""What was decided about the opening of a year's report: a year without report, and why."""

from django.db import models

from arml.models import User, within_scope
from conventions.models import Convention


class SkippedReportQuerySet(models.QuerySet["SkippedReport"]):
    def visible_to(self, user: User) -> "SkippedReportQuerySet":
        """Both sides and the DGEFP; an observer reads what was sent and received, not what is not owed."""
        return within_scope(self, user, "convention__dossier", observed=None)


class SkippedReport(models.Model):
    """A convention without report for a year. Deleted when the report is to open after all; the journal keeps both."""

    convention = models.ForeignKey(Convention, on_delete=models.PROTECT, related_name="skipped_reports")
    year = models.PositiveIntegerField("année")
    reason = models.CharField("motif", max_length=500)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("le")

    objects = SkippedReportQuerySet.as_manager()

    class Meta:
        verbose_name = "compte rendu non ouvert"
        verbose_name_plural = "comptes rendus non ouverts"
        ordering = ["-year", "convention__number"]
        constraints = [
            models.UniqueConstraint(name="one_skipped_report_per_year", fields=["convention", "year"]),
            models.CheckConstraint(name="skipped_report_has_a_reason", condition=~models.Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.convention.number}, sans compte rendu {self.year}"
