"""Where an act stands and whose turn it is: read by the transitions of more than one file."""

from conventions.agreement import accepted_by_both, latest_version, live_sides
from conventions.enums import ENDED, Origin
from conventions.enums import ConventionState as State
from conventions.models import Act
from conventions.reads import reads
from cpo.lib import clock
from cpo.lib.actor import Actor
from cpo.lib.wording import french


def from_application(act: Act, actor: Actor) -> bool:
    return act.origin == Origin.APPLICATION


def from_paper(act: Act, actor: Actor) -> bool:
    return act.origin == Origin.PAPER


def has_turn(act: Act, actor: Actor) -> bool:
    return act.programme.side == actor.side


def may_accept(act: Act, actor: Actor) -> bool:
    version = latest_version(act)
    return act.is_signed_act and version is not None and has_turn(act, actor) and actor.side not in live_sides(act)


def may_propose(act: Act, actor: Actor) -> bool:
    """Proposing again what both accepted would undo it for nothing."""
    return act.is_signed_act and has_turn(act, actor) and not accepted_by_both(act)


def may_ask_turn(act: Act, actor: Actor) -> bool:
    """Once: the side that has not the turn, until both accepted."""
    return (
        act.is_signed_act
        and bool(act.turn)
        and not has_turn(act, actor)
        and not act.turn_asked_at
        and not accepted_by_both(act)
    )


def ended_words(act: Act) -> str:
    """« La convention est résiliée depuis le 3 mars 2026. », "" while it lasts."""
    convention = act.convention
    if convention.state not in ENDED or convention.ended_on is None:
        return ""
    return f"La convention est {convention.get_state_display().lower()} depuis le {french.date(convention.ended_on)}."


def running(act: Act) -> bool:
    return act.number == 0 and act.convention.state == State.ACTIVE


def past_term(act: Act) -> bool:
    return clock.today(act.dossier.time_zone) > reads(act).term


def is_first(act: Act, actor: Actor) -> bool:
    return act.number == 0
