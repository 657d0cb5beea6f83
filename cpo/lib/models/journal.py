"""The journal: who did what, in which role, when, from which state to which, for which audience. It never changes."""

import pgtrigger
from django.conf import settings
from django.db import models

from cpo.lib.enums import Audience


class JournalEntry(models.Model):
    """One readable event. `root` is the object that lists it ("dossier:12"), `subject` the object concerned ("act:3").

    `element` names the content written ("l’échéancier des versements"); `parameters` holds the other facts of the
    sentence. No code parses the sentence.
    """

    root = models.CharField(max_length=60)
    subject = models.CharField(max_length=60)
    verb = models.CharField("événement", max_length=60)
    sentence = models.CharField("phrase", max_length=400)
    element = models.CharField("élément", max_length=300, blank=True)
    parameters = models.JSONField("paramètres", default=dict, blank=True)
    from_state = models.CharField(max_length=30, blank=True)
    to_state = models.CharField(max_length=30, blank=True)
    at = models.DateTimeField("date")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    actor_name = models.CharField(max_length=200)
    organisation = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=30, blank=True)
    side = models.CharField(max_length=20, blank=True)
    audience = models.CharField(max_length=20, choices=Audience, default=Audience.BOTH)
    comment = models.TextField("commentaire", blank=True)

    class Meta:
        verbose_name = "événement du journal"
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["root", "-at", "-id"]), models.Index(fields=["subject"])]
        triggers = [pgtrigger.Protect(name="journal_is_append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.sentence

    @property
    def read_by_both(self) -> bool:
        """Whether both sides read it."""
        return self.audience == Audience.BOTH
