"""THE transition table of an act: from draft to signed, who, with what missing, what follows.

The state of act 0 is the first part of the convention's life: `_follow` writes it on the convention in the same
transaction. Lock order: the programme's row (the act's editing lock) first, then the act (cpo.lib.editing).
"""

from typing import Any

from arml.enums import Role
from arml.permissions import capacities as dossier_capacities
from cpo.lib import french
from cpo.lib.actor import Actor
from cpo.lib.enums import Audience
from cpo.lib.workflow import Transition, Workflow

from . import effects, guards
from . import permissions as may
from .enums import ConventionState as State
from .models import Act
from .standing import accepted_by_both, latest_version, live_sides


def _has_turn(act: Act, actor: Actor) -> bool:
    return act.programme.side == actor.side


def _may_accept(act: Act, actor: Actor) -> bool:
    version = latest_version(act)
    return version is not None and _has_turn(act, actor) and actor.side not in live_sides(act)


def _may_propose(act: Act, actor: Actor) -> bool:
    """Proposing again what both accepted would undo it for nothing."""
    return _has_turn(act, actor) and not accepted_by_both(act)


def _may_ask_turn(act: Act, actor: Actor) -> bool:
    """Once: the side that has not the turn, until both accepted."""
    return bool(act.turn) and not _has_turn(act, actor) and not act.turn_asked_at and not accepted_by_both(act)


def _visa_pending(act: Act, actor: Actor) -> bool:
    return accepted_by_both(act) and not guards.visa_given(act)


def _may_ask_president(act: Act, actor: Actor) -> bool:
    """Before accepting, and not of oneself: who is also the president decides alone."""
    also_president = actor.user is not None and any(
        own.role == Role.PRESIDENT and own.organisation_id == act.dossier.beneficiary_id for own in actor.user.roles
    )
    return (
        not also_president
        and _may_accept(act, actor)
        and act.president_visa_asked_at is None
        and not guards.visa_of_given(act, act.dossier.beneficiary)
    )


def _president_asked(act: Act, actor: Actor) -> bool:
    return act.president_visa_asked_at is not None


