"""The transitions of the acts after the first, and the record of a convention that was signed on paper."""

from arml.enums import Standing
from arml.permissions import SPOKESPERSONS
from conventions import permissions as may
from conventions.effects import corrections
from conventions.effects import later as effects
from conventions.enums import ActKind
from conventions.enums import ConventionState as State
from conventions.guards.adaptations import late_words
from conventions.guards.complete import nothing_missing, paper_complete
from conventions.guards.signing import no_other_signature
from conventions.later.in_force import signed_acts
from conventions.later.opening import already_open, blocking_among
from conventions.models import Act
from conventions.reads import reads
from cpo.lib.actor import Actor
from cpo.lib.enums import Side
from cpo.lib.wording import french
from cpo.lib.workflow import Transition

from .conditions import ended_words, from_paper, has_turn, is_past_term, is_running
from .reasons import SIGNED_ON_PAPER


def _may_open(kind: str) -> dict[str, object]:
    def when(act: Act, actor: Actor) -> bool:
        return is_running(act) and not is_past_term(act) and blocking_among(reads(act).open_acts, kind) is None

    def not_now(act: Act, actor: Actor) -> str:
        open_act = blocking_among(reads(act).open_acts, kind) if act.number == 0 else None
        if reason := ended_words(act):
            return reason
        if act.number == 0 and is_past_term(act):
            return f"La convention est arrivée à son terme le {french.date(reads(act).term)} : elle ne se modifie plus."
        if open_act:
            return already_open(open_act)
        return "" if act.number == 0 else "Un acte s’ouvre depuis la page de la convention."

    return {"when": when, "not_now": not_now, "effect": effects.open_later(kind)}


def _may_take_over(act: Act, actor: Actor) -> bool:
    return act.number == 0 and act.convention.on_paper and is_running(act) and not _not_to_take_over(act, actor)


def _not_to_take_over(act: Act, actor: Actor) -> str:
    """Why no act signed on paper can be taken over now. It comes before every act of the application: they start from
    the text that it gave."""
    if act.number or not act.convention.on_paper:
        return "Un acte signé sur papier se reprend depuis la page d’une convention elle-même reprise."
    if open_act := next(iter(reads(act).open_acts), None):
        return ended_words(act) or already_open(open_act)
    if reads(act).negotiated_since:
        return "Un acte a été ouvert dans l’application : les suivants s’y négocient, et le papier ne se reprend plus."
    return ended_words(act)


def _may_correct(act: Act, actor: Actor) -> bool:
    return act.on_paper and not _not_to_correct(act, actor)


def _not_to_correct(act: Act, actor: Actor) -> str:
    """Why what was typed of a paper original cannot be corrected: others have signed on it, or are about to."""
    if not act.on_paper:
        return "Ce contenu est signé : il ne change plus que par un avenant."
    if reason := ended_words(act):
        return reason
    acts = signed_acts(act.convention)
    after = acts[: acts.index(act)] if act in acts else []
    if own := next((one for one in after if not one.on_paper), None):
        return f"{own.subject} est signé sur ce texte : ce qui en a été saisi ne change plus que par un avenant."
    if signing := next((one for one in reads(act).open_acts if one.in_signature), None):
        return f"{signing.subject} est à la signature sur ce texte : revenez d’abord en négociation."
    return ""


def _may_withdraw(act: Act, actor: Actor) -> bool:
    """Each side may end an act that is negotiated; an act that one side prepares or copies, this side alone."""
    return act.number > 0 and (has_turn(act, actor) or (act.is_signed_act and not act.on_paper))


def _not_to_withdraw(act: Act, actor: Actor) -> str:
    if not act.number:
        return "La convention elle-même ne se refuse pas ainsi."
    return SIGNED_ON_PAPER if act.on_paper else ""


def _notifier(actor: Actor) -> bool:
    """May inform the administration of a budget adaptation: the association (article 3.4)."""
    return actor.standing == Standing.BENEFICIARY and actor.role in SPOKESPERSONS[Side.BENEFICIARY]


def _adaptation(act: Act, actor: Actor) -> bool:
    return act.kind == ActKind.ADAPTATION and has_turn(act, actor)


def _late(act: Act) -> str:
    return ", après la date limite de l’article 3.4" if act.year and late_words(act, act.year) else ""


