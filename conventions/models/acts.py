"""Conventions and their acts: act 0 is the convention itself; what is negotiated and signed is an act."""

import pgtrigger
from django.db import models
from django.db.models import Q

from actions.models import Axis, Cycle, Programme
from actions.models.programmes import frozen_trigger
from arml.models import Delegation, Dossier, Organisation, User, within_sight

from ..enums import ActKind, ContributionLine, ConventionState, Origin, PartyRole
from .national_model import ModelArticle, ModelVersion


class ConventionQuerySet(models.QuerySet["Convention"]):
    def visible_to(self, user: User) -> "ConventionQuerySet":
        return within_sight(self, user)


class Convention(models.Model):
    number = models.CharField("numéro", max_length=30, unique=True)
    dossier = models.OneToOneField(Dossier, on_delete=models.PROTECT, related_name="convention")
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="conventions")
    state = models.CharField("état", max_length=20, choices=ConventionState, default=ConventionState.DRAFT)
    state_since = models.DateTimeField("dans cet état depuis")
    origin = models.CharField("origine", max_length=10, choices=Origin, default=Origin.APPLICATION)
    predecessor = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="successors")
    created_at = models.DateTimeField()

    objects = ConventionQuerySet.as_manager()

    class Meta:
        verbose_name = "convention"
        ordering = ["number"]
        indexes = [models.Index(fields=["state"]), models.Index(fields=["cycle", "state"])]

    def __str__(self) -> str:
        return self.number

    @property
    def act(self) -> "Act":
        """Act 0, the convention itself (prefetched or one query)."""
        return next(act for act in self.acts.all() if act.number == 0)


class ActQuerySet(models.QuerySet["Act"]):
    def visible_to(self, user: User) -> "ActQuerySet":
        return within_sight(self, user, "convention__dossier")


class Act(models.Model):
    """What is negotiated: turn, articles, parties, money, versions. Its editing lock is its programme's row."""

    OPEN = (ConventionState.DRAFT, ConventionState.NEGOTIATION, ConventionState.SIGNATURE)

    convention = models.ForeignKey(Convention, on_delete=models.PROTECT, related_name="acts")
    number = models.PositiveIntegerField("rang", default=0)
    kind = models.CharField("nature", max_length=20, choices=ActKind, default=ActKind.CONVENTION)
    state = models.CharField("état", max_length=20, choices=ConventionState, default=ConventionState.DRAFT)
    origin = models.CharField("origine", max_length=10, choices=Origin, default=Origin.APPLICATION)
    programme = models.OneToOneField(Programme, on_delete=models.PROTECT, related_name="act")
    model_version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="acts")
    turn_since = models.DateTimeField("main depuis", null=True, blank=True)
    turn_asked_at = models.DateTimeField("main redemandée le", null=True, blank=True)
    effective_on = models.DateField("prise d’effet")
    ends_on = models.DateField("terme")
    signed_on = models.DateField("signée le", null=True, blank=True)
    notified_on = models.DateField("notifiée le", null=True, blank=True)
    options = models.JSONField("options de rédaction", default=dict)
    values = models.JSONField("valeurs saisies des variables", default=dict)
    visa_asked_at = models.DateTimeField("visa demandé le", null=True, blank=True)
    president_visa_asked_at = models.DateTimeField("visa de la présidence demandé le", null=True, blank=True)

    objects = ActQuerySet.as_manager()

    class Meta:
        verbose_name = "acte"
        ordering = ["convention", "number"]
        constraints = [
            models.UniqueConstraint(name="act_number_is_unique", fields=["convention", "number"]),
            models.UniqueConstraint(
                name="one_open_content_act",
                fields=["convention"],
                condition=Q(state__in=["draft", "negotiation", "signature"]),
                violation_error_message="Un seul acte est négocié à la fois.",
            ),
            models.CheckConstraint(
                name="active_act_is_signed_and_notified",
                condition=~Q(state="active") | Q(signed_on__isnull=False, notified_on__isnull=False),
            ),
            models.CheckConstraint(
                name="act_lasts_at_most_four_years",
                condition=Q(ends_on__gte=models.F("effective_on")),
                violation_error_message="Le terme doit suivre la prise d’effet.",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="signed_act_keeps_its_content",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state="active")
                & (
                    pgtrigger.Q(old__options__df=pgtrigger.F("new__options"))
                    | pgtrigger.Q(old__values__df=pgtrigger.F("new__values"))
                    | pgtrigger.Q(old__effective_on__df=pgtrigger.F("new__effective_on"))
                ),
            )
        ]

    def __str__(self) -> str:
        return self.convention.number if self.number == 0 else f"{self.convention.number}, avenant {self.number}"

    @property
    def dossier(self) -> Dossier:
        return self.convention.dossier

    @property
    def turn(self) -> str:
        """The side that may edit now ("" when nobody may)."""
        return self.programme.side


