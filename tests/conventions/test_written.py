"""An edit counts when a row of the content changed: no row that a content prints and an edit writes is left out."""

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from actions.models import Expense, Function, Sheet, SheetIndicator
from conventions.content.freeze import build_content
from conventions.content.written import hash_of_rows
from conventions.models import Act
from tests.factories.kept import kept
from tests.factories.scenarios import Scene, complete_draft, with_later_act

pytestmark = pytest.mark.django_db

# What a content prints too, and no edit writes: it is changed elsewhere, with a journal of its own.
NOT_WRITTEN = {
    *("actions_cycle", "actions_cycletext", "actions_axis", "actions_objective", "actions_account", "actions_function"),
    *("actions_indicatordefinition", "arml_territory", "arml_organisation", "arml_delegation", "arml_attachment"),
    *(
        "arml_attachmentkind",
        "arml_dossier",
        "conventions_convention",
        "conventions_modelversion",
        "conventions_version",
    ),
    *("conventions_modelarticle", "conventions_modelvariant", "conventions_modelvariable"),
    "lib_storedfile",
}


@pytest.fixture
@kept
def scene() -> Scene:
    return complete_draft()


def tables(ask: Callable[[Act], object], act: Act) -> set[str]:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        ask(Act.objects.get(pk=act.pk))
    return {name for query in queries for name in re.findall(r'(?:FROM|JOIN) "(\w+)"', query["sql"])}


@pytest.mark.parametrize("later", [False, True])
def test_each_table_of_a_content_is_compared_or_not_written_by_an_edit(scene: Scene, later: bool) -> None:
    act = with_later_act().act if later else scene.act
    read = tables(build_content, act)
    assert {"conventions_articletext", "actions_target", "arml_dossier_territories"} <= read
    assert read - NOT_WRITTEN <= tables(hash_of_rows, act)


def test_each_column_counts_but_what_an_edit_writes_beside(scene: Scene) -> None:
    act, before = scene.act, hash_of_rows(scene.act)
    act.articles.update(changed_at=act.turn_since)
    type(act.programme).objects.filter(pk=act.programme_id).update(revision=99, outdated=True)
    assert hash_of_rows(act) == before
    for rows in (act.parties.all(), act.articles.all(), act.contributions.all(), act.instalments.all()):
        first = rows.first()
        for field in text_fields(first):
            rows.filter(pk=first.pk).update(**{field: f"{getattr(first, field)}x"[-40:]})
            after = hash_of_rows(act)
            assert after != before, f"{first._meta.model_name}.{field}"
            before = after


def text_fields(row: models.Model) -> list[str]:
    return [f.attname for f in row._meta.concrete_fields if isinstance(f, models.TextField) and not f.choices]


def test_an_amount_a_function_and_a_territory_count(scene: Scene) -> None:
    act, states = scene.act, [hash_of_rows(scene.act)]
    line = Expense.objects.filter(programme=act.programme).first()
    Expense.objects.filter(pk=line.pk).update(amount=line.amount + Decimal("0.01"))
    states.append(hash_of_rows(act))
    act.programme.sheets.first().functions.add(Function.objects.first())
    states.append(hash_of_rows(act))
    act.dossier.territories.clear()
    states.append(hash_of_rows(act))
    assert len(set(states)) == 4


def test_the_order_of_indicators_counts_and_their_ranks_do_not(scene: Scene) -> None:
    sheet: Sheet = scene.act.programme.sheets.first()
    first = sheet.indicators.first()
    SheetIndicator.objects.create(sheet=sheet, rank=first.rank + 1, label="Autre", type=first.type, unit=first.unit)
    before = hash_of_rows(scene.act)
    sheet.indicators.update(rank=models.F("rank") + 5)
    assert hash_of_rows(scene.act) == before
    sheet.indicators.filter(pk=first.pk).update(rank=99)
    assert hash_of_rows(scene.act) != before
