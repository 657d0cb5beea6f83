"""The totals kept of the signed acts are always the sums of their lines."""

from decimal import Decimal

import pytest

from arml.models import Organisation
from conventions.enums import ConventionState
from conventions.models import Act, SignedTotal
from conventions.money import totals
from reporting.dashboard import board
from tests.bench import data
from tests.factories.arml import make_user
from tests.factories.scenarios import active_convention, signed_by_all

pytestmark = pytest.mark.django_db


def added_up(**only) -> totals.Sums:
    signed = Act.objects.filter(state=ConventionState.ACTIVE, **only)
    return totals.sums(totals.contributions(signed), totals.state_resources(signed))


def test_an_act_counts_from_its_notification_on_and_not_before():
    scene = signed_by_all()
    assert not SignedTotal.objects.exists()
    scene.do("notify", scene.officer)
    assert totals.stored_sums(SignedTotal.objects.filter(convention=scene.convention)) == added_up()
    assert totals.stored_sums(SignedTotal.objects.filter(convention=None)) == added_up()
    axis = scene.convention.cycle.axes.get(number=1).pk  # the State gives 40 000 € a year to its one action
    years, given = (2025, 2026, 2027), Decimal(40000)
    assert added_up() == {(year, None): given for year in years} | {(year, axis): given for year in years}


def test_the_totals_of_a_cycle_are_those_of_its_conventions_together():
    first, second = active_convention(sheets=3), active_convention()
    assert added_up()[2026, None] == Decimal(40000 + 2 * 1000 + 40000)
    assert totals.stored_sums(SignedTotal.objects.filter(convention=None)) == added_up()
    for scene in (first, second):
        of_one = SignedTotal.objects.filter(convention=scene.convention)
        assert totals.stored_sums(of_one) == added_up(convention=scene.convention)


def test_the_migration_fills_in_what_the_transitions_would_have_written():
    active_convention(sheets=2), active_convention(), signed_by_all()
    written = set(SignedTotal.objects.values_list("cycle", "convention", "year", "axis", "amount"))
    data.count_in()
    assert set(SignedTotal.objects.values_list("cycle", "convention", "year", "axis", "amount")) == written


def test_the_dashboard_adds_up_the_money_that_the_reader_may_see_and_no_other():
    mine, other = active_convention(), active_convention(sheets=2)
    cycle = mine.convention.cycle
    national = Organisation.objects.filter(kind="national").earliest("pk")
    readers = {
        make_user("national_reader", national): added_up(),
        mine.officer: added_up(convention=mine.convention),
        other.director: added_up(convention=other.convention),
    }
    for reader, expected in readers.items():
        scope = board.Selection(reader, cycle, 2025)
        assert scope.sums() == expected, reader
        assert sum(row["count"] for row in board.by_state(scope)) == scope.conventions().count()
        behind = sum(row.amount for row in scope.contributions().filter(year=2025))
        assert board.money(scope)[0]["total"] == behind
    local = board.Selection(
        make_user("national_reader", national), cycle, 2025, mine.convention.dossier.territories.get()
    )
    assert local.sums() == added_up(convention__dossier__territories=local.territory)


def test_the_map_shows_the_furthest_state_whatever_the_reader_may_see():
    signed_by_all()
    scene = active_convention()
    national = Organisation.objects.filter(kind="national").earliest("pk")
    home = scene.convention.dossier.territories.get().pk
    for reader in (make_user("national_reader", national), scene.officer):
        scope = board.Selection(reader, scene.convention.cycle, 2025)
        reached = board.by_territory(scope)
        assert reached[home] == "active"
        seen = scope.conventions().filter(dossier__territories__isnull=False)
        assert {key for key, state in reached.items() if state} == set(
            seen.values_list("dossier__territories", flat=True)
        )
