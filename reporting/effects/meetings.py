"""What follows each transition of a meeting, in its transaction."""

from typing import Any

from conventions.models import Signature
from cpo.lib import clock
from cpo.lib.actor import Actor
from cpo.lib.enums import Side
from reporting import notifications
from reporting.deadlines.invitations import CANCEL
from reporting.enums import MeetingState
from reporting.jobs import request_minutes
from reporting.models import Meeting

from .papers import write_signature

Data = dict[str, Any]
BOTH = len(Side)


def record(meeting: Meeting, actor: Actor, data: Data) -> None:
    """The minutes are read by both sides and printed, to be signed."""
    meeting.state, meeting.state_since = MeetingState.HELD, clock.now()
    request_minutes(meeting)
    notifications.minutes_recorded(meeting, actor)


def cancel(meeting: Meeting, actor: Actor, data: Data) -> None:
    """Take the invitations back from whom was invited; a meeting of the past has nobody left to tell."""
    meeting.state_since = clock.now()
    meeting.sequence += 1
    if meeting.day and meeting.day >= clock.today(meeting.dossier.time_zone):
        notifications.meeting_told(
            meeting, list(meeting.invitees.all()), CANCEL, "reunion_annulee", actor, motif=data["comment"]
        )


def sign(meeting: Meeting, actor: Actor, data: Data) -> None:
    """`data["signature"]`: built and checked by `services.signing`. The second one closes the minutes."""
    changed = "Le relevé a changé depuis l’ouverture de la page. Relisez-le avant de signer."
    signature = write_signature(meeting.minutes_id, data, changed)
    signatures = list(signature.document.signatures.filter(voided_at=None))
    if len(signatures) == BOTH:
        meeting.signed_on = max(row.signed_on for row in signatures)
    notifications.minutes_signed(meeting, signature, actor)


def take_back(meeting: Meeting, actor: Actor, data: Data) -> None:
    """Void the signatures so that the minutes can be corrected; they stay in the register."""
    now = clock.now()
    Signature.objects.filter(document=meeting.minutes_id, voided_at=None).update(voided_at=now)
    meeting.signed_on = None
    notifications.minutes_taken_back(meeting, actor, data["comment"])
