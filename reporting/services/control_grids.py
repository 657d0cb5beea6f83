"""The grid of a control: filled by an officer until the control is closed, locked by the manager."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from arml.models import User
from cpo.lib import journal
from cpo.lib.enums import Audience
from cpo.lib.workflow import Refused
from reporting import permissions as may
from reporting.enums import ControlState, GridMoment
from reporting.models import Control, FilledGrid
from reporting.workflow.controls import lock_control

from .controls import keeper
from .grids import MANAGER_LOCKS, Answers, published, write

NOT_YOURS = "La grille d’un contrôle est remplie par le service chef de file."
CLOSED = "Ce contrôle est clos\u00a0: sa grille ne se remplit plus."
NO_GRID = "Aucune grille de contrôle n’est publiée."


def grid_of_control(control: Control) -> FilledGrid | None:
    """The grid of a control, filled or to fill with the last published version; None when there is none."""
    row = FilledGrid.objects.filter(control=control).select_related("version", "filled_by", "locked_by").first()
    if row is not None:
        return row
    version = published(GridMoment.CONTROL)
    return FilledGrid(control=control, version=version, moment=GridMoment.CONTROL, answers={}) if version else None


def closed(control: Control) -> str:
    """Why the grid is not filled now, in French; "" when it may be."""
    return CLOSED if control.state == ControlState.CLOSED else ""


@transaction.atomic
def fill_control_grid(
    control: Control, *, answers: Answers, by: User, expected_revision: int, lock: bool = False
) -> FilledGrid:
    """Write the answers; `lock`: the manager closes them. Raises PermissionDenied, Refused, StaleRevision."""
    actor = may.control_grid_locker(by, control) if lock else keeper(by, control.convention)
    if actor is None:
        raise PermissionDenied(MANAGER_LOCKS if lock else NOT_YOURS)
    fresh = lock_control(control)
    if reason := closed(fresh):
        raise Refused(reason)
    row = grid_of_control(fresh)
    if row is None:
        raise Refused(NO_GRID)
    if not write(row, answers, by=by, expected_revision=expected_revision, lock=lock):
        return row
    verb, words = ("control_grid_locked", "verrouille") if lock else ("control_grid_filled", "remplit")
    journal.record(
        fresh,
        root=fresh.convention.dossier,
        by=actor,
        verb=verb,
        sentence=f"{actor.name} {words} la grille du contrôle\u00a0: {fresh}.",
        audience=Audience.NATIONAL,
    )
    return row
