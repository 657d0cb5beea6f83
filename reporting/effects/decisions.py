"""The one writer of what became of a decision: its state, and the day on which it was closed."""

from cpo.lib import clock
from reporting.enums import DecisionState
from reporting.models import Decision

CLOSED = (DecisionState.DONE, DecisionState.DROPPED)


def set_state(decision: Decision, state: str) -> None:
    """The day on which a decision is done or dropped stays, whatever is then noted."""
    closed = state in CLOSED
    if closed and decision.closed_on is None:
        decision.closed_on = clock.today(decision.meeting.dossier.time_zone)
    if not closed:
        decision.closed_on = None
    decision.state = DecisionState(state)
