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

from actions.models import Account
from actions.services import update_sheet
from arml.models import Organisation, User
from conventions import workflow
from conventions.content.freeze import freeze
from conventions.documents import recognition
from conventions.effects import signing as effects
from conventions.effects.later import record_paper
from conventions.guards.signing import signing_document
from conventions.later.in_force import act_in_force, text_in_force
from conventions.models import Act, Convention
from conventions.money import summary
from conventions.money.totals import by_year
from conventions.pages import listing
from conventions.pages.act_page import find_page
from conventions.pages.contributions import contributions_shown
from conventions.services.money import ContributionRow, set_contributions
from cpo.lib import clock
from cpo.lib.money import total
from reporting.dashboard.board import Selection
from reporting.dashboard.money import money
from tests.access.places import recorded
from tests.factories import scenarios
from tests.factories.arml import make_user
from tests.factories.conventions import actor
from tests.factories.scenarios import Scene, active_convention

pytestmark = pytest.mark.django_db
Text = dict[Any, Any]
KINDS = ("avenant", "annual", "notice")
STEPS = st.lists(
    st.tuples(st.sampled_from(["edit", "edit", "sign", "paper"]), st.sampled_from(KINDS), st.integers(0, 40)),
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
        if step == "paper":
            self.take_over(days)
        elif step == "edit":
            if kind not in self.open:
                self.open[kind] = (scenarios.later(self.first, kind), {})
            scene, edits = self.open[kind]
            edits |= getattr(self, f"edit_{kind}")(scene)
        elif kind in self.open:
            self.sign(*self.open.pop(kind), days)

    def take_over(self, days: int) -> None:
        """Record an avenant signed on paper, which only comes before the acts of the application."""
        if self.first.convention.on_paper and not self.open and not self.negotiated:
            scene = scenarios.later(self.first, "paper")
            self.sign(scene, self.edit_avenant(scene), days)

    @property
    def negotiated(self) -> bool:
        return self.first.convention.acts.filter(number__gt=0, origin="app").exists()

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
            act.state, act.signed_on = "active", clock.today(clock.PARIS)
            if act.on_paper:
                act.notified_on = act.signed_on
            else:
                freeze(act, actor=who, note="")
            record_paper(act, who, {}) if act.on_paper else effects.notify(act, who, {"comment": ""})
            act.save()
        self.texts.append((act.effective_on, self.texts[-1][1] | edits))


@pytest.fixture(params=[active_convention, recorded], ids=["application", "paper"])
def first(request: pytest.FixtureRequest) -> Scene:
    """Return a signed convention: of the application, or signed on paper before it."""
    scene: Scene = request.param()
    return scene


RUN = settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
ORDERS = [
    [("edit", "annual", 0), ("edit", "avenant", 0), ("sign", "annual", 5), ("sign", "avenant", 5)],
    [("edit", "avenant", 0), ("edit", "annual", 0), ("sign", "annual", 5), ("sign", "avenant", 0)],
    [("edit", "annual", 0), ("edit", "avenant", 0), ("sign", "avenant", 5), ("sign", "annual", 5)],
    [("edit", "notice", 0), ("edit", "avenant", 0), ("sign", "notice", 0), ("sign", "avenant", 0)],
    [("paper", "", 3), ("paper", "", 0), ("edit", "avenant", 0), ("sign", "avenant", 5), ("paper", "", 1)],
]


@pytest.mark.parametrize("steps", ORDERS, ids=["annual", "annual later", "avenant", "notice", "paper"])
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
        assert days_that_verification_gives(first) == [start for start, _ in history.texts[1:]]
        transaction.set_rollback(True)


def days_that_verification_gives(first: Scene) -> list[dt.date]:
    """Return the days from which the page that verifies the first signed document says that its text is changed."""
    document = signing_document(first.act)
    assert document is not None
    finding = recognition.identify(document.file.sha256)
    assert finding is not None and finding.verdict == recognition.Verdict.SIGNED
    return [day for _, day in finding.changes]


# -- One figure, on any day ------------------------------------------------------------------------------------------

TODAY = dt.date(2026, 10, 15)
CHANGES = st.lists(st.sampled_from(["axes", "accounts", "organisations", "territories"]), max_size=4)


class ToCome(History):
    """The acts are signed today, for days to come."""

    def sign(self, scene: Scene, edits: Text, days: int) -> None:
        start, text = self.texts[-1]
        self.texts[-1] = (max(start, TODAY), text)
        super().sign(scene, edits, days)
        self.texts[-2] = (start, text)


def change_reference_data(first: Scene, what: str) -> None:
    dossier = first.act.dossier
    rows = {
        "axes": first.act.programme.cycle.axes.all(),
        "accounts": Account.objects.all(),
        "organisations": Organisation.objects.filter(pk__in=[dossier.lead_id, dossier.beneficiary_id]),
        "territories": dossier.territories.all(),
    }
    name = {"axes": "label", "accounts": "label", "organisations": "address", "territories": "prefect_title"}[what]
    rows[what].update(**{name: "Autre chose, décidée depuis"})


def figures(first: Scene, officer: User, national: User) -> dict[str, Decimal | None]:
    """The whole contribution of the convention, as each place gives it today."""
    convention = first.convention
    page = find_page(officer, convention.number)
    assert page is not None
    version = text_in_force(convention, clock.today(clock.PARIS))
    assert version is not None
    (row,) = listing.rows(officer, [convention.pk])
    years = money(Selection(national, convention.cycle, 2026))
    signed = {year["year"]: year["total"] for year in years}
    return {
        "list and export": row.contribution,
        "home page": contributions_shown(national, [convention.pk])[convention.pk],
        "synthesis": summary.years(page.content, page.money_until)[-1]["state"],
        "tab of the contribution": total(by_year(page.due("contributions")).values()),
        "dashboard": sum(signed.values(), Decimal(0)),
        "document": total(by_year(version.content["contributions"]).values()),
    }


@pytest.mark.parametrize("steps", [*ORDERS[:2], ORDERS[-1]], ids=["annual", "annual later", "paper"])
def test_each_place_gives_the_same_figure_on_any_day(first: Scene, steps: list[Any]) -> None:
    each_place_gives_the_same_figure(first, steps, ["axes", "organisations"])


@pytest.mark.slow
@RUN
@given(steps=STEPS, changes=CHANGES)
def test_each_place_gives_the_same_figure_on_any_day_whatever_happened(
    first: Scene, steps: list[Any], changes: list[str]
) -> None:
    each_place_gives_the_same_figure(first, steps, changes)


def each_place_gives_the_same_figure(first: Scene, steps: list[Any], changes: list[str]) -> None:
    with transaction.atomic():
        history = ToCome(first)
        history.texts.append((first.act.effective_on, values_of(first.version.content)))
        signed = first.version.content
        for rank, step in enumerate(steps):
            history.do(*step)
            if rank < len(changes):
                change_reference_data(first, changes[rank])
        assert first.version.content == signed, "reference data rewrites no signed text"
        officer, national = User.objects.get(pk=first.officer.pk), make_user("national_reader")
        starts = [max(start, TODAY) for start, _ in history.texts]
        for day in sorted({start + dt.timedelta(days=gap) for start in starts for gap in (0, 1)}):
            with clock.set_to(dt.datetime.combine(day, dt.time(12), dt.UTC)):
                text = [text for start, text in history.texts if start <= day][-1]
                expected = sum(Decimal(amount) for key, amount in text.items() if key[0] == "contribution")
                assert set(figures(first, officer, national).values()) == {expected}, day
                assert days_that_verification_gives(first) == [start for start, _ in history.texts[1:]]
        _once_terminated(first, officer, national, [text for start, text in history.texts if start <= day][-1], day)
        transaction.set_rollback(True)


def _once_terminated(first: Scene, officer: User, national: User, text: Text, day: dt.date) -> None:
    """What the text in force gives for the years after the end is due nowhere; the document keeps what was signed."""
    rows = Convention.objects.filter(pk=first.convention.pk)
    for year in (2025, 2026, 2027):
        rows.update(state="terminated", ended_on=dt.date(year, 12, 31))
        due = {key[1]: Decimal(amount) for key, amount in text.items() if key[0] == "contribution"}
        with clock.set_to(dt.datetime.combine(day, dt.time(12), dt.UTC)):
            found = figures(first, officer, national)
        assert found.pop("document") == sum(due.values())
        assert set(found.values()) == {sum(amount for of, amount in due.items() if of <= year)}, year
