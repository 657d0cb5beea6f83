"""Who prepares, reads, assesses and concludes the final evaluation of a convention."""

from collections.abc import Iterable

from arml.enums import Standing
from arml.permissions import lead_officer
from cpo.lib.actor import Actor, reads_negotiation
from cpo.lib.enums import Side
from reporting.models import Evaluation, FilledGrid

from .meetings import spokesperson


def reads_evaluations(actors: Iterable[Actor]) -> bool:
    """Both sides and the DGEFP; it holds payments and corrections, so that observers read nothing of it."""
    return reads_negotiation(actors)


def reads_evaluation(actors: Iterable[Actor], evaluation: Evaluation | None) -> bool:
    """The lead service reads its draft; the others read it once it is shared."""
    asked = list(actors)
    if evaluation is None or evaluation.is_draft:
        return any(actor.standing == Standing.LEAD for actor in asked)
    return reads_evaluations(asked)


def prepares_evaluation(actor: Actor) -> bool:
    """Opens it, writes what it recommends, answers its grid."""
    return lead_officer(actor)


def assesses(actor: Actor, evaluation: Evaluation) -> bool:
    """Writes the assessment of its own side: the association once the evaluation is shared."""
    return spokesperson(actor) and (actor.side == Side.STATE or not evaluation.is_draft)


def reads_evaluation_grid(actors: Iterable[Actor], grid: FilledGrid) -> bool:
    """An internal grid is the State's; one that its version shows is read with the evaluation."""
    return any(grid.version.shown or actor.side != Side.BENEFICIARY for actor in actors)
