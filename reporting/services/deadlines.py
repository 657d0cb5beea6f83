"""Compute the dated deadlines of a convention from rules and facts; declare a deadline met."""

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.db import transaction

from arml.enums import Standing
from arml.models import User
from arml.permissions import capacities, lead_officer
from conventions.enums import ConventionState
from conventions.models import Convention
from cpo.lib import clock, journal
from cpo.lib.actor import Actor
from cpo.lib.wording import french
from reporting.deadlines import waiting
from reporting.deadlines.before import REPORT_EXAMINED, answers, years_received
from reporting.deadlines.facts import Facts, facts_of, party_roles
from reporting.deadlines.rules import (
    AUTOMATIC_FACTS,
    EARLY_FACTS,
    FOLLOWED,
    REPEATED_FACTS,
    WAIT,
    expected_deadlines,
    fact_of,
)
from reporting.enums import DoneAnswer
from reporting.models import Deadline, DeadlineRule


def sync(convention: Convention) -> None:
    """Write the deadlines that the rules and facts give; mark those met by a fact; cancel those that no longer apply.

    Idempotent: called after each transition and every hour.
    """
    with transaction.atomic():
        convention = _locked(convention)
        today = clock.today(convention.dossier.time_zone)
        if convention.state not in FOLLOWED:
            if convention.state == ConventionState.ABANDONED:
                convention.deadlines.filter(met_on=None, cancelled_on=None).update(cancelled_on=today)
            return
        facts, roles, before = facts_of(convention), party_roles(convention), answers(convention)
        remaining = {(deadline.rule_id, deadline.year): deadline for deadline in convention.deadlines.filter(about="")}
        for rule, year, due in expected_deadlines(convention, facts):
            known = before.get((rule.pk, year))
            if known and known.answer == DoneAnswer.NOT_OWED:
                continue
            deadline = remaining.pop((rule.pk, year), None) or Deadline(
                convention=convention, rule=rule, year=year, created_on=today, due_on=due
            )
            done_on = known.done_on if known else None
            _refresh(deadline, rule, due, facts, today, roles.get(rule.responsible, ""), done_on)
        stale = [deadline.pk for deadline in remaining.values() if not deadline.met_on and not deadline.cancelled_on]
        Deadline.objects.filter(pk__in=stale).update(cancelled_on=today)
        _sync_waits(convention, today)
        _conclude_paper_years(convention)


def _locked(convention: Convention) -> Convention:
    """Lock the convention; read it with what several facts ask: its acts, its formal notices and its territories."""
    rows = Convention.objects.select_for_update(of=("self",)).select_related(
        "cycle", "dossier__lead", "dossier__beneficiary"
    )
    return rows.prefetch_related("acts", "notices", "dossier__territories").get(pk=convention.pk)


def _conclude_paper_years(convention: Convention) -> None:
    """A report received on paper is examined on paper: its year is concluded once the examination is known as done."""
    received = years_received(convention) - set(convention.years_concluded)
    if not received:
        return
    examined = convention.deadlines.filter(year__in=received, rule__met_by=REPORT_EXAMINED, met_on__isnull=False)
    if years := set(examined.values_list("year", flat=True)):
        convention.years_concluded = sorted({*convention.years_concluded, *(year for year in years if year)})
        convention.save(update_fields=["years_concluded"])


def _sync_waits(convention: Convention, today: dt.date) -> None:
    """A row for each thing that is waited for, known since it began: an outage on its first days drops no reminder."""
    rules = {rule.base_event: rule for rule in convention.cycle.deadline_rules.filter(base_event__startswith=WAIT)}
    rows = {row.about: row for row in convention.deadlines.exclude(about="")}
    for wait in waiting.of_convention(convention):
        if wait.due_on is None:
            continue
        about = waiting.about(wait)
        row = rows.pop(about, None) or Deadline(convention=convention, about=about)
        facts = {"rule": rules[f"{WAIT}{wait.kind}"], "due_on": wait.due_on, "created_on": wait.day}
        if row.pk is None or row.cancelled_on or any(getattr(row, name) != value for name, value in facts.items()):
            for name, value in (facts | {"cancelled_on": None}).items():
                setattr(row, name, value)
            row.save()
    over = [row.pk for row in rows.values() if row.cancelled_on is None]
    Deadline.objects.filter(pk__in=over).update(cancelled_on=today)


