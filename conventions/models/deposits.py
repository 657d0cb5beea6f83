"""What was handed in as signed with a certificate, before and after a worker checked it, and when this site had it."""

import pgtrigger
from django.db import models
from django.db.models import Q

from arml.models import User
from conventions.enums import DepositAnswer
from cpo.lib.models import StoredFile

from .documents import Document, Signature
from .parties import Party

_ANSWER = ["answer", "answered_at", "code", "field", "refusal", "report", "signature"]


class SignedDeposit(models.Model):
    """A signed PDF as it was received. It counts for nothing until a worker accepted it; then its signature exists.

    `base_sha256`: the file that the page gave to sign. `code`, `field`, `refusal`: why it is refused, and the field of
    the form beside which that is told. `report`: all that was found, in French. It is answered once, and kept.
    """

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="deposits")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="deposits", verbose_name="partie")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name="fichier reçu")
    base_sha256 = models.CharField("empreinte du fichier à signer", max_length=64)
    override_reason = models.TextField("motif malgré un écart constaté", blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="déposé par")
    received_at = models.DateTimeField("reçu le")
    answer = models.CharField("réponse", max_length=10, choices=DepositAnswer, default=DepositAnswer.PENDING)
    answered_at = models.DateTimeField("répondu le", null=True, blank=True)
    code = models.CharField(max_length=40, blank=True)
    field = models.CharField(max_length=40, blank=True)
    refusal = models.TextField("pourquoi il est refusé", blank=True)
    report = models.TextField("constat", blank=True)
    signature = models.OneToOneField(
        Signature, null=True, blank=True, on_delete=models.PROTECT, related_name="deposit", verbose_name="signature"
    )

    class Meta:
        verbose_name = "PDF signé déposé"
        verbose_name_plural = "PDF signés déposés"
        ordering = ["-received_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                name="one_pending_deposit_per_party", fields=["document", "party"], condition=Q(answer="pending")
            ),
            models.CheckConstraint(
                name="deposit_is_answered",
                condition=Q(answer="pending", answered_at=None) | (~Q(answer="pending") & Q(answered_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="accepted_deposit_has_its_signature",
                condition=Q(answer="accepted", signature__isnull=False) | (~Q(answer="accepted") & Q(signature=None)),
            ),
            models.CheckConstraint(
                name="refused_deposit_says_why",
                condition=Q(answer="refused") & ~Q(refusal="") | (~Q(answer="refused") & Q(refusal="")),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="deposit_is_kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="deposit_never_changes",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(exclude=_ANSWER),
            ),
            pgtrigger.Protect(
                name="answered_deposit_stays",
                operation=pgtrigger.Update,
                condition=~pgtrigger.Q(old__answer="pending"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.party}, {self.received_at}"


class DepositTimestamp(models.Model):
    """The token (RFC 3161, DER) by which an authority attests that this site had the deposited bytes at `at`.

    It is kept beside the file: added to it, it would change what the party signed and the next one signs.
    """

    deposit = models.OneToOneField(SignedDeposit, on_delete=models.PROTECT, related_name="timestamp")
    token = models.BinaryField("jeton")
    at = models.DateTimeField("attesté le")
    authority = models.CharField("autorité", max_length=200)

    class Meta:
        verbose_name = "horodatage d’un dépôt"
        verbose_name_plural = "horodatages des dépôts"
        triggers = [
            pgtrigger.Protect(name="deposit_timestamp_never_changes", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.authority}, {self.at}"
