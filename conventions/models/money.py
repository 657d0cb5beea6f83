"""The State's money in an act: its contribution, the planned payments, and the signed totals."""

from django.db import models
from django.db.models import Q

from actions.models import Axis, Cycle
from actions.models.programmes import frozen_trigger
from arml.models import Organisation
from conventions.enums import ContributionLine

from .acts import OF_ACT, Act, Convention


class Contribution(models.Model):
    """The State's money by year, line and service. Year 1 is firm; later years are forecasts."""

    act = models.ForeignKey(Act, on_delete=models.CASCADE, related_name="contributions")
    year = models.PositiveIntegerField("année")
    line = models.CharField("ligne", max_length=20, choices=ContributionLine, default=ContributionLine.BASE)
    service = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="contributions")
    amount = models.DecimalField("montant", max_digits=14, decimal_places=2)
    note = models.CharField("actions désignées", max_length=200, blank=True)

    class Meta:
        verbose_name = "contribution de l’État"
        ordering = ["year", "line", "service"]
        triggers = [frozen_trigger("frozen_contribution", OF_ACT)]
        constraints = [
            models.UniqueConstraint(name="one_contribution_per_line", fields=["act", "year", "line", "service"]),
            models.CheckConstraint(name="contribution_is_positive", condition=Q(amount__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.get_line_display()} {self.amount}"


class Instalment(models.Model):
    """One planned payment of a year, with its condition."""

    act = models.ForeignKey(Act, on_delete=models.CASCADE, related_name="instalments")
    year = models.PositiveIntegerField("année")
    rank = models.PositiveSmallIntegerField("rang")
    label = models.CharField("objet", max_length=60)
    condition = models.CharField("condition", max_length=250, blank=True)
    due_on = models.DateField("date prévue", null=True, blank=True)
    amount = models.DecimalField("montant", max_digits=14, decimal_places=2)

    class Meta:
        verbose_name = "versement prévu"
        ordering = ["year", "rank"]
        triggers = [frozen_trigger("frozen_instalment", OF_ACT)]
        constraints = [
            models.UniqueConstraint(name="instalment_rank_is_unique", fields=["act", "year", "rank"]),
            models.CheckConstraint(name="instalment_is_positive", condition=Q(amount__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.label} {self.amount}"


class SignedTotal(models.Model):
    """Total of the State's signed contributions for a year, of an axis, or of all of them (no axis).

    It is the total of a convention, or of all conventions of the cycle (no convention). Only `totals.replace` writes
    it.
    """

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="signed_totals")
    convention = models.ForeignKey(
        Convention, null=True, blank=True, on_delete=models.PROTECT, related_name="signed_totals"
    )
    year = models.PositiveIntegerField("année")
    axis = models.ForeignKey(Axis, null=True, blank=True, on_delete=models.PROTECT, related_name="signed_totals")
    amount = models.DecimalField("montant", max_digits=16, decimal_places=2)

    class Meta:
        verbose_name = "total signé"
        constraints = [
            models.UniqueConstraint(
                name="one_signed_total_per_axis_and_year",
                fields=["cycle", "convention", "year", "axis"],
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.axis_id or ''} {self.amount}"
