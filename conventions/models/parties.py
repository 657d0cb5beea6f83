"""The parties of an act, and who signs for each of them."""

from django.db import models
from django.db.models import Q

from actions.models.programmes import frozen_trigger
from arml.models import Delegation, Organisation, User
from conventions.enums import PartyRole

from .acts import OF_ACT, Act


class PartyManager(models.Manager["Party"]):
    def get_queryset(self) -> models.QuerySet["Party"]:
        """Without the parties that a correction removed; what was said to be signed by one still names it."""
        return super().get_queryset().filter(removed_at=None)


class Party(models.Model):
    act = models.ForeignKey(Act, on_delete=models.CASCADE, related_name="parties")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="parties")
    role = models.CharField("qualité de partie", max_length=20, choices=PartyRole)
    signs = models.BooleanField("signe", default=True)
    signatory = models.ForeignKey(
        User,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="parties",
        verbose_name="compte du signataire",
    )
    signatory_name = models.CharField("signataire", max_length=120, blank=True)
    capacity = models.CharField("en qualité de", max_length=200, blank=True)
    by_delegation = models.BooleanField("par délégation", default=False)
    delegation = models.ForeignKey(Delegation, null=True, blank=True, on_delete=models.PROTECT, related_name="parties")
    rank = models.PositiveSmallIntegerField(default=0)
    # Typed of a paper original that does not name it (conventions/effects/corrected_rows.py).
    removed_at = models.DateTimeField("retirée le", null=True, blank=True)

    objects = PartyManager()

    class Meta:
        verbose_name = "partie"
        verbose_name_plural = "parties"
        ordering = ["rank", "id"]
        triggers = [frozen_trigger("frozen_party", OF_ACT)]
        constraints = [
            models.UniqueConstraint(
                name="party_is_unique", fields=["act", "organisation"], condition=Q(removed_at=None)
            ),
            models.UniqueConstraint(
                name="one_lead_and_one_beneficiary",
                fields=["act", "role"],
                condition=Q(role__in=["lead", "beneficiary"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} ({self.get_role_display()})"
