"""After any sequence of acts, the text in force on any day follows from the signed versions in their order."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actions.services import update_sheet
from conventions import workflow
from conventions.content.freeze import freeze
from conventions.effects import signing as effects
from conventions.later.in_force import act_in_force, text_in_force
from conventions.models import Act
from conventions.services.money import ContributionRow, set_contributions
from cpo.lib import clock
from tests.factories import scenarios
from tests.factories.conventions import actor
from tests.factories.scenarios import Scene, active_convention

pytestmark = pytest.mark.django_db
Text = dict[Any, Any]
KINDS = ("avenant", "annual", "notice")
STEPS = st.lists(
    st.tuples(st.sampled_from(["edit", "edit", "sign"]), st.sampled_from(KINDS), st.integers(0, 40)),
    min_size=6,
    max_size=14,
)


def values_of(content: dict[str, Any]) -> Text:
    """Return what these acts change: the title of the fiche, the contribution of each year, the charges of 2026."""
    sheet = content["sheets"][0]
    values: Text = {"title": sheet["title"]}
    values |= {("contribution", row["year"]): row["amount"] for row in content["contributions"]}
    return values | {("charge", row["account"]): row["amount"] for row in sheet["expenses"] if row["year"] == 2026}


@dataclass
class History:
    """The history keeps the edits of each open act, and the text that results from each signed act."""

    first: Scene
    open: dict[str, tuple[Scene, Text]] = field(default_factory=dict)
    texts: list[tuple[dt.date, Text]] = field(default_factory=list)
    fresh: Any = field(default_factory=lambda: count(1))

    def do(self, step: str, kind: str, days: int) -> None:
        if step == "edit":
            if kind not in self.open:
                self.open[kind] = (scenarios.later(self.first, kind), {})
            scene, edits = self.open[kind]
            edits |= getattr(self, f"edit_{kind}")(scene)
        elif kind in self.open:
            self.sign(*self.open.pop(kind), days)

    def edit_avenant(self, scene: Scene) -> Text:
        sheet = scene.act.programme.sheets.get()
        title = f"Intitulé {next(self.fresh)}"
        update_sheet(sheet=sheet, by=scene.officer, expected_revision=None, title=title)
        return {"title": title, **self.contribute(scene, 2027)}

    def edit_annual(self, scene: Scene) -> Text:
        return self.contribute(scene, 2026)

    def contribute(self, scene: Scene, year: int) -> Text:
        act, amount = scene.act, Decimal(30000 + next(self.fresh)).quantize(Decimal("0.01"))
        rows = [ContributionRow(row.year, row.amount, row.service, row.line, row.note)
                for row in act.contributions.exclude(year=year)]  # fmt: skip
        rows.append(ContributionRow(year, amount, act.dossier.lead))
        set_contributions(act=act, rows=rows, by=scene.officer, expected_revision=None)
        return {("contribution", year): str(amount)}

    def edit_notice(self, scene: Scene) -> Text:
        scene.adapt(Decimal(next(self.fresh)))
        rows = scene.act.programme.expenses.filter(year=2026).values_list("account__code", "amount")
        return {("charge", code): str(amount) for code, amount in rows}

    def sign(self, scene: Scene, edits: Text, days: int) -> None:
        """Freeze the version and put it in force; the test needs no signature of the parties."""
        last = self.texts[-1][0]
        Act.objects.filter(pk=scene.act.pk).update(effective_on=last + dt.timedelta(days=days))
        with transaction.atomic():
            act = workflow.lock(scene.act)
            who = actor(self.first.act, "officer")
            freeze(act, actor=who, note="")
            act.state, act.signed_on = "active", clock.today(clock.PARIS)
            effects.notify(act, who, {"comment": ""})
            act.save()
        self.texts.append((act.effective_on, self.texts[-1][1] | edits))


@pytest.fixture
def first() -> Scene:
    return active_convention()


RUN = settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
ORDERS = [
    [("edit", "annual", 0), ("edit", "avenant", 0), ("sign", "annual", 5), ("sign", "avenant", 5)],
    [("edit", "avenant", 0), ("edit", "annual", 0), ("sign", "annual", 5), ("sign", "avenant", 0)],
    [("edit", "annual", 0), ("edit", "avenant", 0), ("sign", "avenant", 5), ("sign", "annual", 5)],
    [("edit", "notice", 0), ("edit", "avenant", 0), ("sign", "notice", 0), ("sign", "avenant", 0)],
]


@pytest.mark.parametrize("steps", ORDERS, ids=["annual", "annual later", "avenant", "notice"])
def test_the_text_in_force_is_what_the_signed_acts_give(first: Scene, steps: list[Any]) -> None:
    text_in_force_is_that_of_the_signed_acts(first, steps)


@pytest.mark.slow
@RUN
@given(steps=STEPS)
def test_the_text_in_force_is_what_the_signed_acts_give_in_any_order(first: Scene, steps: list[Any]) -> None:
    text_in_force_is_that_of_the_signed_acts(first, steps)


def text_in_force_is_that_of_the_signed_acts(first: Scene, steps: list[Any]) -> None:
    with transaction.atomic():
        history = History(first)
        history.texts.append((first.act.effective_on, values_of(first.version.content)))
        for step in steps:
            history.do(*step)
        convention = first.convention
        for day in {start + dt.timedelta(days=gap) for start, _ in history.texts for gap in (-1, 0, 1)}:
            expected = [text for start, text in history.texts if start <= day]
            version = text_in_force(convention, day)
            assert (version is None) == (not expected)
            if version:
                assert values_of(version.content) == expected[-1]
                assert act_in_force(convention, day) == version.act
        transaction.set_rollback(True)
