"""What a later act adds to the programme starts at the years of that act, not at the first year of the cycle."""

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from actions import services
from actions.models import ExampleSheet, Programme, Sheet
from conventions.models import Act
from tests.factories import scenarios
from tests.factories.actions import ExampleSheetFactory, IndicatorDefinitionFactory
from tests.factories.conventions import make_act, member
from tests.factories.scenarios import Scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return scenarios.with_later_act()  # opened on 15 October 2026, by the State, in a cycle from 2025 to 2027


def takes_effect(scene: Scene, day: dt.date) -> None:
    Act.objects.filter(pk=scene.act.pk).update(effective_on=day)


def an_example(programme: Programme, **fields: Any) -> ExampleSheet:
    axis = programme.cycle.axes.first()
    return ExampleSheetFactory(cycle=programme.cycle, axis=axis, objective=axis.objectives.first(), **fields)


def taken(scene: Scene) -> Sheet:
    programme = scene.act.programme
    definition = IndicatorDefinitionFactory(cycle=programme.cycle, usual_target="12")
    example = an_example(programme, indicators=[definition])
    return services.take_example(programme=programme, by=scene.officer, example=example)


@pytest.mark.parametrize(
    ("day", "years"),
    [
        (dt.date(2026, 12, 31), [2026, 2027]),
        (dt.date(2027, 1, 1), [2027]),
    ],
)
def test_an_example_starts_at_the_years_of_the_act(scene: Scene, day: dt.date, years: list[int]) -> None:
    takes_effect(scene, day)
    sheet = taken(scene)
    assert sheet.years == years
    assert [target.year for target in sheet.indicators.get().targets.order_by("year")] == years


def test_an_example_of_the_convention_starts_at_the_first_year() -> None:
    act = make_act()
    example = an_example(act.programme)
    sheet = services.take_example(programme=act.programme, by=member(act, "officer"), example=example)
    assert sheet.years == [2025, 2026, 2027]


def test_a_new_fiche_starts_there_too(scene: Scene, client: Client) -> None:
    axis = scene.act.programme.cycle.axes.first()
    sheet = services.create_sheet(programme=scene.act.programme, by=scene.officer, axis=axis, title="Neuve")
    assert sheet.years == [2026, 2027]
    client.force_login(scene.officer)
    form = client.get(reverse("sheet-create", args=[scene.number])).context["form"]
    assert form["first_year"].value() == 2026


def test_a_fiche_of_another_convention_comes_with_the_years_that_are_left(scene: Scene) -> None:
    source = scene.convention.act.programme.sheets.get()
    [copy] = services.take_sheets(
        programme=scene.act.programme, by=scene.officer, sheets=[source], origin="de la convention"
    )
    assert copy.years == [2026, 2027]
    assert set(copy.expenses.values_list("year", flat=True)) == {2026, 2027}


def test_a_fiche_that_ended_before_the_act_is_not_taken(scene: Scene) -> None:
    Sheet.objects.filter(pk=scene.act.programme.sheets.get().pk).update(first_year=2025, last_year=2025)
    source = scene.act.programme.sheets.get()
    with pytest.raises(ValidationError, match="aucune année dans ce cycle à partir de 2026"):
        services.take_sheets(programme=scene.act.programme, by=scene.officer, sheets=[source], origin="d’ailleurs")
