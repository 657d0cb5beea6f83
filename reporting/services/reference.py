"""The national administration edits deadline rules and e-mail texts, and sees beforehand what a rule will send."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from celery import current_app
from django.core.exceptions import PermissionDenied
from django.db import transaction

from actions.models import Cycle
from arml.enums import Role
from arml.models import Membership, User
from arml.permissions import acting_nationally
from cpo.lib import clock, journal
from cpo.lib.actor import Actor
from cpo.lib.editing import edit
from cpo.lib.emails import wake
from cpo.lib.enums import Audience
from cpo.lib.models import EmailTemplate

from ..models import Deadline, DeadlineRule
from .deadlines import base_date

NBSP = "\u00a0"
REFRESH = "reporting.refresh_deadlines"  # the task, by its name: tasks stand above services
ASSOCIATION = (Role.DIRECTOR, Role.PRESIDENT, Role.ACCOUNTANT)
SERVICE = (Role.OFFICER, Role.MANAGER, Role.SIGNATORY)


def update_rule(
    *, rule: DeadlineRule, changes: Mapping[str, Any], expected_revision: int, by: User | Actor
) -> list[str]:
    """Write what changed in a rule; open deadlines follow right after. Raises StaleRevision."""
    actor = acting_nationally(by)
    with edit(rule, expected_revision=expected_revision, by=actor, element="règle d’échéance") as locked:
        changed = [name for name, value in changes.items() if getattr(locked, name) != value]
        for name in changed:
            setattr(locked, name, changes[name])
        locked.full_clean(exclude=["cycle"])
        locked.save()
        labels = [str(getattr(DeadlineRule._meta.get_field(name), "verbose_name", name)) for name in changed]
        if changed:
            journal.record(
                locked,
                root=locked.cycle,
                by=actor,
                verb="rule_changed",
                sentence=f"Échéance «{NBSP}{locked.label}{NBSP}»{NBSP}: {', '.join(labels)}",
                audience=Audience.NATIONAL,
            )
    if labels:
        transaction.on_commit(wake(current_app.signature(REFRESH)))
    return labels


def update_email(
    *, template: EmailTemplate, changes: Mapping[str, Any], cycle: Cycle, expected_revision: int, by: User | Actor
) -> bool:
    """Write another text; messages already written keep theirs. Tell whether anything changed. Raises StaleRevision."""
    actor = acting_nationally(by)
    with edit(template, expected_revision=expected_revision, by=actor, element="texte de courriel") as locked:
        changed = [name for name, value in changes.items() if getattr(locked, name) != value]
        if not changed:
            return False
        for name in changed:
            setattr(locked, name, changes[name])
        locked.save(update_fields=changed)
        sentence = f"Texte du courriel «{NBSP}{locked.subject or locked.key}{NBSP}» modifié"
        journal.record(
            locked, root=cycle, by=actor, verb="email_text_changed", sentence=sentence, audience=Audience.NATIONAL
        )
        return True


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
    """Every sending of a rule, saved or not. Counts the open deadlines and the people who hold the roles today."""
    if not by.has_role(Role.NATIONAL_ADMIN):
        raise PermissionDenied
    years: list[int | None] = [*rule.years] or [None]
    waiting = Deadline.objects.filter(rule_id=rule.pk, met_on=None, cancelled_on=None)
    dossiers: dict[int | None, list[tuple[int, int, int | None]]] = {}
    for year, lead, beneficiary, officer in waiting.values_list(
        "year",
        "convention__dossier__lead_id",
        "convention__dossier__beneficiary_id",
        "convention__dossier__officer_id",
    ):
        dossiers.setdefault(year, []).append((lead, beneficiary, officer))
    members = Counter(Membership.objects.in_force().filter(user__is_active=True).values_list("organisation_id", "role"))
    return [_of_year(rule, year, dossiers.get(year, []), members) for year in years]


def _of_year(
    rule: DeadlineRule, year: int | None, dossiers: list[tuple[int, int, int | None]], members: Counter[tuple[int, str]]
) -> Preview:
    due = base_date(rule, year, facts={})
    today = clock.today()
    found = []
    for rung in sorted(rule.ladder):
        roles = tuple(
            dict.fromkeys([rule.responsible, *(r for day, added in rule.escalation if rung >= day for r in added)])
        )
        on = due + dt.timedelta(days=rung) if due else None
        count = sum(_people(role, dossier, members) for dossier in dossiers for role in roles)
        found.append(Sending(rung, on, roles, count, past=bool(on and on < today)))
    return Preview(year, due, len(dossiers), tuple(found))


def _people(role: str, dossier: tuple[int, int, int | None], members: Counter[tuple[int, str]]) -> int:
    lead, beneficiary, officer = dossier
    if role == Role.OFFICER and officer:
        return 1
    if role in ASSOCIATION:
        return members[(beneficiary, role)]
    if role in SERVICE:
        return members[(lead, role)]
    return sum(count for (_, held), count in members.items() if held == role)
