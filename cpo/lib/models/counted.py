"""What is counted for a time to hold a ceiling, and the forms that were already posted: facts of a few days."""

from django.conf import settings
from django.db import models


class CountedTry(models.Model):
    """One try that a ceiling counts. `who` and `about` are keyed hashes: neither an address nor a name is kept."""

    what = models.CharField(max_length=40)
    who = models.CharField(max_length=64)
    about = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = "essai compté"
        verbose_name_plural = "essais comptés"
        indexes = [models.Index(fields=["what", "who", "at"]), models.Index(fields=["at"])]

    def __str__(self) -> str:
        return f"{self.what} {self.at}"


class PostedForm(models.Model):
    """A form that created something: its second post answers `location` and creates nothing."""

    digest = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    location = models.TextField(blank=True)
    at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = "formulaire envoyé"
        verbose_name_plural = "formulaires envoyés"

    def __str__(self) -> str:
        return self.digest[:12]
