"""Versions, acceptances, visas and comments of an act."""

import pgtrigger
from django.db import models
from django.db.models import Q

from arml.models import Dossier, Organisation, User
from conventions.enums import VisaDecision
from cpo.lib.enums import Audience, Side
from cpo.lib.models import StoredFile

from .acts import Act

HANDED_OVER = 0  # the number of the version that opened the negotiation


class VersionQuerySet(models.QuerySet["Version"]):
    def proposed(self) -> "VersionQuerySet":
        """Without the text that was handed over: nobody proposed it, so nobody can accept it."""
        return self.exclude(number=HANDED_OVER)


class Version(models.Model):
    """A numbered, immutable copy of an act's whole content; documents print its hash on each page.

    Version 0 is the text that opened the negotiation. A side proposes each of the others.
    """

    act = models.ForeignKey(Act, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField("numéro")
    content = models.JSONField("contenu")
    content_sha256 = models.CharField("empreinte du contenu", max_length=64)
    revision = models.PositiveIntegerField("révision figée")
    side = models.CharField("proposée par", max_length=20, choices=Side, blank=True)
    author = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="versions")
    author_name = models.CharField(max_length=200)
    note = models.TextField("message", blank=True)
    changes = models.PositiveIntegerField("éléments modifiés", default=0)
    # The State's whole contribution in this content, in euros: lists show it without reading the content.
    contribution = models.DecimalField("contribution de l’État", max_digits=14, decimal_places=2, default=0)
    created_at = models.DateTimeField("proposée le")

    objects = VersionQuerySet.as_manager()

    class Meta:
        verbose_name = "version"
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(name="version_number_is_unique", fields=["act", "number"])]
        triggers = [pgtrigger.Protect(name="version_never_changes", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"version {self.number}"

    @property
    def handed_over(self) -> bool:
        """Whether it is the text that opened the negotiation, which nobody proposed."""
        return self.number == HANDED_OVER

    @property
    def title(self) -> str:
        return "Version 0, transmise pour négociation" if self.handed_over else f"Version {self.number}"

    @property
    def short_hash(self) -> str:
        return self.content_sha256[:12]


class Acceptance(models.Model):
    """A side's acceptance of a version. Any edit cancels it; the row stays as history."""

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="acceptances")
    side = models.CharField("partie", max_length=20, choices=Side)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20)
    at = models.DateTimeField("le")
    cancelled_at = models.DateTimeField("annulée le", null=True, blank=True)
    cancelled_by = models.CharField("annulée par", max_length=200, blank=True)

    class Meta:
        verbose_name = "acceptation"
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(
                name="one_live_acceptance_per_side", fields=["version", "side"], condition=Q(cancelled_at=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.version} acceptée par {self.get_side_display()}"


class Visa(models.Model):
    """An organisation's internal visa on a version: that of a service, or that of the association's president.

    For a service, another person than the proposer gives it, or the proposer gives a reason.
    """

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="visas")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="visas")
    decision = models.CharField("décision", max_length=10, choices=VisaDecision)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20)
    at = models.DateTimeField("le")
    comment = models.TextField("commentaire", blank=True)
    override_reason = models.TextField("motif si la même personne a proposé", blank=True)

    class Meta:
        verbose_name = "visa"
        ordering = ["at"]

    def __str__(self) -> str:
        return f"visa {self.get_decision_display()} sur la {self.version}"

    @property
    def is_given(self) -> bool:
        return self.decision == VisaDecision.GIVEN


