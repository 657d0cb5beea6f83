"""What funders granted and paid: dated facts beside the act. What they are asked for is content (actions.Resource)."""

import pgtrigger
from django.db import models
from django.db.models import Q

from actions.models import Account
from arml.models import User, within_scope
from conventions.enums import FundingKind
from cpo.lib.models import StoredFile

from .acts import Convention


class FundingFactQuerySet(models.QuerySet["FundingFact"]):
    def visible_to(self, user: User) -> "FundingFactQuerySet":
        return within_scope(self, user, "convention__dossier")

    def valid(self) -> "FundingFactQuerySet":
        """The facts that are not voided: only these count."""
        return self.filter(voided_at=None)


class FundingFact(models.Model):
    """A grant or a payment of a funder for a year. It never changes: a wrong one is voided, with a reason.

    It names its produit by funder and account, and its fiche by key, because drafting may delete their rows. Without
    fiche, the money is for the structure, or not shared between the fiches. A grant of zero is a refusal.
    """

    convention = models.ForeignKey(Convention, on_delete=models.PROTECT, related_name="funding_facts")
    kind = models.CharField("nature", max_length=10, choices=FundingKind)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", verbose_name="compte")
    funder = models.CharField("financeur", max_length=120)
    sheet_key = models.UUIDField("fiche", null=True, blank=True)
    sheet_label = models.CharField("fiche, telle que nommée alors", max_length=230, blank=True)
    year = models.PositiveIntegerField("année")
    amount = models.DecimalField("montant", max_digits=14, decimal_places=2)
    dated_on = models.DateField("date")
    reference = models.CharField("référence", max_length=120, blank=True)
    excess_reason = models.CharField("motif d’un versement au-delà de l’accord", max_length=250, blank=True)
    file = models.ForeignKey(StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField("nom du fichier", max_length=200, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField("enregistré le")
    voided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    voided_at = models.DateTimeField("annulé le", null=True, blank=True)
    void_reason = models.CharField("motif de l’annulation", max_length=250, blank=True)

    objects = FundingFactQuerySet.as_manager()

    class Meta:
        verbose_name = "financement constaté"
        verbose_name_plural = "financements constatés"
        ordering = ["-dated_on", "-id"]
        indexes = [models.Index(fields=["convention", "-dated_on", "-id"])]
        constraints = [
            models.CheckConstraint(
                name="funding_is_not_negative_and_a_payment_is_some",
                condition=Q(kind="granted", amount__gte=0) | Q(kind="paid", amount__gt=0),
            ),
            models.CheckConstraint(
                name="voided_funding_has_its_author_and_reason",
                condition=Q(voided_at=None, voided_by=None, void_reason="")
                | (Q(voided_at__isnull=False, voided_by__isnull=False) & ~Q(void_reason="")),
            ),
            models.UniqueConstraint(
                name="funding_is_recorded_once",
                fields=[
                    *("convention", "kind", "account", "funder", "sheet_key"),
                    *("year", "amount", "dated_on", "reference"),
                ],
                condition=Q(voided_at=None),
                nulls_distinct=False,
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="funding_is_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="funding_never_changes", exclude=["voided_by", "voided_at", "void_reason"]),
            pgtrigger.Protect(
                name="voided_funding_stays_voided",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__voided_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.funder}, {self.get_kind_display()} {self.year}"

    @property
    def voided(self) -> bool:
        return self.voided_at is not None
