"""The yearly report: it covers the act in force on 31 December; for each fiche, progress, values and spending.

Blank is not zero: a value that is not filled in has no row. Triggers refuse any change of an admissible report.
"""

from typing import Any

import pgtrigger
from django.db import models
from django.db.models import Q

from actions.models import Account, Sheet, SheetIndicator
from arml.models import Dossier, User, within_scope
from conventions.models import Act, Convention
from cpo.lib.models import StoredFile
from reporting.enums import MeetingState, Progress, Reopening, ReportState

SETTLED = (ReportState.ADMISSIBLE, ReportState.REVIEWED, ReportState.CONCLUDED)


def settled_trigger(name: str, report_id: str) -> pgtrigger.Trigger:
    """Refuse any write below an admissible report; `report_id` is SQL that gives the report's id from `target`."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        declare=[("target", "RECORD")],
        func=f"""
            IF TG_OP = 'DELETE' THEN target := OLD; ELSE target := NEW; END IF;
            IF EXISTS (SELECT 1 FROM reporting_report r WHERE r.id = ({report_id})
                       AND r.state IN ('admissible', 'reviewed', 'concluded')) THEN
                RAISE EXCEPTION 'an admissible report never changes' USING ERRCODE = 'check_violation';
            END IF;
            RETURN target;
        """,  # noqa: S608  only names written in this module
    )


class ReportQuerySet(models.QuerySet["Report"]):
    def visible_to(self, user: User) -> "ReportQuerySet":
        """Reports of the dossiers that the person sees; an observer sees admissible reports only."""
        return within_scope(self, user, "convention__dossier", observed=Q(state__in=SETTLED))


class Report(models.Model):
    convention = models.ForeignKey(Convention, on_delete=models.PROTECT, related_name="reports")
    year = models.PositiveIntegerField("année")
    act = models.ForeignKey(Act, on_delete=models.PROTECT, related_name="reports")
    state = models.CharField("état", max_length=20, choices=ReportState, default=ReportState.OPEN)
    state_since = models.DateTimeField("dans cet état depuis")
    revision = models.PositiveIntegerField(default=0)
    due_on = models.DateField("à remettre le", null=True, blank=True)
    highlights = models.TextField("faits marquants de l’année", blank=True)
    governance = models.TextField("gouvernance et représentation", blank=True)
    financial_comment = models.TextField("explication des écarts financiers", blank=True)
    allocation_keys = models.TextField("clés de répartition des charges indirectes", blank=True)
    surplus_use = models.TextField("origine et destination de l’excédent", blank=True)  # article 3.5
    opened_early = models.CharField("motif de l’ouverture par avance", max_length=500, blank=True)
    opened_at = models.DateTimeField("ouvert le")
    submitted_at = models.DateTimeField("envoyé le", null=True, blank=True)
    submitted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    submitted_as = models.CharField("envoyé en qualité de", max_length=120, blank=True)
    admissible_on = models.DateField("recevable le", null=True, blank=True)
    round = models.PositiveSmallIntegerField("envoi n°", default=0)
    form = models.ForeignKey(StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reopening = models.CharField("réouverture", max_length=10, choices=Reopening, blank=True)

    # What the page that shows this object computes once: `reporting/content/cache.py`. Decisions use another object.
    shown: dict[str, Any] | None = None

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = "compte rendu annuel"
        verbose_name_plural = "comptes rendus annuels"
        ordering = ["-year", "convention__number"]
        constraints = [
            models.UniqueConstraint(name="one_report_per_year", fields=["convention", "year"]),
            models.CheckConstraint(
                name="submitted_report_says_by_whom",
                condition=Q(state__in=["open", "in_progress"])
                | Q(submitted_at__isnull=False, submitted_by__isnull=False),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="admissible_report_keeps_its_text",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state__in=list(SETTLED))
                & (
                    pgtrigger.Q(old__highlights__df=pgtrigger.F("new__highlights"))
                    | pgtrigger.Q(old__governance__df=pgtrigger.F("new__governance"))
                    | pgtrigger.Q(old__financial_comment__df=pgtrigger.F("new__financial_comment"))
                    | pgtrigger.Q(old__allocation_keys__df=pgtrigger.F("new__allocation_keys"))
                    | pgtrigger.Q(old__surplus_use__df=pgtrigger.F("new__surplus_use"))
                    | pgtrigger.Q(old__act__df=pgtrigger.F("new__act"))
                ),
            )
        ]

    def __str__(self) -> str:
        return f"{self.convention.number}, compte rendu {self.year}"

    @property
    def dossier(self) -> Dossier:
        return self.convention.dossier

    def last_sending(self) -> Any:
        """The last `ReportVersion`, without its content; None before the first sending."""
        rows = self.versions.filter(number=self.round).defer("content")
        return rows.select_related("financial_document__file", "financial_document__act").first()

    @property
    def figures_closed(self) -> bool:
        """Whether it is open again for its texts and its documents only."""
        return self.reopening == Reopening.LIMITED

    @property
    def is_to_complete(self) -> bool:
        return self.state == ReportState.TO_COMPLETE

    @property
    def is_settled(self) -> bool:
        return self.state in SETTLED

    @property
    def is_reviewed(self) -> bool:
        return self.state == ReportState.REVIEWED

    @property
    def dialogue(self) -> Any:
        """The dialogue de gestion (`Meeting`) about this year, the cancelled ones apart; None before it is planned."""
        rows = (row for row in self.convention.meetings.all() if row.is_dialogue and row.year == self.year)
        return next((row for row in rows if row.state != MeetingState.CANCELLED), None)


class SheetReport(models.Model):
    """What was done in the year for one fiche of the act reported on."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="sheets")
    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="reports")
    # The day when an act took the fiche out of the text: what was done and spent until then is reported.
    dropped_on = models.DateField("retirée au", null=True, blank=True)
    progress = models.CharField("avancement", max_length=20, choices=Progress, blank=True)
    narrative = models.TextField("ce qui a été fait", blank=True)
    audience = models.TextField("publics touchés", blank=True)
    partners = models.TextField("partenaires mobilisés", blank=True)
    difficulties = models.TextField("difficultés", blank=True)
    measures = models.TextField("mesures prises", blank=True)
    next_year = models.TextField("suites pour l’année suivante", blank=True)
    fte_used = models.DecimalField("ETP mobilisés", max_digits=6, decimal_places=2, null=True, blank=True)

    class Meta:
        verbose_name = "compte rendu d’action"
        ordering = ["sheet__axis__number", "sheet__rank", "id"]
        constraints = [models.UniqueConstraint(name="one_sheet_report_per_sheet", fields=["report", "sheet"])]
        triggers = [settled_trigger("settled_sheet_report", "target.report_id")]

    def __str__(self) -> str:
        return f"{self.sheet.code}, {self.report.year}"


