"""Whatever people try, in any order: the sums hold in the database, and nobody certifies what they proposed."""

import contextlib
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arml.enums import Role
from cpo.lib.workflow import Refused
from reporting.models import Commitment, Payment
from reporting.services import payments as services
from tests.factories.arml import make_user
from tests.factories.payments import Money

pytestmark = pytest.mark.django_db
PEOPLE = ("officer", "manager", "other", "director", "signatory")
STEPS = ("certify", "order", "pay", "void")
amounts = st.sampled_from([1, 4000, 15000, 20000, 25000, 40000]).map(Decimal)
who = st.sampled_from(PEOPLE)
years = st.sampled_from([2025, 2026])
deeds = st.one_of(
    st.tuples(st.just("commit"), who, years, amounts, st.booleans()),
    st.tuples(st.just("unbind"), who, st.integers(0, 5)),
    st.tuples(st.just("propose"), who, years, st.sampled_from([1, 2]), amounts),
    st.tuples(st.sampled_from(STEPS), who, st.integers(0, 5)),
    st.tuples(st.just("sql"), years, amounts),
)
SUMS = """
    SELECT c.year, SUM(c.amount) AS committed, 40000 AS agreed, COALESCE((
        SELECT SUM(p.amount) FROM reporting_payment p WHERE p.year = c.year AND p.state <> 'voided'), 0) AS paid
    FROM reporting_commitment c WHERE c.voided_at IS NULL GROUP BY c.year
"""
TOO_MUCH = """
    INSERT INTO reporting_payment (convention_id, commitment_id, year, rank, label, kind, amount, state, taken_over,
        proposed_by_id, proposed_at, number, void_reason)
    SELECT convention_id, id, year, 9, 'x', 'avance', %s, 'proposed', false, recorded_by_id, recorded_at, '', ''
    FROM reporting_commitment WHERE year = %s AND voided_at IS NULL LIMIT 1
"""


def play(money: Money, people: dict[str, Any], deed: tuple[Any, ...]) -> None:
    name, *rest = deed
    if name == "sql":
        with connection.cursor() as cursor:
            cursor.execute(TOO_MUCH, [rest[1], rest[0]])
        return
    by = people[rest[0]]
    if name == "commit":
        number = f"EJ {Commitment.objects.count()}"
        money.commit(rest[1], rest[2] if rest[3] else -rest[2], by=by, number=number)
    elif name == "unbind":
        if rows := list(Commitment.objects.order_by("pk")):
            services.void_commitment(commitment=rows[rest[1] % len(rows)], by=by, reason="Erreur")
    elif name == "propose":
        money.propose(rest[1], rest[2], rest[3], by=by)
    elif payments := list(Payment.objects.filter(rank__lt=9).order_by("pk")):
        money.do(name, payments[rest[1] % len(payments)], by, comment="Erreur")


# Refused by the services, or, for raw SQL, by the database; the last two: nothing is left to propose, or to pay on.
REFUSALS = (Refused, PermissionDenied, ValidationError, DatabaseError, AssertionError, Commitment.DoesNotExist)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(deeds, min_size=6, max_size=14))
def test_the_sums_hold_and_eyes_are_four_whatever_people_do(deeds: list[tuple[Any, ...]]) -> None:
    with transaction.atomic():
        money = Money.of()
        people = {name: getattr(money, name) for name in PEOPLE if name != "other"}
        people["other"] = make_user(Role.MANAGER, money.act.dossier.lead)
        for deed in [("commit", "officer", 2025, Decimal(40000), True), *deeds]:
            with contextlib.suppress(*REFUSALS), transaction.atomic():
                play(money, people, deed)
            with connection.cursor() as cursor:
                cursor.execute(SUMS)
                for year, committed, agreed, paid in cursor.fetchall():
                    assert 0 <= paid <= committed <= agreed, (deed, year)
        assert not [one for one in Payment.objects.all() if one.certified_by_id == one.proposed_by_id]
        assert Commitment.objects.exists()
        transaction.set_rollback(True)
