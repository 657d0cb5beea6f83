"""THE transition table of an act: from draft to signed, who, with what missing, what follows.

The state of act 0 is the first part of the convention's life: `_follow` writes it on the convention in the same
transaction. Lock order: the programme's row (the act's editing lock) first, then the act (cpo.lib.editing).
"""

from typing import Any

from arml.permissions import capacities as dossier_capacities
from cpo.lib.actor import Actor
from cpo.lib.workflow import Transition, Workflow

from .. import effects, guards
from .. import permissions as may
from ..enums import ConventionState as State
from ..guards.signing import (
    all_signed,
    may_record_now,
    may_sign_now,
    not_all_signed,
    not_to_record,
    not_to_reopen,
    not_to_sign,
    signed_by_all,
)
from ..guards.visas import internal_threads, president_visa, visas_given
from ..models import Act
from ..standing import accepted_by_both
from .conditions import has_turn, may_accept, may_ask_turn, may_propose
from .ending import ENDING
from .later import LATER, is_first
from .reasons import not_acceptable, not_accepted, not_proposable, turn_not_asked, turn_not_to_ask
from .signing import SIGNING
from .visas import VISAS


def _from_application(act: Act, actor: Actor) -> bool:
    return act.origin == "app"


def _from_paper(act: Act, actor: Actor) -> bool:
    return act.origin == "paper"


def _service(actor: Actor) -> str:
    return str(actor.organisation or "l’application")


def lock(act: Act) -> Act:
    """Lock the programme's row, then the act; return it anew."""
    type(act.programme).objects.select_for_update().get(pk=act.programme_id)
    return (
        Act.objects.select_for_update(of=("self",))
        .select_related(
            "programme", "convention__dossier__lead", "convention__dossier__beneficiary", "convention__cycle"
        )
        .get(pk=act.pk)
    )


def capacities(user: Any, act: Act) -> list[Actor]:
    return dossier_capacities(user, act.convention.dossier)


# The addresses of the actions that ask for more than a comment.
OWN_PAGES = {
    "sign": "convention-sign",
    "record_signature": "convention-record-signature",
    "deposit_signature": "convention-deposit-signature",
    "record_outside_visa": "outside-visa-add",
    "open_amendment": "act-open-amendment",
    "open_annual": "act-open-annual",
    "open_notice": "act-open-notice",
    "prepare_notice": "notice-prepare",
    "send_notice": "notice-send",
    "observe": "notice-observe",
    "terminate": "convention-terminate",
    "record_dissolution": "convention-dissolve",
}
OPEN = frozenset({State.DRAFT, State.NEGOTIATION, State.SIGNATURE})

