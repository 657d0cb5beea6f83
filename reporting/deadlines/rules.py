"""The due date of each rule, from the facts of a convention; which rules apply to it."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from actions.completeness import public_grants
from conventions.enums import ENDED, ConventionState
from conventions.later.term import covered_years, text_on
from conventions.models import Convention
from cpo.lib import clock
from cpo.lib.clock import PARIS
from cpo.lib.dates import add_months
from reporting.enums import RuleNature, RuleScope
from reporting.models import DeadlineRule

from .facts import ADVANCE, COUNTED, DELEGATION_RENEWED, FIRST_PAYMENT, FORECAST, LABEL_FILE, MINUTES_SIGNED, Facts

OPENING_RULE = "ouverture_campagne"
DOCUMENTS_RULE = "justificatifs_annuels"
SENT_BACK = "renvoi_rapport"
NOTIFIED = "notification"  # the fact that puts out « Notifier »; what runs from it runs from `COUNTED`
TERM = "terme"  # the fact: the last day of the convention
REPORT_FACTS = ("rapport_soumis", "rapport_recevable")
CLARIFIED = "precisions_recues"
PIECE_REPLACED = "piece_remplacee"
REPEATED_FACTS = (
    *REPORT_FACTS,
    CLARIFIED,
    PIECE_REPLACED,
    "observations_recues",
    "reponse_avenant",
    "mise_en_demeure_satisfaite",
    MINUTES_SIGNED,
    FORECAST,
    LABEL_FILE,
)  # may be expected again after a first time
EARLY_FACTS = (LABEL_FILE,)  # of these, those that come before the day that they answer
CLOSED_FACT = "convention_cloturee"
AUTOMATIC_FACTS = (
    *(*REPEATED_FACTS, NOTIFIED, "documents_resiliation_remis", CLOSED_FACT),
    *(FIRST_PAYMENT, ADVANCE, DELEGATION_RENEWED, FORECAST),
)
TERMINATION = "resiliation"
WAIT = "attente_"  # how the base of a rule about what people wait for begins; then the `WaitKind`
UNSIGNED = (ConventionState.NEGOTIATION, ConventionState.SIGNATURE)
FOLLOWED = (ConventionState.NEGOTIATION, ConventionState.SIGNATURE, ConventionState.ACTIVE, *ENDED)


def may_open(year: int, zone: str = PARIS) -> bool:
    """Whether the year is over in a zone: a report is pinned to the act in force on its last day.

    A campaign of the whole country is offered when it is over in Paris; each convention's report opens by its own zone.
    """
    return clock.today(zone) > dt.date(year, 12, 31)


def base_date(rule: DeadlineRule, year: int | None, *, facts: Facts) -> dt.date | None:
    """The legal date of a rule for a year; None if the fact that it starts from is unknown.

    Not before its months after the notification: what could only begin with the signature is not late on its first day.
    It may fall on a day that is not worked: pages show the next working day beside it.
    """
    day = own_date(rule, year, facts=facts)
    notified = facts.get("terme_notifie" if rule.base_event == TERM else COUNTED)
    if day is None or notified is None or not rule.months_after_notification or rule.nature == RuleNature.MILESTONE:
        return day
    return max(day, add_months(notified, rule.months_after_notification))


def own_date(rule: DeadlineRule, year: int | None, *, facts: Facts) -> dt.date | None:
    """The date that the rule gives by itself: a date or a dated fact, plus its shift.

    What is due during a year is due on the last day of the convention at the latest.
    """
    if rule.base_event:
        base = fact_of(facts, COUNTED if rule.base_event == NOTIFIED else rule.base_event, year)
        if base is None:
            return None
    else:
        base_year = {"N": year, "N+1": (year or 0) + 1}.get(rule.base_year) or int(rule.base_year or year or 0)
        # For a 31st that does not exist, the last day of the month.
        base = add_months(dt.date(base_year, 1, rule.base_day or 1), (rule.base_month or 1) - 1)
    day, term = add_months(base, rule.shift_months) + dt.timedelta(days=rule.shift_days), facts.get(TERM)
    return min(day, term) if term and rule.base_year == "N" and year == term.year else day


def fact_of(facts: Facts, name: str, year: int | None) -> dt.date | None:
    """The fact of that year, else the fact without year."""
    return (facts.get(f"{name}:{year}") if year else None) or facts.get(name)


def applies(rule: DeadlineRule, convention: Convention, year: int | None) -> bool:
    """Evaluate the condition of a rule; only the conditions of the shipped rules are known. No condition: applies."""
    if not rule.condition:
        return True
    quantity, _, limit = rule.condition.partition(" > ")
    today = clock.today(convention.dossier.time_zone)
    act = text_on(convention, today)
    years = [year] if year else covered_years(convention, today)
    if quantity == "contribution_etat_annuelle":
        by_year: dict[int, Decimal] = {}
        for row in act.contributions.all():
            by_year[row.year] = by_year.get(row.year, Decimal(0)) + row.amount
        return any(by_year.get(y, Decimal(0)) > Decimal(limit) for y in years)
    if quantity == "subventions_publiques_annuelles":
        grants = public_grants(act.programme)
        return any(grants[year] > Decimal(limit) for year in years)
    return False


def _began_too_late(rule: DeadlineRule, year: int | None, facts: Facts) -> bool:
    """Whether the rule's own date precedes the notification: nothing is owed then, except the reports of the years."""
    notified, day = facts.get(COUNTED), own_date(rule, year, facts=facts)
    if rule.base_event or rule.met_by in REPORT_FACTS or notified is None or day is None:
        return False
    return day < notified


