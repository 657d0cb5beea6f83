"""Documents produced from a version, and their signatures."""

import pgtrigger
from django.db import models
from django.db.models import Q

from arml.models import User, within_scope
from conventions.enums import ConventionState, DocumentPurpose, SignatureMode
from cpo.lib.enums import Audience
from cpo.lib.models import StoredFile
from cpo.lib.retention import Retained

from .acts import Act
from .negotiation import Version
from .parties import Party

PAPERS = (DocumentPurpose.MINUTES, DocumentPurpose.FINANCIAL_REPORT)  # those of the year that parties sign


class DocumentQuerySet(models.QuerySet["Document"]):
    def visible_to(self, user: User) -> "DocumentQuerySet":
        return within_scope(self, user, "act__convention__dossier", observed=Q(act__programme__frozen=True))

    def to_sign(self) -> "DocumentQuerySet":
        """The documents to sign, or signed, that are not voided: an act has one at most."""
        return self.filter(purpose=DocumentPurpose.TO_SIGN, voided_at=None)


class Document(models.Model):
    """An entry of the register: a file produced once from a content, or the scan of a paper original.

    `content_sha256` is the hash of that content; each page prints its beginning. The file has its own hash. `label`
    names the content when it is not a version. An entry never changes; it may be voided, once.
    """

    act = models.ForeignKey(Act, on_delete=models.PROTECT, related_name="documents")
    version = models.ForeignKey(Version, null=True, blank=True, on_delete=models.PROTECT, related_name="documents")
    purpose = models.CharField("usage", max_length=12, choices=DocumentPurpose)
    label = models.CharField("intitulé", max_length=200, blank=True)
    content_sha256 = models.CharField("empreinte du contenu", max_length=64, blank=True, db_index=True)
    audience = models.CharField("lu par", max_length=20, choices=Audience, default=Audience.BOTH)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="documents")
    renderer = models.CharField("version du moteur", max_length=60, blank=True)
    pages = models.PositiveIntegerField("pages", default=0)
    created_at = models.DateTimeField("produit le")
    voided_at = models.DateTimeField("annulé le", null=True, blank=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = "document"
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                name="one_document_per_version_and_purpose", fields=["version", "purpose"], condition=Q(voided_at=None)
            ),
            models.UniqueConstraint(
                name="one_document_per_file",
                fields=["act", "purpose", "file"],
                condition=Q(voided_at=None, version=None),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="document_is_kept", operation=pgtrigger.Delete, condition=Retained()),
            pgtrigger.Protect(
                name="document_never_changes",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(exclude=["voided_at"]),
            ),
            pgtrigger.Protect(
                name="voided_document_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__voided_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.act} ({self.get_purpose_display()})"

    @property
    def name(self) -> str:
        """Its name in the register."""
        if self.label:
            return self.label
        if self.version is None:
            return "Original signé sur papier"
        what = "document" if self.purpose == DocumentPurpose.TO_SIGN else self.get_purpose_display()
        return f"Version {self.version.number}, {what}"

    @property
    def status_words(self) -> str:
        """Its status, in the words of the register."""
        if self.voided_at is None:
            return self._signing_words if self.purpose == DocumentPurpose.TO_SIGN else self._kept_words
        return "Remplacé" if self.purpose in PAPERS else "Annulé"

    @property
    def _kept_words(self) -> str:
        """A paper of the year is signed too; read the signatures of a list at once (`prefetch_related`)."""
        signed = self.purpose in PAPERS and any(row.voided_at is None for row in self.signatures.all())
        return "Signé" if signed else "Conservé"

    @property
    def _signing_words(self) -> str:
        if not self.act.is_signed_act:
            return "Notifié"
        return "Signé" if self.act.state == ConventionState.ACTIVE else "À signer"

    @property
    def signed_file(self) -> StoredFile:
        """The file that the next party signs: the last one deposited with a certificate, else the one produced."""
        last = (
            self.signatures.filter(voided_at=None, signed_file__isnull=False)
            .select_related("signed_file")
            .order_by("recorded_at", "pk")
            .last()
        )
        return last.signed_file if last and last.signed_file else self.file


def deposit_trigger() -> pgtrigger.Trigger:
    """A signature by certificate is that of a deposit that a worker accepted, of the same party and with the same file.

    It is asked when the transaction ends: the deposit names its signature, which must exist first. A signature that was
    recorded before deposits existed has none: it stays, as only new rows are asked.
    """
    return pgtrigger.Trigger(
        name="pades_signature_has_its_deposit",
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        timing=pgtrigger.Deferred,
        condition=pgtrigger.Q(new__mode="pades"),
        func="""
            IF NOT EXISTS (
                SELECT 1 FROM conventions_signeddeposit d
                WHERE d.signature_id = NEW.id AND d.answer = 'accepted' AND d.document_id = NEW.document_id
                  AND d.party_id = NEW.party_id AND d.file_id = NEW.signed_file_id
            ) THEN
                RAISE EXCEPTION 'pades_signature_has_its_deposit' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NULL;
        """,
    )


class SignatureQuerySet(models.QuerySet["Signature"]):
    def of_text(self, act: Act) -> "SignatureQuerySet":
        """Those of the text of an act; the minutes of a meeting, which are signed too, rest on an act."""
        return self.filter(document__act=act, document__purpose=DocumentPurpose.TO_SIGN)


class Signature(models.Model):
    """A party's signature of a stored file: person, capacity, date, mode, proof of how it was given."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="signatures")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="signatures")
    mode = models.CharField("mode", max_length=12, choices=SignatureMode)
    signatory_name = models.CharField("signataire", max_length=120)
    capacity = models.CharField("en qualité de", max_length=200)
    signed_on = models.DateField("signé le")
    recorded_at = models.DateTimeField("enregistré le")
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    file_sha256 = models.CharField("empreinte du fichier signé", max_length=64)
    scan = models.ForeignKey(StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    signed_file = models.ForeignKey(
        StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name="PDF signé"
    )
    override_reason = models.TextField("motif malgré un écart constaté", blank=True)
    proof = models.JSONField("éléments de preuve", default=dict, blank=True)
    voided_at = models.DateTimeField("annulée le", null=True, blank=True)

    objects = SignatureQuerySet.as_manager()

    class Meta:
        verbose_name = "signature"
        ordering = ["recorded_at"]
        constraints = [
            models.UniqueConstraint(
                name="one_signature_per_party", fields=["document", "party"], condition=Q(voided_at=None)
            ),
            models.CheckConstraint(
                name="pades_signature_keeps_its_file", condition=~Q(mode="pades") | Q(signed_file__isnull=False)
            ),
        ]
        triggers = [
            deposit_trigger(),
            pgtrigger.Protect(name="signature_is_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="signature_never_changes",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(exclude=["voided_at"]),
            ),
            pgtrigger.Protect(
                name="voided_signature_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__voided_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.signatory_name}, {self.capacity}"


class ReceivedScan(models.Model):
    """A file of which a scan was put together: what was received stays as it was."""

    signature = models.ForeignKey(Signature, on_delete=models.PROTECT, related_name="received")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    rank = models.PositiveSmallIntegerField("rang")

    class Meta:
        verbose_name = "numérisation reçue"
        verbose_name_plural = "numérisations reçues"
        ordering = ["rank"]
        constraints = [models.UniqueConstraint(name="one_received_scan_per_rank", fields=["signature", "rank"])]
        triggers = [
            pgtrigger.Protect(name="received_scan_never_changes", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.signature}, {self.rank}"


class SigningRefusal(models.Model):
    """A signatory declines to sign a document, with a reason. It stands until the party signs or the document falls."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="refusals")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="refusals")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField("motif")
    at = models.DateTimeField("le")
    lifted_at = models.DateTimeField("levé le", null=True, blank=True)

    class Meta:
        verbose_name = "refus de signer"
        verbose_name_plural = "refus de signer"
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(
                name="one_standing_refusal_per_party", fields=["document", "party"], condition=Q(lifted_at=None)
            ),
            models.CheckConstraint(name="refusal_has_its_reason", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.party}, {self.at}"


class SigningAttempt(models.Model):
    """The steps of a signature in the browser: new sign-in, file opened, code sent by e-mail (its hash is stored)."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="attempts")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="attempts")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    reauthenticated_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    code_hash = models.CharField(max_length=128, blank=True)
    code_sent_at = models.DateTimeField(null=True, blank=True)
    wrong_codes = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "parcours de signature"
        ordering = ["-id"]
