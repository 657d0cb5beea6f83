"""What may end a signed convention before its term: formal notices, the answers of the other side, the decisions."""

import datetime as dt

import pgtrigger
from django.db import models
from django.db.models import F, Q

from arml.models import User, within_scope
from conventions.enums import EndGround
from cpo.lib.enums import Side
from cpo.lib.models import StoredFile

from .acts import Convention


class TwoMonthsAfter(models.Func):
    """Same rule as `cpo.lib.dates.add_months`: the same day of the month, or the last day of a shorter month."""

    template = "(%(expressions)s + interval '2 months')::date"
    output_field = models.DateField()


class FormalNoticeQuerySet(models.QuerySet["FormalNotice"]):
    def visible_to(self, user: User) -> "FormalNoticeQuerySet":
        return within_scope(self, user, "convention__dossier", observed=None)

    def open(self) -> "FormalNoticeQuerySet":
        return self.filter(withdrawn_on=None, decided_on=None)


class FormalNotice(models.Model):
    """A side requires the other to meet its obligations (article 14.1): prepared, sent, then withdrawn or decided upon.

    The end of the association (article 14.3) is decided at once, without letter or delay. After the sending, the terms
    of a notice never change; a withdrawal or a decision is final; no notice is deleted.
    """

    convention = models.ForeignKey(Convention, on_delete=models.PROTECT, related_name="notices")
    ground = models.CharField("motif", max_length=12, choices=EndGround, default=EndGround.BREACH)
    side = models.CharField("donnée par", max_length=20, choices=Side)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="auteur")
    breaches = models.TextField("manquements constatés")
    prepared_on = models.DateField("préparée le")
    sent_on = models.DateField("envoyée le", null=True, blank=True)
    letter_number = models.CharField("numéro du recommandé", max_length=40, blank=True)
    letter = models.ForeignKey(
        StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name="lettre"
    )
    proof = models.ForeignKey(
        StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name="preuve de dépôt"
    )
    due_on = models.DateField("dernier jour du délai", null=True, blank=True)
    withdrawn_on = models.DateField("retirée le", null=True, blank=True)
    withdrawn_reason = models.TextField("motif du retrait", blank=True)
    decided_on = models.DateField("décision du", null=True, blank=True)
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decision = models.TextField("motifs de la décision", blank=True)
    notified_on = models.DateField("décision notifiée le", null=True, blank=True)
    decision_number = models.CharField("numéro du recommandé de la décision", max_length=40, blank=True)
    decision_file = models.ForeignKey(StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = FormalNoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "mise en demeure"
        verbose_name_plural = "mises en demeure"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="one_open_notice_per_side",
                fields=["convention", "side"],
                condition=Q(withdrawn_on=None, decided_on=None),
                violation_error_message="Une mise en demeure de cette partie est déjà en cours.",
            ),
            models.UniqueConstraint(
                name="a_convention_ends_once", fields=["convention"], condition=Q(decided_on__isnull=False)
            ),
            models.CheckConstraint(
                name="sent_notice_has_its_letter",
                condition=Q(sent_on=None, letter=None, proof=None, due_on=None, letter_number="")
                | Q(sent_on__isnull=False, letter__isnull=False, due_on__isnull=False) & ~Q(letter_number=""),
            ),
            models.CheckConstraint(
                name="notice_sent_before_it_was_typed_has_its_proof",
                condition=Q(sent_on=None) | Q(sent_on__gte=F("prepared_on")) | Q(proof__isnull=False),
            ),
            models.CheckConstraint(
                name="termination_has_its_signed_decision",
                condition=Q(decided_on=None) | Q(ground="dissolution") | Q(decision_file__isnull=False),
            ),
            models.CheckConstraint(
                name="notice_leaves_two_months", condition=Q(due_on=None) | Q(due_on__gte=TwoMonthsAfter(F("sent_on")))
            ),
            models.CheckConstraint(
                name="decision_comes_after_the_delay",
                condition=Q(decided_on=None)
                | Q(ground="dissolution")
                | Q(due_on__isnull=False, decided_on__gt=F("due_on")),
            ),
            models.CheckConstraint(
                name="decision_is_motivated_and_signed",
                condition=Q(decided_on=None, decision="", decided_by=None, notified_on=None)
                | Q(decided_on__isnull=False, decided_by__isnull=False, notified_on__gte=F("decided_on"))
                & ~Q(decision=""),
            ),
            models.CheckConstraint(
                name="notice_is_withdrawn_with_a_reason_or_decided_upon",
                condition=Q(withdrawn_on=None, withdrawn_reason="")
                | Q(withdrawn_on__isnull=False, decided_on=None) & ~Q(withdrawn_reason=""),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="notice_is_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="sent_notice_never_changes",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__sent_on__isnull=False)
                & (
                    pgtrigger.Q(old__convention_id__df=pgtrigger.F("new__convention_id"))
                    | pgtrigger.Q(old__side__df=pgtrigger.F("new__side"))
                    | pgtrigger.Q(old__breaches__df=pgtrigger.F("new__breaches"))
                    | pgtrigger.Q(old__sent_on__df=pgtrigger.F("new__sent_on"))
                    | pgtrigger.Q(old__due_on__df=pgtrigger.F("new__due_on"))
                    | pgtrigger.Q(old__letter_number__df=pgtrigger.F("new__letter_number"))
                    | pgtrigger.Q(old__letter_id__df=pgtrigger.F("new__letter_id"))
                    | pgtrigger.Q(old__proof_id__df=pgtrigger.F("new__proof_id"))
                ),
            ),
            pgtrigger.Protect(
                name="ended_notice_never_changes",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__withdrawn_on__isnull=False) | pgtrigger.Q(old__decided_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"Mise en demeure, {self.convention.number}"

    @property
    def for_breach(self) -> bool:
        """Whether its ground is a breach (article 14.1); otherwise the dissolution of the association."""
        return self.ground == EndGround.BREACH

    @property
    def open(self) -> bool:
        return self.withdrawn_on is None and self.decided_on is None

    def over(self, today: dt.date) -> bool:
        """Whether the delay is over. The other side may still answer on its last day."""
        return self.due_on is not None and today > self.due_on


class NoticeObservation(models.Model):
    """The answer of the other side to a formal notice: it has its date and never changes."""

    notice = models.ForeignKey(FormalNotice, on_delete=models.PROTECT, related_name="observations")
    side = models.CharField("données par", max_length=20, choices=Side)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="auteur")
    text = models.TextField("observations")
    file = models.ForeignKey(StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField("données le")

    class Meta:
        verbose_name = "observations"
        verbose_name_plural = "observations"
        ordering = ["given_at", "id"]
        triggers = [
            pgtrigger.Protect(name="observations_are_kept_as_given", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"Observations, {self.notice}"
