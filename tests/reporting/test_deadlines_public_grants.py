"""Thresholds of public grants, to the cent, for the report of the auditor and the publication of accounts.

The budget counts aid of companies and foundations among the grants (account 74), but these are not public.
"""

from decimal import Decimal

import pytest

from actions.models import Resource
from conventions.guards.pieces import condition_holds, quantities
from reporting.deadlines.rules import applies
from reporting.guards import yearly_kinds
from reporting.models import DeadlineRule, Report
from tests.factories.actions import account
from tests.factories.conventions import add_sheet, make_act

pytestmark = pytest.mark.django_db
CONDITION = "subventions_publiques_annuelles > 153000"


@pytest.mark.parametrize(
    ("state", "other", "code", "owed"),
    [
        ("133000", "20000", "74-REGION", False),
        ("133000", "20000.01", "74-REGION", True),
        ("100000", "60000", "74-ETAT-AUTRE", True),
        ("153000", "60000", "74-PRIVE", False),
        ("153000.01", "60000", "74-PRIVE", True),
        ("100000", "60000", "756", False),
        ("100000", "60000", "870", False),
    ],
)
def test_only_public_grants_over_153_000_euros_call_for_the_report_of_the_auditor(
    state: str, other: str, code: str, owed: bool
) -> None:
    act = make_act()
    add_sheet(act, state=Decimal(state), other=Decimal(other))
    Resource.objects.filter(programme=act.programme, account__code="74-REGION").update(account=account(code))
    report = Report(act=act, convention=act.convention, year=2025)
    rule = DeadlineRule.objects.get(condition=CONDITION)
    assert ("rapport_cac" in [kind.key for kind in yearly_kinds(report)]) is owed
    assert applies(rule, act.convention, 2025) is owed
    assert applies(rule, act.convention, None) is owed, "in any year"
    assert condition_holds(CONDITION, quantities(act)) is owed
    report.year = 2030
    assert "rapport_cac" not in [kind.key for kind in yearly_kinds(report)]
