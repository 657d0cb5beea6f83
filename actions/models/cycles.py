"""A cycle, as data: years, axes, objectives, functions, nomenclature, examples, indicators of the catalogue."""

from django.db import models

from actions.enums import AccountKind, AccountSide, Aggregation, Direction, IndicatorType, SigningOrder, Unit
from arml.enums import OrganisationKind

ABOLISHED = "supprime"  # by the règlement ANC 2022-06; the official forms still have the line


class Cycle(models.Model):
    key = models.SlugField("clé", max_length=60, unique=True)
    label = models.CharField("libellé", max_length=120)
    first_year = models.PositiveIntegerField("première année")
    last_year = models.PositiveIntegerField("dernière année")
    beneficiary_kind = models.CharField("bénéficiaire", max_length=20, choices=OrganisationKind)
    axis_label = models.CharField("nom des axes", max_length=40, default="Axe")
    number_prefix = models.CharField("préfixe des numéros", max_length=10, default="CPO")
    version = models.CharField("version du référentiel", max_length=20)
    instruction_reference = models.CharField("instruction", max_length=80, blank=True)
    instruction_nor = models.CharField("NOR", max_length=20, blank=True)
    instruction_dated = models.DateField("date de l’instruction", null=True, blank=True)
    browser_signature = models.BooleanField("signature dans le navigateur admise", default=True)
    scan_signature = models.BooleanField("original signé sur papier et numérisé admis", default=True)
    pades_signature = models.BooleanField("PDF signé avec un certificat admis", default=True)
    signing_order = models.CharField(
        "ordre des signatures", max_length=12, choices=SigningOrder, default=SigningOrder.FREE
    )
    # What a report must explain (compte rendu financier, CERFA 15059*02, annex).
    gap_threshold = models.PositiveSmallIntegerField("écart d’un compte à expliquer au-delà de, en %", default=10)
    target_threshold = models.PositiveSmallIntegerField("cible à commenter en dessous de, en % atteints", default=85)
    notes = models.JSONField("textes de cadrage et résultats attendus", default=dict, blank=True)
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "cycle"
        ordering = ["-first_year"]
        constraints = [
            models.CheckConstraint(
                name="cycle_ends_after_it_starts", condition=models.Q(last_year__gte=models.F("first_year"))
            ),
            models.CheckConstraint(
                name="cycle_thresholds_are_percentages",
                condition=models.Q(gap_threshold__lte=100, target_threshold__lte=100),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def years(self) -> list[int]:
        return list(range(self.first_year, self.last_year + 1))

    @property
    def years_label(self) -> str:
        return f"{self.first_year}-{self.last_year}"


class CycleText(models.Model):
    """The value of a variable of the model in a cycle (thresholds, budget lines…); editable."""

    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="texts")
    name = models.SlugField("variable", max_length=60)
    label = models.CharField("sens", max_length=200)
    value = models.TextField("valeur", blank=True)

    class Meta:
        verbose_name = "valeur du cycle"
        ordering = ["name"]
        constraints = [models.UniqueConstraint(name="one_value_per_variable", fields=["cycle", "name"])]

    def __str__(self) -> str:
        return self.name


class Axis(models.Model):
    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="axes")
    number = models.PositiveSmallIntegerField("numéro")
    label = models.CharField("libellé", max_length=300)
    short_label = models.CharField("libellé court", max_length=80)
    description = models.TextField("description", blank=True)
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "axe"
        verbose_name_plural = "axes"
        ordering = ["cycle", "number"]
        constraints = [models.UniqueConstraint(name="axis_number_is_unique", fields=["cycle", "number"])]

    def __str__(self) -> str:
        return f"{self.number}. {self.short_label}"


class Objective(models.Model):
    axis = models.ForeignKey(Axis, on_delete=models.CASCADE, related_name="objectives", verbose_name="axe")
    number = models.CharField("numéro", max_length=6)
    label = models.CharField("libellé", max_length=200)
    description = models.TextField("description", blank=True)
    origin = models.CharField("origine", max_length=20, blank=True)

    class Meta:
        verbose_name = "objectif"
        ordering = ["axis", "number"]
        constraints = [models.UniqueConstraint(name="objective_number_is_unique", fields=["axis", "number"])]

    def __str__(self) -> str:
        return f"{self.number} {self.label}"


