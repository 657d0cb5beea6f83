"""The services of a programme: each write adds one revision and one journal entry."""

import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actions import services
from actions.completeness import totals
from actions.enums import Unit
from actions.models import Expense, Programme, Resource, Sheet
from actions.services import AmountLine, IndicatorData, TargetData
from cpo.lib import journal
from cpo.lib.editing.lock import StaleRevision
from cpo.lib.enums import Side
from cpo.lib.models import JournalEntry
from tests.factories.actions import (
    ExampleSheetFactory,
    IndicatorDefinitionFactory,
    ProgrammeFactory,
    SheetFactory,
    SheetIndicatorFactory,
    TargetFactory,
    account,
    expense,
    fill_sheet,
    resource,
)
from tests.factories.arml import make_user

pytestmark = pytest.mark.django_db


def sentences(programme: Programme) -> list[str]:
    rows = JournalEntry.objects.filter(root=journal.key(programme.dossier)).order_by("pk")
    return [row.sentence for row in rows]


def revision(programme: Programme) -> int:
    return Programme.objects.get(pk=programme.pk).revision


# -- Fiches --------------------------------------------------------------------------------------------------------


def test_a_new_sheet_takes_the_next_free_code_and_the_years_of_the_cycle(programme: Programme, director: Any) -> None:
    axis = programme.cycle.axes.get(number=3)
    SheetFactory(programme=programme, axis=axis, code="3-A")
    sheet = services.create_sheet(programme=programme, by=director, axis=axis, title="Plan de formation")
    assert (sheet.code, sheet.years) == ("3-B", [2025, 2026, 2027])
    assert sentences(programme) == [f"{director} ajoute la fiche 3-B «\u00a0Plan de formation\u00a0»."]
    assert revision(programme) == 1


def test_codes_go_on_after_z(programme: Programme) -> None:
    axis = programme.cycle.axes.get(number=1)
    for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        SheetFactory(programme=programme, axis=axis, code=f"1-{letter}")
    assert services.next_code(programme, axis) == "1-AA"


def test_a_code_belongs_to_one_sheet(programme: Programme, director: Any) -> None:
    SheetFactory(programme=programme, code="3-A")
    with pytest.raises(ValidationError, match="déjà celui d’une autre fiche"):
        services.create_sheet(
            programme=programme, by=director, axis=programme.cycle.axes.first(), title="Autre", code="3-A"
        )
    assert revision(programme) == 0


def test_taking_examples_is_one_write(programme: Programme, director: Any) -> None:
    examples = ExampleSheetFactory.create_batch(3, cycle=programme.cycle)
    sheets = services.take_examples(programme=programme, by=director, examples=examples, expected_revision=0)
    assert [sheet.code for sheet in sheets] == [example.code for example in examples]
    assert revision(programme) == 1
    assert len(sentences(programme)) == 1


def test_an_example_is_copied_with_its_texts_and_indicators(programme: Programme, director: Any) -> None:
    definition = IndicatorDefinitionFactory(cycle=programme.cycle, code="EX-A", usual_target="80 %", unit=Unit.PERCENT)
    formula = IndicatorDefinitionFactory(cycle=programme.cycle, code="EX-B", usual_target="N/2")
    example = ExampleSheetFactory(cycle=programme.cycle, indicators=[definition, formula])
    sheet = services.take_example(programme=programme, by=director, example=example)
    assert sheet.steps == "Première étape\nSeconde étape"
    assert sheet.milestones == "T1\u00a0: Lancement\nT4\u00a0: Bilan"
    assert sheet.human_means == "chargé·e de mission\u00a0: 0,6 à 1,2 ETP"
    first, second = sheet.indicators.order_by("rank")
    assert [target.number for target in first.targets.all()] == [Decimal(80)] * 3
    assert not second.targets.exists(), "a formula is not a number: blank is not zero"


def test_an_example_taken_twice_gets_a_code_of_its_own(programme: Programme, director: Any) -> None:
    example = ExampleSheetFactory(cycle=programme.cycle, code="1-A")
    first = services.take_example(programme=programme, by=director, example=example)
    second = services.take_example(programme=programme, by=director, example=example)
    assert (first.code, second.code) == ("1-A", "1-B")
    assert first.key != second.key


