"""Checks of money and programme, to the cent and for each year; each line links to the field that corrects it."""

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from actions.models import Account, Expense, Resource, Sheet, Target
from conventions.guards.complete import programme_complete
from conventions.guards.money import money_adds_up
from conventions.models import Contribution
from tests.conventions.guarded import Case, lines, messages, stops_acceptance
from tests.factories.scenarios import Scene, proposed

pytestmark = pytest.mark.django_db
YEAR = 2026


def expense(code: str, amount: str) -> Any:
    """Set the amount of an account of charges of the fiche in 2026."""
    return _line(Expense, code, amount)


def resource(code: str, amount: str) -> Any:
    return _line(Resource, code, amount)


def structure(model: Any, code: str, amount: str) -> Any:
    """Set the amount of an account outside of the fiches in 2026."""
    return _line(model, code, amount, of_sheet=False)


def _line(model: Any, code: str, amount: str, *, of_sheet: bool = True) -> Any:
    def change(scene: Scene) -> None:
        programme = scene.act.programme
        where = {"programme": programme, "sheet": programme.sheets.first() if of_sheet else None, "year": YEAR}
        account = Account.objects.get(code=code)
        if not model.objects.filter(account=account, **where).update(amount=Decimal(amount)):
            fields = {"funder": account.label} if model is Resource else {}
            model.objects.create(account=account, amount=Decimal(amount), **where, **fields)

    return change


def contribution(amount: str) -> Any:
    return lambda scene: scene.act.contributions.filter(year=YEAR).update(amount=Decimal(amount))


def split_contribution(scene: Scene) -> None:
    contribution("30000")(scene)
    lead = scene.act.dossier.lead
    Contribution.objects.create(act=scene.act, year=YEAR, line="complementaire", service=lead, amount=Decimal(10000))


def instalment(amount: str) -> Any:
    return lambda scene: scene.act.instalments.filter(year=YEAR, rank=1).update(amount=Decimal(amount))


def all_of(*changes: Any) -> Any:
    return lambda scene: [change(scene) for change in changes]


def sheet(**values: Any) -> Any:
    return lambda scene: scene.act.programme.sheets.update(**values)


def no_target(*years: int) -> Any:
    return lambda scene: Target.objects.filter(indicator__sheet__programme=scene.act.programme, year__in=years).delete()


def no_budget(scene: Scene) -> None:
    for model in (Expense, Resource):
        model.objects.filter(programme=scene.act.programme, year=YEAR).delete()


ALL, MORE, LESS = "40\u00a0000\u00a0€", "40\u00a0000,01\u00a0€", "39\u00a0999,99\u00a0€"
FIELD = "convention-contribution#id_m-{lead_pk}-socle-2026"
FIRST = "convention-contribution#id_versement-2-amount"
BUDGET = "sheet-budget#annee-2026"
IN_KIND = f"Fiche 1-A\u00a0: 2026, comptes 86 et 87 différents | {BUDGET}"
ELIGIBLE = f"2026\u00a0: la contribution ({ALL}) dépasse le coût éligible ({LESS}) | {FIELD}"


def request_line(by_fiches: str, total: str) -> str:
    return f"2026\u00a0: les fiches demandent {by_fiches} à l’État, la contribution est de {total} | {FIELD}"


def plan_line(instalments: str, total: str, field: str = FIRST) -> str:
    return f"2026\u00a0: l’échéancier ({instalments}) ne donne pas la contribution ({total}) | {field}"


