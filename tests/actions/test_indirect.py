"""Indirect costs: the part that the convention retains, its computation, its checks and its display."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from actions import completeness, services
from actions.enums import AccountSide
from actions.indirect import IndirectCosts, is_indirect
from actions.models import Account, Sheet
from actions.services import AmountLine
from conventions.models import Act
from tests.actions.test_views import address, budget, revision
from tests.factories.conventions import member

pytestmark = pytest.mark.django_db


def retained(act: Act, option: str, rate: str = "") -> Act:
    Act.objects.filter(pk=act.pk).update(
        options=act.options | {"charges_indirectes": option}, values=act.values | {"taux_charges_indirectes": rate}
    )
    return Act.objects.select_related("programme__cycle", "convention").get(pk=act.pk)


def plan(sheet: Sheet, by: Any, **amounts: str) -> None:
    lines = [
        AmountLine(Account.objects.get(code=code.replace("_", "-")), dict.fromkeys(sheet.years, Decimal(amount)))
        for code, amount in amounts.items()
    ]
    state = Account.objects.get(code="74-ETAT", side=AccountSide.RESOURCE)
    whole = sum(Decimal(amount) for amount in amounts.values())
    services.set_sheet_budget(
        sheet=sheet, by=by, expected_revision=None, expenses=lines,
        resources=[AmountLine(state, dict.fromkeys(sheet.years, whole))],
    )  # fmt: skip


def faults(act: Act) -> list[str]:
    return [line.text for line in completeness.missing(act.programme, "N") if "indirectes" in line.text]


@pytest.mark.parametrize(
    ("option", "rate", "ceiling"),
    [
        ("forfait", "10", "123.46"),
        ("forfait", "7.5", "92.59"),
        ("forfait", "", None),
        ("aucune", "10", "0"),
        ("reelles", "10", None),
        ("", "", None),
    ],
)
def test_what_is_retained_of_1234_56_euros_of_direct_costs(option: str, rate: str, ceiling: str | None) -> None:
    costs = IndirectCosts(option, Decimal(rate) if rate else None)
    assert costs.ceiling(Decimal("1234.56")) == (Decimal(ceiling) if ceiling else None)


def test_the_detail_of_the_account_is_indirect_too() -> None:
    assert is_indirect("IND") and is_indirect("IND-FIXE")
    assert not is_indirect("64") and not is_indirect("INDEX")


def test_the_budget_of_the_programme_says_the_rate_and_the_fiche_that_exceeds_it(
    client: Client, act: Act, sheet: Sheet
) -> None:
    retained(act, "forfait", "10")
    director = member(act, "director")
    client.force_login(director)
    plan(sheet, director, **{"64": "900", "IND": "90"})
    page = client.get(address(act, "programme-budget")).content.decode()
    assert "forfait de 10\u00a0% des charges directes" in page and "10\u00a0% des directes" in page
    assert "au-delà du forfait" not in page
    plan(sheet, director, **{"64": "900", "IND": "90.01"})
    assert "au-delà du forfait" in client.get(address(act, "programme-budget")).content.decode()


def test_more_than_the_flat_rate_is_missing_before_the_signature_and_leads_to_the_year(act: Act, sheet: Sheet) -> None:
    plan(sheet, member(act, "director"), **{"64": "900", "IND_FIXE": "60", "IND_AUTRES": "31"})
    assert faults(retained(act, "reelles", "10")) == [], "no rate limits real costs"
    messages = faults(retained(act, "forfait", "10"))
    assert len(messages) == len(sheet.years)
    assert messages[0] == (
        f"Fiche 1-A\u00a0: charges indirectes {sheet.years[0]} trop élevées (forfait de 10\u00a0% des charges directes)"
    )
    assert faults(retained(act, "forfait", "10.12")) == [], "91 euros are 10.11 % of 900"
    assert len(faults(retained(act, "aucune"))) == len(sheet.years)


def test_without_its_rate_a_flat_rate_limits_nothing_yet(act: Act, sheet: Sheet) -> None:
    plan(sheet, member(act, "director"), **{"64": "900", "IND": "500"})
    assert faults(retained(act, "forfait")) == []


# -- The grid --------------------------------------------------------------------------------------------------------


def grid(client: Client, act: Act, sheet: Sheet) -> str:
    client.force_login(member(act, "director"))
    return str(client.get(address(act, "sheet-budget", sheet)).content.decode())


def test_the_grid_offers_to_work_the_flat_rate_out_only_where_the_convention_retains_one(
    client: Client, act: Act, sheet: Sheet
) -> None:
    assert "Calculer le forfait" not in grid(client, retained(act, "reelles", "10"), sheet)
    assert "Charges indirectes\u00a0: " not in grid(client, act, sheet)
    text = grid(client, retained(act, "forfait"), sheet)
    assert "Calculer le forfait" not in text and "dont le taux n’est pas encore renseigné" in text
    text = grid(client, retained(act, "forfait", "10"), sheet)
    assert "Calculer le forfait" in text and "forfait de 10\u00a0% des charges directes" in text
    text = grid(client, retained(act, "aucune"), sheet)
    assert "Calculer le forfait" not in text and "aucune retenue par la convention" in text


def test_the_flat_rate_takes_the_place_of_what_was_typed_and_stores_nothing(
    client: Client, act: Act, sheet: Sheet
) -> None:
    retained(act, "forfait", "10")
    client.force_login(member(act, "director"))
    charges = [
        {"account": "64", "y2025": "1 234,56", "y2026": "1000"},
        {"account": "IND-FIXE", "y2025": "5", "y2027": "7"},
        {"account": "861", "y2025": "400"},
    ]
    data = budget(charges, [{"account": "74-ETAT", "y2025": "9"}], revision=revision(act))
    answer = client.post(address(act, "sheet-budget", sheet), data | {"add": "forfait"})
    assert answer.status_code == 200 and not sheet.expenses.exists()
    rows = {form["account"].value(): form for form in answer.context["budget"].expenses.forms}
    assert [rows["IND"][f"y{year}"].value() for year in (2025, 2026, 2027)] == ["123,46", "100", None]
    assert (
        "IND-FIXE" not in rows and rows["64"]["y2025"].value() == "1 234,56" and rows["861"]["y2025"].value() == "400"
    )
    assert [rule.years for rule in answer.context["rules"] if rule.key == "indirect"] == [[]]


def test_a_refused_amount_is_said_before_the_flat_rate_is_worked_out(client: Client, act: Act, sheet: Sheet) -> None:
    retained(act, "forfait", "10")
    client.force_login(member(act, "director"))
    data = budget([{"account": "64", "y2025": "mille"}], [], revision=revision(act))
    answer = client.post(address(act, "sheet-budget", sheet), data | {"add": "forfait"})
    assert "« mille » n’est pas un montant" in answer.content.decode().replace("\u00a0", " ")
    assert answer.context["budget"].expenses.forms[0]["y2025"].value() == "mille"
