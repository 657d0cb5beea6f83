"""The stored totals of the signed acts always equal the sums of their lines."""

from decimal import Decimal

import pytest

from arml.models import Organisation
from conventions.enums import ConventionState
from conventions.models import Act, SignedTotal
from conventions.money import totals
from reporting.dashboard import board
from reporting.dashboard.money import money
from tests.bench import data
from tests.factories.arml import make_user
from tests.factories.scenarios import active_convention, signed_by_all

pytestmark = pytest.mark.django_db


def live_sums(**only) -> totals.Sums:
    acts = Act.objects.filter(state=ConventionState.ACTIVE, **only)
    return totals.sums(totals.contributions(acts), totals.state_resources(acts))


def test_an_act_counts_from_its_notification_on_and_not_before():
    scene = signed_by_all()
    assert not SignedTotal.objects.exists()
    scene.do("notify", scene.officer)
    assert totals.stored_sums(SignedTotal.objects.filter(convention=scene.convention)) == live_sums()
    assert totals.stored_sums(SignedTotal.objects.filter(convention=None)) == live_sums()
    axis = scene.convention.cycle.axes.get(number=1).pk  # the State gives 40 000 € a year to its one action
    years, amount = (2025, 2026, 2027), Decimal(40000)
    assert live_sums() == {(year, None): amount for year in years} | {(year, axis): amount for year in years}


def test_the_totals_of_a_cycle_are_those_of_its_conventions_together():
    first, second = active_convention(sheets=3), active_convention()
    assert live_sums()[2026, None] == Decimal(40000 + 2 * 1000 + 40000)
    assert totals.stored_sums(SignedTotal.objects.filter(convention=None)) == live_sums()
    for scene in (first, second):
        of_one = SignedTotal.objects.filter(convention=scene.convention)
        assert totals.stored_sums(of_one) == live_sums(convention=scene.convention)


def test_the_migration_fills_in_what_the_transitions_would_have_written():
    active_convention(sheets=2), active_convention(), signed_by_all()
    rows = set(SignedTotal.objects.values_list("cycle", "convention", "year", "axis", "amount"))
    data.count_in()
    assert set(SignedTotal.objects.values_list("cycle", "convention", "year", "axis", "amount")) == rows


def test_the_dashboard_adds_up_the_money_that_the_reader_may_see_and_no_other():
    mine, other = active_convention(), active_convention(sheets=2)
    cycle = mine.convention.cycle
    national = Organisation.objects.filter(kind="national").earliest("pk")
    readers = {
        make_user("national_reader", national): live_sums(),
        mine.officer: live_sums(convention=mine.convention),
        other.director: live_sums(convention=other.convention),
    }
    for reader, expected in readers.items():
        scope = board.Selection(reader, cycle, 2025)
        assert scope.sums() == expected, reader
        assert sum(row["count"] for row in board.by_state(scope)) == scope.conventions().count()
        contribution = sum(row.amount for row in scope.contributions().filter(year=2025))
        assert money(scope)[0]["total"] == contribution
    local = board.Selection(
        make_user("national_reader", national), cycle, 2025, mine.convention.dossier.territories.get()
    )
    assert local.sums() == live_sums(convention__dossier__territories=local.territory)


def test_the_map_shows_the_furthest_state_whatever_the_reader_may_see():
    signed_by_all()
    scene = active_convention()
    national = Organisation.objects.filter(kind="national").earliest("pk")
    home = scene.convention.dossier.territories.get().pk
    for reader in (make_user("national_reader", national), scene.officer):
        scope = board.Selection(reader, scene.convention.cycle, 2025)
        states = board.by_territory(scope)
        assert states[home] == "active"
        conventions = scope.conventions().filter(dossier__territories__isnull=False)
        assert {key for key, state in states.items() if state} == set(
            conventions.values_list("dossier__territories", flat=True)
        )
