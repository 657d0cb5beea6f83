"""The programme of a story: fiches from the examples, indicators, budgets, structure, State contribution."""

from decimal import Decimal
from typing import Any

from actions.models import Account, ExampleSheet, IndicatorDefinition, Sheet
from actions.services import take_example, update_sheet
from actions.services.budgets import AmountLine, set_sheet_budget, set_structure
from actions.services.indicators import IndicatorData, TargetData, set_indicators
from arml.models import User
from conventions.models import Act
from conventions.services.money import ContributionRow, InstalmentRow, set_contributions, set_instalments
from cpo.lib.dates import parse_iso
from cpo.lib.money import split

from .story import Story

Amounts = dict[str, dict[int, Decimal]]


def write_programme(story: Story, act: Act, *, by: User) -> None:
    """Enter every fiche with its texts, indicators and budget, then the structure's costs."""
    examples = {row.code: row for row in ExampleSheet.objects.filter(cycle=story.cycle).select_related("axis")}
    accounts = {account.code: account for account in Account.objects.all()}
    for data in story.sheet_data:
        sheet = take_example(programme=act.programme, by=by, example=examples[data["action_type"]])
        update_sheet(
            sheet=sheet,
            by=by,
            expected_revision=None,
            title=data["intitule"],
            nature=data["nature"],
            context=data["contexte"],
            first_year=min(data["annees"]),
            last_year=max(data["annees"]),
            fte=Decimal(str(data["etp"][min(data["annees"])])),
            pilot_role=data["pilote"],
            pilot_name=str(story.user("director")),
            priorities="\n".join(data.get("priorites_transversales", [])),
            evaluation_method="Revue annuelle de la fiche avec le service de l’État, au vu des indicateurs.",
        )
        _indicators(sheet, data, by)
        _budget(story, sheet, data, accounts, by)
    _structure(story, act, accounts, by)


def _indicators(sheet: Sheet, data: dict[str, Any], by: User) -> None:
    codes = [row["code"] for row in data["indicateurs"]]
    definitions = {d.code: d for d in IndicatorDefinition.objects.filter(code__in=codes)}
    set_indicators(
        sheet=sheet,
        by=by,
        expected_revision=None,
        indicators=[_indicator(row, definitions[row["code"]], sheet.years) for row in data["indicateurs"]],
    )


def _indicator(row: dict[str, Any], definition: IndicatorDefinition, years: list[int]) -> IndicatorData:
    start = row.get("depart")
    return IndicatorData(
        label=definition.label,
        unit=definition.unit,
        direction=definition.direction,
        type=definition.type,
        definition=definition.definition,
        source=definition.source,
        baseline="" if start is None else str(start).replace(".", ","),
        targets={year: _target(row[f"cible_{year}"]) for year in years},
        definition_from=definition,
    )


def _target(value: Any) -> TargetData:
    return TargetData(text=value) if isinstance(value, str) else TargetData(number=Decimal(str(value)))


def _lines(by_account: Amounts, accounts: dict[str, Account]) -> list[AmountLine]:
    return [AmountLine(accounts[code], amounts) for code, amounts in by_account.items()]


def _gather(story: Story, budget: dict[int, dict[str, Any]], *names: str) -> Amounts:
    amounts: Amounts = {}
    for year, values in budget.items():
        for name in names:
            for code, amount in values.get(name, {}).items():
                amounts.setdefault(code, {})[year] = story.amount(amount)
    return amounts


def _budget(story: Story, sheet: Sheet, data: dict[str, Any], accounts: dict[str, Account], by: User) -> None:
    budget = data["budget"]
    set_sheet_budget(
        sheet=sheet,
        by=by,
        expected_revision=None,
        expenses=_lines(_gather(story, budget, "charges", "nature_emplois"), accounts),
        resources=_lines(_gather(story, budget, "produits", "nature_ressources"), accounts),
    )


def _structure(story: Story, act: Act, accounts: dict[str, Account], by: User) -> None:
    parts = {year: row["structure_non_affectee"] for year, row in story.data["budget_global"].items()}
    set_structure(
        programme=act.programme,
        by=by,
        expected_revision=None,
        expenses=_lines(_gather(story, parts, "charges"), accounts),
        resources=_lines(_gather(story, parts, "produits"), accounts),
    )


def state_by_year(story: Story) -> dict[int, Decimal]:
    """The amount that the fiches of the story request from the State, by year."""
    totals: dict[int, Decimal] = {}
    for data in story.sheet_data:
        for year, budget in data["budget"].items():
            totals[year] = totals.get(year, Decimal(0)) + story.amount(budget["produits"]["74-ETAT"])
    return totals


def write_contribution(story: Story, act: Act, *, by: User) -> None:
    """Write the State's contribution, split between its services, and two instalments a year."""
    rows, instalments = [], []
    partners = [story.lead, *story.cosigners]
    weights = [Decimal(45), Decimal(32), Decimal(23)][: len(partners)] if len(partners) > 1 else [Decimal(1)]
    for year, amount in state_by_year(story).items():
        for service, part in zip(partners, split(amount, weights), strict=True):
            rows.append(ContributionRow(year, part, service))
        instalments += _instalments(story, year, amount)
    set_contributions(act=act, rows=rows, by=by, expected_revision=None)
    set_instalments(act=act, rows=instalments, by=by, expected_revision=None)


def _instalments(story: Story, year: int, amount: Decimal) -> list[InstalmentRow]:
    first, rest = split(amount, [Decimal(1), Decimal(1)])
    rows = [row for row in story.data["contribution_etat"]["echeancier"] if row["annee"] == year]
    return [
        InstalmentRow(year, part, row["objet"], row["condition"], parse_iso(row["date_prevue"]))
        for row, part in zip(rows, (min(first, rest), max(first, rest)), strict=True)
    ]