class OutsideVisa(models.Model):
    """A visa that an authority outside the dossier gave on paper on a version. The lead service records it."""

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="outside_visas")
    authority = models.CharField("autorité", max_length=120)
    name = models.CharField("nom", max_length=120)
    capacity = models.CharField("qualité", max_length=200)
    given_on = models.DateField("donné le")
    comment = models.TextField("commentaire", blank=True)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField("enregistré le")
    withdrawn_at = models.DateTimeField("retiré le", null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_reason = models.TextField("motif du retrait", blank=True)

    class Meta:
        verbose_name = "visa extérieur"
        verbose_name_plural = "visas extérieurs"
        ordering = ["given_on", "id"]
        constraints = [
            models.UniqueConstraint(
                name="outside_visa_is_recorded_once",
                fields=["version", "authority", "file"],
                condition=Q(withdrawn_at=None),
            ),
            models.CheckConstraint(
                name="withdrawn_outside_visa_says_by_whom_and_why",
                condition=Q(withdrawn_at=None, withdrawn_by=None, withdrawn_reason="")
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(withdrawn_reason=""),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="outside_visa_is_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="outside_visa_never_changes",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(exclude=["withdrawn_at", "withdrawn_by", "withdrawn_reason"]),
            ),
            pgtrigger.Protect(
                name="withdrawn_outside_visa_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__withdrawn_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"visa de {self.authority} sur la {self.version}"


class Thread(models.Model):
    """A discussion anchored to a path, not to a row, because rows may be deleted or copied.

    Paths: "general", "payments", "article/duree", "sheet/<key>", "sheet/<key>/description", "sheet/<key>/budget".
    """

    act = models.ForeignKey(Act, on_delete=models.CASCADE, related_name="threads")
    path = models.CharField("endroit", max_length=120)
    label = models.CharField("intitulé de l’endroit", max_length=200)
    audience = models.CharField("visible de", max_length=20, choices=Audience, default=Audience.BOTH)
    created_at = models.DateTimeField()
    resolved_at = models.DateTimeField("résolu le", null=True, blank=True)
    resolved_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # Its reader said that the last word, a « merci », needs no answer. A later word is waited for again.
    settled_at = models.DateTimeField("sans réponse attendue depuis", null=True, blank=True)

    class Meta:
        verbose_name = "échange"
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["act", "path"])]

    def __str__(self) -> str:
        return self.label

    @property
    def read_by_both(self) -> bool:
        """Whether both sides read it."""
        return self.audience == Audience.BOTH

    @property
    def anchor_label(self) -> str:
        """Its label in a list of exchanges. A withdrawn fiche is marked: another fiche may have its code now."""
        return f"{self.label} (fiche retirée)" if getattr(self, "withdrawn", False) else self.label


class Comment(models.Model):
    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    organisation = models.CharField(max_length=200)
    side = models.CharField(max_length=20, blank=True)
    text = models.TextField("commentaire")
    at = models.DateTimeField("le")
    mentions = models.ManyToManyField(User, blank=True, related_name="+", verbose_name="personnes prévenues")

    class Meta:
        verbose_name = "commentaire"
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return self.text[:60]


class Proposal(models.Model):
    """A proposed wording, attached to a comment of an exchange. The other side may accept it."""

    comment = models.OneToOneField(Comment, on_delete=models.CASCADE, related_name="proposal")
    base = models.TextField("texte d’alors", blank=True)
    text = models.TextField("rédaction proposée")
    accepted_at = models.DateTimeField("acceptée le", null=True, blank=True)
    accepted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "rédaction proposée"
        verbose_name_plural = "rédactions proposées"
        constraints = [
            models.CheckConstraint(
                name="accepted_wording_has_its_author",
                condition=Q(accepted_at=None, accepted_by=None)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.text[:60]


class DossierVisit(models.Model):
    """When a person last opened a page of a dossier (`seen_at`), and when the visit before ended (`previous_at`)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()
    previous_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "visite d’un dossier"
        verbose_name_plural = "visites des dossiers"
        constraints = [models.UniqueConstraint(fields=["user", "dossier"], name="one_visit_per_person_and_dossier")]

    def __str__(self) -> str:
        return f"{self.user}, {self.dossier}"


class Nudge(models.Model):
    """« Relancer »: who is waited for was written to, once a day at most, in the days of the dossier."""

    act = models.ForeignKey(Act, on_delete=models.PROTECT, related_name="nudges")
    about = models.CharField("attente", max_length=60)
    day = models.DateField("jour")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("le")

    class Meta:
        verbose_name = "relance"
        ordering = ["at"]
        constraints = [models.UniqueConstraint(name="one_nudge_a_day", fields=["act", "about", "day"])]

    def __str__(self) -> str:
        return f"{self.about}, {self.day}"
