"""The programme of actions of an act: fiches, indicators with targets, charges and resources by year.

The Programme row is the editing lock of the whole act: every content write locks it first (cpo.lib.editing.lock).
Triggers refuse any change of a frozen programme, which is the content of a signed act.
"""

import uuid

import pgtrigger
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from actions.enums import AccountKind, Direction, IndicatorType, SheetNature, Unit
from arml.models import Dossier, User, within_scope
from cpo.lib.correction import Typed
from cpo.lib.enums import Side

from .cycles import Account, Axis, Cycle, Function, IndicatorDefinition, Objective


def frozen_trigger(name: str, programme_id: str) -> pgtrigger.Trigger:
    """Refuse any write below a frozen programme; `programme_id` is the SQL that finds its id from `target`."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        declare=[("target", "RECORD")],
        func=f"""
            IF TG_OP = 'DELETE' THEN target := OLD; ELSE target := NEW; END IF;
            IF EXISTS (SELECT 1 FROM actions_programme p WHERE p.frozen AND p.id = ({programme_id})) THEN
                RAISE EXCEPTION 'frozen programme: a signed content never changes' USING ERRCODE = 'check_violation';
            END IF;
            RETURN target;
        """,  # noqa: S608  only names written in this module
    )


class ProgrammeQuerySet(models.QuerySet["Programme"]):
    def visible_to(self, user: User) -> "ProgrammeQuerySet":
        """An observer sees signed programmes only; the same rule as `permissions.readable`."""
        return within_scope(self, user, observed=Q(frozen=True))


class Programme(models.Model):
    """`amounts_of`: in an act that only changes the amounts of one year, this year; None for a complete text."""

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="programmes")
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="programmes")
    side = models.CharField("peut modifier", max_length=20, choices=Side, blank=True)
    frozen = models.BooleanField("figé", default=False)
    revision = models.PositiveIntegerField(default=0)
    amounts_of = models.PositiveIntegerField("seuls changent les montants de", null=True, blank=True)
    retained = models.JSONField("valeurs de référence retenues", default=dict, blank=True)  # see actions/retained.py
    outdated = models.BooleanField("valeurs de référence à revoir", default=False)  # one of them may have changed
    # Written with the term of the act (conventions.services.later); None: the last year of the cycle.
    term_year = models.PositiveIntegerField("année du terme", null=True, blank=True)
    # The farthest term that this working copy had; None: the last year of the cycle.
    farthest_year = models.PositiveIntegerField("dernière année montrée", null=True, blank=True)

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        verbose_name = "programme"
        triggers = [
            pgtrigger.Trigger(
                name="frozen_programme_stays_frozen",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=Typed(pgtrigger.Q(old__frozen=True)),
                func="RAISE EXCEPTION 'a frozen programme never changes' USING ERRCODE = 'check_violation';",
            )
        ]
        constraints = [
            models.CheckConstraint(name="frozen_programme_has_no_editor", condition=Q(frozen=False) | Q(side=""))
        ]

    def __str__(self) -> str:
        return f"Programme {self.pk}"

    @property
    def years(self) -> list[int]:
        """The years that forms and tables show: those until the term.

        While it is written, a shorter term hides none: what stands beyond must be seen to be removed. Nothing stands
        beyond the term of a signed text, nor in the copy that starts from it.
        """
        if self.frozen:
            return self.years_to_fill
        farthest = self.farthest_year or self.cycle.last_year
        return list(range(self.cycle.first_year, max(self.years_to_fill[-1], farthest) + 1))

    @property
    def years_to_fill(self) -> list[int]:
        """The years until the term: each has its contribution, its targets, its budgets."""
        return list(range(self.cycle.first_year, (self.term_year or self.cycle.last_year) + 1))


class SheetQuerySet(models.QuerySet["Sheet"]):
    def visible_to(self, user: User) -> "SheetQuerySet":
        return within_scope(self, user, "programme__dossier", observed=Q(programme__frozen=True))


class Sheet(models.Model):
    """A fiche action of exactly one axis (CERFA 12156*06, project section). Copies in later acts keep its `key`."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="sheets")
    key = models.UUIDField(default=uuid.uuid4, editable=False)
    code = models.CharField("code", max_length=12)
    rank = models.PositiveIntegerField(default=0)
    axis = models.ForeignKey(Axis, on_delete=models.PROTECT, related_name="sheets", verbose_name="axe")
    objective = models.ForeignKey(
        Objective, on_delete=models.PROTECT, related_name="sheets", verbose_name="objectif", null=True, blank=True
    )
    functions = models.ManyToManyField(Function, blank=True, related_name="sheets", verbose_name="fonctions")
    title = models.CharField("intitulé", max_length=200)
    nature = models.CharField("nature", max_length=12, choices=SheetNature, default=SheetNature.CONTINUED)
    first_year = models.PositiveIntegerField("première année")
    last_year = models.PositiveIntegerField("dernière année")
    context = models.TextField("contexte et diagnostic", blank=True)
    objectives = models.TextField("objectifs opérationnels", blank=True, help_text="un par ligne")
    description = models.TextField("description", blank=True)
    steps = models.TextField("étapes", blank=True, help_text="une par ligne")
    audience = models.TextField("public", blank=True)
    territory = models.CharField("territoire", max_length=250, blank=True)
    partners = models.TextField("partenaires", blank=True)
    human_means = models.TextField("moyens humains", blank=True)
    fte = models.DecimalField(
        "ETP par an", max_digits=6, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    material_means = models.TextField("moyens matériels", blank=True)
    starts_on = models.DateField("début", null=True, blank=True)
    ends_on = models.DateField("fin", null=True, blank=True)
    milestones = models.TextField("jalons par trimestre", blank=True)
    deliverables = models.TextField("livrables", blank=True)
    evaluation_method = models.TextField("méthode d’évaluation", blank=True)
    pilot_name = models.CharField("pilote", max_length=120, blank=True)
    pilot_role = models.CharField("fonction du pilote", max_length=120, blank=True)
    priorities = models.TextField("priorités transversales", blank=True)
    label_criterion = models.CharField("lien avec la labellisation", max_length=250, blank=True)

    objects = SheetQuerySet.as_manager()

    class Meta:
        verbose_name = "fiche action"
        verbose_name_plural = "fiches actions"
        ordering = ["axis__number", "rank", "id"]
        triggers = [frozen_trigger("frozen_sheet", "target.programme_id")]
        constraints = [
            models.UniqueConstraint(name="sheet_key_is_unique", fields=["programme", "key"]),
            models.UniqueConstraint(
                name="sheet_code_is_unique",
                fields=["programme", "code"],
                violation_error_message="Ce code est déjà celui d’une autre fiche du programme.",
            ),
            models.CheckConstraint(
                name="sheet_years_in_order",
                condition=Q(last_year__gte=models.F("first_year")),
                violation_error_message="La dernière année doit suivre la première.",
            ),
            models.CheckConstraint(
                name="sheet_dates_in_order",
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(ends_on__gte=models.F("starts_on")),
                violation_error_message="La date de fin doit suivre la date de début.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def years(self) -> list[int]:
        return list(range(self.first_year, self.last_year + 1))


class SheetIndicator(models.Model):
    """An indicator of a fiche, from the catalogue or specific to the convention, with its own copy of the wording."""

    sheet = models.ForeignKey(Sheet, on_delete=models.CASCADE, related_name="indicators")
    definition_from = models.ForeignKey(
        IndicatorDefinition,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="uses",
        verbose_name="catalogue",
    )
    key = models.UUIDField(default=uuid.uuid4, editable=False)
    rank = models.PositiveIntegerField(default=0)
    label = models.CharField("libellé", max_length=200)
    definition = models.TextField("définition", blank=True)
    unit = models.CharField("unité", max_length=10, choices=Unit)
    type = models.CharField("type", max_length=20, choices=IndicatorType, default=IndicatorType.OUTPUT)
    direction = models.CharField("sens d’une amélioration", max_length=10, choices=Direction, default=Direction.UP)
    source = models.CharField("source", max_length=150, blank=True)
    baseline = models.CharField("valeur de départ", max_length=60, blank=True)

    class Meta:
        verbose_name = "indicateur"
        ordering = ["rank", "id"]
        triggers = [
            frozen_trigger(
                "frozen_indicator", "SELECT s.programme_id FROM actions_sheet s WHERE s.id = target.sheet_id"
            )
        ]
        constraints = [models.UniqueConstraint(name="indicator_key_is_unique", fields=["sheet", "key"])]

    def __str__(self) -> str:
        return self.label

    @property
    def is_national(self) -> bool:
        return bool(self.definition_from and self.definition_from.national)

    @property
    def unit_sign(self) -> str:
        """« % » or « € », which follow a number; "" for the other units."""
        return self.unit if self.unit in (Unit.PERCENT, Unit.EURO) else ""


class Target(models.Model):
    """The target of an indicator for a year: a number, a text or « not applicable ». No row: not filled in."""

    indicator = models.ForeignKey(SheetIndicator, on_delete=models.CASCADE, related_name="targets")
    year = models.PositiveIntegerField("année")
    number = models.DecimalField("nombre", max_digits=14, decimal_places=2, null=True, blank=True)
    text = models.CharField("texte", max_length=120, blank=True)
    not_applicable = models.BooleanField("sans objet", default=False)

    class Meta:
        verbose_name = "cible"
        ordering = ["year"]
        triggers = [
            frozen_trigger(
                "frozen_target",
                "SELECT s.programme_id FROM actions_sheetindicator i JOIN actions_sheet s ON s.id = i.sheet_id"
                " WHERE i.id = target.indicator_id",
            )
        ]
        constraints = [
            models.UniqueConstraint(name="one_target_per_year", fields=["indicator", "year"]),
            models.CheckConstraint(
                name="target_is_exactly_one_thing",
                condition=Q(number__isnull=False, text="", not_applicable=False)
                | (Q(number=None, not_applicable=False) & ~Q(text=""))
                | Q(number=None, text="", not_applicable=True),
                violation_error_message="Une cible est un nombre, ou un texte, ou « sans objet ».",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year} : {self.text if self.number is None else self.number}"


class ExpenseQuerySet(models.QuerySet["Expense"]):
    def cash(self) -> "ExpenseQuerySet":
        """Exclude contributions in kind, which are no cost."""
        return self.filter(account__kind=AccountKind.CASH)

    def eligible(self) -> "ExpenseQuerySet":
        """Keep the eligible cost: cash charges of the fiches. `conventions.money.eligible` does it for a content."""
        return self.cash().filter(sheet__isnull=False)


class ResourceQuerySet(models.QuerySet["Resource"]):
    def cash(self) -> "ResourceQuerySet":
        """Exclude contributions in kind, which nobody pays."""
        return self.filter(account__kind=AccountKind.CASH)


class Expense(models.Model):
    """Planned charges by account and year, of a fiche or (without fiche) of the structure."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="expenses")
    sheet = models.ForeignKey(Sheet, null=True, blank=True, on_delete=models.CASCADE, related_name="expenses")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", verbose_name="compte")
    year = models.PositiveIntegerField("année")
    amount = models.DecimalField("montant", max_digits=14, decimal_places=2)

    objects = ExpenseQuerySet.as_manager()

    class Meta:
        verbose_name = "charge"
        ordering = ["account__rank", "year"]
        triggers = [frozen_trigger("frozen_expense", "target.programme_id")]
        constraints = [
            models.UniqueConstraint(
                name="one_expense_per_account_and_year",
                fields=["programme", "sheet", "account", "year"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(name="expense_is_positive", condition=Q(amount__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.year} {self.amount}"


class Resource(models.Model):
    """Resources by funder, account and year. They are also the produits of the budget: nothing is typed twice."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="resources")
    sheet = models.ForeignKey(Sheet, null=True, blank=True, on_delete=models.CASCADE, related_name="resources")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", verbose_name="compte")
    funder = models.CharField("financeur", max_length=120)
    year = models.PositiveIntegerField("année")
    amount = models.DecimalField("montant", max_digits=14, decimal_places=2)

    objects = ResourceQuerySet.as_manager()

    class Meta:
        verbose_name = "produit"
        ordering = ["account__rank", "funder", "year"]
        triggers = [frozen_trigger("frozen_resource", "target.programme_id")]
        constraints = [
            models.UniqueConstraint(
                name="one_resource_per_funder_account_and_year",
                fields=["programme", "sheet", "funder", "account", "year"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(name="resource_is_positive", condition=Q(amount__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.funder} {self.year} {self.amount}"
