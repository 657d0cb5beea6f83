"""Fictitious cycles, examples and programmes. Accounts have the codes of the official chart of accounts.

programme = ProgrammeFactory()                      # its own cycle 2025-2027, three axes; the turn is the association's
sheet = SheetFactory(programme=programme)           # 2025 to 2027, described
fill_sheet(sheet)                                   # complete: one indicator with targets, a balanced budget
expense(sheet, "64", 2025, "1000.50"); resource(sheet, "74-ETAT", 2025, 800, funder="DREETS Exemple")
"""

from decimal import Decimal
from typing import Any

import factory
from factory.django import DjangoModelFactory

from actions.enums import AccountKind, AccountSide, Aggregation, Direction, IndicatorType, Unit, in_kind
from actions.models import (
    Account,
    Axis,
    Cycle,
    ExampleSheet,
    Expense,
    IndicatorDefinition,
    Objective,
    Programme,
    Resource,
    Sheet,
    SheetIndicator,
    Target,
)
from arml.enums import OrganisationKind
from cpo.lib.enums import Side

from .arml import DossierFactory


class CycleFactory(DjangoModelFactory):
    """A cycle 2025-2027 with three axes, each with one objective."""

    class Meta:
        model = Cycle
        skip_postgeneration_save = True

    key = factory.Sequence(lambda n: f"cycle-exemple-{n:05d}")
    label = factory.Sequence(lambda n: f"Cycle exemple {n:05d}")
    first_year = 2025
    last_year = 2027
    beneficiary_kind = OrganisationKind.ARML
    version = "exemple"

    @factory.post_generation
    def axes(self, create: bool, extracted: int | None, **kwargs: Any) -> None:
        for number in range(1, (3 if extracted is None else extracted) + 1):
            axis = AxisFactory(cycle=self, number=number)
            ObjectiveFactory(axis=axis, number=f"{number}.1")


class AxisFactory(DjangoModelFactory):
    class Meta:
        model = Axis

    cycle = factory.SubFactory(CycleFactory, axes=0)
    number = 1
    label = factory.LazyAttribute(lambda o: f"Agir sur le thème {o.number} du cycle")
    short_label = factory.LazyAttribute(lambda o: f"Thème {o.number}")


class ObjectiveFactory(DjangoModelFactory):
    class Meta:
        model = Objective

    axis = factory.SubFactory(AxisFactory)
    number = "1.1"
    label = factory.LazyAttribute(lambda o: f"Objectif {o.number}")


class IndicatorDefinitionFactory(DjangoModelFactory):
    class Meta:
        model = IndicatorDefinition

    cycle = factory.SubFactory(CycleFactory)
    code = factory.Sequence(lambda n: f"EX-{n:05d}")
    label = factory.Sequence(lambda n: f"Indicateur exemple {n:05d}")
    unit = Unit.NUMBER
    type = IndicatorType.OUTPUT
    direction = Direction.UP
    aggregation = Aggregation.SUM
    year_aggregation = Aggregation.SUM
    usual_target = "6"


class ExampleSheetFactory(DjangoModelFactory):
    class Meta:
        model = ExampleSheet
        skip_postgeneration_save = True

    cycle = factory.SubFactory(CycleFactory)
    code = factory.Sequence(lambda n: f"1-X{n:05d}")
    axis = factory.LazyAttribute(lambda o: o.cycle.axes.get(number=1))
    objective = factory.LazyAttribute(lambda o: o.axis.objectives.get())
    title = factory.Sequence(lambda n: f"Action exemple {n:05d}")
    content = factory.LazyFunction(
        lambda: {
            "context": "Le contexte de l’exemple.",
            "objectives": ["Premier objectif", "Second objectif"],
            "description": "La description de l’exemple.",
            "steps": ["Première étape", "Seconde étape"],
            "audience": ["conseillers"],
            "partners": ["France Travail"],
            "deliverables": ["un guide"],
            "milestones": {"T1": "Lancement", "T4": "Bilan"},
            "staff": [{"function": "chargé·e de mission", "fte_min": 0.6, "fte_max": 1.2}],
        }
    )

    @factory.post_generation
    def indicators(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        if create and extracted:
            self.indicators.set(extracted)


class ProgrammeFactory(DjangoModelFactory):
    class Meta:
        model = Programme

    dossier = factory.SubFactory(DossierFactory)
    cycle = factory.SubFactory(CycleFactory)
    side = Side.BENEFICIARY


class SheetFactory(DjangoModelFactory):
    class Meta:
        model = Sheet

    programme = factory.SubFactory(ProgrammeFactory)
    axis = factory.LazyAttribute(lambda o: o.programme.cycle.axes.first())
    code = factory.Sequence(lambda n: f"F-{n:05d}")
    rank = factory.Sequence(lambda n: n)
    title = factory.Sequence(lambda n: f"Action {n:05d}")
    first_year = factory.LazyAttribute(lambda o: o.programme.cycle.first_year)
    last_year = factory.LazyAttribute(lambda o: o.programme.cycle.last_year)
    description = "Ce que l’action fait."


class SheetIndicatorFactory(DjangoModelFactory):
    class Meta:
        model = SheetIndicator

    sheet = factory.SubFactory(SheetFactory)
    label = factory.Sequence(lambda n: f"Séances tenues {n:05d}")
    unit = Unit.NUMBER


class TargetFactory(DjangoModelFactory):
    class Meta:
        model = Target

    indicator = factory.SubFactory(SheetIndicatorFactory)
    year = 2025
    number = Decimal(40)


def account(code: str) -> Account:
    """The account with this code, created if the reference data is absent. 6… and IND are charges."""
    side = AccountSide.EXPENSE if code[0] in "6I" or code.startswith("86") else AccountSide.RESOURCE
    kind = AccountKind.IN_KIND if in_kind(code) else AccountKind.CASH
    parent = account(code.split("-")[0]) if "-" in code else None
    row, _ = Account.objects.get_or_create(
        code=code,
        defaults={"label": f"Compte {code}", "side": side, "kind": kind, "parent": parent, "rank": len(code)},
    )
    return row


def expense(sheet: Sheet | Programme, code: str, year: int, amount: Any) -> Expense:
    """A charge of a fiche, or of the structure for a programme."""
    where = {"programme": sheet.programme, "sheet": sheet} if isinstance(sheet, Sheet) else {"programme": sheet}
    return Expense.objects.create(account=account(code), year=year, amount=Decimal(str(amount)), **where)


def resource(sheet: Sheet | Programme, code: str, year: int, amount: Any, funder: str = "") -> Resource:
    where = {"programme": sheet.programme, "sheet": sheet} if isinstance(sheet, Sheet) else {"programme": sheet}
    row = account(code)
    return Resource.objects.create(
        account=row, funder=funder or row.label, year=year, amount=Decimal(str(amount)), **where
    )


def fill_sheet(sheet: Sheet, *, indicators: int = 1, cost: Any = 1000, state: Any = 600) -> Sheet:
    """Complete a fiche: indicators with a target for each year, balanced budgets."""
    for _ in range(indicators):
        indicator = SheetIndicatorFactory(sheet=sheet)
        for year in sheet.years:
            TargetFactory(indicator=indicator, year=year)
    for year in sheet.years:
        expense(sheet, "64", year, cost)
        resource(sheet, "74-ETAT", year, state, funder=sheet.programme.dossier.lead.short_name)
        if Decimal(str(cost)) != Decimal(str(state)):
            resource(sheet, "756", year, Decimal(str(cost)) - Decimal(str(state)))
    return sheet
