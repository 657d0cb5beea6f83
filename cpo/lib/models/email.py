"""E-mail texts (reference data) and the outbox: a message is written in the transaction of its event."""

from django.conf import settings
from django.db import models

from cpo.lib.enums import MailState


class EmailTemplate(models.Model):
    """A plain-text message with variables from a closed list, edited by the national administration."""

    key = models.CharField("clé", max_length=60, unique=True)
    subject = models.CharField("objet", max_length=200)
    body = models.TextField("texte")
    immediate = models.BooleanField("envoi immédiat", default=True)
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "texte de courriel"
        ordering = ["key"]

    def __str__(self) -> str:
        return self.key


class OutboxMessage(models.Model):
    """A message sent or to be sent: at least once by SMTP, with a constant Message-ID (RFC 5322, 3.6.4)."""

    message_id = models.CharField(max_length=200, unique=True)
    template = models.CharField(max_length=60)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="messages"
    )
    to = models.EmailField("destinataire")
    subject = models.CharField("objet", max_length=300)
    body = models.TextField("texte")
    secrets = models.JSONField("à effacer du texte une fois envoyé", default=list, blank=True)
    root = models.CharField(max_length=60, blank=True)
    state = models.CharField("état", max_length=20, choices=MailState, default=MailState.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    retry_at = models.DateTimeField("nouvel essai à partir de", null=True, blank=True)
    error = models.TextField("raison du dernier échec", blank=True)
    created_at = models.DateTimeField("écrit le")
    sent_at = models.DateTimeField("envoyé le", null=True, blank=True)

    class Meta:
        verbose_name = "courriel"
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["state", "id"])]

    def __str__(self) -> str:
        return f"{self.subject} → {self.to}"

    @property
    def failed(self) -> bool:
        """Whether nobody tries to send it any more."""
        return self.state == MailState.FAILED
