"""Who holds a meeting, reads and signs its minutes, and follows its decisions."""

from collections.abc import Iterable

from arml.enums import Role, Standing
from arml.permissions import lead_officer
from cpo.lib.actor import Actor, reads_negotiation
from cpo.lib.enums import Side
from reporting.enums import MeetingKind, ReportState
from reporting.models import Decision, Meeting, Report

from .reports import association, may_submit, writes_texts

# Article 9.1 gives the steering committee to the association; the dialogue de gestion is the lead service's.
OF_THE_STATE = (MeetingKind.DIALOGUE, MeetingKind.INTERINSTITUTIONAL)


def reads_meetings(actors: Iterable[Actor]) -> bool:
    """Both sides and the DGEFP; an observer reads nothing of a meeting."""
    return reads_negotiation(actors)


def spokesperson(actor: Actor) -> bool:
    """Speaks for the lead service or for the association."""
    return lead_officer(actor) or (association(actor) and writes_texts(actor))


def may_plan(actor: Actor, kind: str) -> bool:
    return spokesperson(actor) and (kind not in OF_THE_STATE or actor.side == Side.STATE)


def keeps_meeting(actor: Actor, meeting: Meeting) -> bool:
    """Invites, writes the minutes and records them: the people of the side that organises."""
    return spokesperson(actor) and actor.side == meeting.side


def reads_minutes(actors: Iterable[Actor], meeting: Meeting) -> bool:
    """Until they are recorded, the minutes are the draft of the organisation that holds the meeting."""
    of_main = (Standing.LEAD, Standing.BENEFICIARY)
    drafts = any(actor.side == meeting.side and actor.standing in of_main for actor in actors)
    return (meeting.is_held and reads_meetings(actors)) or drafts


def reads_conclusion(actors: Iterable[Actor], report: Report | None) -> bool:
    """The lead service drafts the conclusion; the others read it once the year is concluded."""
    if report is None:
        return False
    concluded = report.state == ReportState.CONCLUDED and reads_meetings(actors)
    return concluded or any(actor.standing == Standing.LEAD for actor in actors)


def signs_minutes(actor: Actor) -> bool:
    """For the service its manager or signatory; for the association who may send its reports."""
    of_state = actor.standing == Standing.LEAD and actor.role in (Role.MANAGER, Role.SIGNATORY)
    return of_state or may_submit(actor)


def follows_decision(actor: Actor, decision: Decision) -> bool:
    """Says what became of a decision: its owner, the spokespeople of the party in charge, the lead officers."""
    owner = actor.user is not None and actor.user.pk == decision.owner_id and bool(actor.side)
    return owner or lead_officer(actor) or (spokesperson(actor) and decision.side in ("", actor.side))