# Each year has 60 000 € of charges; the State gives 40 000 € in two equal payments.
CASES: dict[Any, list[Case]] = {
    money_adds_up: [
        ("nothing given", lambda scene: scene.act.contributions.filter(year=YEAR).delete(),
         ["Contribution de l’État en 2026 | " + FIELD]),
        ("a cent more than what the fiches ask", contribution("40000.01"),
         [request_line(ALL, MORE), plan_line(ALL, MORE)]),
        ("a cent less than what the fiches ask", resource("74-ETAT", "40000.01"), [request_line(MORE, ALL)]),
        ("asked for outside of the fiches", structure(Resource, "74-ETAT", "0.01"), [request_line(MORE, ALL)]),
        ("in two lines that add up", split_contribution, []),
        ("the whole eligible cost", expense("64", "40000"), []),
        ("a cent over the eligible cost", expense("64", "39999.99"), [ELIGIBLE]),
        ("accounts 86 and 87 are no eligible cost",
         all_of(expense("64", "39999.99"), expense("864", "5000"), resource("870", "5000")), [ELIGIBLE]),
        ("nor are the costs of the structure",
         all_of(expense("64", "39999.99"), structure(Expense, "64", "5000")), [ELIGIBLE]),
        ("indirect costs are", all_of(expense("64", "39999.99"), expense("IND-FIXE", "0.01")), []),
        ("an instalment a cent short", instalment("19999.99"), [plan_line(LESS, ALL)]),
        ("an instalment a cent over", instalment("20000.01"), [plan_line(MORE, ALL)]),
        ("no instalment", lambda scene: scene.act.instalments.filter(year=YEAR).delete(),
         [plan_line("0\u00a0€", ALL, "convention-contribution#id_versement-4-year")]),
    ],
    programme_complete: [
        ("no fiche", lambda scene: scene.act.programme.sheets.all().delete(),
         ["Aucune fiche action dans le programme | programme-detail"]),
        ("no indicator", lambda scene: scene.act.programme.sheets.get().indicators.all().delete(),
         ["Fiche 1-A\u00a0: au moins un indicateur | sheet-indicators"]),
        ("no target for a year", no_target(YEAR),
         ["Fiche 1-A\u00a0: cible 2026 de «\u00a0Stagiaires formés\u00a0» | sheet-indicators#cible-{indicator}-2026"]),
        ("no target for a year after the action", all_of(sheet(last_year=2025), no_target(2026, 2027)), []),
        ("a blank description", sheet(description=" \n"), ["Fiche 1-A\u00a0: description | sheet-edit#id_description"]),
        ("no budget for a year", no_budget, [f"Fiche 1-A\u00a0: budget 2026 | {BUDGET}"]),
        ("a budget in kind alone", all_of(no_budget, expense("864", "5"), resource("870", "5")),
         [f"Fiche 1-A\u00a0: budget 2026 | {BUDGET}"]),
        ("no budget for a year after the action", all_of(sheet(last_year=2025), no_budget), []),
        ("a cent more of charges", expense("64", "60000.01"),
         [f"Fiche 1-A\u00a0: budget 2026, il manque 0,01\u00a0€ de produits | {BUDGET}"]),
        ("a cent more of resources", resource("74-REGION", "20000.01"),
         [f"Fiche 1-A\u00a0: budget 2026, il manque 0,01\u00a0€ de charges | {BUDGET}"]),
        ("in kind on both sides", all_of(expense("864", "10"), resource("870", "10")), []),
        ("in kind, a cent apart", all_of(expense("864", "10"), resource("870", "9.99")), [IN_KIND]),
        ("in kind on one side", resource("870", "0.01"), [IN_KIND]),
        ("a structure that balances",
         all_of(structure(Expense, "64", "100"), structure(Resource, "756", "100")), []),
        ("a structure that lacks a cent",
         all_of(structure(Expense, "64", "100"), structure(Resource, "756", "99.99")),
         ["Coûts de structure 2026, il manque 0,01\u00a0€ de produits | programme-structure#annee-2026"]),
        ("a structure in kind alone is not added up", structure(Expense, "864", "100"), []),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("check", "change", "expected"),
    [
        pytest.param(check, change, expected, id=f"{check.__name__}: {name}")
        for check, cases in CASES.items()
        for name, change, expected in cases
    ],
)
def test_a_cent_too_much_is_said_at_its_field_and_stops_the_acceptance(
    check: Any, change: Any, expected: list[str]
) -> None:
    scene = proposed()
    indicator = scene.act.programme.sheets.get().indicators.get().key
    change(scene)
    expected_lines = lines(scene, expected, indicator=indicator)
    assert messages(check, scene, "error") == expected_lines
    assert stops_acceptance(scene, expected_lines)


def test_an_axis_without_action_is_said_and_stops_nothing() -> None:
    scene = proposed(sheets=2)
    page = reverse("programme-detail", kwargs={"number": scene.number})
    label = scene.act.programme.cycle.axis_label
    assert messages(programme_complete, scene) == messages(programme_complete, scene, "warning")
    assert messages(programme_complete, scene) == [f"{label} 3\u00a0: aucune action | {page}#axe-3"]
    Sheet.objects.filter(programme=scene.act.programme, code="2-B").update(
        axis=scene.act.programme.cycle.axes.get(number=3)
    )
    assert messages(programme_complete, scene) == [f"{label} 2\u00a0: aucune action | {page}#axe-2"]
    scene.do("accept", scene.officer)