def test_a_year_that_carries_values_can_not_leave_the_sheet(programme: Programme, director: Any) -> None:
    sheet = fill_sheet(SheetFactory(programme=programme))
    with pytest.raises(ValidationError) as error:
        services.update_sheet(sheet=sheet, by=director, expected_revision=0, last_year=2026)
    assert "2027" in error.value.message_dict["last_year"][0]


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"first_year": 2024}, "first_year"),
        ({"last_year": 2028}, "last_year"),
        ({"first_year": 2027, "last_year": 2026}, "last_year"),
        ({"title": ""}, "title"),
        ({"fte": Decimal(-1)}, "fte"),
    ],
)
def test_wrong_values_are_refused_beside_their_field(
    programme: Programme, director: Any, content: dict[str, Any], field: str
) -> None:
    sheet = SheetFactory(programme=programme)
    with pytest.raises(ValidationError) as error:
        services.update_sheet(sheet=sheet, by=director, expected_revision=None, **content)
    assert list(error.value.message_dict) == [field]
    assert revision(programme) == 0


def test_duplicating_copies_all_but_the_identity(programme: Programme, director: Any) -> None:
    sheet = fill_sheet(SheetFactory(programme=programme, code="1-A"), indicators=2)
    copy = services.duplicate_sheet(sheet=sheet, by=director)
    assert copy.key != sheet.key
    assert copy.code == "1-B"
    assert copy.indicators.count() == 2
    assert set(copy.indicators.values_list("key")).isdisjoint(sheet.indicators.values_list("key"))
    assert sum(row.amount for row in copy.expenses.all()) == sum(row.amount for row in sheet.expenses.all())


def test_deleting_a_sheet_takes_its_budget_away(programme: Programme, director: Any) -> None:
    sheet = fill_sheet(SheetFactory(programme=programme, code="2-A", title="Réunions"))
    services.delete_sheet(sheet=sheet, by=director, expected_revision=0)
    assert not Sheet.objects.exists()
    assert not Expense.objects.exists()
    assert sentences(programme) == [f"{director} retire la fiche 2-A «\u00a0Réunions\u00a0»."]


def test_a_sheet_moves_inside_its_axis(programme: Programme, director: Any) -> None:
    axis = programme.cycle.axes.first()
    first, second = (SheetFactory(programme=programme, axis=axis) for _ in range(2))
    other = SheetFactory(programme=programme, axis=programme.cycle.axes.get(number=2))
    services.move_sheet(sheet=second, by=director, up=True)
    assert list(programme.sheets.all()) == [second, first, other]
    with pytest.raises(ValidationError, match="déjà la première"):
        services.move_sheet(sheet=second, by=director, up=True)
    assert revision(programme) == 1


def test_keys_survive_a_copy_of_the_programme(programme: Programme, officer: Any) -> None:
    sheet = fill_sheet(SheetFactory(programme=programme), indicators=2)
    expense(programme, "61", 2025, "12.34")
    resource(programme, "756", 2025, "12.34")
    target = ProgrammeFactory(dossier=programme.dossier, cycle=programme.cycle, side=Side.STATE)
    services.copy_programme(source=programme, target=target, by=officer)
    copy = target.sheets.get()
    assert copy.key == sheet.key
    assert set(copy.indicators.values_list("key")) == set(sheet.indicators.values_list("key"))
    assert totals(target).eligible_by_year == totals(programme).eligible_by_year
    assert totals(target).structure_expenses == totals(programme).structure_expenses
    assert programme.sheets.count() == 1


# -- Indicators ----------------------------------------------------------------------------------------------------


def test_indicators_become_exactly_what_is_given(programme: Programme, director: Any) -> None:
    sheet = SheetFactory(programme=programme)
    retained, dropped = SheetIndicatorFactory(sheet=sheet), SheetIndicatorFactory(sheet=sheet)
    TargetFactory(indicator=retained, year=2025)
    indicators = [
        IndicatorData(label="Nouveau", unit=Unit.PERCENT, targets={2026: TargetData(text="en hausse")}),
        IndicatorData(
            key=retained.key,
            label="Séances",
            unit=Unit.NUMBER,
            targets={2025: TargetData(), 2026: TargetData(number=Decimal(0)), 2027: TargetData(not_applicable=True)},
        ),
    ]
    services.set_indicators(sheet=sheet, by=director, expected_revision=0, indicators=indicators)
    new, old = sheet.indicators.order_by("rank")
    assert (new.label, old.pk) == ("Nouveau", retained.pk)
    assert {t.year: (t.number, t.not_applicable) for t in old.targets.all()} == {2026: (0, False), 2027: (None, True)}
    assert not sheet.indicators.filter(key=dropped.key).exists()
    assert revision(programme) == 1


