"""The transitions of visas: those of the services, of the association's president, and outside visas."""

from arml.enums import Role
from conventions import permissions as may
from conventions.agreement import accepted_by_both
from conventions.effects import visas as effects
from conventions.enums import ConventionState as State
from conventions.guards.versions import version_is_live
from conventions.guards.visas import president_known, visa_given, visa_of_given, visa_of_refused
from conventions.models import Act
from cpo.lib.actor import Actor
from cpo.lib.enums import Audience
from cpo.lib.wording import french
from cpo.lib.workflow import Transition

from .conditions import may_accept
from .reasons import (
    cosigner_visa_not_pending,
    cosigner_visa_not_to_refuse,
    not_accepted,
    president_visa_not_asked,
    president_visa_not_to_ask,
    visa_not_pending,
)


def _visa_pending(act: Act, actor: Actor) -> bool:
    return accepted_by_both(act) and not visa_given(act)


def _cosigner_visa_pending(act: Act, actor: Actor) -> bool:
    return accepted_by_both(act) and not visa_of_given(act, actor.organisation)


def _may_ask_president(act: Act, actor: Actor) -> bool:
    """Before accepting, and only if the director is not also the president, who decides alone."""
    also_president = actor.user is not None and any(
        membership.role == Role.PRESIDENT and membership.organisation_id == act.dossier.beneficiary_id
        for membership in actor.user.roles
    )
    return (
        not also_president
        and may_accept(act, actor)
        and act.president_visa_asked_at is None
        and not visa_of_given(act, act.dossier.beneficiary)
    )


def _president_asked(act: Act, actor: Actor) -> bool:
    return act.president_visa_asked_at is not None


VISAS = [
    Transition(
        name="ask_visa",
        label="Demander le visa",
        sources=frozenset({State.NEGOTIATION}),
        target=None,
        who=may.lead_officer,
        when=lambda act, actor: _visa_pending(act, actor) and act.visa_asked_at is None,
        not_now=visa_not_pending,
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
        not_now=visa_not_pending,
        guards=(version_is_live,),
        effect=effects.give_visa,
        sentence=lambda act, actor, data: (
            f"{actor.name} donne le visa du service sur la version {data['version'].number}."
        ),
        audience=Audience.NATIONAL,
        comment="optional",
        comment_label="Commentaire, ou motif si vous avez vous-même proposé cette version",
        consequence="Le visa ouvre la voie à la signature. S’il porte sur une version que vous avez proposée, "
        "un motif est obligatoire ; l’administration centrale le voit.",
        rank=11,
    ),
    Transition(
        name="refuse_visa",
        label="Refuser le visa",
        sources=frozenset({State.NEGOTIATION}),
        target=None,
        who=may.lead_manager,
        when=_visa_pending,
        not_now=visa_not_pending,
        effect=effects.refuse_visa,
        sentence=lambda act, actor, data: f"{actor.name} refuse le visa du service.",
        audience=Audience.STATE,
        comment="required",
        comment_label="Motif du refus",
        consequence="La main reste au service de l’État, qui corrige et propose une nouvelle version. "
        "La personne chargée de mission reçoit votre motif par courriel.",
        rank=60,
    ),
    Transition(
        name="cosigner_visa",
        label="Donner le visa du service cosignataire",
        sources=frozenset({State.NEGOTIATION}),
        target=None,
        who=may.cosigning_manager,
        when=_cosigner_visa_pending,
        not_now=cosigner_visa_not_pending,
        guards=(version_is_live,),
        effect=effects.give_visa,
        sentence=lambda act, actor, data: f"{actor.name} donne le visa {french.of(actor.organisation.in_sentence)}.",
        audience=Audience.NATIONAL,
        comment="optional",
        consequence="Le service chef de file pourra ouvrir la signature quand tous les visas sont donnés.",
        rank=11,
    ),
    Transition(
        name="refuse_cosigner_visa",
        label="Refuser le visa du service cosignataire",
        sources=frozenset({State.NEGOTIATION}),
        target=None,
        who=may.cosigning_manager,
        when=lambda act, actor: _cosigner_visa_pending(act, actor) and not visa_of_refused(act, actor.organisation),
        not_now=cosigner_visa_not_to_refuse,
        effect=effects.refuse_cosigner_visa,
        sentence=lambda act, actor, data: (
            f"{actor.name} refuse le visa {french.of(actor.organisation.in_sentence)} "
            f"sur la version {data['version'].number}."
        ),
        audience=Audience.STATE,
        comment="required",
        comment_label="Motif du refus",
        consequence="Le service chef de file est prévenu avec votre motif, et ne peut pas ouvrir la signature. "
        "Il corrige et propose une nouvelle version, ou vous convainc de donner ce visa.",
        rank=60,
    ),
    Transition(
        name="ask_president_visa",
        label="Demander le visa de la présidence",
        sources=frozenset({State.NEGOTIATION}),
        target=None,
        who=may.beneficiary_director,
        when=_may_ask_president,
        not_now=president_visa_not_to_ask,
        guards=(version_is_live, president_known),
        effect=effects.ask_president_visa,
        sentence=lambda act, actor, data: (
            f"{actor.name} demande le visa de la présidence sur la version {data['version'].number}."
        ),
        audience=Audience.BENEFICIARY,
        comment="optional",
        comment_label="Message à la présidence",
        consequence="La présidence de l’association reçoit un courriel et répond ici. "
        "Le service de l’État ne voit ni la demande ni la réponse. Vous pouvez accepter la version sans attendre.",
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
        not_now=president_visa_not_asked,
        guards=(version_is_live,),
        effect=effects.give_president_visa,
        sentence=lambda act, actor, data: (
            f"{actor.name} donne le visa de la présidence sur la version {data['version'].number}."
        ),
        audience=Audience.BENEFICIARY,
        comment="optional",
        consequence="La direction est prévenue et peut accepter la version. Le service de l’État ne voit pas ce visa.",
        rank=11,
    ),
    Transition(
        name="refuse_president_visa",
        label="Refuser le visa de la présidence",
        sources=frozenset({State.NEGOTIATION}),
        target=None,
        who=may.beneficiary_president,
        when=_president_asked,
        not_now=president_visa_not_asked,
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
        not_now=not_accepted,
        guards=(version_is_live,),
        effect=effects.record_outside_visa,
        sentence=lambda act, actor, data: (
            f"{actor.name} enregistre un visa extérieur sur la version {data['visa'].version.number} : "
            f"{data['visa'].authority}, {data['visa'].name}."
        ),
        audience=Audience.NATIONAL,
        consequence="Le visa donné hors de l’application (contrôle budgétaire, SGAR) est gardé avec son fichier. "
        "Il n’ouvre ni ne retient la signature.",
        rank=65,
        own_page=True,
        aside=True,
    ),
]
