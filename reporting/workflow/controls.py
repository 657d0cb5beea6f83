"""THE transition tables of a control (announced, found, closed), of a correction (proposed, notified, decided, done).

A step locks the row of the convention, as every write of its money does (`workflow/payments.py`).
"""

from typing import Any

from arml.permissions import capacities as dossier_capacities
from arml.permissions import lead_officer
from cpo.lib.actor import Actor
from cpo.lib.enums import Audience
from cpo.lib.wording import french
from cpo.lib.workflow import Transition, Workflow
from reporting import permissions as may
from reporting.effects import controls as effects
from reporting.enums import ControlState, CorrectionEffect
from reporting.enums import CorrectionState as State
from reporting.guards import controls as guards
from reporting.models import Control, Correction

from .payments import lock_convention


def lock_control(control: Control) -> Control:
    convention = lock_convention(control.convention_id)
    fresh = Control.objects.get(pk=control.pk)
    fresh.convention = convention
    return fresh


def lock_correction(correction: Correction) -> Correction:
    convention = lock_convention(correction.convention_id)
    fresh = Correction.objects.select_related("ground").get(pk=correction.pk)
    fresh.convention = convention
    return fresh


def capacities(user: Any, row: Control | Correction) -> list[Actor]:
    return dossier_capacities(user, row.convention.dossier)


def audience(row: Control | Correction, actor: Actor, data: dict[str, Any]) -> Audience:
    """What is suspected is the State's to read."""
    return Audience.NATIONAL if getattr(row, "suspected_fraud", False) else Audience.BOTH


def words(correction: Correction) -> str:
    """« Correction n° 1 (5 000 €, 2025) »."""
    return f"{correction} ({french.euros(correction.amount)}, {correction.year})"


def _sentence(verb: str) -> Any:
    return lambda row, actor, data: f"{actor.name} {verb}\u00a0: {words(row) if isinstance(row, Correction) else row}."


CONTROL = Workflow(
    [
        Transition(
            name="communicate",
            label="Communiquer les constats",
            sources=frozenset({ControlState.ANNOUNCED}),
            target=ControlState.FOUND,
            who=lead_officer,
            effect=effects.communicate,
            sentence=_sentence("communique les constats"),
            consequence="L’association les lit, et peut y répondre.",
            rank=10,
            own_page=True,
        ),
        Transition(
            name="observe",
            label="Répondre aux constats",
            sources=frozenset({ControlState.FOUND}),
            target=None,
            who=may.answers_controls,
            when=lambda control, actor: control.observed_at is None,
            not_now=lambda control, actor: "L’association a déjà répondu à ces constats.",
            effect=effects.observe_control,
            sentence=_sentence("répond aux constats"),
            consequence="Le service lit votre réponse, qui ne se modifie plus.",
            rank=10,
            own_page=True,
        ),
        Transition(
            name="close",
            label="Clore le contrôle",
            sources=frozenset({ControlState.FOUND}),
            target=ControlState.CLOSED,
            who=may.manager,
            guards=(guards.grid_allows,),
            effect=effects.close,
            sentence=_sentence("clôt un contrôle"),
            consequence="L’association en lit les conclusions. Une correction se propose ensuite.",
            rank=20,
            own_page=True,
        ),
    ],
    root=lambda control: control.convention.dossier,
    capacities=capacities,
    lock=lock_control,
)

CORRECTION = Workflow(
    [
        Transition(
            name="notify",
            label="Enregistrer la lettre à l’association",
            sources=frozenset({State.PROPOSED}),
            target=State.NOTIFIED,
            who=lead_officer,
            guards=(guards.not_suspected,),
            effect=effects.notify,
            sentence=_sentence("ouvre la phase contradictoire"),
            consequence="L’association a un mois pour présenter ses observations (article 8.4).",
            audience=audience,
            rank=10,
            own_page=True,
        ),
        Transition(
            name="observe",
            label="Présenter ses observations",
            sources=frozenset({State.NOTIFIED}),
            target=None,
            who=may.answers_controls,
            when=lambda correction, actor: correction.observed_at is None,
            not_now=lambda correction, actor: "L’association a déjà présenté ses observations.",
            effect=effects.observe_correction,
            sentence=_sentence("présente ses observations"),
            consequence="Le service les lit avant de décider. Elles ne se modifient plus.",
            rank=10,
            own_page=True,
        ),
        Transition(
            name="lift",
            label="Lever le soupçon de fraude",
            sources=frozenset({State.PROPOSED}),
            target=None,
            who=may.manager,
            when=lambda correction, actor: correction.suspected_fraud,
            effect=effects.lift,
            sentence=_sentence("lève le soupçon de fraude"),
            comment="required",
            comment_label="Motif",
            consequence="L’association pourra lire cette correction.",
            audience=Audience.NATIONAL,
            rank=80,
            own_page=True,
        ),
        Transition(
            name="decide",
            label="Décider de la suite",
            sources=frozenset({State.NOTIFIED}),
            target=State.DECIDED,
            who=may.manager,
            guards=(guards.contradictory_over,),
            effect=effects.decide,
            sentence=_sentence("décide de la suite"),
            consequence="La décision est définitive. L’association en est informée par courriel.",
            audience=audience,
            rank=20,
            own_page=True,
        ),
        Transition(
            name="recover",
            label="Enregistrer le recouvrement",
            sources=frozenset({State.DECIDED}),
            target=State.DONE,
            who=lead_officer,
            when=lambda correction, actor: correction.effect == CorrectionEffect.RECOVERY,
            effect=effects.recover,
            sentence=_sentence("enregistre le recouvrement"),
            consequence="La correction est alors soldée.",
            rank=10,
            own_page=True,
        ),
        Transition(
            name="reduce",
            label="Ouvrir l’acte financier annuel",
            sources=frozenset({State.DECIDED}),
            target=State.DONE,
            who=may.manager,
            when=lambda correction, actor: correction.effect == CorrectionEffect.REDUCTION,
            effect=effects.reduce,
            sentence=_sentence("ouvre un acte financier qui réduit la contribution"),
            consequence="L’acte s’ouvre avec son année et son objet\u00a0; la contribution y est déjà réduite.",
            rank=10,
            own_page=True,
        ),
        Transition(
            name="settle",
            label="Solder la correction",
            sources=frozenset({State.DECIDED}),
            target=State.DONE,
            who=lead_officer,
            when=lambda correction, actor: correction.effect == CorrectionEffect.IMPUTATION,
            guards=(guards.consumed_and_paid,),
            effect=effects.settle,
            sentence=_sentence("solde une correction"),
            consequence="Le versement qui la porte est payé.",
            rank=10,
            own_page=True,
        ),
    ],
    root=lambda correction: correction.convention.dossier,
    capacities=capacities,
    lock=lock_correction,
)
