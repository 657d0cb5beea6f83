"""THE transition table of a payment: planned, proposed, certified by somebody else, ordered, paid; or voided.

A transition locks the row of the convention, as every write of its money does (`services/payments.py`).
"""

from typing import Any

from arml.permissions import capacities as dossier_capacities
from conventions.models import Convention
from cpo.lib.actor import Actor
from cpo.lib.enums import Audience
from cpo.lib.wording import french
from cpo.lib.workflow import Transition, Workflow
from reporting import permissions as may
from reporting.effects import payments as effects
from reporting.enums import PaymentState as State
from reporting.guards import payments as guards
from reporting.guards.controls import corrections_borne
from reporting.models import Payment
from reporting.money.reading import with_money

ENDED = "La convention ne reçoit plus de versement dans l’état où elle est."
FOUR_EYES = "Vous avez proposé ce versement\u00a0: une autre personne certifie le service fait."


def lock_convention(pk: int) -> Convention:
    """Lock the money of a convention, and return it as it is now."""
    Convention.objects.select_for_update().get(pk=pk)
    return with_money(Convention.objects.all()).get(pk=pk)


def lock(payment: Payment) -> Payment:
    """A fresh payment; one that is only planned is not stored, and stays what it is."""
    convention = lock_convention(payment.convention_id)
    stored = payment if payment.pk is None else Payment.objects.select_related("commitment__service").get(pk=payment.pk)
    stored.convention = convention
    return stored


def capacities(user: Any, payment: Payment) -> list[Actor]:
    return dossier_capacities(user, payment.convention.dossier)


def payable(payment: Payment, actor: Actor) -> bool:
    return payment.convention.state in may.PAYABLE


def certifiable(payment: Payment, actor: Actor) -> bool:
    return payable(payment, actor) and (actor.user is None or actor.user.pk != payment.proposed_by_id)


def why_not_certifiable(payment: Payment, actor: Actor) -> str:
    return FOUR_EYES if payable(payment, actor) else ENDED


def words(payment: Payment) -> str:
    """« Avance 2026 (218 000 €) »."""
    return f"{payment.label} {payment.year} ({french.euros(payment.amount)})"


def _sentence(verb: str) -> Any:
    return lambda payment, actor, data: f"{actor.name} {verb}\u00a0: {words(payment)}."


def _paid_sentence(payment: Payment, actor: Actor, data: dict[str, Any]) -> str:
    return f"{actor.name} enregistre le paiement du {french.date(payment.paid_on)}\u00a0: {words(payment)}."


PAYMENT = Workflow(
    [
        Transition(
            name="propose",
            label="Proposer le versement",
            sources=frozenset({State.PLANNED}),
            target=State.PROPOSED,
            who=may.proposer,
            when=payable,
            not_now=lambda payment, actor: ENDED,
            guards=(guards.committed, guards.balance_open),
            effect=effects.propose,
            sentence=_sentence("propose un versement"),
            consequence="Une personne responsable du service, qui n’est pas vous, certifie ensuite le service fait.",
            rank=10,
            own_page=True,
        ),
        Transition(
            name="certify",
            label="Certifier le service fait",
            sources=frozenset({State.PROPOSED}),
            target=State.CERTIFIED,
            who=may.manager,
            when=certifiable,
            not_now=why_not_certifiable,
            guards=(guards.balance_open, guards.balance_leaves, corrections_borne),
            effect=effects.certify,
            sentence=_sentence("certifie le service fait"),
            consequence="La demande de paiement peut alors être faite dans Chorus.",
            rank=10,
            own_page=True,
        ),
        Transition(
            name="order",
            label="Enregistrer le mandatement",
            sources=frozenset({State.CERTIFIED}),
            target=State.ORDERED,
            who=may.proposer,
            when=payable,
            not_now=lambda payment, actor: ENDED,
            effect=effects.order,
            sentence=lambda payment, actor, data: (
                f"{actor.name} enregistre la demande de paiement {payment.number}\u00a0: {words(payment)}."
            ),
            consequence="Le numéro est celui de la demande de paiement dans Chorus.",
            rank=10,
            own_page=True,
        ),
        Transition(
            name="pay",
            label="Enregistrer le paiement",
            sources=frozenset({State.ORDERED}),
            target=State.PAID,
            who=may.proposer,
            when=payable,
            not_now=lambda payment, actor: ENDED,
            effect=effects.pay,
            sentence=_paid_sentence,
            consequence="L’association en est informée par courriel. L’échéance de ce versement est alors faite.",
            rank=10,
            own_page=True,
        ),
        Transition(
            name="void",
            label="Annuler le versement",
            sources=frozenset({State.PROPOSED, State.CERTIFIED, State.ORDERED, State.PAID}),
            target=State.VOIDED,
            who=may.proposer,
            when=lambda payment, actor: payable(payment, actor) and may.payment_voider(actor, payment),
            not_now=lambda payment, actor: (
                "Ce versement est certifié\u00a0: la personne responsable du service l’annule."
                if payable(payment, actor)
                else ENDED
            ),
            effect=effects.void,
            sentence=_sentence("annule un versement"),
            comment="required",
            comment_label="Motif",
            consequence="Il reste lisible avec son motif, et ne compte plus. Il peut être proposé de nouveau.",
            audience=Audience.BOTH,
            rank=90,
            dangerous=True,
            own_page=True,
            aside=True,
        ),
    ],
    root=lambda payment: payment.convention.dossier,
    capacities=capacities,
    lock=lock,
)


def apply(name: str, payment: Payment, *, by: Any, comment: str = "", data: dict[str, Any] | None = None) -> Payment:
    """Do a transition of a payment; see cpo.lib.workflow.Workflow.apply. Raises also ValidationError by field."""
    return PAYMENT.apply(name, payment, by=by, comment=comment, data=data)  # type: ignore[no-any-return]
