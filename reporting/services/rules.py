"""The national administration edits a deadline rule, and sees beforehand which reminders it will send."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from arml.enums import Role
from arml.models import Membership, User
from arml.permissions import BENEFICIARY_ROLES, STATE_ROLES, acting_nationally
from cpo.lib import clock
from cpo.lib.actor import Actor
from cpo.lib.clock import PARIS
from cpo.lib.editing import rows
from cpo.lib.work.waking import wake
from reporting.deadlines.rules import base_date
from reporting.enums import RuleScope
from reporting.models import Deadline, DeadlineRule

NBSP = "\u00a0"
REFRESH = "reporting.refresh_deadlines"  # the task, by its name: services may not import tasks


def update_rule(
    *, rule: DeadlineRule, changes: Mapping[str, Any], expected_revision: int, by: User | Actor
) -> list[str]:
    """Write the changes of a rule; a task then updates the open deadlines. Return the labels of the fields changed.

    Raises StaleRevision.
    """
    actor = acting_nationally(by)
    labels = rows.update(
        rule,
        changes,
        expected_revision=expected_revision,
        by=actor,
        element="règle d’échéance",
        verb="rule_changed",
        sentence=lambda locked, labels: f"Échéance «{NBSP}{locked.label}{NBSP}»{NBSP}: {labels}",
        root=rule.cycle,
        settle=_checked,
    )
    if labels:
        transaction.on_commit(wake(REFRESH))
    return labels


def _checked(rule: DeadlineRule, changed: list[str]) -> tuple[str, ...]:
    rule.full_clean(exclude=["cycle"])
    outside = set(rule.years) - set(rule.cycle.years)
    if outside or (rule.scope == RuleScope.YEAR and not rule.years):
        raise ValidationError({"years": f"Choisissez au moins une année, de {rule.cycle.years_label} seulement."})
    return ()


@dataclass(frozen=True)
class Sending:
    """One rung of a ladder for a year: the day, the roles, and how many messages at most."""

    rung: int
    on: dt.date | None
    roles: tuple[str, ...]
    messages: int
    past: bool = False


@dataclass(frozen=True)
class Preview:
    """What a rule will send for a year (None: once for each convention)."""

    year: int | None
    due_on: dt.date | None
    conventions: int
    sendings: tuple[Sending, ...]


def preview(rule: DeadlineRule, *, by: User) -> list[Preview]:
    """Every sending of a rule, saved or not, counted with the open deadlines and the present holders of the roles."""
    if not by.has_role(Role.NATIONAL_ADMIN):
        raise PermissionDenied
    open_deadlines = Deadline.objects.filter(rule_id=rule.pk, met_on=None, cancelled_on=None)
    dossiers: dict[int | None, list[tuple[int, int, int | None]]] = {}
    for year, lead, beneficiary, officer in open_deadlines.values_list(
        "year",
        "convention__dossier__lead_id",
        "convention__dossier__beneficiary_id",
        "convention__dossier__officer_id",
    ):
        dossiers.setdefault(year, []).append((lead, beneficiary, officer))
    members = Counter(Membership.objects.in_force().filter(user__is_active=True).values_list("organisation_id", "role"))
    years: list[int | None] = [*sorted({*rule.years, *(year for year in dossiers if year)})] or [None]
    return [_of_year(rule, year, dossiers.get(year, []), members) for year in years]


def _of_year(
    rule: DeadlineRule, year: int | None, dossiers: list[tuple[int, int, int | None]], members: Counter[tuple[int, str]]
) -> Preview:
    due = base_date(rule, year, facts={})
    today = clock.today(PARIS)
    sendings = []
    for rung in sorted(rule.ladder):
        roles = tuple(rule.roles_at(rung))
        on = due + dt.timedelta(days=rung) if due else None
        count = sum(_people(role, dossier, members) for dossier in dossiers for role in roles)
        sendings.append(Sending(rung, on, roles, count, past=bool(on and on < today)))
    return Preview(year, due, len(dossiers), tuple(sendings))


def _people(role: str, dossier: tuple[int, int, int | None], members: Counter[tuple[int, str]]) -> int:
    lead, beneficiary, officer = dossier
    if role == Role.OFFICER and officer:
        return 1
    if role in BENEFICIARY_ROLES:
        return members[(beneficiary, role)]
    if role in STATE_ROLES:
        return members[(lead, role)]
    return sum(count for (_, member_role), count in members.items() if member_role == role)
