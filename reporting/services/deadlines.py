"""From rules to dated deadlines, and from facts to deadlines that are met."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.db import transaction

from actions.completeness import totals
from actions.enums import STATE_ACCOUNT
from arml.models import User
from arml.permissions import capacities
from conventions.enums import ConventionState
from conventions.models import Convention
from cpo.lib import clock, journal
from cpo.lib.dates import add_months

from ..enums import ReportState, RuleNature, RuleScope
from ..models import Deadline, DeadlineRule

Facts = dict[str, dt.date]
SENT = (ReportState.SUBMITTED, ReportState.ADMISSIBLE, ReportState.REVIEWED, ReportState.CONCLUDED)
SETTLED = (ReportState.ADMISSIBLE, ReportState.REVIEWED, ReportState.CONCLUDED)


def base_date(rule: DeadlineRule, year: int | None, *, facts: Facts) -> dt.date | None:
    """The legal date of a rule for a year: a date or a dated fact, plus its shift; None if the fact is unknown."""
    if rule.base_event:
        base = facts.get(f"{rule.base_event}:{year}") or facts.get(rule.base_event)
        if base is None:
            return None
    else:
        base_year = {"N": year, "N+1": (year or 0) + 1}.get(rule.base_year) or int(rule.base_year or year or 0)
        base = dt.date(base_year, rule.base_month or 1, rule.base_day or 1)
    return add_months(base, rule.shift_months) + dt.timedelta(days=rule.shift_days)


def facts_of(convention: Convention) -> Facts:
    """The dated facts of a convention that rules start from or that put deadlines out, by name (or name:year)."""
    act, dossier = convention.act, convention.dossier
    facts: dict[str, dt.date | None] = {
        "ouverture_negociation": dossier.shared_on,
        "derniere_signature": act.signed_on,
        "notification": act.notified_on,
    }
    if act.notified_on:
        facts["dossier_complet"] = act.notified_on
        facts["delegation_renouvelee_ou_convention_signee"] = act.signed_on
    for report in convention.reports.prefetch_related("send_backs").select_related("review"):
        submitted = report.submitted_at
        if report.state in SENT and submitted:
            facts[f"rapport_soumis:{report.year}"] = submitted.date()
        requests = [request for request in report.send_backs.all() if request.round == report.round]
        if requests:
            facts[f"renvoi_rapport:{report.year}"] = requests[0].at.date()
        if report.state in SETTLED:
            facts[f"rapport_recevable:{report.year}"] = report.admissible_on
            facts[f"rapport_recevable_{report.year}"] = report.admissible_on
        if report.state in (ReportState.REVIEWED, ReportState.CONCLUDED):
            facts[f"releve_dialogue_signe:{report.year}"] = report.review.held_on
    return {name: day for name, day in facts.items() if day is not None}


def applies(rule: DeadlineRule, convention: Convention, year: int | None) -> bool:
    """Evaluate the closed set of conditions of the shipped rules; a rule without condition always applies."""
    if not rule.condition:
        return True
    quantity, _, limit = rule.condition.partition(" > ")
    act = convention.act
    years = [year] if year else convention.cycle.years
    if quantity == "contribution_etat_annuelle":
        by_year: dict[int, Decimal] = {}
        for row in act.contributions.all():
            by_year[row.year] = by_year.get(row.year, Decimal(0)) + row.amount
        return any(by_year.get(y, Decimal(0)) > Decimal(limit) for y in years)
    if quantity == "subventions_publiques_annuelles":
        funders = totals(act.programme).by_funder
        grants = {
            y: sum(amounts[y] for (code, _), amounts in funders.items() if code[:2] == STATE_ACCOUNT[:2]) for y in years
        }
        return any(amount > Decimal(limit) for amount in grants.values())
    return False


def _expected(convention: Convention, facts: Facts) -> Iterator[tuple[DeadlineRule, int | None, dt.date]]:
    rules = convention.cycle.deadline_rules.filter(active=True, nature=RuleNature.DEADLINE)
    for rule in rules:
        years: list[int | None] = [*rule.years] if rule.scope == RuleScope.YEAR else [None]
        for year in years:
            day = base_date(rule, year, facts=facts)
            if day is not None and applies(rule, convention, year):
                yield rule, year, day


def sync(convention: Convention) -> None:
    """Write the deadlines that the rules and facts give; mark those that a fact met; drop what no longer applies.

    Idempotent: called after each transition and every day.
    """
    today = clock.today(convention.dossier.time_zone)
    with transaction.atomic():
        Convention.objects.select_for_update().get(pk=convention.pk)
        existing = {(d.rule_id, d.year): d for d in convention.deadlines.select_related("rule")}
        if convention.state == ConventionState.ABANDONED:
            convention.deadlines.filter(met_on=None, cancelled_on=None).update(cancelled_on=today)
            return
        if convention.state not in (ConventionState.NEGOTIATION, ConventionState.SIGNATURE, ConventionState.ACTIVE):
            return
        facts = facts_of(convention)
        for rule, year, day in _expected(convention, facts):
            if convention.state != ConventionState.ACTIVE and not rule.base_event:
                continue  # dated obligations begin when the convention is in force
            deadline = existing.get((rule.pk, year)) or Deadline(
                convention=convention, rule=rule, year=year, created_on=today, due_on=day
            )
            before = (deadline.due_on, deadline.met_on)
            deadline.due_on = day
            observed = facts.get(f"{rule.met_by}:{year}") if year else None
            observed = observed or facts.get(rule.met_by)
            if (
                rule.base_event == "renvoi_rapport"
                and observed
                and observed < (facts.get(f"renvoi_rapport:{year}") or observed)
            ):
                observed = None
            if observed and deadline.met_on is None:
                deadline.met_on = observed
            if deadline.pk is None or before != (deadline.due_on, deadline.met_on):
                deadline.save()


def may_declare(user: User, deadline: Deadline) -> bool:
    """The responsible side, or the lead service, may say that a deadline is met when the application can't see it."""
    roles = {deadline.rule.responsible, "officer", "manager"}
    return any(
        actor.role in roles and actor.standing in ("lead", "beneficiary")
        for actor in capacities(user, deadline.convention.dossier)
    )


def declare_met(deadline: Deadline, *, on: dt.date, by: User, comment: str = "") -> Deadline:
    """Say that a deadline is met on a day, with who says so in the journal."""
    if not may_declare(by, deadline):
        raise PermissionDenied("Seuls le responsable de l’échéance et le service chef de file la déclarent faite.")
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
        actor = next(a for a in capacities(by, locked.convention.dossier))
        journal.record(
            locked,
            root=locked.convention.dossier,
            by=actor,
            verb="deadline_met",
            sentence=f"{actor.name} déclare faite l’échéance «\u00a0{locked.rule.label}\u00a0».",
            comment=comment,
        )
    return locked


def upcoming(convention: Convention) -> Deadline | None:
    """The next open deadline of a convention."""
    return convention.deadlines.filter(met_on=None, cancelled_on=None).select_related("rule").order_by("due_on").first()