ACT = Workflow(
    [
        Transition(
            name="share",
            label="Ouvrir la négociation",
            sources=frozenset({State.DRAFT}),
            target=State.NEGOTIATION,
            who=may.lead_officer,
            when=_from_application,
            guards=(guards.parties_named,),
            effect=effects.share,
            sentence=lambda act, actor, data: (
                f"{actor.name} ouvre la négociation avec {act.dossier.beneficiary.in_sentence}."
            ),
            comment="optional",
            comment_label="Message à l’association",
            consequence="L’association verra le projet et pourra proposer ses actions. La main lui sera donnée.",
            rank=10,
        ),
        Transition(
            name="propose",
            label="Proposer la version",
            sources=frozenset({State.NEGOTIATION}),
            target=None,
            who=may.negotiator,
            when=may_propose,
            not_now=not_proposable,
            guards=(guards.as_warnings,),
            effect=effects.propose,
            sentence=lambda act, actor, data: (
                f"{actor.name} ({_service(actor)}) propose la version {data['version'].number}."
            ),
            comment="optional",
            comment_label="Message à l’autre partie",
            consequence="Le contenu est figé en une version, que vous acceptez pour votre partie. La main passe à "
            "l’autre partie, qui en est informée par courriel.",
            rank=20,
        ),
        Transition(
            name="accept",
            label="Accepter la version",
            sources=frozenset({State.NEGOTIATION}),
            target=None,
            who=may.negotiator,
            when=may_accept,
            not_now=not_acceptable,
            guards=(
                guards.version_is_live,
                guards.version_prints_complete,
                guards.nothing_missing,
                internal_threads,
                president_visa,
            ),
            effect=effects.accept,
            sentence=lambda act, actor, data: (
                f"{actor.name} ({_service(actor)}) accepte la version {data['version'].number}."
            ),
            comment="optional",
            consequence="Quand les deux parties ont accepté la même version, le service demande le visa puis ouvre "
            "la signature. Toute modification annule les deux acceptations.",
            rank=15,
        ),
        Transition(
            name="ask_turn",
            label="Redemander la main",
            sources=frozenset({State.NEGOTIATION}),
            target=None,
            who=may.negotiator,
            when=may_ask_turn,
            not_now=turn_not_to_ask,
            effect=effects.ask_turn,
            sentence=lambda act, actor, data: f"{actor.name} ({_service(actor)}) redemande la main.",
            comment="required",
            comment_label="Message à l’autre partie",
            consequence="L’autre partie reçoit votre message par courriel et peut vous rendre la main sans proposer de "
            "version. Elle peut aussi continuer, puis proposer.",
            rank=70,
            aside=True,
        ),
        Transition(
            name="give_turn",
            label="Rendre la main",
            sources=frozenset({State.NEGOTIATION}),
            target=None,
            who=may.negotiator,
            when=lambda act, actor: has_turn(act, actor) and act.turn_asked_at is not None,
            not_now=turn_not_asked,
            effect=effects.hand_back,
            sentence=lambda act, actor, data: f"{actor.name} ({_service(actor)}) rend la main.",
            comment="optional",
            comment_label="Message à l’autre partie",
            consequence="L’autre partie, qui la redemande, peut de nouveau modifier le contenu. Aucune version n’est "
            "proposée\u00a0; ce que vous avez enregistré depuis la dernière reste dans le projet.",
            rank=40,
            aside=True,
        ),
        *VISAS,
        *LATER,
        *ENDING,
        Transition(
            name="open_signature",
            label="Ouvrir la signature",
            sources=frozenset({State.NEGOTIATION}),
            target=State.SIGNATURE,
            who=may.lead_manager,
            when=lambda act, actor: accepted_by_both(act),
            not_now=not_accepted,
            guards=(
                guards.version_is_live,
                guards.version_prints_complete,
                guards.nothing_missing,
                guards.no_other_signature,
                visas_given,
            ),
            effect=effects.open_signature,
            sentence=lambda act, actor, data: (
                f"{actor.name} ouvre la signature de la version {data['version'].number}."
            ),
            consequence="Le document définitif est produit une seule fois à partir de la version acceptée. Plus rien "
            "ne se modifie ; les signataires sont prévenus par courriel.",
            rank=10,
        ),
        Transition(
            name="sign",
            label="Signer",
            sources=frozenset({State.SIGNATURE}),
            target=None,
            who=may.signatory,
            when=may_sign_now,
            not_now=not_to_sign,
            effect=effects.sign,
            sentence=lambda act, actor, data: (
                f"{data['signature'].signatory_name} signe pour {actor.organisation.in_sentence} dans l’application."
            ),
            consequence="Signature simple : identité vérifiée à nouveau, document ouvert, code à usage unique.",
            rank=5,
            own_page=True,
        ),
        Transition(
            name="record_signature",
            label="Déposer un original signé",
            sources=frozenset({State.SIGNATURE}),
            target=None,
            who=may.recorder,
            when=may_record_now,
            not_now=not_to_record,
            effect=effects.record_signature,
            sentence=lambda act, actor, data: (
                f"{actor.name} dépose l’original signé par "
                f"{data['signature'].signatory_name} pour {data['signature'].party.organisation.in_sentence}."
            ),
            consequence="La référence et l’empreinte imprimées sur le papier sont comparées au document à signer.",
            rank=30,
            own_page=True,
        ),
        *SIGNING,
        Transition(
            name="notify",
            label="Notifier la convention signée",
            sources=frozenset({State.SIGNATURE}),
            target=State.ACTIVE,
            who=may.lead_officer,
            when=lambda act, actor: all_signed(act),
            effect=effects.notify,
            sentence=lambda act, actor, data: (
                f"{actor.name} notifie {act.name_in_sentence}, en vigueur à sa date d’effet."
                if act.number
                else f"{actor.name} notifie la convention signée : elle est en exécution."
            ),
            consequence="La convention entre en vigueur, son contenu est figé, les deux parties sont prévenues et le "
            "calendrier des échéances s’ouvre.",
            rank=5,
        ),
        Transition(
            name="reopen",
            label="Revenir en négociation",
            sources=frozenset({State.SIGNATURE}),
            target=State.NEGOTIATION,
            who=may.lead_manager,
            when=not_all_signed,
            not_now=not_to_reopen,
            effect=effects.reopen,
            sentence=lambda act, actor, data: f"{actor.name} revient en négociation : le document est annulé.",
            comment="required",
            comment_label="Motif du retour en négociation",
            consequence="Le document et les signatures déjà données sont annulés, les acceptations aussi. La main "
            "revient au service de l’État.",
            rank=80,
            dangerous=True,
        ),
        Transition(
            name="record_paper",
            label="Enregistrer la convention signée sur papier",
            sources=frozenset({State.DRAFT}),
            target=State.ACTIVE,
            who=may.lead_officer,
            when=_from_paper,
            guards=(guards.paper_complete,),
            effect=effects.record_paper,
            sentence=lambda act, actor, data: f"{actor.name} enregistre la convention signée sur papier.",
            consequence="La convention est suivie comme les autres : son contenu est figé, l’association la voit.",
            rank=10,
        ),
        Transition(
            name="abandon",
            label="Abandonner",
            sources=OPEN,
            target=State.ABANDONED,
            who=may.lead_manager,
            when=lambda act, actor: is_first(act, actor) and not signed_by_all(act),
            not_now=not_to_reopen,
            effect=effects.abandon,
            sentence=lambda act, actor, data: f"{actor.name} abandonne le projet de convention.",
            comment="required",
            comment_label="Motif de l’abandon",
            consequence="Le dossier est arrêté sans être signé. Il reste lisible ; il ne peut pas être rouvert.",
            rank=90,
            dangerous=True,
        ),
    ],
    root=lambda act: act.convention.dossier,
    capacities=capacities,
    lock=lock,
    told=lambda act, sentence: act.say(sentence),
)


def apply(name: str, act: Act, *, by: Any, comment: str = "", data: dict[str, Any] | None = None) -> Act:
    """Do a transition of an act; see cpo.lib.workflow.Workflow.apply."""
    return ACT.apply(name, act, by=by, comment=comment, data=data)  # type: ignore[no-any-return]
