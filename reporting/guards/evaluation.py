"""What must hold before an evaluation is shared, then concluded; a convention closes after it."""

import datetime as dt
from collections.abc import Iterator

from django.urls import reverse

from conventions.enums import ConventionState
from conventions.guards.ending import signed_evaluation_missing
from conventions.later.term import term
from conventions.models import Act, Convention
from cpo.lib import clock
from cpo.lib.dates import add_months
from cpo.lib.enums import Side
from cpo.lib.wording import french
from cpo.lib.workflow import Missing
from reporting.deadlines.facts import EVALUATED
from reporting.enums import EvaluationState, GridMoment
from reporting.models import DoneBefore, Evaluation, GridVersion

from .grids import answered_no

LAST_MONTHS = 3  # article 9.5: « au cours du dernier trimestre »


def page(convention: Convention, route: str = "convention-evaluation", fragment: str = "") -> str:
    address = reverse(route, args=[convention.number])
    return f"{address}#{fragment}" if fragment else address


def first_day(convention: Convention) -> dt.date:
    """The first day on which an evaluation may be concluded: the last quarter begins; at once after a termination."""
    today = clock.today(convention.dossier.time_zone)
    if convention.state == ConventionState.TERMINATED:
        return today
    return add_months(term(convention, today) + dt.timedelta(days=1), -LAST_MONTHS)


def in_last_quarter(evaluation: Evaluation) -> Iterator[Missing]:
    first = first_day(evaluation.convention)
    if clock.today(evaluation.dossier.time_zone) < first:
        day = french.date(first)
        yield Missing(
            f"L’évaluation se conclut au cours du dernier trimestre de la convention (article 9.5) : à partir du {day}",
            page(evaluation.convention),
        )


def state_assessed(evaluation: Evaluation) -> Iterator[Missing]:
    """The State says something of each of the four points: who shares shows what the other side answers."""
    if not _given(evaluation, Side.STATE):
        yield Missing("Appréciation de l’État", page(evaluation.convention, "evaluation-assessment"))


def association_assessed(evaluation: Evaluation) -> Iterator[Missing]:
    """The association gave its assessment, or the day until which it was asked has passed."""
    until = evaluation.answer_by
    passed = until is not None and clock.today(evaluation.dossier.time_zone) > until
    if not passed and not _given(evaluation, Side.BENEFICIARY):
        day = french.date(until) if until else "jour à fixer"
        words = f"Appréciation de l’association, attendue jusqu’au {day}"
        yield Missing(words, page(evaluation.convention, fragment="appreciations"))


def _given(evaluation: Evaluation, side: str) -> bool:
    return any(row.side == side and row.given for row in evaluation.assessments.all())


def recommended(evaluation: Evaluation) -> Iterator[Missing]:
    address = page(evaluation.convention, "evaluation-recommendation", "id_recommendation")
    if not evaluation.recommendation:
        yield Missing("Recommandation : reconduire, modifier ou mettre fin", address)
    if not evaluation.reasons.strip():
        yield Missing("Motifs de la recommandation", address.replace("id_recommendation", "id_reasons"))


def grid_locked(evaluation: Evaluation) -> Iterator[Missing]:
    """The grid of the moment « évaluation », if one is published, is answered and locked."""
    grid = evaluation.grids.filter(locked_at__isnull=False).select_related("version").first()
    if grid is not None:
        yield from answered_no(grid, page(evaluation.convention, "evaluation-grid"))
        return
    if GridVersion.objects.filter(moment=GridMoment.EVALUATION, published_on__isnull=False).exists():
        yield Missing(
            "Grille d’évaluation : à remplir et à verrouiller", page(evaluation.convention, "evaluation-grid")
        )


def evaluated(act: Act) -> Iterator[Missing]:
    """A convention closes after its evaluation (articles 9.5 and 10).

    One that was taken over from paper may have been evaluated on paper: the signed evaluation that was told then, or
    that stands among its pièces, holds. A termination waits for none.
    """
    convention = act.convention
    if Evaluation.objects.filter(convention=convention, state=EvaluationState.CONCLUDED).exists():
        return
    if convention.on_paper:
        told = DoneBefore.objects.done().filter(convention=convention, rule__met_by=EVALUATED)
        if told.exists() or not signed_evaluation_missing(act):
            return
    yield Missing("Évaluation conjointe : elle n’est pas conclue", page(convention))