def _all_signed(act: Act, actor: Actor) -> bool:
    return not guards.unsigned_parties(act)


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
            when=_may_propose,
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
            when=_may_accept,
            guards=(
                guards.version_is_live,
                guards.version_prints_complete,
                guards.nothing_missing,
                guards.president_visa,
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
            when=_may_ask_turn,
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
            when=lambda act, actor: _has_turn(act, actor) and act.turn_asked_at is not None,
            effect=effects.hand_back,
            sentence=lambda act, actor, data: f"{actor.name} ({_service(actor)}) rend la main.",
            comment="optional",
            comment_label="Message à l’autre partie",
            consequence="L’autre partie, qui la redemande, peut de nouveau modifier le contenu. Aucune version n’est "
            "proposée\u00a0; ce que vous avez enregistré depuis la dernière reste dans le projet.",
            rank=40,
            aside=True,
        ),
        Transition(
            name="ask_visa",
            label="Demander le visa",
            sources=frozenset({State.NEGOTIATION}),
            target=None,
            who=may.lead_officer,
            when=lambda act, actor: _visa_pending(act, actor) and act.visa_asked_at is None,
            effect=effects.ask_visa,
            sentence=lambda act, actor, data: f"{actor.name} demande le visa du service.",
            audience=Audience.STATE,
            consequence="La personne responsable du service reçoit un courriel.",
            rank=12,
        ),
        Transition(
            name="give_visa",
            label="Donner le visa",
            sources=frozenset({State.NEGOTIATION}),
            target=None,
            who=may.lead_manager,
            when=_visa_pending,
            guards=(guards.version_is_live,),
            effect=effects.give_visa,
            sentence=lambda act, actor, data: (
                f"{actor.name} donne le visa du service sur la version {data['version'].number}."
            ),
            audience=Audience.NATIONAL,
            comment="optional",
            comment_label="Commentaire, ou motif si vous avez vous-même proposé cette version",
            consequence="Le visa ouvre la voie à la signature. S’il porte sur une version que vous avez proposée, "
            "un motif est obligatoire ; l’administration centrale le voit.",
            rank=11,
        ),
        Transition(
            name="refuse_visa",
            label="Refuser le visa",
            sources=frozenset({State.NEGOTIATION}),
            target=None,
            who=may.lead_manager,
            when=_visa_pending,
            effect=effects.refuse_visa,
            sentence=lambda act, actor, data: f"{actor.name} refuse le visa du service.",
            audience=Audience.STATE,
            comment="required",
            comment_label="Motif du refus",
            consequence="La main reste au service de l’État, qui corrige et propose une nouvelle version.",
            rank=60,
        ),
        Transition(
            name="cosigner_visa",
            label="Donner le visa du service cosignataire",
            sources=frozenset({State.NEGOTIATION}),
            target=None,
            who=may.cosigning_manager,
            when=lambda act, actor: accepted_by_both(act) and not guards.visa_of_given(act, actor.organisation),
            guards=(guards.version_is_live,),
            effect=effects.give_visa,
            sentence=lambda act, actor, data: (
                f"{actor.name} donne le visa {french.of(actor.organisation.in_sentence)}."
            ),
            audience=Audience.NATIONAL,
            comment="optional",
            consequence="Le service chef de file pourra ouvrir la signature quand tous les visas sont donnés.",
            rank=11,
        ),
        Transition(
            name="ask_president_visa",
            label="Demander le visa de la présidence",
            sources=frozenset({State.NEGOTIATION}),
            target=None,
            who=may.beneficiary_director,
            when=_may_ask_president,
            guards=(guards.version_is_live, guards.president_known),
            effect=effects.ask_president_visa,
            sentence=lambda act, actor, data: (
                f"{actor.name} demande le visa de la présidence sur la version {data['version'].number}."
            ),
            audience=Audience.BENEFICIARY,
            comment="optional",
            comment_label="Message à la présidence",
            consequence="La présidence de l’association reçoit un courriel et répond ici. Le service de l’État ne voit "
            "ni la demande ni la réponse. Vous pouvez accepter la version sans attendre.",
            rank=16,
            aside=True,
        ),
        Transition(
            name="give_president_visa",
            label="Donner le visa de la présidence",
            sources=frozenset({State.NEGOTIATION}),
            target=None,
            who=may.beneficiary_president,
            when=_president_asked,
            guards=(guards.version_is_live,),
            effect=effects.give_president_visa,
            sentence=lambda act, actor, data: (
                f"{actor.name} donne le visa de la présidence sur la version {data['version'].number}."
            ),
            audience=Audience.BENEFICIARY,
            comment="optional",
            consequence="La direction est prévenue et peut accepter la version. Le service de l’État ne voit pas ce "
            "visa.",
            rank=11,
        ),
        Transition(
            name="refuse_president_visa",
            label="Refuser le visa de la présidence",
            sources=frozenset({State.NEGOTIATION}),
            target=None,
            who=may.beneficiary_president,
            when=_president_asked,
            effect=effects.refuse_president_visa,
            sentence=lambda act, actor, data: (
                f"{actor.name} refuse le visa de la présidence sur la version {data['version'].number}."
            ),
            audience=Audience.BENEFICIARY,
            comment="required",
            comment_label="Motif du refus",
            consequence="La direction est prévenue et lit le motif avant d’accepter ou de proposer une autre version. "
            "Le service de l’État ne le voit pas.",
            rank=60,
        ),
        Transition(
            name="record_outside_visa",
            label="Enregistrer un visa extérieur",
            sources=frozenset({State.NEGOTIATION, State.SIGNATURE}),
            target=None,
            who=may.lead_officer,
            when=lambda act, actor: accepted_by_both(act),
            guards=(guards.version_is_live,),
            effect=effects.record_outside_visa,
            sentence=lambda act, actor, data: (
                f"{actor.name} enregistre un visa extérieur sur la version {data['visa'].version.number}\u00a0: "
                f"{data['visa'].authority}, {data['visa'].name}."
            ),
            audience=Audience.NATIONAL,
            consequence="Le visa donné hors de l’application (contrôle budgétaire, SGAR) est gardé avec son fichier. "
            "Il n’ouvre ni ne retient la signature.",
            rank=65,
            own_page=True,
            aside=True,
        ),
        Transition(
            name="open_signature",
            label="Ouvrir la signature",
            sources=frozenset({State.NEGOTIATION}),
            target=State.SIGNATURE,
            who=may.lead_manager,
            when=lambda act, actor: accepted_by_both(act),
            guards=(
                guards.version_is_live,
                guards.version_prints_complete,
                guards.nothing_missing,
                guards.visas_given,
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
            who=lambda actor: (
                may.party_member(actor) and actor.role in (Role.SIGNATORY, Role.PRESIDENT, Role.DIRECTOR, Role.MANAGER)
            ),
            when=guards.may_sign_now,
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
            when=guards.may_record_now,
            effect=effects.record_signature,
            sentence=lambda act, actor, data: (
                f"{actor.name} dépose l’original signé par "
                f"{data['signature'].signatory_name} pour {data['signature'].party.organisation.in_sentence}."
            ),
            consequence="La référence et l’empreinte imprimées sur le papier sont comparées au document à signer.",
            rank=30,
            own_page=True,
        ),
        Transition(
            name="notify",
            label="Notifier la convention signée",
            sources=frozenset({State.SIGNATURE}),
            target=State.ACTIVE,
            who=may.lead_officer,
            when=_all_signed,
            effect=effects.notify,
            sentence=lambda act, actor, data: f"{actor.name} notifie la convention signée : elle est en exécution.",
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
)


def apply(name: str, act: Act, *, by: Any, comment: str = "", data: dict[str, Any] | None = None) -> Act:
    """Do a transition of an act; see cpo.lib.workflow.Workflow.apply."""
    return ACT.apply(name, act, by=by, comment=comment, data=data)  # type: ignore[no-any-return]