def years_of(rule: DeadlineRule, covered: list[int]) -> list[int | None]:
    """The years for which a rule has a deadline among those that a convention covers; [None]: once for the convention.

    The rules of the last year of the cycle hold for the years that an extension adds.
    """
    if rule.scope != RuleScope.YEAR:
        return [None]
    last = rule.cycle.last_year
    return [year for year in covered if year in rule.years or (year > last and last in rule.years)]


def _still_owed(rule: DeadlineRule, convention: Convention) -> bool:
    """Whether a convention still owes this, even after its end.

    A terminated convention owes the documents of the years it lasted (article 14.2); a closed one
    owes only the closing itself.
    """
    if convention.state == ConventionState.CLOSED:
        return rule.met_by == CLOSED_FACT
    if convention.state != ConventionState.TERMINATED or convention.ended_on is None:
        return rule.base_event != TERMINATION
    return rule.met_by in REPORT_FACTS or rule.base_event == TERMINATION


def _is_over(convention: Convention, year: int | None) -> bool:
    """Whether a year is past: its forecast is owed no more, since its report tells what came."""
    return year is not None and year < clock.today(convention.dossier.time_zone).year


def expected_deadlines(convention: Convention, facts: Facts) -> Iterator[tuple[DeadlineRule, int | None, dt.date]]:
    """The rules that apply to a convention, each with its year and due date, for the years of its text in force today.

    Rules that start from a date apply only once the convention is signed.
    """
    covered = covered_years(convention, clock.today(convention.dossier.time_zone))
    skipped = set(convention.skipped_reports.values_list("year", flat=True))
    rules = convention.cycle.deadline_rules.filter(active=True, nature=RuleNature.DEADLINE)
    for rule in rules:
        if convention.state in UNSIGNED and not rule.base_event:
            continue
        for year in years_of(rule, covered):
            if year in skipped and rule.met_by in REPORT_FACTS:  # no report of that year is opened
                continue
            due = base_date(rule, year, facts=facts)
            if due is None or not _still_owed(rule, convention) or _began_too_late(rule, year, facts):
                continue
            if rule.met_by == FORECAST and _is_over(convention, year) and fact_of(facts, FORECAST, year) is None:
                continue
            if applies(rule, convention, year):
                yield rule, year, due
