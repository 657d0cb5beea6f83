"""Controls of a convention, and the corrections that follow them, with their contradictory phase in dates."""

import pgtrigger
from django.db import models
from django.db.models import F, Q

from actions.models import Account, Cycle
from arml.models import Scope, User, within_scope
from conventions.models import Act, Convention
from cpo.lib.models import StoredFile
from reporting.enums import ControlKind, ControlState, CorrectionEffect, CorrectionState, FollowUp

from .instruction import Ground
from .payments import Payment


class ControlQuerySet(models.QuerySet["Control"]):
    def visible_to(self, user: User) -> "ControlQuerySet":
        """The parties and the DGEFP; observers see none."""
        return within_scope(self, user, "convention__dossier", observed=None)


class Control(models.Model):
    """A control on documents or on the spot. The association reads its findings once they are sent to it."""

    convention = models.ForeignKey(Convention, on_delete=models.PROTECT, related_name="controls")
    number = models.PositiveSmallIntegerField("contrôle n°")
    kind = models.CharField("nature", max_length=10, choices=ControlKind)
    state = models.CharField("état", max_length=12, choices=ControlState, default=ControlState.ANNOUNCED)
    announced_on = models.DateField("annoncé le")
    starts_on = models.DateField("du")
    ends_on = models.DateField("au", null=True, blank=True)
    scope = models.TextField("périmètre")
    findings = models.TextField("constats", blank=True)
    findings_on = models.DateField("constats communiqués le", null=True, blank=True)
    observations = models.TextField("observations de l’association", blank=True)
    observed_at = models.DateTimeField("observations reçues le", null=True, blank=True)
    conclusions = models.TextField("conclusions", blank=True)
    closed_on = models.DateField("clos le", null=True, blank=True)
    file = models.ForeignKey(StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField("nom du fichier", max_length=200, blank=True)
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField("enregistré le")

    objects = ControlQuerySet.as_manager()

    class Meta:
        verbose_name = "contrôle"
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(name="control_number_is_unique", fields=["convention", "number"]),
            models.CheckConstraint(
                name="control_has_the_facts_of_its_state",
                condition=Q(state="announced", findings_on=None, closed_on=None)
                | Q(state="found", findings_on__isnull=False, closed_on=None) & ~Q(findings="")
                | Q(state="closed", findings_on__isnull=False, closed_on__isnull=False) & ~Q(conclusions=""),
            ),
            models.CheckConstraint(
                name="control_ends_after_it_starts", condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on"))
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="control_is_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="closed_control_never_changes",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state="closed"),
            ),
        ]

    def __str__(self) -> str:
        return f"Contrôle {self.get_kind_display().lower()} n° {self.number}"


class CorrectionQuerySet(models.QuerySet["Correction"]):
    def visible_to(self, user: User) -> "CorrectionQuerySet":
        """What is suspected of fraud is read by the State only, as is what is not told by letter yet."""
        seen = within_scope(self, user, "convention__dossier", observed=None)
        associations = Scope.of(user).associations
        silent = Q(suspected_fraud=True) | Q(state=CorrectionState.PROPOSED)
        return seen.exclude(silent, convention__dossier__beneficiary__in=associations)


