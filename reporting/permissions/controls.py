"""Who answers a control; who locks and reads its grid."""

from collections.abc import Iterable

from arml.models import User
from arml.permissions import SPOKESPERSONS, capacities
from cpo.lib.actor import Actor
from cpo.lib.enums import Side
from reporting.enums import ControlState
from reporting.models import Control, FilledGrid

from .reports import association, manager


def answers_controls(actor: Actor) -> bool:
    """Direction and presidency answer for the association."""
    return association(actor) and actor.role in SPOKESPERSONS[Side.BENEFICIARY]


def control_grid_locker(user: User, control: Control) -> Actor | None:
    """The capacity in which the person locks the grid of a control: manager of the lead service."""
    return next((actor for actor in capacities(user, control.convention.dossier) if manager(actor)), None)


def reads_control_grid(actors: Iterable[Actor], control: Control, grid: FilledGrid | None) -> bool:
    """The State and the DGEFP; the association, once it is locked and the findings sent, if its version is shown."""
    locked = grid is not None and grid.locked_at is not None
    shown = locked and grid is not None and grid.version.shown and control.state != ControlState.ANNOUNCED
    return any(actor.side != Side.BENEFICIARY or shown for actor in actors)