def test_a_target_out_of_the_years_of_the_sheet_is_refused(programme: Programme, director: Any) -> None:
    sheet = SheetFactory(programme=programme, last_year=2026)
    indicators = [IndicatorData(label="Séances", unit=Unit.NUMBER, targets={2027: TargetData(number=Decimal(1))})]
    with pytest.raises(ValidationError, match="2027"):
        services.set_indicators(sheet=sheet, by=director, expected_revision=None, indicators=indicators)


# -- Budgets -------------------------------------------------------------------------------------------------------


def test_a_budget_becomes_exactly_the_lines_given(programme: Programme, director: Any) -> None:
    sheet = fill_sheet(SheetFactory(programme=programme, code="1-A", title="Appui"))
    services.set_sheet_budget(
        sheet=sheet,
        by=director,
        expected_revision=0,
        expenses=[
            AmountLine(account("60"), {2025: Decimal("10.10"), 2026: None, 2027: Decimal(0)}),
            AmountLine(account("861"), {2025: Decimal(5)}),
        ],
        resources=[
            AmountLine(account("74-ETAT"), {2025: Decimal("10.10")}),
            AmountLine(account("74-REGION"), {2026: Decimal(3)}, funder="Région Exemple"),
        ],
    )
    assert [(e.account.code, e.year, e.amount) for e in sheet.expenses.all()] == [
        ("60", 2025, Decimal("10.10")),
        ("861", 2025, Decimal(5)),
    ]
    funders = dict(sheet.resources.values_list("account__code", "funder"))
    assert funders == {"74-ETAT": programme.dossier.lead.short_name, "74-REGION": "Région Exemple"}
    assert sentences(programme)[-1].endswith("«\u00a0Appui\u00a0»\u00a0: 10,10\u00a0€ en 2025.")


def test_structure_costs_leave_the_budgets_of_sheets_alone(programme: Programme, accountant: Any) -> None:
    sheet = fill_sheet(SheetFactory(programme=programme))
    services.set_structure(
        programme=programme,
        by=accountant,
        expected_revision=0,
        expenses=[AmountLine(account("61"), {2025: Decimal(64000)})],
        resources=[AmountLine(account("756"), {2025: Decimal(64000)})],
    )
    budget_totals = totals(programme)
    assert budget_totals.structure_expenses[2025] == Decimal(64000)
    assert budget_totals.eligible_by_year[2025] == Decimal(1000)
    assert sheet.expenses.count() == 3


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([("60", {2025: "-1"})], "négatif"),
        ([("60", {2025: "1.234"})], "deux décimales"),
        ([("60", {2031: "1"})], "2031"),
        ([("74-ETAT", {2025: "1"})], "n’est pas un compte de charges"),
        ([("60", {2025: "1"}), ("60", {2026: "1"})], "deux fois"),
        ([("60", {2025: "1"}), ("60-PREST", {2026: "1"})], "pas les deux"),
        ([("60", {2025: "1000000000000"})], "trop grand"),
    ],
)
def test_amounts_that_can_not_be_are_refused(programme: Programme, director: Any, lines: Any, message: str) -> None:
    sheet = SheetFactory(programme=programme)
    expenses = [
        AmountLine(account(code), {year: Decimal(amount) for year, amount in amounts.items()})
        for code, amounts in lines
    ]
    with pytest.raises(ValidationError, match=message):
        services.set_sheet_budget(sheet=sheet, by=director, expected_revision=None, expenses=expenses, resources=[])
    assert not Expense.objects.exists()


CENTS = st.integers(min_value=0, max_value=10**12).map(lambda cents: Decimal(cents) / 100)
YEARLY = st.fixed_dictionaries({}, optional=dict.fromkeys((2025, 2026, 2027), CENTS))


