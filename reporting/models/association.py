"""What an association does in a year for its network: training sessions, persons counted there, figures of the year.

Personal data: a session counts the persons of each Mission locale and holds no name, no address, no list. What the
convention follows is how many professionals were trained and of which members; a register of who sat where would be
kept for no purpose that a count does not serve (RGPD, art. 5.1.c). The attendance sheets stay with the association.
"""

from django.db import models
from django.db.models import F, Q

from arml.models import Member, Organisation, User
from cpo.lib import clock
from reporting.enums import NetworkMeasure

from .imports import LIFETIME
from .reports import Report, settled_trigger


class TrainingSession(models.Model):
    """A session of the training plan. A fiche that has sessions is a training plan: `sheet_key` is its key in each act.

    `starts_on` and `ends_on` are both included; `hours` is what one person follows.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="training_sessions")
    title = models.CharField("intitulé", max_length=200)
    sheet_key = models.UUIDField("fiche", null=True, blank=True)
    starts_on = models.DateField("du")
    ends_on = models.DateField("au")
    place = models.CharField("lieu", max_length=120, blank=True)
    trainer = models.CharField("organisme formateur", max_length=150, blank=True)
    hours = models.DecimalField("heures", max_digits=6, decimal_places=2, null=True, blank=True)
    seats = models.PositiveIntegerField("places", null=True, blank=True)
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "session de formation"
        verbose_name_plural = "sessions de formation"
        ordering = ["-starts_on", "title", "id"]
        constraints = [
            models.UniqueConstraint(name="one_session_per_start", fields=["organisation", "title", "starts_on"]),
            models.CheckConstraint(name="session_ends_after_it_starts", condition=Q(ends_on__gte=F("starts_on"))),
            models.CheckConstraint(name="session_hours_are_positive", condition=Q(hours=None) | Q(hours__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.title}, {self.starts_on:%d/%m/%Y}"


class Attendance(models.Model):
    """How many persons of one Mission locale followed a session. No row: not filled in; 0: nobody came."""

    session = models.ForeignKey(
        TrainingSession, on_delete=models.PROTECT, related_name="attendances", verbose_name="session"
    )
    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="attendances", verbose_name="mission locale"
    )
    persons = models.PositiveIntegerField("personnes")
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "présence"
        ordering = ["-session__starts_on", "session__title", "member__name", "id"]
        constraints = [models.UniqueConstraint(name="one_attendance_per_member", fields=["session", "member"])]

    def __str__(self) -> str:
        return f"{self.member}, {self.session}"

    @property
    def organisation(self) -> Organisation:
        return self.session.organisation


class NetworkFigure(models.Model):
    """One figure of the network for the year of a report, annexed to it. No row: not filled in, which is not zero."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="network_figures")
    measure = models.CharField("chiffre", max_length=20, choices=NetworkMeasure)
    number = models.PositiveIntegerField("nombre")

    class Meta:
        verbose_name = "chiffre du réseau"
        verbose_name_plural = "chiffres du réseau"
        constraints = [models.UniqueConstraint(name="one_network_figure", fields=["report", "measure"])]
        triggers = [settled_trigger("settled_network_figure", "target.report_id")]

    def __str__(self) -> str:
        return f"{self.get_measure_display()} : {self.number}"


class AssociationImportQuerySet(models.QuerySet["AssociationImport"]):
    def waiting(self) -> "AssociationImportQuerySet":
        return self.filter(created_at__gte=clock.now() - LIFETIME)

    def expired(self) -> "AssociationImportQuerySet":
        return self.filter(created_at__lt=clock.now() - LIFETIME)


class AssociationImport(models.Model):
    """The last unconfirmed workbook of a person: only this person reads it, and it is deleted later.

    `changes`: what it would change, as the preview shows it; `state`: digest of the registers compared with it.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="imports")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    name = models.CharField("nom du fichier", max_length=200)
    data = models.BinaryField("classeur")
    changes = models.JSONField("différences", default=list)
    state = models.CharField("état comparé", max_length=64)
    created_at = models.DateTimeField("envoyé le")

    objects = AssociationImportQuerySet.as_manager()

    class Meta:
        verbose_name = "import de registres en attente"
        verbose_name_plural = "imports de registres en attente"
        constraints = [models.UniqueConstraint(name="one_association_import", fields=["organisation", "user"])]

    def __str__(self) -> str:
        return self.name