class Correction(models.Model):
    """An amount that is taken back (positive) or given back (negative) after a control, with what becomes of it."""

    convention = models.ForeignKey(Convention, on_delete=models.PROTECT, related_name="corrections")
    number = models.PositiveSmallIntegerField("correction n°")
    control = models.ForeignKey(Control, null=True, blank=True, on_delete=models.PROTECT, related_name="corrections")
    follows = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="followed_by")
    follow_up = models.CharField("suite", max_length=10, choices=FollowUp, blank=True)
    year = models.PositiveIntegerField("année corrigée")
    amount = models.DecimalField("montant", max_digits=14, decimal_places=2)
    account = models.ForeignKey(Account, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    sheet_key = models.UUIDField("fiche", null=True, blank=True)
    sheet_label = models.CharField("intitulé de la fiche", max_length=200, blank=True)
    ground = models.ForeignKey(Ground, on_delete=models.PROTECT, related_name="+")
    explanation = models.TextField("explication")
    suspected_fraud = models.BooleanField("soupçon de fraude", default=False)
    state = models.CharField("état", max_length=12, choices=CorrectionState, default=CorrectionState.PROPOSED)
    notified_on = models.DateField("lettre reçue le", null=True, blank=True)
    due_on = models.DateField("observations attendues le", null=True, blank=True)
    observations = models.TextField("observations de l’association", blank=True)
    observed_at = models.DateTimeField("observations reçues le", null=True, blank=True)
    effect = models.CharField("suite donnée", max_length=15, choices=CorrectionEffect, blank=True)
    decision = models.TextField("motifs de la décision", blank=True)
    decided_on = models.DateField("décidée le", null=True, blank=True)
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    title_number = models.CharField("numéro de titre", max_length=30, blank=True)
    recovered_on = models.DateField("recouvrée le", null=True, blank=True)
    act = models.ForeignKey(Act, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField("enregistrée le")

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = "correction"
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(name="correction_number_is_unique", fields=["convention", "number"]),
            models.CheckConstraint(name="correction_is_some_amount", condition=~Q(amount=0)),
            models.CheckConstraint(
                name="follow_up_says_of_what",
                condition=Q(follows=None, follow_up="") | Q(follows__isnull=False) & ~Q(follow_up=""),
            ),
            models.CheckConstraint(
                name="decided_correction_has_its_effect",
                condition=Q(state__in=["proposed", "notified"], effect="", decided_on=None)
                | Q(state__in=["decided", "done"], decided_on__isnull=False, decided_by__isnull=False)
                & ~Q(effect="")
                & ~Q(decision=""),
            ),
            models.CheckConstraint(
                name="only_what_is_taken_back_is_imputed",
                condition=~Q(effect__in=["imputation", "reversement", "non_recouvree"]) | Q(amount__gt=0),
            ),
            models.CheckConstraint(
                name="recovered_correction_has_its_title",
                condition=Q(recovered_on=None) | Q(effect="reversement") & ~Q(title_number=""),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="correction_is_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="done_correction_never_changes",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state="done"),
            ),
            pgtrigger.ReadOnly(
                name="what_is_corrected_never_changes",
                fields=[
                    "convention",
                    "number",
                    "control",
                    "follows",
                    "year",
                    "amount",
                    "account",
                    "sheet_key",
                    "ground",
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"Correction n° {self.number}"


class RecoveryThreshold(models.Model):
    """The amount under which a correction is not recovered, in a cycle, from a day on. A row never changes.

    `applies_from` None: from the first day of the cycle, as it was loaded.
    """

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="recovery_thresholds")
    amount = models.DecimalField("seuil de recouvrement", max_digits=14, decimal_places=2)
    applies_from = models.DateField("s’applique à partir du", null=True, blank=True)
    source = models.CharField("texte ou décision", max_length=200, blank=True)
    set_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField("enregistré le", null=True, blank=True)

    class Meta:
        verbose_name = "seuil de recouvrement"
        verbose_name_plural = "seuils de recouvrement"
        ordering = ["applies_from", "pk"]
        constraints = [
            models.CheckConstraint(name="threshold_is_not_negative", condition=Q(amount__gte=0)),
            models.UniqueConstraint(
                name="one_threshold_per_day", fields=["cycle", "applies_from"], nulls_distinct=False
            ),
            models.CheckConstraint(
                name="threshold_that_is_set_has_its_day_and_its_author",
                condition=Q(applies_from=None, set_by=None, set_at=None)
                | Q(applies_from__isnull=False, set_by__isnull=False, set_at__isnull=False),
            ),
        ]
        triggers = [pgtrigger.Protect(name="threshold_never_changes", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.cycle}, {self.amount}"


class Imputation(models.Model):
    """What of a correction a payment consumed, or, without amount, why that payment does not bear it."""

    convention = models.ForeignKey(Convention, on_delete=models.PROTECT, related_name="imputations")
    correction = models.ForeignKey(Correction, on_delete=models.PROTECT, related_name="imputations")
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="imputations")
    amount = models.DecimalField("imputé", max_digits=14, decimal_places=2)
    reason = models.CharField("motif du report", max_length=250, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("le")

    class Meta:
        verbose_name = "imputation d’une correction"
        verbose_name_plural = "imputations des corrections"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(name="one_imputation_per_payment", fields=["correction", "payment"]),
            models.CheckConstraint(
                name="imputed_or_postponed", condition=Q(amount__gt=0, reason="") | Q(amount=0) & ~Q(reason="")
            ),
        ]
        triggers = [pgtrigger.Protect(name="imputation_never_changes", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.correction}, {self.amount}"
