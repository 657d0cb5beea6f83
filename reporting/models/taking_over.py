"""What was already done when a convention signed on paper was taken over, and what the association says of it."""

from django.db import models
from django.db.models import Q

from arml.models import User, within_scope
from conventions.models import Convention, Thread
from cpo.lib.models import StoredFile
from reporting.enums import DoneAnswer, RecordAnswer

from .deadlines import DeadlineRule


class DoneBeforeQuerySet(models.QuerySet["DoneBefore"]):
    def visible_to(self, user: User) -> "DoneBeforeQuerySet":
        return within_scope(self, user, "convention__dossier", observed=None)

    def done(self) -> "DoneBeforeQuerySet":
        return self.filter(answer=DoneAnswer.DONE)


class DoneBefore(models.Model):
    """An answer about a deadline that the convention had before it was taken over; without rule, an avenant on paper.

    What is done meets the deadline on its day; what is not owed has none; what is not done is followed as usual.
    """

    convention = models.ForeignKey(Convention, on_delete=models.PROTECT, related_name="done_before")
    rule = models.ForeignKey(DeadlineRule, null=True, blank=True, on_delete=models.PROTECT, related_name="done_before")
    year = models.PositiveIntegerField("année", null=True, blank=True)
    label = models.CharField("libellé", max_length=250)
    answer = models.CharField("réponse", max_length=20, choices=DoneAnswer)
    done_on = models.DateField("fait le", null=True, blank=True)
    amount = models.DecimalField("montant", max_digits=14, decimal_places=2, null=True, blank=True)
    file = models.ForeignKey(StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField("nom du fichier", max_length=200, blank=True)
    rank = models.PositiveSmallIntegerField(default=0)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField("enregistré le")

    objects = DoneBeforeQuerySet.as_manager()

    class Meta:
        verbose_name = "fait antérieur à la reprise"
        ordering = ["rank", "id"]
        constraints = [
            models.UniqueConstraint(
                name="one_answer_per_rule_and_year",
                fields=["convention", "rule", "year"],
                condition=Q(rule__isnull=False),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="what_is_done_has_its_day",
                condition=Q(answer="done", done_on__isnull=False) | (~Q(answer="done") & Q(done_on=None)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label}, {self.get_answer_display()}"


class RecordCheck(models.Model):
    """The association is asked to confirm what was recorded of its paper convention."""

    convention = models.OneToOneField(Convention, on_delete=models.PROTECT, related_name="record_check")
    asked_at = models.DateTimeField("demandée le")
    answer = models.CharField("réponse", max_length=20, choices=RecordAnswer, blank=True)
    answered_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField("répondue le", null=True, blank=True)
    thread = models.ForeignKey(Thread, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "confirmation d’une reprise"
        constraints = [
            models.CheckConstraint(
                name="record_answer_has_its_author",
                condition=Q(answer="", answered_by=None, answered_at=None)
                | (~Q(answer="") & Q(answered_by__isnull=False, answered_at__isnull=False)),
            )
        ]

    def __str__(self) -> str:
        return f"{self.convention}, {self.get_answer_display() or 'à confirmer'}"

    @property
    def confirmed(self) -> bool:
        return self.answer == RecordAnswer.CONFIRMED

    @property
    def discussed(self) -> bool:
        """Whether an error is told, and its exchange goes on: the association has nothing to answer meanwhile."""
        return self.thread is not None and self.thread.resolved_at is None and not self.confirmed
