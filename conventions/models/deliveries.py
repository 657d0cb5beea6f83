"""How a signed act was notified to a party: the means, the days, the proof."""

import datetime as dt
from collections.abc import Iterable

import pgtrigger
from django.db import models
from django.db.models import F, Q

from arml.models import Organisation, User
from conventions.enums import DeliveryMeans
from cpo.lib.models import StoredFile

from .acts import Act


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def received_on(self, act: Act) -> dt.date | None:
        """The day on which the association received an act, by the last notification whose receipt is recorded."""
        rows = self.filter(act=act, addressee=act.dossier.beneficiary_id, received_on__isnull=False)
        return rows.order_by("-recorded_at", "-pk").values_list("received_on", flat=True).first()


def counted_from(act: Act) -> dt.date | None:
    """The day from which what follows the notification of an act runs; None: it is not notified.

    It is the day of the receipt where it is recorded (article 2.3 of the model), else the day on which it was sent.
    """
    return (Delivery.objects.received_on(act) or act.notified_on) if act.notified_on else None


def counted_among(acts: Iterable[Act]) -> dict[int, dt.date | None]:
    """The rule of `counted_from` for many acts, by id; one query."""
    acts = list(acts)
    received = Delivery.objects.filter(
        act__in=[act.pk for act in acts],
        addressee=F("act__convention__dossier__beneficiary"),
        received_on__isnull=False,
    )
    days = dict(received.order_by("recorded_at", "pk").values_list("act", "received_on"))
    return {act.pk: (days.get(act.pk) or act.notified_on) if act.notified_on else None for act in acts}


class Delivery(models.Model):
    """An act brought to a party's knowledge, by a means that dates it.

    The day that counts is that of the receipt (article 2.3 of the model). A row never changes: what is learnt later, as
    the day of the receipt, is one more row, and the last one is read.
    """

    act = models.ForeignKey(Act, on_delete=models.PROTECT, related_name="deliveries")
    addressee = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="destinataire")
    means = models.CharField("moyen", max_length=12, choices=DeliveryMeans)
    sent_on = models.DateField("envoyée le")
    received_on = models.DateField("reçue le", null=True, blank=True)
    number = models.CharField("numéro d’envoi", max_length=60, blank=True)
    proof = models.ForeignKey(
        StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name="preuve"
    )
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField("enregistrée le")

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = "notification"
        ordering = ["-recorded_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="delivery_is_received_after_it_is_sent",
                condition=Q(received_on=None) | Q(received_on__gte=F("sent_on")),
                violation_error_message="La réception ne précède pas l’envoi.",
            )
        ]
        triggers = [
            pgtrigger.Protect(name="delivery_never_changes", operation=pgtrigger.Update),
            pgtrigger.Protect(name="delivery_is_never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.addressee}, {self.get_means_display()}, {self.sent_on}"
