"""From rules to dated deadlines, and from facts to deadlines that are met."""

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
from reporting.deadlines.facts import Facts, asked_roles, facts_of
from reporting.deadlines.rules import AGAIN_FACTS, FOLLOWED, SEEN, expected, fact_of
from reporting.models import Deadline, DeadlineRule


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
    base = fact_of(facts, rule.base_event, deadline.year) if rule.base_event else None
    observed = fact_of(facts, rule.met_by, deadline.year) if rule.met_by else None
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
        if lead_officer(actor):
            return actor
        if actor.standing in (Standing.LEAD, Standing.BENEFICIARY) and actor.role == deadline.role:
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
    return locked


def upcoming(convention: Convention) -> Deadline | None:
    """The next open deadline of a convention."""
    today = clock.today(convention.dossier.time_zone)
    left = convention.deadlines.filter(met_on=None, cancelled_on=None).select_related("rule").order_by("due_on", "id")
    return left.filter(due_on__gte=today).first() or left.first()