class Function(models.Model):
    """One of the five functions of the « cadre de référence » of the ARML, a secondary classification of fiches."""

    code = models.CharField("code", max_length=4, unique=True)
    label = models.CharField("libellé", max_length=120)
    description = models.TextField("description", blank=True)

    class Meta:
        verbose_name = "fonction"
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.label}"


class AccountQuerySet(models.QuerySet["Account"]):
    def offered(self) -> "AccountQuerySet":
        """Keep the accounts open to new lines of a budget. Existing lines on other accounts remain."""
        return self.filter(enterable=True, withdrawn=False).exclude(restricted=ABOLISHED)


class Account(models.Model):
    """A line of the nomenclature, as in CERFA 12156*06 and 15059*02."""

    code = models.CharField("compte", max_length=20, unique=True)
    label = models.CharField("libellé", max_length=150)
    side = models.CharField("sens", max_length=10, choices=AccountSide)
    kind = models.CharField("équilibre", max_length=10, choices=AccountKind)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    enterable = models.BooleanField("saisissable", default=True)
    funder = models.CharField("financeur", max_length=40, blank=True)
    restricted = models.CharField("règlement ANC 2022-06", max_length=20, blank=True)
    note = models.CharField("note", max_length=250, blank=True)
    rank = models.PositiveIntegerField(default=0)
    withdrawn = models.BooleanField("retiré", default=False)
    revision = models.PositiveIntegerField(default=0)

    objects = AccountQuerySet.as_manager()

    class Meta:
        verbose_name = "compte"
        ordering = ["rank"]
        constraints = [
            models.CheckConstraint(
                name="accounts_86_and_87_are_in_kind",
                condition=models.Q(kind=AccountKind.IN_KIND, code__regex=r"^8[67]")
                | (models.Q(kind=AccountKind.CASH) & ~models.Q(code__regex=r"^8[67]")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.label}"

    @property
    def offered(self) -> bool:
        """The same rule as `AccountQuerySet.offered`."""
        return self.enterable and not self.withdrawn and self.restricted != ABOLISHED


class IndicatorDefinition(models.Model):
    """A version of an indicator of the catalogue. The DGEFP decides that it is national; no signed act changes."""

    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="indicators")
    code = models.CharField("code", max_length=20)
    version = models.PositiveIntegerField("version", default=1)
    label = models.CharField("libellé", max_length=200)
    definition = models.TextField("définition", blank=True)
    method = models.TextField("mode de calcul", blank=True)
    unit = models.CharField("unité", max_length=10, choices=Unit)
    type = models.CharField("type", max_length=20, choices=IndicatorType)
    direction = models.CharField("sens d’une amélioration", max_length=10, choices=Direction)
    source = models.CharField("source", max_length=150, blank=True)
    aggregation = models.CharField("agrégation entre conventions", max_length=20, choices=Aggregation)
    year_aggregation = models.CharField("agrégation entre années", max_length=20, choices=Aggregation)
    numerator = models.CharField("numérateur", max_length=120, blank=True)
    denominator = models.CharField("dénominateur", max_length=120, blank=True)
    proposed_national = models.BooleanField("proposé comme commun", default=False)
    national = models.BooleanField("national", default=False)
    usual_target = models.CharField("cible usuelle", max_length=60, blank=True)

    class Meta:
        verbose_name = "indicateur du catalogue"
        ordering = ["code", "-version"]
        constraints = [models.UniqueConstraint(name="indicator_version_is_unique", fields=["cycle", "code", "version"])]

    def __str__(self) -> str:
        return f"{self.code} {self.label}"


class ExampleSheet(models.Model):
    """An example action that a director may copy and adapt."""

    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="examples")
    code = models.CharField("code", max_length=10)
    axis = models.ForeignKey(Axis, on_delete=models.PROTECT, related_name="examples")
    objective = models.ForeignKey(Objective, on_delete=models.PROTECT, related_name="examples", verbose_name="objectif")
    functions = models.ManyToManyField(Function, related_name="examples")
    title = models.CharField("intitulé", max_length=200)
    content = models.JSONField(
        "contenu",
        default=dict,  # context, objectives, description, steps, audience, partners, deliverables, milestones, staff…
    )
    indicators = models.ManyToManyField(IndicatorDefinition, related_name="examples")
    withdrawn = models.BooleanField("retiré", default=False)
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "exemple d’action"
        ordering = ["code"]
        constraints = [models.UniqueConstraint(name="example_code_is_unique", fields=["cycle", "code"])]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"
