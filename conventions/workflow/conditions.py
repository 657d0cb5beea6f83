"""Conditions on the state of an act and its turn, shared by several files of transitions."""

from conventions.agreement import accepted_by_both, accepting_sides, latest_version
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
    return (
        not act.on_paper
        and act.is_signed_act
        and version is not None
        and has_turn(act, actor)
        and actor.side not in accepting_sides(act)
    )


def may_propose(act: Act, actor: Actor) -> bool:
    """Not once both sides accepted: a new proposal would cancel the agreement without reason."""
    return act.is_signed_act and not act.on_paper and has_turn(act, actor) and not accepted_by_both(act)


def may_ask_turn(act: Act, actor: Actor) -> bool:
    """Only the side without the turn, only once, and until both sides accept."""
    return (
        act.is_signed_act
        and not act.on_paper
        and bool(act.turn)
        and not has_turn(act, actor)
        and not act.turn_asked_at
        and not accepted_by_both(act)
    )


def ended_words(act: Act) -> str:
    """« La convention est résiliée depuis le 3 mars 2026. »; "" if it has not ended."""
    convention = act.convention
    if convention.state not in ENDED or convention.ended_on is None:
        return ""
    return f"La convention est {convention.get_state_display().lower()} depuis le {french.date(convention.ended_on)}."


def is_running(act: Act) -> bool:
    return act.number == 0 and act.convention.state == State.ACTIVE


def is_past_term(act: Act) -> bool:
    return clock.today(act.dossier.time_zone) > reads(act).term


def is_first(act: Act, actor: Actor) -> bool:
    return act.number == 0
