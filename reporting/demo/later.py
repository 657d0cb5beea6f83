"""Acts after the first in the demonstration, in force or in negotiation."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

from actions.enums import STATE_ACCOUNT
from actions.models import Sheet
from actions.services import set_sheet_budget, update_sheet
from actions.services.budgets import AmountLine, stored_lines
from actions.services.indicators import IndicatorData, TargetData, set_indicators, stored_indicator
from arml.models import User
from conventions import workflow
from conventions.enums import ActTopic
from conventions.later.opening import Terms
from conventions.models import Act
from conventions.services.later import set_terms
from conventions.services.money import ContributionRow, InstalmentRow, set_contributions, set_instalments
from cpo.lib import clock

from .agreement import fresh, sign
from .story import Story, at

YEAR = 2026
LESS = Decimal(4000)
STAFF = "64"


def tell_acts(story: Story, first: Act) -> None:
    """Play each act of the story, in order."""
    tellers = {
        "acte_financier": _annual,
        "acte_suivant": _next_annual,
        "avenant": _amendment,
        "avenant_en_cours": _asked_by_service,
        "prolongation": _extension,
    }
    for name in story.acts:
        tellers[name](story, first)


def _open(story: Story, first: Act, transition: str, role: str, terms: Terms) -> Act:
    workflow.apply(transition, fresh(first), by=story.user(role), data={"terms": terms})
    return fresh(first.convention.acts.latest("number"))


def _propose(story: Story, act: Act, role: str, comment: str) -> Act:
    return workflow.apply("propose", fresh(act), by=story.user(role), comment=comment)


def _accept(story: Story, act: Act, role: str) -> Act:
    act = workflow.apply("accept", fresh(act), by=story.user(role))
    return workflow.apply("ask_visa", fresh(act), by=story.user("officer"))


def _annual(story: Story, first: Act) -> None:
    """The annual act that sets the amount after the budget law, signed in March."""
    officer = story.user("officer")
    with clock.set_to(at(dt.date(YEAR, 2, 23), 10)):
        terms = Terms(
            f"Fixer la contribution de l’État pour {YEAR} et son échéancier, après le dialogue de gestion.", year=YEAR
        )
        act = _open(story, first, "open_annual", "officer", terms)
        _lower(act, officer)
        _set_dates(act, officer, dt.date(YEAR, 4, 1))
    with clock.set_to(at(dt.date(YEAR, 2, 24), 10)):
        act = _propose(story, act, "officer", "Montant notifié après le vote de la loi de finances.")
    with clock.set_to(at(dt.date(YEAR, 3, 3), 15)):
        act = _accept(story, act, "director")
    sign(story, act, dt.date(YEAR, 3, 18))


def _next_annual(story: Story, first: Act) -> None:
    """The annual act of the last year: opened, not proposed yet."""
    officer = story.user("officer")
    with clock.set_to(at(dt.date(YEAR, 11, 2), 10)):
        purpose = f"Fixer la contribution de l’État pour {YEAR + 1}, après le dialogue de gestion."
        act = _open(story, first, "open_annual", "officer", Terms(purpose, year=YEAR + 1))
        _set_dates(act, officer, dt.date(YEAR + 1, 1, 1))


def _lower(act: Act, officer: User) -> None:
    """Reduce the contribution of the year by four thousand euros, all on the first fiche."""
    lead = act.dossier.lead
    rows = [
        ContributionRow(
            row.year,
            row.amount - (LESS if (row.year, row.service) == (YEAR, lead) else 0),
            row.service,
            row.line,
            row.note,
        )
        for row in act.contributions.select_related("service")
    ]
    set_contributions(act=act, rows=rows, by=officer, expected_revision=None)
    ranks = act.instalments.filter(year=YEAR).values_list("rank", flat=True)
    ends = {min(ranks), max(ranks)}  # advance and balance: the advance must keep its share (article 5.2)
    parts = [
        InstalmentRow(
            row.year,
            row.amount - (LESS / len(ends) if row.year == YEAR and row.rank in ends else 0),
            row.label,
            row.condition,
            row.due_on,
        )
        for row in act.instalments.all()
    ]
    set_instalments(act=act, rows=parts, by=officer, expected_revision=None)
    sheet = _first_sheet(act)
    expenses, resources = stored_lines(sheet.expenses.all()), stored_lines(sheet.resources.all())
    expenses = [_less(line) if line.account.code == STAFF else line for line in expenses]
    resources = [_less(line) if line.account.code == STATE_ACCOUNT else line for line in resources]
    set_sheet_budget(sheet=sheet, by=officer, expected_revision=None, expenses=expenses, resources=resources)


def _less(line: AmountLine) -> AmountLine:
    return replace(line, amounts={**line.amounts, YEAR: (line.amounts[YEAR] or Decimal(0)) - LESS})


def _first_sheet(act: Act) -> Sheet:
    return act.programme.sheets.order_by("rank")[0]


def _amendment(story: Story, first: Act) -> None:
    """An avenant requested by the association, in force on 1 July: an action for more people, with higher targets."""
    director = story.user("director")
    with clock.set_to(at(dt.date(YEAR, 4, 20), 10)):
        terms = Terms(
            "Ouvrir la première action aux équipes de direction et relever ses cibles.",
            "Les directions des missions locales ont demandé à suivre les mêmes journées que leurs équipes.",
            "Le nombre de personnes accueillies augmente ; les montants ne changent pas.",
            topic=ActTopic.PROGRAMME,
        )
        act = _open(story, first, "open_amendment", "director", terms)
        _widen(act, director)
        _set_dates(act, director, dt.date(YEAR, 7, 1))
    with clock.set_to(at(dt.date(YEAR, 4, 28), 10)):
        act = _propose(story, act, "director", "Les cibles tiennent compte des inscriptions reçues.")
    with clock.set_to(at(dt.date(YEAR, 5, 19), 15)):
        act = _accept(story, act, "officer")
    sign(story, act, dt.date(YEAR, 6, 16))


def _set_dates(act: Act, by: User, effective_on: dt.date, ends_on: dt.date | None = None) -> None:
    set_terms(
        act=act,
        by=by,
        expected_revision=None,
        effective_on=effective_on,
        ends_on=ends_on,
        purpose=act.purpose,
        cause=act.cause,
        consequences=act.consequences,
    )


def _widen(act: Act, by: User) -> None:
    sheet = _first_sheet(act)
    description = f"{sheet.description.strip()} Une journée par an est ouverte aux équipes de direction."
    update_sheet(sheet=sheet, by=by, expected_revision=None, description=description)
    rows = sheet.indicators.select_related("definition_from").prefetch_related("targets")
    indicators = [stored_indicator(row) for row in rows]
    raised_rank = next(
        rank for rank, data in enumerate(indicators) if _number(data, YEAR) is not None and data.unit != "%"
    )
    indicators[raised_rank] = _with_higher_targets(indicators[raised_rank])
    set_indicators(sheet=sheet, by=by, expected_revision=None, indicators=indicators)


def _number(data: IndicatorData, year: int) -> Decimal | None:
    return data.targets[year].number if year in data.targets else None


def _with_higher_targets(data: IndicatorData) -> IndicatorData:
    """Add two to the targets from this year on."""
    targets = {
        year: TargetData(number=target.number + 2) if year >= YEAR and target.number is not None else target
        for year, target in data.targets.items()
    }
    return replace(data, targets=targets)


def _asked_by_service(story: Story, first: Act) -> None:
    """An avenant requested and proposed by the service: the association has the turn."""
    officer = story.user("officer")
    with clock.set_to(at(dt.date(YEAR, 10, 5), 10)):
        terms = Terms(
            "Préciser le suivi de la première action et relever une cible.",
            "Le dialogue de gestion a montré que l’action touche plus de monde que prévu.",
            "La cible augmente à partir de cette année ; les montants ne changent pas.",
            topic=ActTopic.PROGRAMME,
        )
        act = _open(story, first, "open_amendment", "officer", terms)
        _widen(act, officer)
    with clock.set_to(at(dt.date(YEAR, 10, 8), 11)):
        _propose(story, act, "officer", "Suite au dialogue de gestion ; qu’en pensez-vous ?")


def _extension(story: Story, first: Act) -> None:
    """An extension requested and proposed by the association: the service has the turn."""
    director = story.user("director")
    with clock.set_to(at(dt.date(YEAR, 10, 9), 10)):
        terms = Terms(
            "Prolonger la convention de six mois.",
            "L’évaluation finale doit être connue avant que la convention suivante se négocie.",
            "Le programme et les montants ne changent pas ; le terme est reporté.",
            topic=ActTopic.EXTENSION,
        )
        act = _open(story, first, "open_amendment", "director", terms)
        end = act.ends_on.replace(year=act.ends_on.year + 1, month=6, day=30)
        _set_dates(act, director, act.effective_on, end)
    with clock.set_to(at(dt.date(YEAR, 10, 14), 9)):
        _propose(story, act, "director", "Six mois suffisent pour lire l’évaluation.")