OF_ACT = "SELECT a.programme_id FROM conventions_act a WHERE a.id = target.act_id"


class Party(models.Model):
    act = models.ForeignKey(Act, on_delete=models.CASCADE, related_name="parties")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="parties")
    role = models.CharField("qualité de partie", max_length=20, choices=PartyRole)
    signs = models.BooleanField("signe", default=True)
    signatory = models.ForeignKey(
        User,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="parties",
        verbose_name="compte du signataire",
    )
    signatory_name = models.CharField("signataire", max_length=120, blank=True)
    capacity = models.CharField("en qualité de", max_length=200, blank=True)
    by_delegation = models.BooleanField("par délégation", default=False)
    delegation = models.ForeignKey(Delegation, null=True, blank=True, on_delete=models.PROTECT, related_name="parties")
    rank = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = "partie"
        verbose_name_plural = "parties"
        ordering = ["rank", "id"]
        triggers = [frozen_trigger("frozen_party", OF_ACT)]
        constraints = [
            models.UniqueConstraint(name="party_is_unique", fields=["act", "organisation"]),
            models.UniqueConstraint(
                name="one_lead_and_one_beneficiary",
                fields=["act", "role"],
                condition=Q(role__in=["lead", "beneficiary"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} ({self.get_role_display()})"


class ArticleText(models.Model):
    """The text of an article in an act; a departure from the model carries its author and its reason."""

    act = models.ForeignKey(Act, on_delete=models.CASCADE, related_name="articles")
    model_article = models.ForeignKey(ModelArticle, on_delete=models.PROTECT, related_name="texts")
    body = models.TextField("texte")
    included = models.BooleanField("retenu", default=True)
    reason = models.TextField("motif de l’écart", blank=True)
    changed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "article"
        ordering = ["model_article__rank"]
        triggers = [frozen_trigger("frozen_article", OF_ACT)]
        constraints = [models.UniqueConstraint(name="article_text_is_unique", fields=["act", "model_article"])]

    def __str__(self) -> str:
        return str(self.model_article)

    @property
    def departs(self) -> bool:
        """Whether it departs from the national model: text changed, or left out or added against the default."""
        model = self.model_article
        return self.included != model.default_included or (self.included and self.body != model.body)


class Contribution(models.Model):
    """The State's money: per year, line and service. Year 1 is firm, later years forecast."""

    act = models.ForeignKey(Act, on_delete=models.CASCADE, related_name="contributions")
    year = models.PositiveIntegerField("année")
    line = models.CharField("ligne", max_length=20, choices=ContributionLine, default=ContributionLine.BASE)
    service = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="contributions")
    amount = models.DecimalField("montant", max_digits=14, decimal_places=2)
    note = models.CharField("actions désignées", max_length=200, blank=True)

    class Meta:
        verbose_name = "contribution de l’État"
        ordering = ["year", "line", "service"]
        triggers = [frozen_trigger("frozen_contribution", OF_ACT)]
        constraints = [
            models.UniqueConstraint(name="one_contribution_per_line", fields=["act", "year", "line", "service"]),
            models.CheckConstraint(name="contribution_is_positive", condition=Q(amount__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.get_line_display()} {self.amount}"


class Instalment(models.Model):
    """One planned payment of a year, with its condition."""

    act = models.ForeignKey(Act, on_delete=models.CASCADE, related_name="instalments")
    year = models.PositiveIntegerField("année")
    rank = models.PositiveSmallIntegerField("rang")
    label = models.CharField("objet", max_length=60)
    condition = models.CharField("condition", max_length=250, blank=True)
    due_on = models.DateField("date prévue", null=True, blank=True)
    amount = models.DecimalField("montant", max_digits=14, decimal_places=2)

    class Meta:
        verbose_name = "versement prévu"
        ordering = ["year", "rank"]
        triggers = [frozen_trigger("frozen_instalment", OF_ACT)]
        constraints = [
            models.UniqueConstraint(name="instalment_rank_is_unique", fields=["act", "year", "rank"]),
            models.CheckConstraint(name="instalment_is_positive", condition=Q(amount__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.label} {self.amount}"


class SignedTotal(models.Model):
    """The State's contributions that are signed, added up by year, in all (no axis) and by axis: of a convention, and
    of all those of the cycle (no convention). Written by `totals.add` alone."""

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="signed_totals")
    convention = models.ForeignKey(
        Convention, null=True, blank=True, on_delete=models.PROTECT, related_name="signed_totals"
    )
    year = models.PositiveIntegerField("année")
    axis = models.ForeignKey(Axis, null=True, blank=True, on_delete=models.PROTECT, related_name="signed_totals")
    amount = models.DecimalField("montant", max_digits=16, decimal_places=2)

    class Meta:
        verbose_name = "total signé"
        constraints = [
            models.UniqueConstraint(
                name="one_signed_total_per_axis_and_year",
                fields=["cycle", "convention", "year", "axis"],
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.axis_id or ''} {self.amount}"
