"""Whatever people try, in any order: the sums hold in the database, and nobody certifies what they proposed."""

import contextlib
import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arml.enums import Role
from cpo.lib.workflow import Refused
from reporting.models import Commitment, Correction, Ground, Imputation, Payment
from reporting.services import controls
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
    st.tuples(st.just("correct"), who, years, amounts),
    st.tuples(st.just("impute"), who, st.integers(0, 3), st.integers(0, 5), st.booleans()),
    st.tuples(st.just("sql"), years, amounts),
    st.tuples(st.just("sql_commit"), amounts),
    st.tuples(st.just("sql_line"), years),
    st.tuples(st.just("sql_eyes")),
)
# By year, line and service. What is agreed: 40 000 € a year, on the first line and the lead service alone.
SUMS = """
    SELECT c.year, c.line, c.service_id, SUM(c.amount) AS committed, COALESCE((
        SELECT SUM(n.amount) FROM conventions_contribution n JOIN conventions_act a ON a.id = n.act_id
        WHERE a.convention_id = c.convention_id AND a.latest AND n.year = c.year AND n.line = c.line
        AND n.service_id = c.service_id), 0) AS agreed, COALESCE((
        SELECT SUM(p.amount) FROM reporting_payment p JOIN reporting_commitment o ON o.id = p.commitment_id
        WHERE p.convention_id = c.convention_id AND o.year = c.year AND o.line = c.line
        AND o.service_id = c.service_id AND p.state <> 'voided'), 0) AS paid
    FROM reporting_commitment c WHERE c.voided_at IS NULL GROUP BY c.convention_id, c.year, c.line, c.service_id
"""
TOO_MUCH = """
    INSERT INTO reporting_payment (convention_id, commitment_id, year, rank, label, kind, amount, state, taken_over,
        proposed_by_id, proposed_at, number, void_reason)
    SELECT convention_id, id, year, 9, 'x', 'avance', %s, 'proposed', false, recorded_by_id, recorded_at, '', ''
    FROM reporting_commitment WHERE year = %s AND voided_at IS NULL LIMIT 1
"""


SELF_CERTIFIED = """
    UPDATE reporting_payment SET state = 'certified', certified_by_id = proposed_by_id, certified_at = proposed_at
    WHERE state = 'proposed'
"""


def by_force(name: str, rest: tuple[Any, ...]) -> None:
    """What no service writes: a payment or a commitment beyond, a line that is not agreed, two eyes."""
    if name in ("sql_commit", "sql_line"):
        row = Commitment.objects.filter(voided_at=None).earliest("pk")
        row.pk, row._state.adding, row.number = None, True, f"force {Commitment.objects.count()}"
        if name == "sql_commit":
            row.amount = rest[0] + Decimal("0.01")
        else:
            row.year, row.line, row.amount = rest[0], "specifique", Decimal(1)
        Commitment.objects.bulk_create([row])
        return
    with connection.cursor() as cursor:
        cursor.execute(*((TOO_MUCH, [rest[1], rest[0]]) if name == "sql" else (SELF_CERTIFIED,)))


def correct(money: Money, by: Any, year: int, amount: Decimal) -> None:
    """A correction decided as an imputation; the clock says 15 October 2026, the letter came six weeks before."""
    ground = Ground.objects.get(key="excedent")
    fields = {"year": year, "amount": amount, "ground": ground, "explanation": "Un excédent."}
    row = controls.propose(convention=money.convention, by=by, **fields)
    controls.apply_to_correction("notify", row, by=by, data={"on": dt.date(2026, 9, 1)})
    decision = {"effect": "imputation", "decision": "Vu."}
    controls.apply_to_correction("decide", row, by=money.manager, data=decision)


def play(money: Money, people: dict[str, Any], deed: tuple[Any, ...]) -> None:
    name, *rest = deed
    if name.startswith("sql"):
        by_force(name, tuple(rest))
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
    elif name == "correct":
        correct(money, by, rest[1], rest[2])
    elif name == "impute":
        rows, payments = list(Correction.objects.order_by("pk")), list(Payment.objects.order_by("pk"))
        if rows and payments:
            reason = "Plus tard" if rest[3] else ""
            correction, payment = rows[rest[1] % len(rows)], payments[rest[2] % len(payments)]
            controls.impute(correction=correction, payment=payment, by=by, reason=reason)
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
                rows = cursor.fetchall()
            for *key, committed, agreed, paid in rows:
                assert 0 <= paid <= committed <= agreed, (deed, key)
        assert not [one for one in Payment.objects.all() if one.certified_by_id == one.proposed_by_id]
        assert Commitment.objects.exists()
        for row in Correction.objects.all():  # a correction is borne once at most, and its instalment stays whole
            borne = Imputation.objects.filter(correction=row, amount__gt=0).exclude(payment__state="voided")
            assert len(borne) <= 1 and all(one.amount == row.amount for one in borne)
        taken = Imputation.objects.exclude(payment__state="voided").filter(payment__rank__lt=9)  # not what force wrote
        for year, rank in {(one.payment.year, one.payment.rank) for one in taken.select_related("payment")}:
            paid = Payment.objects.filter(year=year, rank=rank).exclude(state="voided")
            borne = taken.filter(payment__year=year, payment__rank=rank)
            assert sum(one.amount for one in [*paid, *borne]) <= 20000
        transaction.set_rollback(True)
