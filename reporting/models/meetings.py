"""The meetings of a convention: when and where, who is invited and was there, what was decided and what became of it.

A dialogue de gestion is the meeting on which the conclusion of a yearly report rests (article 9.2 of the model).
"""

import datetime as dt

import pgtrigger
from django.db import models
from django.db.models import Q

from arml.models import Dossier, Organisation, User, within_scope
from conventions.models import Convention, Document
from cpo.lib import zones
from cpo.lib.enums import Side
from cpo.lib.models import OutboxMessage, StoredFile
from reporting.enums import Attendance, DecisionState, MeetingKind, MeetingState, Opinion

from .reports import Report


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def visible_to(self, user: User) -> "MeetingQuerySet":
        """Both sides and the DGEFP; an observer reads nothing of a meeting."""
        return within_scope(self, user, "convention__dossier", observed=None)

    def standing(self) -> "MeetingQuerySet":
        return self.exclude(state=MeetingState.CANCELLED)


class Meeting(models.Model):
    """`year`: the year that is talked about. `side`: the party that invites and writes the minutes.

    `sequence`: number of the last change of day, hour or place that the invited people were told (RFC 5545, 3.8.7.4).
    """

    convention = models.ForeignKey(Convention, on_delete=models.PROTECT, related_name="meetings")
    kind = models.CharField("nature", max_length=20, choices=MeetingKind)
    year = models.PositiveIntegerField("année dont on parle")
    side = models.CharField("organisée par", max_length=20, choices=Side)
    state = models.CharField("état", max_length=20, choices=MeetingState, default=MeetingState.PLANNED)
    state_since = models.DateTimeField("dans cet état depuis")
    day = models.DateField("date", null=True, blank=True)
    begins_at = models.TimeField("début", null=True, blank=True)
    ends_at = models.TimeField("fin", null=True, blank=True)
    place = models.CharField("lieu", max_length=250, blank=True)
    agenda = models.TextField("ordre du jour", blank=True)
    organiser = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    sequence = models.PositiveIntegerField("version de l’invitation", default=0)
    attendees = models.TextField("autres participants", blank=True)
    opinion = models.CharField("avis d’ensemble", max_length=20, choices=Opinion, blank=True)
    summary = models.TextField("ce qui a été dit", blank=True)
    conclusion = models.TextField("conclusion", blank=True)
    recommendations = models.TextField("recommandations", blank=True)
    next_amount = models.DecimalField(
        "montant proposé pour l’année suivante", max_digits=14, decimal_places=2, null=True, blank=True
    )
    next_programme = models.TextField("programme de l’année suivante", blank=True)
    minutes = models.ForeignKey(Document, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    signed_on = models.DateField("relevé signé des deux parties le", null=True, blank=True)
    updated_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    revision = models.PositiveIntegerField(default=0)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = "réunion"
        ordering = ["-day", "-id"]
        constraints = [
            models.UniqueConstraint(
                name="one_dialogue_per_year",
                fields=["convention", "year"],
                condition=Q(kind="dialogue") & ~Q(state="cancelled"),
            ),
            models.CheckConstraint(name="held_meeting_has_its_day", condition=~Q(state="held") | Q(day__isnull=False)),
            models.CheckConstraint(
                name="meeting_ends_after_it_begins",
                condition=Q(begins_at=None, ends_at=None) | Q(ends_at__gt=models.F("begins_at")),
                violation_error_message="La réunion finit après avoir commencé.",
            ),
            models.CheckConstraint(
                name="signed_minutes_are_kept", condition=Q(signed_on=None) | Q(minutes__isnull=False, state="held")
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="signed_minutes_never_change",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__signed_on__isnull=False)
                & pgtrigger.Q(new__signed_on__isnull=False)
                & (
                    pgtrigger.Q(old__day__df=pgtrigger.F("new__day"))
                    | pgtrigger.Q(old__attendees__df=pgtrigger.F("new__attendees"))
                    | pgtrigger.Q(old__summary__df=pgtrigger.F("new__summary"))
                    | pgtrigger.Q(old__opinion__df=pgtrigger.F("new__opinion"))
                    | pgtrigger.Q(old__minutes__df=pgtrigger.F("new__minutes"))
                ),
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """« Dialogue de gestion 2025 »."""
        return f"{self.get_kind_display()} {self.year}"

    @property
    def dossier(self) -> Dossier:
        return self.convention.dossier

    @property
    def is_dialogue(self) -> bool:
        return self.kind == MeetingKind.DIALOGUE

    @property
    def is_held(self) -> bool:
        return self.state == MeetingState.HELD

    @property
    def is_planned(self) -> bool:
        return self.state == MeetingState.PLANNED

    @property
    def begins(self) -> dt.datetime | None:
        """The instant of its beginning; None when the day or the hour is not known."""
        return self._instant(self.begins_at)

    @property
    def ends(self) -> dt.datetime | None:
        return self._instant(self.ends_at)

    def _instant(self, hour: dt.time | None) -> dt.datetime | None:
        return zones.instant(self.day, hour, self.dossier) if self.day and hour else None

    @property
    def next_year(self) -> int:
        """The year that a dialogue de gestion prepares (article 9.2): the one after it is held."""
        return (self.day.year if self.day else self.year + 1) + 1

    @property
    def report(self) -> Report | None:
        """The report that a dialogue de gestion is about, if it is open."""
        return self.convention.reports.filter(year=self.year).first() if self.is_dialogue else None


class Invitee(models.Model):
    """A person who is invited: somebody of the dossier, or an address outside the application."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="invitees")
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField("nom", max_length=150)
    email = models.EmailField("adresse")
    organisation = models.CharField("organisme", max_length=200, blank=True)
    attendance = models.CharField("présence", max_length=10, choices=Attendance, blank=True)

    class Meta:
        verbose_name = "personne invitée"
        verbose_name_plural = "personnes invitées"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(name="invited_once", fields=["meeting", "email"])]

    def __str__(self) -> str:
        return f"{self.name} ({self.organisation})" if self.organisation else self.name


class Invitation(models.Model):
    """What one message told of a meeting, as a calendar reads it (RFC 5546): it leaves with the message."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="invitations")
    message = models.OneToOneField(OutboxMessage, on_delete=models.CASCADE, related_name="invitation")
    method = models.CharField("méthode", max_length=10)
    calendar = models.TextField("fichier iCalendar")

    class Meta:
        verbose_name = "invitation"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.method} {self.meeting}"


class MeetingFile(models.Model):
    """A document of a meeting, joined by one of the parties."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="files")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    name = models.CharField("nom", max_length=200)
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField("joint le")

    class Meta:
        verbose_name = "document de réunion"
        verbose_name_plural = "documents de réunion"
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class DecisionQuerySet(models.QuerySet["Decision"]):
    def visible_to(self, user: User) -> "DecisionQuerySet":
        """The decisions of the meetings that were recorded: before, they are the draft of who writes the minutes."""
        held = Q(meeting__state=MeetingState.HELD)
        return within_scope(self.filter(held), user, "meeting__convention__dossier", observed=None)

    def followed(self) -> "DecisionQuerySet":
        """Those that still wait for something."""
        open_states = (DecisionState.TODO, DecisionState.IN_PROGRESS)
        return self.filter(state__in=open_states, meeting__state=MeetingState.HELD)


class Decision(models.Model):
    """What a meeting decided: text, owner and due day (article 9.2); then its follow-up.

    `side`: the party in charge, "" for a decision whose owner stands in its text. `owner`: one of its people.
    """

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="decisions")
    text = models.TextField("décision")
    side = models.CharField("partie responsable", max_length=20, choices=Side, blank=True)
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField("pour le", null=True, blank=True)
    state = models.CharField("suite", max_length=20, choices=DecisionState, default=DecisionState.TODO)
    note = models.TextField("note", blank=True)
    closed_on = models.DateField("close le", null=True, blank=True)
    rank = models.PositiveSmallIntegerField(default=0)
    revision = models.PositiveIntegerField(default=0)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = "décision"
        ordering = ["rank", "id"]
        constraints = [
            models.CheckConstraint(name="decision_has_its_text", condition=~Q(text="")),
            models.CheckConstraint(
                name="closed_decision_has_its_day",
                condition=Q(state__in=["done", "dropped"], closed_on__isnull=False)
                | Q(state__in=["todo", "in_progress"], closed_on=None),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="signed_decision_never_changes",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                declare=[("target", "RECORD")],
                func="""
                    IF TG_OP = 'DELETE' THEN target := OLD; ELSE target := NEW; END IF;
                    IF TG_OP = 'UPDATE' THEN
                        IF (OLD.text, OLD.side, OLD.owner_id, OLD.due_on, OLD.meeting_id, OLD.rank)
                           IS NOT DISTINCT FROM (NEW.text, NEW.side, NEW.owner_id, NEW.due_on, NEW.meeting_id, NEW.rank)
                        THEN RETURN target; END IF;
                    END IF;
                    IF EXISTS (SELECT 1 FROM reporting_meeting m
                               WHERE m.id = target.meeting_id AND m.signed_on IS NOT NULL) THEN
                        RAISE EXCEPTION 'a signed decision never changes' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN target;
                """,
            )
        ]

    def __str__(self) -> str:
        return self.text[:80]

    @property
    def is_open(self) -> bool:
        return self.state in (DecisionState.TODO, DecisionState.IN_PROGRESS)

    @property
    def in_charge(self) -> Organisation | None:
        """The organisation in charge."""
        dossier = self.meeting.dossier
        return {Side.STATE: dossier.lead, Side.BENEFICIARY: dossier.beneficiary}.get(self.side)  # type: ignore[call-overload, no-any-return]

    @property
    def who(self) -> str:
        """« ARML Bretagne · Sacha Modèle »."""
        return " · ".join(str(part) for part in (self.in_charge, self.owner) if part)


class DecisionAnswer(models.Model):
    """What a later report says of a decision that was open when it was written."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="decision_answers")
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="answers")
    text = models.TextField("suite donnée")

    class Meta:
        verbose_name = "suite donnée à une décision"
        verbose_name_plural = "suites données aux décisions"
        ordering = ["decision"]
        constraints = [
            models.UniqueConstraint(name="one_answer_per_decision_and_report", fields=["report", "decision"])
        ]

    def __str__(self) -> str:
        return self.text[:80]
