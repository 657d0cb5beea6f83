"""Who answers a control."""

from arml.permissions import SPOKESPERSONS
from cpo.lib.actor import Actor
from cpo.lib.enums import Side

from .reports import association


def answers_controls(actor: Actor) -> bool:
    """Direction and presidency answer for the association."""
    return association(actor) and actor.role in SPOKESPERSONS[Side.BENEFICIARY]
