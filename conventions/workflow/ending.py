"""The transitions that end a convention: formal notice and termination, end of the association, closing, abandonment.

Act 0 stays signed; the effects write the state of the convention itself.
"""

from collections.abc import Callable
from typing import Any

from conventions import permissions as may
from conventions.effects import ending as effects
from conventions.enums import ENDED
from conventions.enums import ConventionState as State
from conventions.guards import ending as guards
from conventions.guards.notices import notice_against, own_notice
from conventions.guards.signing import not_to_reopen, signed_by_all
from conventions.models import Act, FormalNotice
from conventions.reads import reads
from conventions.workflow.conditions import ended_words, is_first, is_past_term, is_running
from cpo.lib import clock
from cpo.lib.actor import Actor
from cpo.lib.enums import Audience, Side
from cpo.lib.wording import french
from cpo.lib.workflow import Transition

OPEN = frozenset({State.DRAFT, State.NEGOTIATION, State.SIGNATURE})
# Shown only on the page « Fin de la convention »: the other pages of a convention do not need these buttons.
ON_ITS_PAGE = frozenset({"prepare_notice", "record_dissolution"})
NO_NOTICE = "Votre partie n’a pas de mise en demeure en cours."


def _not_running(act: Act) -> str:
    if act.number:
        return "La fin de la convention se décide depuis les pages de la convention elle-même."
    return ended_words(act)


def _when(holds: Callable[[Act, str], bool], why_not: Callable[[Act, str], str]) -> dict[str, Any]:
    """The arguments `when` and `not_now` of a transition of a running convention, from functions of (act, side)."""
    return {
        "when": lambda act, actor: is_running(act) and holds(act, actor.side),
        "not_now": lambda act, actor: _not_running(act) or why_not(act, actor.side),
    }


def _may_prepare(act: Act, side: str) -> bool:
    notice = own_notice(act, side)
    return notice is None or notice.sent_on is None


def _own_sent_notice(act: Act, side: str) -> FormalNotice | None:
    notice = own_notice(act, side)
    return notice if notice and notice.sent_on else None


def _has_unsent_notice(act: Act, side: str) -> bool:
    notice = own_notice(act, side)
    return notice is not None and notice.sent_on is None


def _may_terminate(act: Act, side: str) -> bool:
    notice = _own_sent_notice(act, side)
    return notice is not None and notice.over(clock.today(act.dossier.time_zone))


def _too_early(act: Act, side: str) -> str:
    notice = _own_sent_notice(act, side)
    if notice is None:
        return "La résiliation suit une mise en demeure envoyée depuis plus de deux mois (article 14.1)."
    return (
        f"Le délai de la mise en demeure court jusqu’au {french.date(notice.due_on)} inclus : "
        "la décision se prend ensuite."
    )


def _term_is_past(act: Act, actor: Actor) -> bool:
    return is_running(act) and is_past_term(act)


def _term_to_come(act: Act, actor: Actor) -> str:
    return _not_running(act) or f"La convention court jusqu’au {french.date(reads(act).term)}."


def _notice_audience(act: Act, actor: Actor, data: dict[str, Any]) -> str:
    """Who reads the journal line: only the own side if the notice is not sent."""
    if data["notice"].sent_on:
        return Audience.BOTH
    return Audience.STATE if actor.side == Side.STATE else Audience.BENEFICIARY


def _withdrawal_sentence(act: Act, actor: Actor, data: dict[str, Any]) -> str:
    if data["notice"].sent_on:
        return (
            f"{actor.name} ({actor.organisation}) retire la mise en demeure du {french.date(data['notice'].sent_on)}."
        )
    return f"{actor.name} renonce à la mise en demeure qui se préparait."