OF_SHEET_REPORT = "SELECT s.report_id FROM reporting_sheetreport s WHERE s.id = target.sheet_report_id"


class Value(models.Model):
    """The value of an indicator for the year; a ratio has numerator and denominator. No row means not filled in.

    « Sans objet » is neither blank nor zero: it has no value, and its comment gives the reason.
    """

    sheet_report = models.ForeignKey(SheetReport, on_delete=models.CASCADE, related_name="values")
    indicator = models.ForeignKey(SheetIndicator, on_delete=models.PROTECT, related_name="values")
    number = models.DecimalField("valeur", max_digits=14, decimal_places=2, null=True, blank=True)
    text = models.CharField("valeur en clair", max_length=200, blank=True)
    numerator = models.DecimalField("numérateur", max_digits=14, decimal_places=2, null=True, blank=True)
    denominator = models.DecimalField("dénominateur", max_digits=14, decimal_places=2, null=True, blank=True)
    comment = models.TextField("commentaire d’écart", blank=True)
    not_applicable = models.BooleanField("sans objet", default=False)
    source = models.CharField("source de la valeur", max_length=150, blank=True)
    # A value out of proportion, once a person said that it is exact. Another value is asked about again.
    confirmed = models.DecimalField("valeur confirmée", max_digits=14, decimal_places=2, null=True, blank=True)

    class Meta:
        verbose_name = "valeur d’indicateur"
        ordering = ["indicator__rank", "id"]
        constraints = [
            models.UniqueConstraint(name="one_value_per_indicator", fields=["sheet_report", "indicator"]),
            models.CheckConstraint(
                name="denominator_is_not_zero",
                condition=Q(denominator=None) | Q(denominator__gt=0),
                violation_error_message="Le dénominateur doit être supérieur à zéro.",
            ),
            models.CheckConstraint(
                name="value_without_object_has_a_reason_alone",
                condition=Q(not_applicable=False)
                | (Q(number=None, numerator=None, denominator=None, text="") & ~Q(comment="")),
                violation_error_message="« Sans objet » n’a pas de valeur, et dit pourquoi.",
            ),
        ]
        triggers = [settled_trigger("settled_value", OF_SHEET_REPORT)]

    def __str__(self) -> str:
        return self.text if self.number is None else str(self.number)

    @property
    def is_confirmed(self) -> bool:
        return self.confirmed is not None and self.confirmed == self.number


