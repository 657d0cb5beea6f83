"""An extract of Chorus between its upload and the clicks that record what it says."""

from django.db import models

from arml.models import User
from reporting.enums import ExtractState


class ChorusExtract(models.Model):
    """The last extract of a person, whom alone it concerns. Nothing is written of it without a click.

    `columns`: the headers of the file, `mapping`: field → header, `rows`: what `reporting.money.chorus.read` returns.
    """

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="chorus_extract")
    name = models.CharField("nom du fichier", max_length=200)
    data = models.BinaryField("fichier")
    reading = models.CharField("lecture", max_length=10, choices=ExtractState)
    columns = models.JSONField("en-têtes", default=list)
    mapping = models.JSONField("colonnes choisies", default=dict)
    rows = models.JSONField("lignes", default=list)
    reason = models.CharField("raison du refus", max_length=500, blank=True)
    created_at = models.DateTimeField("envoyé le")

    class Meta:
        verbose_name = "extrait de Chorus"
        verbose_name_plural = "extraits de Chorus"

    def __str__(self) -> str:
        return self.name

    @property
    def is_waiting(self) -> bool:
        return self.reading == ExtractState.WAITING

    @property
    def is_read(self) -> bool:
        return self.reading == ExtractState.READ

    @property
    def is_refused(self) -> bool:
        return self.reading == ExtractState.REFUSED
