"""Money executed by the State: commitments (AE) and payments (CP). Nothing is deleted: a wrong row is voided.

The database refuses a sum of payments above the commitments, and of commitments above the contribution of the last
signed text, for each year, line and service (`money_holds`, migration 0012), and a service certified by its proposer.
"""

import pgtrigger
from django.db import models
from django.db.models import F, Q

from arml.models import Organisation, User, within_scope
from conventions.enums import ContributionLine
from conventions.models import Convention
from reporting.enums import PaymentKind, PaymentState

NOT_VOIDED = Q(voided_at=None, voided_by=None, void_reason="")
VOIDED = Q(voided_at__isnull=False, voided_by__isnull=False) & ~Q(void_reason="")


def sums_trigger() -> pgtrigger.Trigger:
    """After each write, compare the sums of the convention."""
    return pgtrigger.Trigger(
        name="money_holds",
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Update,
        func="PERFORM reporting_money_holds(NEW.convention_id); RETURN NULL;",
    )


def one_key_trigger() -> pgtrigger.Trigger:
    """An EJ is of one beneficiary; with its SIRET and its year, of one convention. It may have several lines there.

    The lock makes two transactions that record one EJ wait for each other.
    """
    return pgtrigger.Trigger(
        name="commitment_has_one_key",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,  # the key of a row never changes
        condition=pgtrigger.Condition("NEW.number <> ''"),
        func="""
            PERFORM pg_advisory_xact_lock(hashtext('reporting_commitment ' || NEW.number));
            IF EXISTS (
                SELECT 1 FROM reporting_commitment
                WHERE number = NEW.number AND voided_at IS NULL AND id <> NEW.id
                  AND (siret <> NEW.siret OR (year = NEW.year AND convention_id <> NEW.convention_id))
            ) THEN
                RAISE EXCEPTION 'commitment_has_one_key' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,
    )


def write_once(name: str, *fields: str) -> pgtrigger.Trigger:
    """Refuse to change a step once it is written."""
    condition = pgtrigger.Q()
    for field in fields:
        changed = pgtrigger.Q(**{f"old__{field}__df": pgtrigger.F(f"new__{field}")})
        condition |= pgtrigger.Q(**{f"old__{fields[0]}__isnull": False}) & changed
    return pgtrigger.Protect(name=name, operation=pgtrigger.Update, condition=condition)


class MoneyQuerySet(models.QuerySet["models.Model"]):
    def visible_to(self, user: User) -> "MoneyQuerySet":
        """The parties and the DGEFP; observers see none."""
        return within_scope(self, user, "convention__dossier", observed=None)

    def valid(self) -> "MoneyQuerySet":
        return self.filter(voided_at=None)


class Commitment(models.Model):
    """One line of an engagement juridique (EJ) of a year; a negative amount takes some of it back.

    An EJ may have several lines and carry several payments. `taken_over`: it was made before the convention was
    recorded here, and its number is not known.
    """

    convention = models.ForeignKey(Convention, on_delete=models.PROTECT, related_name="commitments")
    number = models.CharField("numéro d’EJ", max_length=20, blank=True)
    siret = models.CharField("SIRET du bénéficiaire", max_length=14, blank=True)
    year = models.PositiveIntegerField("année")
    line = models.CharField("ligne", max_length=20, choices=ContributionLine, default=ContributionLine.BASE)
    service = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="commitments")
    amount = models.DecimalField("montant (AE)", max_digits=14, decimal_places=2)
    imputation = models.CharField("imputation", max_length=120, blank=True)
    committed_on = models.DateField("engagé le")
    taken_over = models.BooleanField("antérieur à la reprise", default=False)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField("enregistré le")
    voided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    voided_at = models.DateTimeField("annulé le", null=True, blank=True)
    void_reason = models.CharField("motif de l’annulation", max_length=250, blank=True)

    objects = MoneyQuerySet.as_manager()

    class Meta:
        verbose_name = "engagement juridique"
        verbose_name_plural = "engagements juridiques"
        ordering = ["year", "committed_on", "id"]
        constraints = [
            models.CheckConstraint(name="commitment_is_some_amount", condition=~Q(amount=0)),
            models.CheckConstraint(
                name="commitment_has_its_number", condition=Q(taken_over=True) | ~Q(number="") & ~Q(siret="")
            ),
            models.CheckConstraint(name="voided_commitment_has_its_author", condition=NOT_VOIDED | VOIDED),
            models.UniqueConstraint(
                name="commitment_is_recorded_once",
                fields=["convention", "number", "year", "line", "service", "amount", "committed_on"],
                condition=Q(voided_at=None, taken_over=False),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="commitment_is_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="commitment_never_changes", exclude=["voided_by", "voided_at", "void_reason"]),
            write_once("voided_commitment_stays_voided", "voided_at", "voided_by", "void_reason"),
            sums_trigger(),
            one_key_trigger(),
        ]

    def __str__(self) -> str:
        return f"EJ {self.number}" if self.number else "Engagement antérieur à la reprise"

    @property
    def voided(self) -> bool:
        return self.voided_at is not None


class Payment(models.Model):
    """What is paid of an instalment, on a commitment. `year`, `rank`: the instalment, in whichever text.

    Each step has its day and its author. `taken_over`: it was made before the convention was recorded here.
    """

    convention = models.ForeignKey(Convention, on_delete=models.PROTECT, related_name="payments")
    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="payments")
    year = models.PositiveIntegerField("année")
    rank = models.PositiveSmallIntegerField("rang")
    label = models.CharField("objet", max_length=60)
    kind = models.CharField("nature", max_length=12, choices=PaymentKind)
    amount = models.DecimalField("montant (CP)", max_digits=14, decimal_places=2)
    state = models.CharField("état", max_length=12, choices=PaymentState)
    taken_over = models.BooleanField("antérieur à la reprise", default=False)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField("proposé le")
    certified_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    certified_at = models.DateTimeField("service fait certifié le", null=True, blank=True)
    ordered_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    ordered_on = models.DateField("mandaté le", null=True, blank=True)
    number = models.CharField("numéro de demande de paiement (DP)", max_length=20, blank=True)
    paid_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    paid_on = models.DateField("payé le", null=True, blank=True)
    voided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    voided_at = models.DateTimeField("annulé le", null=True, blank=True)
    void_reason = models.CharField("motif de l’annulation", max_length=250, blank=True)

    objects = MoneyQuerySet.as_manager()

    class Meta:
        verbose_name = "versement"
        ordering = ["year", "rank", "id"]
        constraints = [
            models.CheckConstraint(name="payment_is_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="four_eyes",
                condition=Q(certified_by=None) | ~Q(certified_by=F("proposed_by")),
                violation_error_message="Qui a proposé le versement ne certifie pas le service fait.",
            ),
            models.CheckConstraint(
                name="payment_has_the_steps_of_its_state",
                condition=Q(state="proposed", certified_at=None, certified_by=None, ordered_on=None, paid_on=None)
                | Q(
                    state="certified",
                    certified_at__isnull=False,
                    certified_by__isnull=False,
                    ordered_on=None,
                    paid_on=None,
                )
                | Q(state="ordered", certified_by__isnull=False, ordered_on__isnull=False, paid_on=None) & ~Q(number="")
                | Q(state="paid", certified_by__isnull=False, ordered_on__isnull=False, paid_on__isnull=False)
                & ~Q(number="")
                | Q(state="paid", taken_over=True, paid_on__isnull=False)
                | Q(state="voided"),
            ),
            models.CheckConstraint(
                name="voided_payment_has_its_author",
                condition=~Q(state="voided") & NOT_VOIDED | Q(state="voided") & VOIDED,
            ),
            models.UniqueConstraint(
                name="one_payment_per_request",
                fields=["convention", "number"],
                condition=Q(voided_at=None) & ~Q(number=""),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="payment_is_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="proposal_never_changes",
                fields=[
                    *("convention", "commitment", "year", "rank", "label", "kind", "amount", "taken_over"),
                    *("proposed_by", "proposed_at"),
                ],
            ),
            write_once("certified_once", "certified_at", "certified_by"),
            write_once("ordered_once", "ordered_on", "ordered_by", "number"),
            write_once("paid_once", "paid_on", "paid_by"),
            write_once("voided_payment_stays_voided", "voided_at", "voided_by", "void_reason", "state"),
            sums_trigger(),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.year}"

    @property
    def voided(self) -> bool:
        return self.state == PaymentState.VOIDED

    @property
    def planned(self) -> bool:
        return self.state == PaymentState.PLANNED


class BalanceRelease(models.Model):
    """The manager lets the balance of a year be paid before the report of the year before is admissible."""

    convention = models.ForeignKey(Convention, on_delete=models.PROTECT, related_name="balance_releases")
    year = models.PositiveIntegerField("année")
    reason = models.CharField("motif", max_length=500)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("le")

    objects = MoneyQuerySet.as_manager()

    class Meta:
        verbose_name = "solde débloqué"
        ordering = ["year"]
        constraints = [
            models.UniqueConstraint(name="one_release_per_year", fields=["convention", "year"]),
            models.CheckConstraint(name="release_has_its_reason", condition=~Q(reason="")),
        ]
        triggers = [
            pgtrigger.Protect(name="release_never_changes", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.convention}, solde {self.year}"
