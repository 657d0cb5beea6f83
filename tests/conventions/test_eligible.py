"""Forms, pages, guards, the plan and the signed content give the same eligible cost."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from actions.completeness import totals
from actions.enums import AccountKind, in_kind
from actions.models import Account
from actions.rows import StoredRows
from conventions.content.comparison.amounts import cost
from conventions.content.freeze import build_content
from conventions.guards.later import moved_cost
from conventions.models import Act
from conventions.money import summary
from conventions.money.eligible import eligible_costs
from conventions.money.plan import plan
from tests.factories.actions import expense
from tests.factories.kept import kept
from tests.factories.scenarios import complete_draft

pytestmark = pytest.mark.django_db


@pytest.fixture
@kept
def act() -> Act:
    """The act has charges in kind and charges of the structure; neither is eligible."""
    act = complete_draft().act
    sheet = act.programme.sheets.first()
    expense(sheet, "86", 2025, 7000)
    expense(sheet, "864", 2025, 300)
    expense(act.programme, "64", 2025, 20)
    return act


def test_pages_guards_plan_and_content_tell_the_same_eligible_cost(act: Act) -> None:
    content = build_content(act)
    eligible_cost = eligible_costs(content)[2025]
    assert eligible_cost > 0
    assert totals(act.programme).eligible_by_year[2025] == eligible_cost
    assert sum(row.amount for row in act.programme.expenses.eligible().filter(year=2025)) == eligible_cost
    assert summary.years(content)[0]["cost"] == eligible_cost
    assert sum(row["cost"] or 0 for row in summary.axes(content)) == sum(eligible_costs(content).values())
    assert moved_cost(content, content, 2025) == (Decimal(0), eligible_cost)
    fiches = next(
        one
        for one in plan(StoredRows(act.programme), act.programme.cycle.years, []).coverage
        if "éligible" in one.label
    )
    assert any(cell == eligible_cost for cell in fiches.cost) or eligible_cost in [
        getattr(cell, "amount", None) for cell in fiches.cost
    ]
    assert cost(content["sheets"][0]["expenses"]) == sum(eligible_costs(content).values())


def test_the_kind_of_an_account_and_its_code_say_the_same(act: Act) -> None:
    for account in Account.objects.all():
        assert (account.kind == AccountKind.IN_KIND) == in_kind(account.code), account
    for code, kind in (("86", AccountKind.CASH), ("64", AccountKind.IN_KIND)):
        with pytest.raises(IntegrityError), transaction.atomic():
            Account.objects.filter(code=code).update(kind=kind)