ENDING = (
    Transition(
        name="prepare_notice",
        label="Préparer une mise en demeure",
        sources=frozenset({State.ACTIVE}),
        target=None,
        who=may.end_decider,
        **_when(_may_prepare, lambda act, side: "Une mise en demeure de votre partie est déjà envoyée."),
        effect=effects.prepare_notice,
        sentence=lambda act, actor, data: f"{actor.name} prépare une mise en demeure (article 14.1).",
        audience=_notice_audience,
        consequence="L’application produit la lettre, "
        "que vous signez et envoyez en recommandé avec avis de réception. "
        "Votre partie seule en a connaissance tant que l’envoi n’est pas enregistré.",
        own_page=True,
        aside=True,
        dangerous=True,
        rank=85,
    ),
    Transition(
        name="send_notice",
        label="Enregistrer l’envoi de la mise en demeure",
        sources=frozenset({State.ACTIVE}),
        target=None,
        who=may.end_decider,
        **_when(_has_unsent_notice, lambda act, side: "Préparez d’abord la mise en demeure."),
        effect=effects.send_notice,
        sentence=lambda act, actor, data: (
            f"{actor.name} ({actor.organisation}) met l’autre partie en demeure "
            f"par lettre du {french.date(data['notice'].sent_on)} ; "
            f"le délai court jusqu’au {french.date(data['notice'].due_on)}."
        ),
        consequence="L’autre partie est prévenue par courriel et peut présenter ses observations. "
        "La résiliation n’est possible qu’après deux mois, par une décision motivée ; elle n’est jamais automatique.",
        own_page=True,
        rank=40,
    ),
    Transition(
        name="observe",
        label="Présenter des observations",
        sources=frozenset({State.ACTIVE}),
        target=None,
        who=may.negotiator,
        **_when(
            lambda act, side: notice_against(act, side) is not None,
            lambda act, side: "Aucune mise en demeure n’attend de réponse de votre partie.",
        ),
        effect=effects.observe,
        sentence=lambda act, actor, data: (
            f"{actor.name} ({actor.organisation}) présente des observations sur la mise en demeure."
        ),
        consequence="Vos observations sont datées, conservées et portées à la connaissance de l’autre partie. "
        "Vous pouvez en présenter d’autres jusqu’à la décision.",
        own_page=True,
        rank=15,
    ),
    Transition(
        name="withdraw_notice",
        label="Retirer la mise en demeure",
        sources=frozenset({State.ACTIVE}),
        target=None,
        who=may.end_decider,
        **_when(lambda act, side: own_notice(act, side) is not None, lambda act, side: NO_NOTICE),
        effect=effects.withdraw_notice,
        sentence=_withdrawal_sentence,
        audience=_notice_audience,
        comment="required",
        comment_label="Motif du retrait",
        consequence="La convention continue. "
        "Une mise en demeure envoyée reste lisible avec ses observations et votre motif, "
        "et l’autre partie en est prévenue.",
        aside=True,
        rank=80,
    ),
    Transition(
        name="terminate",
        label="Résilier la convention",
        sources=frozenset({State.ACTIVE}),
        target=None,
        who=may.end_decider,
        **_when(_may_terminate, _too_early),
        effect=effects.terminate,
        sentence=lambda act, actor, data: (
            f"{actor.name} ({actor.organisation}) résilie la convention, "
            f"par décision notifiée le {french.date(data['notice'].notified_on)}."
        ),
        consequence="La convention prend fin à la date de notification de la décision. Les actes en cours s’arrêtent, "
        "le texte reste lisible, et l’association remet dans les six mois les documents de l’article 6 (article 14.2).",
        own_page=True,
        dangerous=True,
        rank=91,
    ),
    Transition(
        name="record_dissolution",
        label="Constater la dissolution ou la cessation d’activité",
        sources=frozenset({State.ACTIVE}),
        target=None,
        who=may.end_decider,
        **_when(lambda act, side: True, lambda act, side: ""),
        effect=effects.dissolve,
        sentence=lambda act, actor, data: (
            f"{actor.name} ({actor.organisation}) constate la fin de l’association, "
            f"à effet du {french.date(data['notice'].notified_on)} : la convention prend fin (article 14.3)."
        ),
        consequence="La convention prend fin à la date où la dissolution de l’association, "
        "ou la cessation de son activité, prend effet (article 14.3). L’article 14.2 s’applique.",
        own_page=True,
        aside=True,
        dangerous=True,
        rank=92,
    ),
    Transition(
        name="close",
        label="Clôturer la convention",
        sources=frozenset({State.ACTIVE}),
        target=None,
        who=may.lead_manager,
        when=_term_is_past,
        not_now=_term_to_come,
        guards=(guards.years_concluded, guards.evaluation_given, guards.nothing_open),
        effect=effects.close,
        sentence=lambda act, actor, data: f"{actor.name} clôture la convention.",
        comment="optional",
        comment_label="Observations portées au constat de clôture",
        consequence="Toutes les années sont conclues et l’évaluation est faite : "
        "le dossier se referme et reste lisible. Un constat de clôture est produit, les deux parties sont prévenues.",
        rank=30,
    ),
    Transition(
        name="end_with_convention",
        label="Arrêter l’acte avec la convention",
        sources=frozenset({State.NEGOTIATION, State.SIGNATURE}),
        target=State.ABANDONED,
        who=may.end_decider,
        when=lambda act, actor: act.number > 0 and act.convention.state in ENDED,
        effect=effects.end_with_convention,
        sentence=lambda act, actor, data: f"{act.subject} s’arrête : {data['comment']}",
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
        consequence="Le dossier est arrêté sans être signé. Il reste lisible ; il ne peut pas être rouvert.",
        rank=90,
        dangerous=True,
    ),
)
