"""To save a page without a change is no edit: acceptances stay, nobody gets a message, the revision stays the same."""

from collections.abc import Callable
from typing import Any

import pytest

from actions.services import set_indicators, set_sheet_budget, stored_indicator, stored_lines, update_sheet
from actions.services.sheets import SHEET_FIELDS
from conventions.models import Acceptance
from conventions.services.articles import set_article
from conventions.services.money import ContributionRow, InstalmentRow, set_contributions, set_instalments
from conventions.services.parties import set_party
from conventions.services.texts import set_values
from cpo.lib.models import JournalEntry, OutboxMessage
from tests.factories import scenarios
from tests.factories.scenarios import Scene

pytestmark = pytest.mark.django_db


def article(scene: Scene, by: Any, more: str = "") -> None:
    row = scene.act.articles.select_related("model_article").get(model_article__key="preambule")
    set_article(
        act=scene.act,
        key=row.model_article.key,
        body=row.body + more,
        reason="Motif" if more else row.reason,
        included=row.included,
        by=by,
        expected_revision=None,
    )


def values(scene: Scene, by: Any, more: str = "") -> None:
    name, value = "arml_objet_statutaire", scene.act.values.get("arml_objet_statutaire", "")
    set_values(act=scene.act, values={name: value + more}, by=by, expected_revision=None)


def party(scene: Scene, by: Any, more: str = "") -> None:
    row = scene.act.parties.get(role="lead")
    set_party(
        party=row,
        signatory_name=row.signatory_name + more,
        capacity=row.capacity,
        signatory=row.signatory,
        by_delegation=row.by_delegation,
        delegation=row.delegation,
        signs=row.signs,
        by=by,
        expected_revision=None,
    )


def contributions(scene: Scene, by: Any, more: str = "") -> None:
    rows = [
        ContributionRow(row.year, row.amount + len(more), row.service, row.line, row.note)
        for row in scene.act.contributions.all()
    ]
    set_contributions(act=scene.act, rows=rows, by=by, expected_revision=None)


def instalments(scene: Scene, by: Any, more: str = "") -> None:
    rows = [
        InstalmentRow(row.year, row.amount, row.label, row.condition + more, row.due_on)
        for row in scene.act.instalments.all()
    ]
    set_instalments(act=scene.act, rows=rows, by=by, expected_revision=None)


def sheet(scene: Scene, by: Any, more: str = "") -> None:
    row = scene.act.programme.sheets.first()
    fields = {name: getattr(row, name) for name in SHEET_FIELDS} | {"title": row.title + more}
    update_sheet(sheet=row, functions=list(row.functions.all()), by=by, expected_revision=None, **fields)


def indicators(scene: Scene, by: Any, more: str = "") -> None:
    row = scene.act.programme.sheets.first()
    rows = [stored_indicator(one) for one in row.indicators.all()]
    if more:
        rows = rows[:-1]
    set_indicators(sheet=row, indicators=rows, by=by, expected_revision=None)


def budget(scene: Scene, by: Any, more: str = "") -> None:
    row = scene.act.programme.sheets.first()
    expenses, resources = stored_lines(row.expenses.all()), stored_lines(row.resources.all())
    if more:
        expenses = expenses[:-1]
    set_sheet_budget(sheet=row, expenses=expenses, resources=resources, by=by, expected_revision=None)


WRITES = (article, values, party, contributions, instalments, sheet, indicators, budget)


@pytest.fixture
def scene() -> Scene:
    """Both sides have accepted, and the State has the turn."""
    return scenarios.accepted_by_both()


def effects_of(scene: Scene, write: Callable[..., None], more: str) -> tuple[int, int, int, int]:
    scene.act.refresh_from_db()
    before = (JournalEntry.objects.count(), OutboxMessage.objects.count(), scene.act.programme.revision)
    write(scene, scene.officer, more)
    scene.act.programme.refresh_from_db()
    acceptances = Acceptance.objects.filter(version__act=scene.act, cancelled_at=None).count()
    return (
        acceptances,
        JournalEntry.objects.count() - before[0],
        OutboxMessage.objects.count() - before[1],
        scene.act.programme.revision - before[2],
    )


@pytest.mark.parametrize("write", WRITES)
def test_saving_the_same_again_leaves_both_acceptances_and_tells_nobody(write: Any, scene: Scene) -> None:
    assert effects_of(scene, write, "") == (2, 0, 0, 0)


@pytest.mark.parametrize("write", WRITES)
def test_saving_something_else_cancels_both_and_tells_both_sides(write: Any, scene: Scene) -> None:
    acceptances, lines, messages, revisions = effects_of(scene, write, " bis")
    assert (acceptances, revisions) == (0, 1)
    assert lines >= 1
    assert messages >= 2


def test_another_account_for_a_signatory_is_an_edit_though_no_version_prints_it(scene: Scene) -> None:
    row = scene.act.parties.get(role="lead")
    before = scene.act.programme.revision
    signatory = None if row.signatory else scene.manager
    set_party(
        party=row,
        signatory_name=row.signatory_name,
        capacity=row.capacity,
        signatory=signatory,
        by_delegation=row.by_delegation,
        delegation=row.delegation,
        signs=row.signs,
        by=scene.officer,
        expected_revision=None,
    )
    scene.act.programme.refresh_from_db()
    assert scene.act.programme.revision == before + 1
    row.refresh_from_db()
    assert row.signatory == signatory