class ActualExpense(models.Model):
    """Charges spent in the year, by fiche and account (arrêté of 11 October 2006, compte rendu financier)."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="expenses")
    sheet_report = models.ForeignKey(
        SheetReport, null=True, blank=True, on_delete=models.CASCADE, related_name="expenses"
    )
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    amount = models.DecimalField("réalisé", max_digits=14, decimal_places=2)
    comment = models.CharField("commentaire", max_length=250, blank=True)

    class Meta:
        verbose_name = "charge réalisée"
        ordering = ["account__rank"]
        constraints = [
            models.UniqueConstraint(
                name="one_actual_per_account", fields=["report", "sheet_report", "account"], nulls_distinct=False
            ),
            models.CheckConstraint(name="actual_expense_is_not_negative", condition=Q(amount__gte=0)),
        ]
        triggers = [settled_trigger("settled_expense", "target.report_id")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.amount}"


class ActualResource(models.Model):
    """Resources received in the year, by account and funder."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="resources")
    sheet_report = models.ForeignKey(
        SheetReport, null=True, blank=True, on_delete=models.CASCADE, related_name="resources"
    )
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    funder = models.CharField("financeur", max_length=120)
    amount = models.DecimalField("reçu", max_digits=14, decimal_places=2)

    class Meta:
        verbose_name = "produit réalisé"
        ordering = ["account__rank", "funder"]
        constraints = [
            models.UniqueConstraint(
                name="one_actual_resource_per_funder",
                fields=["report", "sheet_report", "account", "funder"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(name="actual_resource_is_not_negative", condition=Q(amount__gte=0)),
        ]
        triggers = [settled_trigger("settled_resource", "target.report_id")]

    def __str__(self) -> str:
        return f"{self.funder} {self.amount}"


class SendBack(models.Model):
    """One request of the officer in a round. Only the part at `path` reopens ("sheet/<key>", "finance", "general")."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="send_backs")
    round = models.PositiveSmallIntegerField("tour")
    path = models.CharField("rubrique", max_length=120)
    label = models.CharField("intitulé de la rubrique", max_length=200)
    reason = models.TextField("ce qui est demandé")
    answer = models.TextField("réponse de l’association", blank=True)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("le")

    class Meta:
        verbose_name = "demande de complément"
        ordering = ["-round", "id"]
        constraints = [
            models.UniqueConstraint(name="one_request_per_part_and_round", fields=["report", "round", "path"])
        ]

    def __str__(self) -> str:
        return f"{self.label} : {self.reason[:60]}"
