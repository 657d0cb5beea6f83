"""THE transition table of the final evaluation: prepared by the lead service, shared, concluded by its manager."""

from typing import Any

from arml.permissions import capacities as dossier_capacities
from cpo.lib.actor import Actor
from cpo.lib.wording import french
from cpo.lib.workflow import Transition, Workflow
from reporting import permissions as may
from reporting.effects import evaluation as effects
from reporting.enums import EvaluationState as State
from reporting.guards import evaluation as guards
from reporting.models import Evaluation


def lock(evaluation: Evaluation) -> Evaluation:
    related = ("convention__dossier__lead", "convention__dossier__beneficiary", "convention__cycle")
    return Evaluation.objects.select_for_update(of=("self",)).select_related(*related).get(pk=evaluation.pk)


def capacities(user: Any, evaluation: Evaluation) -> list[Actor]:
    return dossier_capacities(user, evaluation.dossier)


EVALUATION = Workflow(
    [
        Transition(
            name="share",
            label="Partager l’évaluation",
            sources=frozenset({State.DRAFT}),
            target=State.SHARED,
            who=may.prepares_evaluation,
            guards=(guards.state_assessed,),
            effect=effects.share,
            sentence=lambda evaluation, actor, data: (
                f"{actor.name} partage l’évaluation conjointe ; l’appréciation de l’association est attendue jusqu’au "
                f"{french.date(data['answer_by'])}."
            ),
            consequence="L’association la lit dès à présent et y écrit son appréciation. Les deux parties en sont "
            "informées par courriel.",
            rank=10,
        ),
        Transition(
            name="conclude",
            label="Conclure l’évaluation",
            sources=frozenset({State.SHARED}),
            target=State.CONCLUDED,
            who=may.manager,
            guards=(
                guards.in_last_quarter,
                guards.state_assessed,
                guards.association_assessed,
                guards.recommended,
                guards.grid_locked,
            ),
            effect=effects.conclude,
            sentence=lambda evaluation, actor, data: (
                f"{actor.name} conclut l’évaluation conjointe : "
                f"{french.lower_first(evaluation.get_recommendation_display())}."
            ),
            consequence="Ses chiffres et ses textes sont figés tels que vous les lisez, et ne changent plus. Le "
            "document est produit et inscrit au registre ; les deux parties en sont informées par courriel.",
            rank=20,
        ),
    ],
    root=lambda evaluation: evaluation.dossier,
    capacities=capacities,
    lock=lock,
)


def apply(name: str, evaluation: Evaluation, *, by: Any, data: dict[str, Any] | None = None) -> Evaluation:
    """Do a transition of an evaluation; see cpo.lib.workflow.Workflow.apply."""
    return EVALUATION.apply(name, evaluation, by=by, data=data)  # type: ignore[no-any-return]
