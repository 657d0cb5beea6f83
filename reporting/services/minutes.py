"""Write the minutes of a meeting and its decisions, then say what became of each decision.

The organiser's side writes them; both sides read them once recorded. What is signed changes no more, unless it is taken
back (`workflow.meetings`).
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from arml.models import User
from arml.permissions import capacities
from cpo.lib import journal
from cpo.lib.actor import Actor
from cpo.lib.editing.lock import check_revision, set_changed
from cpo.lib.enums import Audience, Side
from cpo.lib.workflow import Refused
from reporting import permissions as may
from reporting.effects.decisions import set_state
from reporting.enums import DecisionState, MeetingState, ReportState
from reporting.jobs import request_minutes
from reporting.models import Decision, Invitee, Meeting
from reporting.workflow.meetings import lock, signed_sides

from .meetings import OF_ANOTHER, keeper

FIELDS = ("attendees", "summary", "opinion")
SIGNED = "Ce relevé est signé par une partie au moins : il se corrige une fois repris."
CANCELLED = "Cette réunion est annulée : elle n’a pas de relevé."
CONCLUDED = "L’année est conclue : le relevé du dialogue de gestion ne se modifie plus."


@dataclass(frozen=True)
class DecisionInput:
    """A row of the minutes. `pk` None: a new one. A row without text is taken out."""

    pk: int | None
    text: str
    side: str = ""
    owner_id: int | None = None
    due_on: dt.date | None = None


def closed_minutes(meeting: Meeting) -> str:
    """Why the minutes can't be written now, in French; "" when they can."""
    if meeting.state == MeetingState.CANCELLED:
        return CANCELLED
    if (report := meeting.report) is not None and report.state == ReportState.CONCLUDED:
        return CONCLUDED
    return SIGNED if signed_sides(meeting) else ""


@transaction.atomic
def save_minutes(
    meeting: Meeting,
    *,
    fields: Mapping[str, Any],
    attendance: Mapping[int, str],
    decisions: Sequence[DecisionInput],
    by: User | Actor,
    expected_revision: int | None,
) -> Meeting:
    """Write the minutes; nothing when nothing differs. Raises PermissionDenied, Refused, StaleRevision."""
    actor = keeper(by, meeting)
    if actor is None:
        raise PermissionDenied(OF_ANOTHER)
    locked = lock(meeting)
    if reason := closed_minutes(locked):
        raise Refused(reason)
    check_revision(locked, expected_revision)
    written = [
        set_changed(locked, fields, FIELDS),
        _write_attendance(locked, attendance),
        _write_rows(locked, decisions),
    ]
    if not any(written):
        return locked
    locked.updated_by = actor.user
    locked.revision += 1
    if locked.is_held:
        request_minutes(locked)
    locked.save()
    journal.record(
        locked,
        root=locked.dossier,
        by=actor,
        verb="minutes_written",
        sentence=f"{actor.name} modifie le relevé : {locked.title}.",
        audience=Audience.STATE if actor.side == Side.STATE else Audience.BENEFICIARY,
    )
    return locked


def _write_attendance(meeting: Meeting, attendance: Mapping[int, str]) -> bool:
    changed = [row for row in meeting.invitees.all() if attendance.get(row.pk, row.attendance) != row.attendance]
    for row in changed:
        row.attendance = attendance[row.pk]
    Invitee.objects.bulk_update(changed, ["attendance"])
    return bool(changed)


def _write_rows(meeting: Meeting, rows: Sequence[DecisionInput]) -> bool:
    """Write the decisions in their order; a row that this page did not show stays."""
    known, changed = {row.pk: row for row in meeting.decisions.all()}, False
    for rank, row in enumerate(rows):
        decision = known.get(row.pk) if row.pk else None
        if not row.text.strip():
            if decision is not None:
                decision.answers.all().delete()
                decision.delete()
                changed = True
            continue
        values = {"text": row.text.strip(), "side": row.side, "owner_id": row.owner_id, "due_on": row.due_on}
        if decision is None:
            Decision.objects.create(meeting=meeting, rank=rank, **values)
            changed = True
        elif any(getattr(decision, name) != value for name, value in values.items()):
            Decision.objects.filter(pk=decision.pk).update(**values)
            changed = True
    return changed


def follower(user: User, decision: Decision) -> Actor | None:
    """The capacity in which the person says what became of a decision."""
    actors = capacities(user, decision.meeting.dossier)
    return next((actor for actor in actors if may.follows_decision(actor, decision)), None)


@transaction.atomic
def follow(decision: Decision, *, state: str, note: str, by: User, expected_revision: int | None) -> Decision:
    """Say what became of a decision of recorded minutes. Raises PermissionDenied, Refused, StaleRevision."""
    actor = follower(by, decision)
    if actor is None:
        raise PermissionDenied("La personne ou la partie responsable d’une décision dit ce qu’elle devient.")
    locked = (
        Decision.objects.select_for_update(of=("self",))
        .select_related("meeting__convention__dossier")
        .get(pk=decision.pk)
    )
    if not locked.meeting.is_held:
        raise Refused("Le relevé de cette réunion n’est pas enregistré : ses décisions ne se suivent pas encore.")
    check_revision(locked, expected_revision)
    if (locked.state, locked.note) == (state, note.strip()):
        return locked
    set_state(locked, state)
    locked.note = note.strip()
    locked.revision += 1
    locked.save()
    label = DecisionState(state).label.lower()
    journal.record(
        locked.meeting,
        root=locked.meeting.dossier,
        by=actor,
        verb="decision_followed",
        sentence=f"{actor.name} suit la décision « {locked} » : {label}.",
    )
    return locked
