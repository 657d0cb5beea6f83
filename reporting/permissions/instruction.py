"""Who examines a report, asks for details about it, and reads what is retained."""

from collections.abc import Iterable

from arml.enums import Standing
from arml.models import User
from arml.permissions import capacities, lead_officer
from cpo.lib.actor import Actor
from cpo.lib.enums import Side
from reporting.enums import ReportState
from reporting.models import Clarification, FilledGrid, Report

from .reports import PUBLISHED, UNSUBMITTED, author, manager

EXAMINED_WHEN_SENT = "L’instruction se fait sur un compte rendu envoyé, jusqu’à ce qu’il soit déclaré recevable."


def examiner(user: User, report: Report) -> Actor | None:
    """The capacity in which the person examines the report now, or None."""
    if report.state != ReportState.SUBMITTED:
        return None
    return next((actor for actor in capacities(user, report.dossier) if lead_officer(actor)), None)


def why_not_examine(user: User, report: Report) -> str:
    """Say in French why the person can't write the examination now ("" when they can)."""
    if examiner(user, report):
        return ""
    if any(lead_officer(actor) for actor in capacities(user, report.dossier)):
        return EXAMINED_WHEN_SENT
    return "Le service chef de file instruit le compte rendu."


WHO_CLARIFIES = "L’association répond aux demandes de précisions jusqu’à ce que le service les close."


def judge(user: User, report: Report) -> Actor | None:
    """The capacity in which the person judges an answer: an officer, whatever became of the report meanwhile."""
    if report.state in UNSUBMITTED:
        return None
    return next((actor for actor in capacities(user, report.dossier) if lead_officer(actor)), None)


def clarifier(user: User, report: Report, row: Clarification) -> Actor | None:
    """The capacity in which the person answers a request for details: that of who writes the part."""
    return author(user, report, row.path) if row.is_open else None


def grid_locker(user: User, report: Report) -> Actor | None:
    """The capacity in which the person locks a grid: manager of the lead service, while the report is examined."""
    if report.state != ReportState.SUBMITTED:
        return None
    return next((actor for actor in capacities(user, report.dossier) if manager(actor)), None)


def reads_grid(actors: Iterable[Actor], report: Report, grid: FilledGrid | None) -> bool:
    """As the examination; the association reads a grid that its version shows, and nothing of an internal one."""
    shown = grid is not None and grid.pk is not None and grid.version.shown
    readers = [actor for actor in actors if shown or actor.side != Side.BENEFICIARY]
    return reads_examination(readers, report)


def reads_examination(actors: Iterable[Actor], report: Report) -> bool:
    """The lead service reads it from the first sending; the other parties and the DGEFP once it is settled.

    It is about money: observers read none of it.
    """
    if report.state in UNSUBMITTED:
        return False
    settled = report.state in PUBLISHED
    return any(actor.standing == Standing.LEAD or (settled and actor.standing != Standing.OBSERVER) for actor in actors)


def reads_retained(actors: Iterable[Actor]) -> bool:
    """Whether the column of what is retained is shown at all: not to observers."""
    return any(actor.standing != Standing.OBSERVER for actor in actors)
