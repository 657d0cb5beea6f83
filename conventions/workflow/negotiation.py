"""The transitions of the negotiation: sharing, proposing, accepting, the turn."""

from conventions import permissions as may
from conventions.effects import negotiation as effects
from conventions.enums import ConventionState as State
from conventions.guards.complete import as_warnings, needed_later, nothing_missing
from conventions.guards.parties import parties_named
from conventions.guards.versions import version_is_live, version_prints_complete
from conventions.guards.visas import internal_threads, president_visa
from cpo.lib.actor import Actor
from cpo.lib.workflow import Transition

from .conditions import from_application, has_turn, may_accept, may_ask_turn, may_propose
from .reasons import not_acceptable, not_proposable, turn_not_asked, turn_not_to_ask


def _organisation_name(actor: Actor) -> str:
    return str(actor.organisation or "l’application")


NEGOTIATION = (
    Transition(
        name="share",
        label="Ouvrir la négociation",
        sources=frozenset({State.DRAFT}),
        target=State.NEGOTIATION,
        who=may.lead_officer,
        when=from_application,
        guards=(parties_named,),
        remarks=(needed_later,),
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
        remarks=(as_warnings,),
        effect=effects.propose,
        sentence=lambda act, actor, data: (
            f"{actor.name} ({_organisation_name(actor)}) propose la version {data['version'].number}."
        ),
        comment="optional",
        comment_label="Message à l’autre partie",
        consequence="Le contenu est figé en une version, que vous acceptez pour votre partie. "
        "La main passe à l’autre partie, qui en est informée par courriel.",
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
            version_is_live,
            version_prints_complete,
            nothing_missing,
            internal_threads,
            president_visa,
        ),
        effect=effects.accept,
        sentence=lambda act, actor, data: (
            f"{actor.name} ({_organisation_name(actor)}) accepte la version {data['version'].number}."
        ),
        comment="optional",
        consequence="Quand les deux parties ont accepté la même version, "
        "le service demande le visa puis ouvre la signature. Toute modification annule les deux acceptations.",
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
        sentence=lambda act, actor, data: f"{actor.name} ({_organisation_name(actor)}) redemande la main.",
        comment="required",
        comment_label="Message à l’autre partie",
        consequence="L’autre partie reçoit votre message par courriel "
        "et peut vous rendre la main sans proposer de version. "
        "Elle peut aussi continuer, puis proposer.",
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
        sentence=lambda act, actor, data: f"{actor.name} ({_organisation_name(actor)}) rend la main.",
        comment="optional",
        comment_label="Message à l’autre partie",
        consequence="L’autre partie, qui la redemande, peut de nouveau modifier le contenu. "
        "Aucune version n’est proposée ; ce que vous avez enregistré depuis la dernière reste dans le projet.",
        rank=40,
        aside=True,
    ),
)
