"""The national administration edits deadline rules, e-mail texts and types of documents.

It sees beforehand what a rule will send.
"""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from actions.models import Cycle
from arml.enums import AttachmentMoment, Role
from arml.models import AttachmentKind, Membership, User
from arml.permissions import BENEFICIARY_ROLES, STATE_ROLES, acting_nationally
from conventions.guards.pieces import ANNEX_IV
from cpo.lib import clock
from cpo.lib.actor import Actor
from cpo.lib.editing import rows
from cpo.lib.models import EmailTemplate
from cpo.lib.work.waking import wake
from reporting.deadlines.facts import ATTACHMENTS
from reporting.deadlines.rules import base_date
from reporting.guards import THE_REPORT_ITSELF, understood
from reporting.models import Deadline, DeadlineRule

NBSP = "\u00a0"
REFRESH = "reporting.refresh_deadlines"  # the task, by its name: tasks stand above services


def update_rule(
    *, rule: DeadlineRule, changes: Mapping[str, Any], expected_revision: int, by: User | Actor
) -> list[str]:
    """Write what changed in a rule; open deadlines follow right after. Raises StaleRevision."""
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
    return ()


def update_email(
    *, template: EmailTemplate, changes: Mapping[str, Any], cycle: Cycle, expected_revision: int, by: User | Actor
) -> bool:
    """Write another text; messages already written keep theirs. Tell whether anything changed. Raises StaleRevision."""
    actor = acting_nationally(by)
    changed = rows.update(
        template,
        changes,
        expected_revision=expected_revision,
        by=actor,
        element="texte de courriel",
        verb="email_text_changed",
        sentence=lambda locked, _: f"Texte du courriel «{NBSP}{locked.subject or locked.key}{NBSP}» modifié",
        root=cycle,
    )
    return bool(changed)


# What a missing document holds up, at the moments when something is held up.
BLOCKS = {
    AttachmentMoment.REQUEST: "ouverture_signature",
    AttachmentMoment.SIGNATURE: "ouverture_signature",
    AttachmentMoment.YEARLY: "declaration_complet",
}


def why_not_withdraw(kind: AttachmentKind) -> str:
    """Say in French why this type of document must stay ("" when it may go)."""
    if kind.key in THE_REPORT_ITSELF:
        return "Cette pièce est le compte rendu lui-même : elle ne se retire pas."
    if kind.key in ANNEX_IV:
        return "L’annexe IV de la convention joint cette pièce : elle ne se retire pas."
    if kind.key in ATTACHMENTS:
        return "Une échéance attend le dépôt de cette pièce : elle ne se retire pas."
    return ""


def kind_fields(kind: AttachmentKind) -> list[str]:
    """What may change in a type of document. Its key, moment, condition and access are rules of the code and the law:
    deadlines, annex IV and the rights of readers hang on them."""
    blocking = kind.moment in BLOCKS and (kind.moment != AttachmentMoment.YEARLY or understood(kind.condition))
    counted = kind.moment in (AttachmentMoment.REQUEST, AttachmentMoment.SIGNATURE)  # by the checklist of an act
    return [
        *("label", "provided_by", "needs_end_date", "not_applicable_allowed", "source"),
        *(["validity_months"] if counted else []),
        *(["blocks"] if blocking and kind.key not in THE_REPORT_ITSELF else []),
        *([] if why_not_withdraw(kind) else ["withdrawn"]),
    ]


def update_kind(
    *, kind: AttachmentKind, changes: Mapping[str, Any], expected_revision: int, by: User | Actor
) -> list[str]:
    """Write the fields that really change; return their French names. Documents given stay, versions keep their labels.

    Raises StaleRevision.
    """
    actor = acting_nationally(by)
    return rows.update(
        kind,
        changes,
        expected_revision=expected_revision,
        by=actor,
        element="type de pièce",
        verb="attachment_kind_changed",
        sentence=lambda locked, labels: f"Pièce «{NBSP}{locked.label}{NBSP}»{NBSP}: {labels}",
        root=actor.organisation,
        allowed=kind_fields,
        refusal="Ce type de pièce ne se modifie pas ainsi : rouvrez la page.",
    )


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
    if role in BENEFICIARY_ROLES:
        return members[(beneficiary, role)]
    if role in STATE_ROLES:
        return members[(lead, role)]
    return sum(count for (_, held), count in members.items() if held == role)
