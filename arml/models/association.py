"""The life of an association, dated: steps of its label, mandates, general meetings, members and their yearly fees.

A name stands here only for a mandate that the law makes public (loi du 1er juillet 1901, art. 5); members are
legal persons. Everything else that concerns people is counted, never named (`reporting.models.association`).
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import F, Q

from arml.enums import LABELLED, BoardFunction, GeneralMeetingKind, LabelStatus
from cpo.lib.wording import french

from .dossiers import Attachment
from .organisations import SIRET, Organisation
from .people import User

STEPS = [choice for choice in LabelStatus.choices if choice[0] != LabelStatus.NONE]


def in_force(day: dt.date, since: str, until: str) -> Q:
    """The rows whose period, both days included, holds this day; no end: it still runs."""
    return Q(**{f"{since}__lte": day}) & (Q(**{f"{until}__isnull": True}) | Q(**{f"{until}__gte": day}))


class LabelStep(models.Model):
    """A step towards the label, on its day. The last step says where the association stands."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="label_steps")
    step = models.CharField("étape", max_length=20, choices=STEPS)
    day = models.DateField("date")
    expires_on = models.DateField("fin de validité", null=True, blank=True)
    note = models.CharField("précision", max_length=250, blank=True)
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "étape de la labellisation"
        ordering = ["-day", "-id"]
        constraints = [
            models.UniqueConstraint(name="one_label_step_per_day", fields=["organisation", "step", "day"]),
            models.CheckConstraint(
                name="only_a_label_expires_after_it_was_given",
                condition=Q(expires_on=None) | Q(step__in=LABELLED, expires_on__gt=F("day")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_step_display()}, {self.day:%d/%m/%Y}"

    @property
    def is_label(self) -> bool:
        return self.step in LABELLED


class Mandate(models.Model):
    """A function held in the board from one day to another, both included."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="mandates")
    function = models.CharField("fonction", max_length=20, choices=BoardFunction)
    holder = models.CharField("titulaire", max_length=120)
    represents = models.CharField("au titre de", max_length=200, blank=True)
    since = models.DateField("depuis le")
    until = models.DateField("jusqu’au", null=True, blank=True)
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "mandat"
        ordering = ["-since", "function", "holder", "id"]
        constraints = [
            models.UniqueConstraint(
                name="one_mandate_per_start", fields=["organisation", "function", "holder", "since"]
            ),
            models.CheckConstraint(
                name="mandate_ends_after_it_starts", condition=Q(until=None) | Q(until__gte=F("since"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.holder}, {self.get_function_display()}"

    def covers(self, day: dt.date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


class GeneralMeeting(models.Model):
    """A general meeting and what it approved. Its minutes are a typed document of a dossier (`proces_verbal_ag`)."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="general_meetings")
    kind = models.CharField("nature", max_length=20, choices=GeneralMeetingKind)
    day = models.DateField("date")
    accounts_year = models.PositiveIntegerField("comptes approuvés de l’exercice", null=True, blank=True)
    budget_year = models.PositiveIntegerField("budget approuvé de l’exercice", null=True, blank=True)
    note = models.CharField("autres décisions", max_length=250, blank=True)
    minutes = models.ForeignKey(
        Attachment,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="procès-verbal",
    )
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "assemblée générale"
        ordering = ["-day", "-id"]
        constraints = [
            models.UniqueConstraint(name="one_general_meeting_per_day", fields=["organisation", "kind", "day"])
        ]

    def __str__(self) -> str:
        return f"Assemblée générale {self.get_kind_display()}, {self.day:%d/%m/%Y}"


class MemberQuerySet(models.QuerySet["Member"]):
    def on(self, day: dt.date) -> "MemberQuerySet":
        """The memberships of a day: the one answer to « how many members »."""
        return self.filter(in_force(day, "joined_on", "left_on"))


class Member(models.Model):
    """A Mission locale, member from one day to another, both included.

    Two memberships of one SIRET in one association never overlap: an exclusion constraint of migration 0010 refuses it.
    Another association's list is its own: nobody could correct it from here.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="members")
    name = models.CharField("dénomination", max_length=200)
    siret = models.CharField("SIRET", max_length=14, validators=[SIRET])
    department = models.CharField("département", max_length=80, blank=True)
    city = models.CharField("commune du siège", max_length=80, blank=True)
    joined_on = models.DateField("adhérente depuis le")
    left_on = models.DateField("dernier jour d’adhésion", null=True, blank=True)
    revision = models.PositiveIntegerField(default=0)

    objects = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = "mission locale adhérente"
        verbose_name_plural = "missions locales adhérentes"
        ordering = ["name", "joined_on", "id"]
        constraints = [
            models.CheckConstraint(name="member_has_a_siret", condition=Q(siret__regex=r"^\d{14}$")),
            models.CheckConstraint(
                name="member_leaves_after_it_joined", condition=Q(left_on=None) | Q(left_on__gte=F("joined_on"))
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def covers_year(self, year: int) -> bool:
        """Whether it is a member for at least one day of the year."""
        return self.joined_on.year <= year and (self.left_on is None or self.left_on.year >= year)


class MemberFee(models.Model):
    """What a member was asked and paid for a year. No row: nothing was asked yet; blank is not zero."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="fees", verbose_name="adhérente")
    year = models.PositiveIntegerField("année")
    asked = models.DecimalField("cotisation appelée", max_digits=14, decimal_places=2, null=True, blank=True)
    paid = models.DecimalField("cotisation versée", max_digits=14, decimal_places=2, null=True, blank=True)
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "cotisation"
        ordering = ["-year", "member__name", "id"]
        constraints = [
            models.UniqueConstraint(name="one_fee_per_member_and_year", fields=["member", "year"]),
            models.CheckConstraint(
                name="fees_are_not_negative",
                condition=(Q(asked=None) | Q(asked__gte=0)) & (Q(paid=None) | Q(paid__gte=0)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member}, {self.year}"

    @property
    def organisation(self) -> Organisation:
        return self.member.organisation


class AssociationNote(models.Model):
    """What an officer of the State notes about the life of an association; both sides read it."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="notes")
    text = models.TextField("note", max_length=4000)
    day = models.DateField("date")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    service = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="service")
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "note du service"
        ordering = ["-day", "-id"]

    def __str__(self) -> str:
        return f"{self.service}, {self.day:%d/%m/%Y}"


def label_of(organisation: Organisation, day: dt.date) -> dict[str, Any]:
    """Where the association stands that day: `step` (None before the first), its `label`, whether it `expired`.

    A step after the label (a new file, an audit) leaves the label in force until it expires; a refusal ends it.
    """
    return label_among(organisation.label_steps.all(), day)


def label_among(rows: Iterable[LabelStep], day: dt.date) -> dict[str, Any]:
    """The same, among the steps of one association, the last one first."""
    steps = [step for step in rows if step.day <= day]
    decided = (step for step in steps if step.is_label or step.step == LabelStatus.REFUSED)
    label = next(decided, None)
    label = label if label and label.is_label else None
    expired = label is not None and label.expires_on is not None and label.expires_on < day
    return {"step": steps[0] if steps else None, "label": label, "expired": expired}


def label_words(organisation: Organisation, day: dt.date) -> tuple[str, str]:
    """Where the association stands with its label, and the tone of its badge; ("", "") before its first step."""
    said = label_of(organisation, day)
    step, label = said["step"], said["label"]
    if label is None:
        words = f"{french.upper_first(step.get_step_display())}, {french.date(step.day)}" if step else ""
        return words, "info" if step else ""
    if said["expired"]:
        return f"Label échu le {french.date(label.expires_on)}", "error"
    until = f", jusqu’au {french.date(label.expires_on)}" if label.expires_on else ""
    return f"{french.upper_first(label.get_step_display())} depuis le {french.date(label.day)}{until}", "success"


def presidency_warning(organisation: Organisation, day: dt.date) -> str:
    """What to tell who signs for an association whose recorded mandate of president does not cover the day; "" else.

    A warning, never a block: the register may be late, and who signs is named by the act.
    """
    current, last = presidency_of(organisation, day)
    if current or last is None or last.until is None:
        return ""
    return (
        f"Le dernier mandat de présidence enregistré, celui de {last.holder}, a pris fin le {french.date(last.until)}. "
        "Vérifiez qui peut engager l’association, et complétez sa gouvernance."
    )


def presidency_of(organisation: Organisation, day: dt.date) -> tuple[Mandate | None, Mandate | None]:
    """The mandate of president that covers the day, and the last one that began before; None where none is recorded."""
    rows = [one for one in organisation.mandates.all() if one.function == BoardFunction.PRESIDENT and one.since <= day]
    return next((one for one in rows if one.covers(day)), None), (rows[0] if rows else None)
