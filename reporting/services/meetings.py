"""Plan a meeting, change it, tell whom is invited; join its documents.

Who is invited is told in the transaction that writes it; a meeting of the past, only recorded here, tells nobody.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from arml.models import Membership, Organisation, User
from arml.permissions import capacities
from conventions.enums import ConventionState
from conventions.models import Convention
from cpo.lib import clock, journal
from cpo.lib.actor import Actor
from cpo.lib.editing.lock import check_revision
from cpo.lib.files.stored import check_upload, store_upload
from cpo.lib.wording import french
from cpo.lib.workflow import Refused
from reporting import notifications
from reporting import permissions as may
from reporting.deadlines.invitations import CANCEL, REQUEST
from reporting.enums import MeetingKind
from reporting.models import Invitee, Meeting, MeetingFile
from reporting.workflow.meetings import lock

NOT_YOURS = "Le service chef de file et l’association convoquent les réunions. Votre rôle les lit."
NOT_JOINED = "Les documents d’une réunion sont joints par le service et par l’association."
OF_THE_STATE = (
    "Le dialogue de gestion et la rencontre interinstitutionnelle sont convoqués par le service chef de file."
)
OF_ANOTHER = "Cette réunion est tenue par l’autre partie : elle seule la modifie."
ENDED = "La convention n’est pas en exécution : aucune réunion ne s’y convoque."
OPEN = (ConventionState.ACTIVE, ConventionState.TERMINATED)
TWICE = "Un dialogue de gestion est déjà prévu ou tenu sur {year} : ouvrez-le."
LABELS = {
    "day": "la date",
    "begins_at": "l’heure",
    "ends_at": "l’heure",
    "place": "le lieu",
    "agenda": "l’ordre du jour",
}


@dataclass(frozen=True)
class Plan:
    """When, where, about what, and who is invited: keys of people of the dossier, (name, address) outside it."""

    day: dt.date
    begins_at: dt.time | None = None
    ends_at: dt.time | None = None
    place: str = ""
    agenda: str = ""
    people: Sequence[int] = ()
    outside: Sequence[tuple[str, str]] = field(default=())


def people_of(convention: Convention) -> list[tuple[User, Organisation]]:
    """The active people of both sides, each once, with their organisation: those who can be invited by their name."""
    dossier = convention.dossier
    organisations = [dossier.beneficiary_id, dossier.lead_id, *dossier.services.values_list("pk", flat=True)]
    members = Membership.objects.in_force().filter(organisation__in=organisations, user__is_active=True)
    rows = members.select_related("user", "organisation").order_by("organisation__sort_name", "user__last_name", "pk")
    return list({row.user_id: (row.user, row.organisation) for row in rows}.values())


def planner(user: User, convention: Convention, kind: str = "") -> Actor | None:
    """The capacity in which the person may plan a meeting, of this kind or of one at least."""
    actors = capacities(user, convention.dossier)
    kinds = [kind] if kind else MeetingKind.values
    return next((actor for actor in actors if any(may.may_plan(actor, one) for one in kinds)), None)


def keeper(user: User | Actor, meeting: Meeting) -> Actor | None:
    """The capacity in which the person writes this meeting."""
    actors = [user] if isinstance(user, Actor) else capacities(user, meeting.dossier)
    return next((actor for actor in actors if may.keeps_meeting(actor, meeting)), None)


def closed_to_meetings(convention: Convention) -> str:
    """Why no meeting is planned now, in French; "" when one may be."""
    return "" if convention.state in OPEN else ENDED


def plan_faults(convention: Convention, kind: str, year: int, plan: Plan) -> dict[str, str]:
    """What is wrong of a new meeting, by field."""
    dialogue = convention.meetings.standing().filter(kind=MeetingKind.DIALOGUE, year=year)
    if kind == MeetingKind.DIALOGUE and dialogue.exists():
        return {"kind": TWICE.format(year=year)}
    return {}


@transaction.atomic
def plan(*, convention: Convention, kind: str, year: int, plan: Plan, by: User | Actor) -> Meeting:
    """Create a meeting and invite. Raises PermissionDenied, Refused, ValidationError by field."""
    actor = by if isinstance(by, Actor) else planner(by, convention, kind)
    if actor is None:
        raise PermissionDenied(OF_THE_STATE if planner(by, convention) else NOT_YOURS)  # type: ignore[arg-type]
    convention = Convention.objects.select_for_update().get(pk=convention.pk)
    if reason := closed_to_meetings(convention):
        raise Refused(reason)
    if faults := plan_faults(convention, kind, year, plan):
        raise ValidationError(faults)
    meeting = Meeting.objects.create(
        convention=convention,
        kind=kind,
        year=year,
        side=actor.side,
        state_since=clock.now(),
        organiser=actor.user,
        updated_by=actor.user,
        **_when(plan),
    )
    invited = _invite(meeting, plan)
    verb = "convoque une réunion" if _to_come(meeting) else "inscrit une réunion"
    sentence = f"{actor.name} {verb} : {meeting.title}, {french.date(plan.day)}."
    journal.record(meeting, root=meeting.dossier, by=actor, verb="meeting_planned", sentence=sentence)
    if _to_come(meeting):
        notifications.meeting_told(meeting, invited, REQUEST, "reunion_invitation", actor)
    return meeting


def _when(plan: Plan) -> dict[str, object]:
    return {
        "day": plan.day,
        "begins_at": plan.begins_at,
        "ends_at": plan.ends_at,
        "place": plan.place.strip(),
        "agenda": plan.agenda.strip(),
    }


def _to_come(meeting: Meeting) -> bool:
    return meeting.day is not None and meeting.day >= clock.today(meeting.dossier.time_zone)


def _invite(meeting: Meeting, plan: Plan) -> list[Invitee]:
    """Add the people who are not invited yet; return them. A person of the dossier is invited once, by either way."""
    known = {user.pk: (user, organisation) for user, organisation in people_of(meeting.convention)}
    addresses = {row.email.lower() for row in meeting.invitees.all()}
    wanted = [
        Invitee(meeting=meeting, user=user, name=str(user), email=user.email, organisation=str(organisation))
        for user, organisation in (known[key] for key in plan.people if key in known)
    ]
    wanted += [Invitee(meeting=meeting, name=name or address, email=address) for name, address in plan.outside]
    added = []
    for one in wanted:
        if one.email.lower() not in addresses:
            addresses.add(one.email.lower())
            one.save()
            added.append(one)
    return added


@transaction.atomic
def change(*, meeting: Meeting, plan: Plan, by: User | Actor, expected_revision: int | None) -> Meeting:
    """Change a planned meeting: who stays is told what changes, who is added is invited, who is left out is told.

    Raises PermissionDenied, Refused, StaleRevision.
    """
    actor = keeper(by, meeting)
    if actor is None:
        raise PermissionDenied(OF_ANOTHER)
    locked = lock(meeting)
    if not locked.is_planned:
        raise Refused("Cette réunion est tenue ou annulée : sa date et ses invités ne changent plus.")
    check_revision(locked, expected_revision)
    was_to_come, values = _to_come(locked), _when(plan)
    changed = list(dict.fromkeys(LABELS[name] for name, value in values.items() if getattr(locked, name) != value))
    gone = _left_out(locked, plan)
    stay = [row for row in locked.invitees.all() if row not in gone]
    for name, value in values.items():
        setattr(locked, name, value)
    if changed or gone:
        locked.sequence += 1
    if was_to_come and gone:
        reason = "vous ne figurez plus parmi les personnes invitées"
        notifications.meeting_told(locked, gone, CANCEL, "reunion_annulee", actor, motif=reason)
    Invitee.objects.filter(pk__in=[row.pk for row in gone]).delete()
    added = _invite(locked, plan)
    if not (changed or gone or added):
        return locked
    locked.updated_by = actor.user
    locked.revision += 1
    locked.save()
    if _to_come(locked):
        if changed:
            words = ", ".join(changed)
            notifications.meeting_told(locked, stay, REQUEST, "reunion_modifiee", actor, changements=words)
        notifications.meeting_told(locked, added, REQUEST, "reunion_invitation", actor)
    sentence = f"{actor.name} modifie la réunion : {locked.title}."
    journal.record(locked, root=locked.dossier, by=actor, verb="meeting_changed", sentence=sentence)
    return locked


def _left_out(meeting: Meeting, plan: Plan) -> list[Invitee]:
    addresses, people = {address.lower() for _, address in plan.outside}, set(plan.people)
    return [row for row in meeting.invitees.all() if row.user_id not in people and row.email.lower() not in addresses]


@transaction.atomic
def add_file(*, meeting: Meeting, by: User, upload: BinaryIO, name: str, size: int) -> MeetingFile:
    """Join a document, as one of the two parties. Raises PermissionDenied, ValidationError on `upload`."""
    actor = next((one for one in capacities(by, meeting.dossier) if may.spokesperson(one)), None)
    if actor is None:
        raise PermissionDenied(NOT_JOINED)
    data, media_type = check_upload(upload, name=name, size=size)
    file = MeetingFile.objects.create(
        meeting=meeting,
        file=store_upload(data, media_type, field="upload"),
        name=name[:200],
        added_by=by,
        added_at=clock.now(),
    )
    sentence = f"{actor.name} joint un document à la réunion : {meeting.title}, « {file.name} »."
    journal.record(meeting, root=meeting.dossier, by=actor, verb="meeting_file", sentence=sentence)
    return file
