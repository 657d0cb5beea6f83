"""Whose turn it is, and what may be tried in it: read by the transitions of more than one file."""

from cpo.lib.actor import Actor

from ..models import Act
from ..standing import accepted_by_both, latest_version, live_sides


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
