"""The transitions of a signature by certificate, and of a party that takes its signature back."""

from cpo.lib import french
from cpo.lib.workflow import Transition

from .. import effects
from .. import permissions as may
from ..enums import ConventionState as State
from ..guards.signing import may_deposit_now, may_withdraw_now, not_to_deposit, not_to_withdraw

SIGNING = (
    Transition(
        name="deposit_signature",
        label="Déposer le PDF signé",
        sources=frozenset({State.SIGNATURE}),
        target=None,
        who=may.depositor,
        when=may_deposit_now,
        not_now=not_to_deposit,
        effect=effects.deposit_signature,
        sentence=lambda act, actor, data: (
            f"{actor.name} dépose le PDF signé avec un certificat par "
            f"{data['signature'].signatory_name} pour {data['signature'].party.organisation.in_sentence}."
        ),
        consequence="Le fichier est comparé octet par octet au document à signer, et le certificat vérifié.",
        rank=25,
        own_page=True,
    ),
    Transition(
        name="withdraw_signature",
        label="Retirer notre signature",
        sources=frozenset({State.SIGNATURE}),
        target=State.NEGOTIATION,
        who=may.withdrawer,
        when=may_withdraw_now,
        not_now=not_to_withdraw,
        effect=effects.reopen,
        sentence=lambda act, actor, data: (
            f"{actor.name} retire la signature {french.of(actor.organisation.in_sentence)} : le document est annulé."
        ),
        comment="required",
        comment_label="Motif du retrait",
        consequence="Possible tant qu’une autre partie n’a pas signé. Le document et les signatures déjà données sont "
        "annulés, les acceptations aussi ; la négociation reprend, et la main revient au service de l’État.",
        rank=85,
        dangerous=True,
    ),
)