def _refresh(
    deadline: Deadline,
    rule: DeadlineRule,
    due: dt.date,
    facts: Facts,
    today: dt.date,
    responsible: str,
    done_on: dt.date | None = None,
) -> None:
    """Set the date and the state of a deadline; save it only if something changed.

    `done_on`: the day on which it was met before the convention was taken over.
    """
    before = (deadline.due_on, deadline.met_on, deadline.cancelled_on, deadline.responsible)
    base = fact_of(facts, rule.base_event, deadline.year) if rule.base_event else None
    observed = fact_of(facts, rule.met_by, deadline.year) if rule.met_by else None
    repeats = base is not None and rule.met_by in REPEATED_FACTS  # such as a report that was sent back
    if repeats and rule.met_by not in EARLY_FACTS and observed and base and observed < base:
        observed = None
    is_reopened = repeats and deadline.met_on is not None and observed is None
    if is_reopened:
        deadline.met_on = None
    if is_reopened or deadline.cancelled_on:  # it applies again, as if created today
        deadline.cancelled_on, deadline.created_on = None, today
    deadline.due_on, deadline.responsible = due, responsible
    deadline.met_on = deadline.met_on or observed or done_on
    if rule.optional and due < today and deadline.met_on is None:  # nobody had to answer: it is closed, never late
        deadline.cancelled_on = due + dt.timedelta(days=1)
    if deadline.pk is None or before != (deadline.due_on, deadline.met_on, deadline.cancelled_on, responsible):
        deadline.save()


def declaring_actor(user: User, deadline: Deadline) -> Actor | None:
    """The capacity in which the person may declare a deadline met: responsible for it, or of the lead service."""
    for actor in capacities(user, deadline.convention.dossier):
        if lead_officer(actor):
            return actor
        if actor.standing in (Standing.LEAD, Standing.BENEFICIARY) and actor.role == deadline.role:
            return actor
    return None


def may_declare(user: User, deadline: Deadline) -> bool:
    return declaring_actor(user, deadline) is not None


def is_met_automatically(deadline: Deadline) -> bool:
    """Whether the application sees the fact itself (report sent, notification…): then nobody declares it."""
    if deadline.rule.met_by == REPORT_EXAMINED and deadline.year in years_received(deadline.convention):
        return False  # a report received on paper is examined out of the application
    return deadline.rule.met_by in AUTOMATIC_FACTS


def declare_met(deadline: Deadline, *, on: dt.date, by: User, comment: str = "") -> Deadline:
    """Declare a deadline met on a day; the journal tells who did. Raises PermissionDenied."""
    actor = declaring_actor(by, deadline)
    if actor is None:
        raise PermissionDenied("Seuls le responsable de l’échéance et le service chef de file la déclarent faite.")
    if is_met_automatically(deadline):
        raise PermissionDenied("Cette échéance est constatée par l’application : elle ne se déclare pas.")
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
            sentence=f"{actor.name} déclare faite le {french.date(on)} l’échéance « {locked.rule.label} »{year}.",
            comment=comment,
        )
        _conclude_paper_years(locked.convention)
    return locked


def upcoming(convention: Convention) -> Deadline | None:
    """The next open deadline of a convention."""
    today = clock.today(convention.dossier.time_zone)
    open_deadlines = convention.deadlines.of_rules().pending().select_related("rule").order_by("due_on", "id")
    return open_deadlines.filter(due_on__gte=today).first() or open_deadlines.first()
