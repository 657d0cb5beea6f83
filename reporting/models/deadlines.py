"""Deadline rules (reference data), the deadlines computed from them, the reminders written.

A reminder is a row, unique per deadline, due date, rung and recipient: running twice sends once.
"""

import datetime as dt

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Cast

from actions.models import Cycle
from arml.models import User, overdue, place_of, within_scope, zone_of
from conventions.models import Convention
from cpo.lib import clock
from cpo.lib.dates import next_working_day
from cpo.lib.models import OutboxMessage
from reporting.enums import ReminderState, RuleNature, RuleScope


class DeadlineRule(models.Model):
    """Base date, shift, ladder (days of the reminders before and after), escalation. The DGEFP edits them."""

    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="deadline_rules")
    key = models.SlugField("clé", max_length=60)
    label = models.CharField("libellé", max_length=200)
    nature = models.CharField("nature", max_length=20, choices=RuleNature)
    scope = models.CharField("portée", max_length=20, choices=RuleScope)
    years = ArrayField(models.PositiveIntegerField(), default=list, blank=True, verbose_name="années")
    base_event = models.CharField(
        "fait de base", max_length=60, blank=True, help_text="nom d’un fait daté ; vide : une date"
    )
    base_month = models.PositiveSmallIntegerField("mois", null=True, blank=True)
    base_day = models.PositiveSmallIntegerField("jour", null=True, blank=True)
    base_year = models.CharField("année", max_length=6, blank=True, help_text="N, N+1, ou une année")
    shift_days = models.IntegerField("décalage en jours", default=0)
    shift_months = models.IntegerField("décalage en mois", default=0)
    months_after_notification = models.PositiveSmallIntegerField(
        "au plus tôt, en mois après la notification", default=2, help_text="0\u00a0: la date de la règle, sans plus"
    )
    responsible = models.CharField("responsable", max_length=40, blank=True)
    informed = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name="informés")
    ladder = ArrayField(models.IntegerField(), default=list, blank=True, verbose_name="échelle, en jours")
    escalation = models.JSONField("escalade", default=list, blank=True, help_text="[[jour, [destinataires]], …]")
    met_by = models.CharField("éteinte par", max_length=60, blank=True)
    condition = models.CharField("condition", max_length=120, blank=True)
    effect = models.CharField("effet d’un retard", max_length=250, blank=True)
    article = models.CharField("article", max_length=40, blank=True)
    source = models.CharField("source", max_length=200, blank=True)
    note = models.CharField("note", max_length=300, blank=True)
    active = models.BooleanField("active", default=True)
    optional = models.BooleanField(
        "facultative", default=False, help_text="Passée sans réponse, l’échéance est close\u00a0: jamais en retard."
    )
    rank = models.PositiveIntegerField(default=0)
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "règle d’échéance"
        ordering = ["rank"]
        constraints = [
            models.UniqueConstraint(name="rule_key_is_unique", fields=["cycle", "key"]),
            models.CheckConstraint(
                name="rule_has_one_base",
                condition=(~Q(base_event="") & Q(base_month=None)) | (Q(base_event="") & Q(base_month__isnull=False)),
                violation_error_message="Une règle part d’une date ou d’un fait, pas des deux.",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    def roles_at(self, rung: int, responsible: str = "") -> list[str]:
        """The roles told at a rung: who must act, who is informed from the first one, whom the escalation adds.

        `responsible`: the role that a party named by the rule (« la partie sollicitée ») means for a convention.
        """
        added = [role for day, roles in self.escalation if rung >= day for role in roles]
        return list(dict.fromkeys([responsible or self.responsible, *self.informed, *added]))


class LocalDay(models.Func):
    """Local date of an instant in a time zone."""

    output_field = models.DateField()
    template = "(%(expressions)s)::date"
    arg_joiner = " AT TIME ZONE "


class DeadlineQuerySet(models.QuerySet["Deadline"]):
    def visible_to(self, user: User) -> "DeadlineQuerySet":
        """The parties and the DGEFP follow deadlines; observers see none."""
        return within_scope(self.of_rules(), user, "convention__dossier", observed=None)

    def of_rules(self) -> "DeadlineQuerySet":
        """Without what people wait for (`conventions.waits`): lists, figures and the calendar hold none of it."""
        return self.filter(about="")

    def pending(self) -> "DeadlineQuerySet":
        """Deadlines neither met nor cancelled, whose rule is active."""
        return self.filter(met_on=None, cancelled_on=None, rule__active=True)

    def with_local_day(self) -> "DeadlineQuerySet":
        """Add `local_day`: today in the time zone of the lead service. A deadline is late when due before that day.

        Add `place`: the code of the service's territory, whose public holidays `working_day` uses.
        """
        instant = Cast(Value(clock.now()), models.DateTimeField())
        zone = zone_of("convention__dossier")
        return self.annotate(zone=zone, local_day=LocalDay(instant, zone), place=place_of("convention__dossier"))

    def late(self) -> "DeadlineQuerySet":
        """Pending deadlines whose day has passed where their service is: the one rule of lists, figures and tasks."""
        pending = self.of_rules().pending().filter(rule__optional=False)
        return pending.filter(overdue("due_on", "convention__dossier"))


class Deadline(models.Model):
    """What a convention expects by a date; once met or cancelled, it sends no more reminders."""

    convention = models.ForeignKey(Convention, on_delete=models.PROTECT, related_name="deadlines")
    rule = models.ForeignKey(DeadlineRule, on_delete=models.PROTECT, related_name="deadlines")
    year = models.PositiveIntegerField("année", null=True, blank=True)
    # For what people wait for on an act: « 12/signature:5 ». Its rows serve the reminders, which no crash doubles.
    about = models.CharField("attente", max_length=80, blank=True)
    due_on = models.DateField("date légale")
    responsible = models.CharField("rôle, quand la règle nomme une partie", max_length=40, blank=True)
    created_on = models.DateField("connue depuis le")
    met_on = models.DateField("faite le", null=True, blank=True)
    cancelled_on = models.DateField("sans objet depuis le", null=True, blank=True)

    objects = DeadlineQuerySet.as_manager()

    class Meta:
        verbose_name = "échéance"
        ordering = ["due_on", "id"]
        constraints = [
            models.UniqueConstraint(
                name="one_deadline_per_rule_and_year",
                fields=["convention", "rule", "year", "about"],
                nulls_distinct=False,
            )
        ]
        indexes = [models.Index(fields=["due_on"], condition=Q(met_on=None, cancelled_on=None), name="open_deadlines")]

    def __str__(self) -> str:
        return f"{self.rule.label}, {self.due_on}"

    @property
    def role(self) -> str:
        """The role that must act: the deadline's own when the rule names a party (« la partie sollicitée »)."""
        return self.responsible or self.rule.responsible

    @property
    def working_day(self) -> dt.date:
        """The legal day, or the next one on which the lead service works."""
        if not hasattr(self, "place"):
            dossier = self.convention.dossier
            codes = sorted(one.code for one in dossier.territories.all() if one.service_id == dossier.lead_id)
            self.place = next(iter(codes), "")
        return next_working_day(self.due_on, self.place)


class Reminder(models.Model):
    deadline = models.ForeignKey(Deadline, on_delete=models.PROTECT, related_name="reminders")
    due_on = models.DateField("échéance rappelée")
    rung = models.IntegerField("jour de l’échelle")
    recipient = models.ForeignKey(User, on_delete=models.PROTECT, related_name="reminders")
    state = models.CharField("état", max_length=10, choices=ReminderState)
    message = models.OneToOneField(
        OutboxMessage, null=True, blank=True, on_delete=models.PROTECT, related_name="reminder"
    )
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = "rappel"
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                name="a_reminder_is_written_once", fields=["deadline", "due_on", "rung", "recipient"]
            ),
            models.CheckConstraint(
                name="sent_reminder_has_its_message",
                condition=Q(state="sent", message__isnull=False) | Q(state="outdated", message=None),
            ),
        ]

    def __str__(self) -> str:
        return f"J{self.rung:+d} {self.deadline}"