@given(first=YEARLY, second=YEARLY, structure=YEARLY, state=YEARLY)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_amounts_never_lose_a_cent(
    programme: Programme, director: Any, first: Any, second: Any, structure: Any, state: Any
) -> None:
    Sheet.objects.filter(programme=programme).delete()
    one, two = (SheetFactory(programme=programme) for _ in range(2))
    for sheet, amounts in ((one, first), (two, second)):
        services.set_sheet_budget(
            sheet=sheet,
            by=director,
            expected_revision=None,
            expenses=[AmountLine(account("64"), amounts)],
            resources=[AmountLine(account("74-ETAT"), state)],
        )
    services.set_structure(
        programme=programme,
        by=director,
        expected_revision=None,
        expenses=[AmountLine(account("61"), structure)],
        resources=[],
    )
    budget_totals = totals(programme)
    for year in programme.cycle.years:
        assert budget_totals.eligible_by_year[year] == first.get(year, 0) + second.get(year, 0)
        assert budget_totals.structure_expenses[year] == structure.get(year, 0)
        assert budget_totals.state_by_year[year] == 2 * state.get(year, 0)
    by_year = budget_totals.by_axis_year.get(1, {})
    assert sum(cell["expenses"] for cell in by_year.values()) == sum(first.values()) + sum(second.values())


# -- Rights and revisions ------------------------------------------------------------------------------------------


def test_accountant_edits_budgets_but_not_texts(programme: Programme, accountant: Any) -> None:
    sheet = SheetFactory(programme=programme)
    services.set_sheet_budget(
        sheet=sheet,
        by=accountant,
        expected_revision=0,
        expenses=[AmountLine(account("60"), {2025: Decimal(1)})],
        resources=[],
    )
    with pytest.raises(PermissionDenied, match="Peuvent modifier"):
        services.update_sheet(sheet=sheet, by=accountant, expected_revision=None, title="Autre")
    with pytest.raises(PermissionDenied):
        services.set_indicators(sheet=sheet, by=accountant, expected_revision=None, indicators=[])


def test_only_the_side_that_has_the_turn_edits(programme: Programme, officer: Any, director: Any) -> None:
    axis = programme.cycle.axes.first()
    with pytest.raises(PermissionDenied, match="La main est à"):
        services.create_sheet(programme=programme, by=officer, axis=axis, title="Trop tôt")
    Programme.objects.update(side=Side.STATE)
    programme.refresh_from_db()
    assert services.create_sheet(programme=programme, by=officer, axis=axis, title="À son tour").pk
    with pytest.raises(PermissionDenied):
        services.create_sheet(programme=programme, by=director, axis=axis, title="Plus maintenant")


@pytest.mark.parametrize("role", ["signatory", "reader"])
def test_others_of_the_same_side_only_read(programme: Programme, role: str) -> None:
    organisation = programme.dossier.lead if role == "signatory" else programme.dossier.beneficiary
    person = make_user(role, organisation)
    with pytest.raises(PermissionDenied):
        services.create_sheet(programme=programme, by=person, axis=programme.cycle.axes.first(), title="Non")


def test_an_older_page_never_overwrites_a_newer_one(programme: Programme, director: Any, accountant: Any) -> None:
    sheet = SheetFactory(programme=programme, title="Avant")
    services.update_sheet(sheet=sheet, by=director, expected_revision=0, title="Première")
    with pytest.raises(StaleRevision):
        services.update_sheet(sheet=sheet, by=director, expected_revision=0, title="Seconde")
    assert Sheet.objects.get().title == "Première"


def test_a_frozen_programme_refuses_everything(programme: Programme, director: Any) -> None:
    sheet = fill_sheet(SheetFactory(programme=programme))
    Programme.objects.filter(pk=programme.pk).update(frozen=True, side="")
    sheet.refresh_from_db()
    with pytest.raises(PermissionDenied, match="figé"):
        services.delete_sheet(sheet=sheet, by=director, expected_revision=None)
    assert Resource.objects.exists()


def test_a_key_of_another_sheet_makes_a_new_indicator(programme: Programme, director: Any) -> None:
    mine, theirs = SheetFactory(programme=programme), SheetFactory(programme=programme)
    foreign = SheetIndicatorFactory(sheet=theirs)
    for key in (foreign.key, uuid.uuid4()):
        services.set_indicators(
            sheet=mine,
            by=director,
            expected_revision=None,
            indicators=[IndicatorData(key=key, label="À moi", unit=Unit.NUMBER)],
        )
    assert theirs.indicators.get().label == foreign.label
