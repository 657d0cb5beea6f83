"""A frozen content, read back as rows, shows the same pages as the tables that it was frozen from."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import models

from actions import completeness
from actions.rows import ProgrammeRows, StoredRows
from actions.views.reading import read_sheet
from conventions.content.freeze import build_content
from conventions.content.rows import FrozenRows
from conventions.money.plan import plan
from tests.factories.actions import expense, resource
from tests.factories.kept import kept
from tests.factories.scenarios import Scene, complete_draft, with_later_act

pytestmark = pytest.mark.django_db


@pytest.fixture
@kept
def scene() -> Scene:
    """With charges in kind, indirect charges, charges and produits of the structure, an objective, functions."""
    scene = complete_draft()
    sheet = scene.act.programme.sheets.first()
    expense(sheet, "86", 2025, 7000)
    expense(sheet, "864", 2025, 300)
    expense(scene.act.programme, "64", 2025, Decimal("20.55"))
    resource(scene.act.programme, "74-REGION", 2026, 1200, funder="Région")
    return scene


def kinds(scene: Scene) -> tuple[ProgrammeRows, ProgrammeRows]:
    return StoredRows(scene.act.programme), FrozenRows(build_content(scene.act))


def words(value: Any) -> Any:
    """A value of a page, without the identity of rows: models by their words."""
    if isinstance(value, models.Model):
        return str(value)
    if isinstance(value, dict):
        return {words(key): words(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [words(one) for one in value]
    if hasattr(value, "__dataclass_fields__"):
        return {name: words(getattr(value, name)) for name in value.__dataclass_fields__}
    return value


def test_each_fiche_reads_the_same(scene: Scene) -> None:
    stored, frozen = kinds(scene)
    assert len(stored.sheets) == len(frozen.sheets) > 0
    for one, other in zip(stored.sheets, frozen.sheets, strict=True):
        assert words(read_sheet(one)) == words(read_sheet(other))
        assert one.sheet.key == other.sheet.key
        assert str(one.sheet.axis) == str(other.sheet.axis)
        assert words(frozen.sheet(one.sheet.key)) == words(other)


def test_the_sums_and_what_is_missing_are_the_same(scene: Scene) -> None:
    stored, frozen = kinds(scene)
    assert [str(axis) for axis in stored.axes] == [str(axis) for axis in frozen.axes]
    for name in (
        "eligible_by_year",
        "state_by_year",
        "structure_expenses",
        "in_kind_uses",
        "by_axis_year",
        "by_funder",
    ):
        assert getattr(stored.sums, name) == getattr(frozen.sums, name), name
    assert stored.indirect == frozen.indirect
    assert list(stored.sums.by_sheet.values()) == [frozen.sums.by_sheet[pk] for pk in frozen.axis_numbers]

    def lacks(rows: ProgrammeRows) -> list[str]:
        sheets, indicators, sums = rows.content
        return [
            line.text
            for sheet in sheets
            for line in completeness.sheet_missing(sheet, indicators.get(sheet.pk, []), sums, "N")
        ]

    assert lacks(stored) == lacks(frozen)


def test_the_funding_plan_is_the_same(scene: Scene) -> None:
    years = scene.act.programme.cycle.years
    stored, frozen = (plan(rows, years, []) for rows in kinds(scene))
    assert words(stored.coverage) == words(frozen.coverage)
    assert words(stored.totals) == words(frozen.totals)
    assert [words(funder.rows) for funder in stored.funders] == [words(funder.rows) for funder in frozen.funders]


def test_a_target_keeps_its_kind() -> None:
    scene = Scene(with_later_act().convention)
    indicator = scene.act.programme.sheets.first().indicators.first()
    version = scene.act.versions.first()
    assert version is not None
    frozen = FrozenRows(version.content).sheets[0].indicators[0]
    assert [(t.year, t.number, t.text, t.not_applicable) for t in frozen[1]] == [
        (t.year, t.number, t.text, t.not_applicable) for t in indicator.targets.all()
    ]
    assert frozen[0].is_national == indicator.is_national
