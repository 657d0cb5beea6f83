"""From rules to dated deadlines, and from facts to deadlines that are met."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.db import transaction

from actions.completeness import totals
from arml.enums import Role, Standing
from arml.models import User
from arml.permissions import capacities
from conventions.enums import ENDED, ConventionState
from conventions.models import Convention
from cpo.lib import clock, french, journal
from cpo.lib.actor import Actor
from cpo.lib.dates import add_months

from ..enums import RuleNature, RuleScope
from ..models import Deadline, DeadlineRule
from .facts import Facts, asked_roles, facts_of

SENT_BACK = "renvoi_rapport"
REPORT_FACTS = ("rapport_soumis", "rapport_recevable")
AGAIN_FACTS = (*REPORT_FACTS, "reponse_avenant", "mise_en_demeure_satisfaite")  # what may be asked for again
CLOSED_FACT = "convention_cloturee"
SEEN = (*AGAIN_FACTS, "notification", "documents_resiliation_remis", CLOSED_FACT)
TERMINATION = "resiliation"
BEFORE = (ConventionState.NEGOTIATION, ConventionState.SIGNATURE)
FOLLOWED = (ConventionState.NEGOTIATION, ConventionState.SIGNATURE, ConventionState.ACTIVE, *ENDED)


def base_date(rule: DeadlineRule, year: int | None, *, facts: Facts) -> dt.date | None:
    """The legal date of a rule for a year: a date or a dated fact, plus its shift; None if the fact is unknown.

    The legal date is kept even when it is no working day: pages show the next working day beside it.
    """
    if rule.base_event:
        base = _fact(facts, rule.base_event, year)
        if base is None:
            return None
    else:
        base_year = {"N": year, "N+1": (year or 0) + 1}.get(rule.base_year) or int(rule.base_year or year or 0)
        # The last day of the month for a 31 that does not exist, as for delays in months.
        base = add_months(dt.date(base_year, 1, rule.base_day or 1), (rule.base_month or 1) - 1)
    return add_months(base, rule.shift_months) + dt.timedelta(days=rule.shift_days)


def _fact(facts: Facts, name: str, year: int | None) -> dt.date | None:
    """A fact of that year, else the one that has no year."""
    return (facts.get(f"{name}:{year}") if year else None) or facts.get(name)


def applies(rule: DeadlineRule, convention: Convention, year: int | None) -> bool:
    """Evaluate the closed set of conditions of the shipped rules; a rule without condition always applies."""
    if not rule.condition:
        return True
    quantity, _, limit = rule.condition.partition(" > ")
    act = convention.text
    years = [year] if year else convention.cycle.years
    if quantity == "contribution_etat_annuelle":
        by_year: dict[int, Decimal] = {}
        for row in act.contributions.all():
            by_year[row.year] = by_year.get(row.year, Decimal(0)) + row.amount
        return any(by_year.get(y, Decimal(0)) > Decimal(limit) for y in years)
    if quantity == "subventions_publiques_annuelles":
        summed = totals(act.programme)
        return any(summed.public_grants(y) > Decimal(limit) for y in years)
    return False


def _began_too_late(rule: DeadlineRule, due: dt.date, facts: Facts) -> bool:
    """What was due before the convention was notified was never owed; only the reports of its years are, afterwards."""
    notified = facts.get("notification")
    return not rule.base_event and rule.met_by not in REPORT_FACTS and notified is not None and due < notified


def _still_owed(rule: DeadlineRule, convention: Convention, year: int | None) -> bool:
    """What a convention owes once it has ended: of a terminated one, the documents of the years that it lasted
    (article 14.2); of a closed one, nothing more than the closing itself."""
    if convention.state == ConventionState.CLOSED:
        return rule.met_by == CLOSED_FACT
    if convention.state != ConventionState.TERMINATED or convention.ended_on is None:
        return rule.base_event != TERMINATION
    if rule.met_by in REPORT_FACTS:
        return year is None or year <= convention.ended_on.year
    return rule.base_event == TERMINATION


def expected(convention: Convention, facts: Facts) -> Iterator[tuple[DeadlineRule, int | None, dt.date]]:
    """The rules that hold for a convention, with the year and the date that they give; the dates begin in force."""
    rules = convention.cycle.deadline_rules.filter(active=True, nature=RuleNature.DEADLINE)
    for rule in rules:
        if convention.state in BEFORE and not rule.base_event:
            continue
        years: list[int | None] = [*rule.years] if rule.scope == RuleScope.YEAR else [None]
        for year in years:
            due = base_date(rule, year, facts=facts)
            if due is None or not _still_owed(rule, convention, year) or _began_too_late(rule, due, facts):
                continue
            if applies(rule, convention, year):
                yield rule, year, due


def sync(convention: Convention) -> None:
    """Write the deadlines that the rules and facts give; mark those that a fact met; cancel what no longer applies.

    Idempotent: called after each transition and every hour.
    """
    with transaction.atomic():
        locked = Convention.objects.select_for_update(of=("self",)).select_related("cycle", "dossier__lead")
        convention = locked.get(pk=convention.pk)
        today = clock.today(convention.dossier.time_zone)
        if convention.state not in FOLLOWED:
            if convention.state == ConventionState.ABANDONED:
                convention.deadlines.filter(met_on=None, cancelled_on=None).update(cancelled_on=today)
            return
        facts, asked = facts_of(convention), asked_roles(convention)
        left = {(deadline.rule_id, deadline.year): deadline for deadline in convention.deadlines.all()}
        for rule, year, due in expected(convention, facts):
            deadline = left.pop((rule.pk, year), None) or Deadline(
                convention=convention, rule=rule, year=year, created_on=today, due_on=due
            )
            _refresh(deadline, rule, due, facts, today, asked.get(rule.responsible, ""))
        stale = [deadline.pk for deadline in left.values() if not deadline.met_on and not deadline.cancelled_on]
        Deadline.objects.filter(pk__in=stale).update(cancelled_on=today)


def _refresh(
    deadline: Deadline, rule: DeadlineRule, due: dt.date, facts: Facts, today: dt.date, responsible: str
) -> None:
    """Give a deadline its date and what is known of it; write it only if something changed."""
    before = (deadline.due_on, deadline.met_on, deadline.cancelled_on, deadline.responsible)
    base = _fact(facts, rule.base_event, deadline.year) if rule.base_event else None
    observed = _fact(facts, rule.met_by, deadline.year) if rule.met_by else None
    repeats = base is not None and rule.met_by in AGAIN_FACTS  # a report sent back is asked for again
    if repeats and observed and base and observed < base:
        observed = None
    asked_again = repeats and deadline.met_on is not None and observed is None
    if asked_again:
        deadline.met_on = None
    if asked_again or deadline.cancelled_on:  # it applies again, and is known from today on
        deadline.cancelled_on, deadline.created_on = None, today
    deadline.due_on, deadline.responsible = due, responsible
    deadline.met_on = deadline.met_on or observed
    if deadline.pk is None or before != (deadline.due_on, deadline.met_on, deadline.cancelled_on, responsible):
        deadline.save()


def declaring(user: User, deadline: Deadline) -> Actor | None:
    """The capacity in which the person may say that a deadline is met: responsible for it, or of the lead service."""
    for actor in capacities(user, deadline.convention.dossier):
        if actor.standing == Standing.LEAD and actor.role in (Role.OFFICER, Role.MANAGER, deadline.role):
            return actor
        if actor.standing == Standing.BENEFICIARY and actor.role == deadline.role:
            return actor
    return None


def may_declare(user: User, deadline: Deadline) -> bool:
    return declaring(user, deadline) is not None


def seen_by_itself(deadline: Deadline) -> bool:
    """What the application sees (a report sent or declared admissible, a notification), nobody declares by hand."""
    return deadline.rule.met_by in SEEN


def declare_met(deadline: Deadline, *, on: dt.date, by: User, comment: str = "") -> Deadline:
    """Say that a deadline is met on a day, with who says so in the journal."""
    actor = declaring(by, deadline)
    if actor is None:
        raise PermissionDenied("Seuls le responsable de l’échéance et le service chef de file la déclarent faite.")
    if seen_by_itself(deadline):
        raise PermissionDenied("Cette échéance est constatée par l’application\u00a0: elle ne se déclare pas.")
    with transaction.atomic():
        locked = (
            Deadline.objects.select_for_update(of=("self",))
            .select_related("rule", "convention__dossier")
            .get(pk=deadline.pk)
        )
        if locked.met_on or locked.cancelled_on:
            return locked
        locked.met_on = on
        locked.save(update_fields=["met_on"])
        year = f" ({locked.year})" if locked.year else ""
        journal.record(
            locked,
            root=locked.convention.dossier,
            by=actor,
            verb="deadline_met",
            sentence=f"{actor.name} déclare faite le {french.date(on)} l’échéance "
            f"«\u00a0{locked.rule.label}\u00a0»{year}.",
            comment=comment,
        )
    return locked


def upcoming(convention: Convention) -> Deadline | None:
    """The next open deadline of a convention."""
    today = clock.today(convention.dossier.time_zone)
    left = convention.deadlines.filter(met_on=None, cancelled_on=None).select_related("rule").order_by("due_on", "id")
    return left.filter(due_on__gte=today).first() or left.first()
