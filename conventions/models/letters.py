"""The letters of a service: the texts that it writes them from, in versions, and each letter with what became of it."""

from functools import reduce
from operator import or_

import pgtrigger
from django.db import models
from django.db.models import F, Q

from arml.models import Organisation, Scope, User, within_scope
from conventions.enums import DeliveryMeans, LetterKind, LetterState
from cpo.lib.models import StoredFile

from .acts import Convention
from .documents import Document


def _changed(*names: str) -> pgtrigger.Q:
    """Condition of a trigger: one of these columns changes."""
    rows = [pgtrigger.Q(**{f"old__{name}__df": pgtrigger.F(f"new__{name}")}) for name in names]
    return reduce(or_, rows)


class LetterTemplateQuerySet(models.QuerySet["LetterTemplate"]):
    def of(self, service: Organisation | None) -> "LetterTemplateQuerySet":
        """The versions of a service; of None, the national ones."""
        return self.filter(service=service)

    def in_use(self, service: Organisation, kind: str) -> "LetterTemplate | None":
        """The last version of the service, else the last national one; None before the reference data is loaded."""
        return self._last(service, kind) or self._last(None, kind)

    def _last(self, service: Organisation | None, kind: str) -> "LetterTemplate | None":
        return self.of(service).filter(kind=kind).order_by("-number").first()


class LetterTemplate(models.Model):
    """A version of the text of a kind of letter: object and body in restricted Markdown. It never changes.

    `service` None: the national text. `source`: the national version that a service's one was taken from, or last
    compared with.
    """

    service = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="letter_templates"
    )
    kind = models.CharField("nature", max_length=16, choices=LetterKind)
    number = models.PositiveSmallIntegerField("version")
    subject = models.CharField("objet", max_length=200)
    body = models.TextField("texte")
    source = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="copies")
    written_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField("écrite le")

    objects = LetterTemplateQuerySet.as_manager()

    class Meta:
        verbose_name = "modèle de lettre"
        verbose_name_plural = "modèles de lettre"
        ordering = ["kind", "-number"]
        constraints = [
            models.UniqueConstraint(
                name="one_version_of_a_letter_template_per_number",
                fields=["service", "kind", "number"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(name="letter_template_has_its_text", condition=~Q(subject="") & ~Q(body="")),
            models.CheckConstraint(
                name="letter_template_of_a_service_has_its_writer",
                condition=Q(service=None, written_by=None) | Q(service__isnull=False, written_by__isnull=False),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="letter_template_never_changes", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, version {self.number}"


class LetterQuerySet(models.QuerySet["Letter"]):
    def visible_to(self, user: User) -> "LetterQuerySet":
        """The State and the DGEFP; the association from the sending on. Observers see none."""
        seen = within_scope(self, user, "convention__dossier", observed=None)
        unsent = ~Q(state=LetterState.SENT)
        return seen.exclude(unsent, convention__dossier__beneficiary__in=Scope.of(user).associations)


class Letter(models.Model):
    """A letter about a convention: its content is frozen when it is produced, its file enters the register.

    `document` None: a worker is printing it. `batch`: the job that produced several at once.
    """

    convention = models.ForeignKey(Convention, on_delete=models.PROTECT, related_name="letters")
    number = models.PositiveSmallIntegerField("lettre n°")
    kind = models.CharField("nature", max_length=16, choices=LetterKind)
    template = models.ForeignKey(LetterTemplate, on_delete=models.PROTECT, related_name="letters")
    edited = models.BooleanField("texte modifié pour cette lettre", default=False)
    dated_on = models.DateField("datée du")
    content = models.JSONField("contenu")
    content_sha256 = models.CharField("empreinte du contenu", max_length=64)
    document = models.OneToOneField(
        Document, null=True, blank=True, on_delete=models.PROTECT, related_name="letter", verbose_name="document"
    )
    batch = models.CharField("lot", max_length=40, blank=True)
    state = models.CharField("état", max_length=10, choices=LetterState, default=LetterState.TO_SIGN)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField("produite le")
    signed_on = models.DateField("signée le", null=True, blank=True)
    signatory_name = models.CharField("signataire", max_length=120, blank=True)
    capacity = models.CharField("en qualité de", max_length=200, blank=True)
    scan = models.ForeignKey(StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    signed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    sent_on = models.DateField("envoyée le", null=True, blank=True)
    means = models.CharField("moyen", max_length=12, choices=DeliveryMeans, blank=True)
    sent_number = models.CharField("numéro d’envoi", max_length=60, blank=True)
    proof = models.ForeignKey(StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    sent_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    voided_reason = models.CharField("motif de l’annulation", max_length=250, blank=True)

    objects = LetterQuerySet.as_manager()

    class Meta:
        verbose_name = "lettre"
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(name="letter_number_is_unique", fields=["convention", "number"]),
            models.UniqueConstraint(
                name="one_letter_per_convention_in_a_batch", fields=["batch", "convention"], condition=~Q(batch="")
            ),
            models.CheckConstraint(
                name="letter_has_the_facts_of_its_state",
                condition=Q(state="to_sign", signed_on=None, sent_on=None, voided_reason="")
                | Q(state="signed", signed_on__isnull=False, sent_on=None, voided_reason="")
                | Q(state="sent", signed_on__isnull=False, sent_on__isnull=False, voided_reason="") & ~Q(means="")
                | Q(state="voided", sent_on=None) & ~Q(voided_reason=""),
            ),
            models.CheckConstraint(
                name="signed_letter_has_its_proof",
                condition=Q(signed_on=None, scan=None, signed_by=None, signatory_name="")
                | Q(signed_on__isnull=False, scan__isnull=False, signed_by__isnull=False) & ~Q(signatory_name=""),
            ),
            models.CheckConstraint(
                name="letter_is_sent_once_it_is_signed", condition=Q(sent_on=None) | Q(sent_on__gte=F("signed_on"))
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="letter_is_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="written_letter_never_changes",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(
                    "convention",
                    "number",
                    "kind",
                    "template",
                    "edited",
                    "dated_on",
                    "content",
                    "content_sha256",
                    "batch",
                    "created_by",
                    "created_at",
                ),
            ),
            pgtrigger.Protect(
                name="printed_letter_keeps_its_document",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__document__isnull=False) & _changed("document"),
            ),
            pgtrigger.Protect(
                name="signed_letter_keeps_its_signature",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__signed_on__isnull=False)
                & _changed("signed_on", "signatory_name", "capacity", "scan", "signed_by"),
            ),
            pgtrigger.Protect(
                name="sent_or_voided_letter_never_changes",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state__in=["sent", "voided"])
                & _changed("state", "sent_on", "means", "sent_number", "proof", "sent_by", "voided_reason"),
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """« 2025-BRE-001-L3 »: the number that the letter bears, under « Nos références »."""
        return f"{self.convention.number}-L{self.number}"

    @property
    def subject(self) -> str:
        return str(self.content["subject"])
