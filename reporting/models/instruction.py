"""The examination of a report: what is retained of each expense, opinions, and what the admissible report settles.

Each sending is examined in its own rows: what was written of an earlier one stays.
"""

import pgtrigger
from django.db import models
from django.db.models import F, Q

from actions.models import Account
from arml.models import User
from reporting.enums import GroundUse, Opinion

from .reports import Report

TO_TREAT = F("declared") + F("carried")


def while_sent(name: str) -> pgtrigger.Trigger:
    """Refuse any write unless the report is sent, and the row is of this sending."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        declare=[("target", "RECORD")],
        func="""
            IF TG_OP = 'DELETE' THEN target := OLD; ELSE target := NEW; END IF;
            IF NOT EXISTS (SELECT 1 FROM reporting_report r WHERE r.id = target.report_id
                           AND r.state = 'submitted' AND r.round = target.round) THEN
                RAISE EXCEPTION 'only the last sending of a report is examined' USING ERRCODE = 'check_violation';
            END IF;
            RETURN target;
        """,
    )


class Ground(models.Model):
    """A ground of the national list: why an amount is left out, or corrected."""

    key = models.SlugField("clé", max_length=40, unique=True)
    use = models.CharField("usage", max_length=12, choices=GroundUse)
    label = models.CharField("motif", max_length=150)
    source = models.CharField("source", max_length=200, blank=True)
    rank = models.PositiveSmallIntegerField(default=0)
    withdrawn = models.BooleanField("retiré", default=False)

    class Meta:
        verbose_name = "motif national"
        verbose_name_plural = "motifs nationaux"
        ordering = ["use", "rank", "id"]

    def __str__(self) -> str:
        return self.label


class RetainedAmount(models.Model):
    """What the officer decided on one account of a fiche; without row, all that is declared is retained.

    `sheet_key` None: the costs of the structure. `carried`: what the year before left waiting for evidence. More than
    what is declared is retained for a reason only.
    """

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="retained_amounts")
    round = models.PositiveSmallIntegerField("envoi n°")
    sheet_key = models.UUIDField("fiche", null=True, blank=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    declared = models.DecimalField("déclaré", max_digits=14, decimal_places=2)
    carried = models.DecimalField("en attente de l’année précédente", max_digits=14, decimal_places=2, default=0)
    retained = models.DecimalField("retenu", max_digits=14, decimal_places=2)
    rejected = models.DecimalField("écarté", max_digits=14, decimal_places=2, default=0)
    pending = models.DecimalField("en attente de justificatif", max_digits=14, decimal_places=2, default=0)
    ground = models.ForeignKey(Ground, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    comment = models.CharField("commentaire", max_length=500, blank=True)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("le")

    class Meta:
        verbose_name = "montant retenu"
        verbose_name_plural = "montants retenus"
        ordering = ["-round", "account__rank", "id"]
        constraints = [
            models.UniqueConstraint(
                name="one_decision_per_account",
                fields=["report", "round", "sheet_key", "account"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="examined_amounts_are_not_negative",
                condition=Q(declared__gte=0, carried__gte=0, retained__gte=0, rejected__gte=0, pending__gte=0),
            ),
            models.CheckConstraint(
                name="all_that_is_declared_is_treated",
                condition=Q(retained=TO_TREAT - F("rejected") - F("pending"))
                | Q(retained__gt=TO_TREAT, rejected=0, pending=0) & ~Q(comment=""),
            ),
            models.CheckConstraint(
                name="what_is_left_out_has_its_ground",
                condition=Q(rejected=0, ground=None) | Q(rejected__gt=0, ground__isnull=False) & ~Q(comment=""),
            ),
        ]
        triggers = [while_sent("retained_while_sent")]

    def __str__(self) -> str:
        return f"{self.account.code} : {self.retained}"


class ExaminationOpinion(models.Model):
    """The opinion of the officer on a fiche, or on the whole report (`sheet_key` None)."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="opinions")
    round = models.PositiveSmallIntegerField("envoi n°")
    sheet_key = models.UUIDField("fiche", null=True, blank=True)
    opinion = models.CharField("avis", max_length=20, choices=Opinion)
    comment = models.TextField("commentaire", blank=True)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("le")

    class Meta:
        verbose_name = "avis d’instruction"
        verbose_name_plural = "avis d’instruction"
        ordering = ["-round", "id"]
        constraints = [
            models.UniqueConstraint(
                name="one_opinion_per_sending", fields=["report", "round", "sheet_key"], nulls_distinct=False
            )
        ]
        triggers = [while_sent("opinion_while_sent")]

    def __str__(self) -> str:
        return self.get_opinion_display()


class Settlement(models.Model):
    """The sums on which « recevable » closed the examination of a sending; the balance of the next year reads them."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="settlements")
    round = models.PositiveSmallIntegerField("envoi n°")
    retained = models.DecimalField("charges retenues", max_digits=14, decimal_places=2)
    others = models.DecimalField("part des autres financeurs", max_digits=14, decimal_places=2)
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("le")

    class Meta:
        verbose_name = "charges retenues d’un compte rendu"
        verbose_name_plural = "charges retenues des comptes rendus"
        ordering = ["-round"]
        constraints = [
            models.UniqueConstraint(name="one_settlement_per_sending", fields=["report", "round"]),
            models.CheckConstraint(name="settled_sums_are_not_negative", condition=Q(retained__gte=0, others__gte=0)),
        ]
        triggers = [pgtrigger.Protect(name="settlement_never_changes", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.report}, envoi n° {self.round}"