LATER = (
    Transition(
        name="open_amendment",
        label="Demander un avenant",
        sources=frozenset({State.ACTIVE}),
        target=None,
        who=may.negotiator,
        sentence=lambda act, actor, data: (
            f"{actor.name} ({actor.organisation}) demande {data['act'].name_in_sentence}."
        ),
        consequence="L’autre partie reçoit votre demande, avec son objet, sa cause et ses conséquences. "
        "Elle a deux mois pour y répondre (article 12.2).",
        own_page=True,
        aside=True,
        rank=60,
        **_may_open(ActKind.AMENDMENT),  # type: ignore[arg-type]
    ),
    Transition(
        name="open_annual",
        label="Préparer l’acte financier d’une année",
        sources=frozenset({State.ACTIVE}),
        target=None,
        who=may.lead_officer,
        sentence=lambda act, actor, data: f"{actor.name} prépare {data['act'].name_in_sentence}.",
        consequence="L’acte fixe la contribution d’une année et son échéancier (article 4.3). "
        "Il peut se négocier à côté d’un avenant.",
        own_page=True,
        aside=True,
        rank=61,
        **_may_open(ActKind.ANNUAL),  # type: ignore[arg-type]
    ),
    Transition(
        name="open_adaptation",
        label="Adapter le budget d’une année",
        sources=frozenset({State.ACTIVE}),
        target=None,
        who=_notifier,
        sentence=lambda act, actor, data: f"{actor.name} prépare {data['act'].name_in_sentence}{_late(data['act'])}.",
        consequence="Une adaptation sans effet notable se déclare par écrit, sans signature (article 3.4).",
        own_page=True,
        aside=True,
        rank=62,
        **_may_open(ActKind.ADAPTATION),  # type: ignore[arg-type]
    ),
    Transition(
        name="open_paper_act",
        label="Reprendre un acte signé sur papier",
        sources=frozenset({State.ACTIVE}),
        target=None,
        who=may.lead_officer,
        when=_may_take_over,
        not_now=_not_to_take_over,
        effect=effects.open_paper_act,
        sentence=lambda act, actor, data: f"{actor.name} commence la reprise {french.of(data['act'].signed_on_paper)}.",
        consequence="Un avenant ou un acte financier déjà signé sur papier devient un acte de la convention, "
        "avec ses dates, son original numérisé et ce qu’il change.",
        own_page=True,
        aside=True,
        rank=63,
    ),
    Transition(
        name="correct_record",
        label="Corriger ce qui a été saisi",
        sources=frozenset({State.ACTIVE}),
        target=None,
        who=may.lead_officer,
        when=_may_correct,
        not_now=_not_to_correct,
        effect=corrections.correct,
        sentence=lambda act, actor, data: (
            f"{actor.name} corrige ce qui a été saisi de l’original {french.of(act.name_in_sentence)}."
        ),
        comment="required",
        comment_label="Motif de la correction",
        consequence="Une erreur de saisie se corrige d’après l’original numérisé. L’ancienne valeur reste au journal, "
        "et l’association est invitée à confirmer de nouveau.",
        own_page=True,
        aside=True,
        rank=64,
    ),
    Transition(
        name="declare",
        label="Déclarer l’adaptation",
        sources=frozenset({State.NEGOTIATION}),
        target=State.ACTIVE,
        who=_notifier,
        when=_adaptation,
        guards=(nothing_missing, no_other_signature),
        effect=effects.declare,
        sentence=lambda act, actor, data: (
            f"{actor.name} ({actor.organisation}) déclare {act.name_in_sentence}{_late(act)}."
        ),
        comment="optional",
        comment_label="Message au service",
        consequence="Le service de l’État en est informé par courriel. Le budget adapté devient le texte en vigueur, "
        "sans signature.",
        rank=10,
    ),
    Transition(
        name="refuse",
        label="Mettre fin à cet acte",
        sources=frozenset({State.NEGOTIATION}),
        target=State.ABANDONED,
        who=may.negotiator,
        when=_may_withdraw,
        not_now=_not_to_withdraw,
        effect=effects.refuse,
        sentence=lambda act, actor, data: (
            f"{actor.name} ({actor.organisation}) "
            f"{'retire' if actor.side == act.asked_by else 'refuse'} {act.name_in_sentence}."
        ),
        comment="required",
        comment_label="Motif",
        consequence="Le texte en vigueur ne change pas. "
        "L’acte et ses versions restent lisibles, l’autre partie est prévenue avec votre motif.",
        rank=90,
        dangerous=True,
    ),
    Transition(
        name="record_paper",
        label="Terminer la reprise de la convention",
        sources=frozenset({State.DRAFT, State.NEGOTIATION}),
        target=State.ACTIVE,
        who=may.lead_officer,
        when=from_paper,
        guards=(paper_complete,),
        effect=effects.record_paper,
        sentence=lambda act, actor, data: f"{actor.name} termine la reprise {french.of(act.signed_on_paper)}.",
        consequence="La convention est suivie comme les autres : son contenu est figé, l’association la voit.",
        rank=10,
    ),
)

# Label and consequence of transitions whose words are different for a later act.
WORDS = {
    "notify": (
        "Notifier l’acte signé",
        "L’acte devient le texte en vigueur à sa date d’effet, son contenu est figé, les deux parties sont prévenues.",
    ),
    "record_paper": (
        "Terminer la reprise de l’acte",
        "L’acte devient le texte en vigueur à sa date d’effet, ce qui en a été saisi est figé, "
        "et l’association est invitée à le confirmer.",
    ),
}


def label_of(transition: Transition, act: Act) -> str:
    if act.number and transition.name == "refuse":
        return "Retirer cette reprise" if act.on_paper else "Refuser ou retirer cet acte"
    return WORDS[transition.name][0] if act.number and transition.name in WORDS else transition.label


def consequence_of(transition: Transition, act: Act) -> str:
    return WORDS[transition.name][1] if act.number and transition.name in WORDS else transition.consequence
