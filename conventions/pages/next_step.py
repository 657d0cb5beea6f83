"""The box of the next step (the situation, the action, what is missing), and the buttons of the other actions."""

from typing import Any

from django.urls import reverse

from arml.enums import side_in_sentence
from conventions.agreement import latest_version, received_version
from conventions.enums import ConventionState as State
from conventions.guards.notices import notice_against
from conventions.models import Acceptance, Act
from conventions.reads import reads
from conventions.workflow import OWN_PAGES
from conventions.workflow.later import consequence_of, label_of
from cpo.lib import clock, zones
from cpo.lib.actor import Actor
from cpo.lib.wording import french
from cpo.lib.workflow import Option

from . import waiting


def option_link(act: Act, option: Option) -> dict[str, Any]:
    transition = option.transition
    route = OWN_PAGES.get(transition.name) if transition.own_page else None
    arguments = [act.reference] if route else [act.reference, transition.name]
    return {
        "label": option_label(act, option),
        "url": reverse(route or "convention-transition", args=arguments),
        "dangerous": transition.dangerous,
        "lacks": len(option.blocking),
        "option": option,
    }


def option_label(act: Act, option: Option) -> str:
    """Return the label of an action, with the number of its version: « Proposer la version 5 »."""
    name, label = option.transition.name, label_of(option.transition, act)
    if name not in ("propose", "accept"):
        return label
    version = latest_version(act)
    number = version.number if version else 0
    return f"{label} {number + 1 if name == 'propose' else number}"


def next_step(act: Act, actors: list[Actor], main: Option | None) -> dict[str, Any]:
    if main is None:
        return waiting.step(act, actors)
    link = option_link(act, main)
    title, text = _situation(act, main)
    answering = act.state == State.NEGOTIATION and main.transition.name in ("propose", "accept")
    answering = answering and not _agreement_undone(act, main)
    soft = main.ready
    count = len(main.missing)
    missing = sorted(main.missing, key=lambda line: line.severity != "error")  # blocking points first
    return {
        "title": title,
        "text": text or consequence_of(main.transition, act),
        "received": received_version(act, main.actor.side) if answering else None,
        "label": link["label"],
        "url": link["url"],
        "ready": main.ready,
        "missing": missing[:8],
        "missing_title": main.missing_title,
        "missing_more": max(0, count - 8),
        "hint": _not_blocking(count) if soft and count else "",
        "soft": soft,
    }


def _not_blocking(count: int) -> str:
    return "Ces points n’empêchent pas de continuer." if count > 1 else "Ce point n’empêche pas de continuer."


def _situation(act: Act, main: Option) -> tuple[str, str]:
    """Return the title and the text of the box: for example, the version of the other side that awaits an answer."""
    version = latest_version(act) if act.state == State.NEGOTIATION else None
    own = {main.actor.side}
    acceptance = _agreement_undone(act, main)
    if version and acceptance and acceptance.cancelled_at:
        cancelled_at = zones.at(acceptance.cancelled_at, act.dossier)
        return option_label(act, main), (
            f"La version {version.number}, que les deux parties avaient acceptée, "
            f"ne l’est plus depuis le {french.datetime(cancelled_at)} ({acceptance.cancelled_by})."
        )
    if main.transition.name in ("propose", "accept") and version and version.side not in own:
        origin = side_in_sentence(version.side, act.dossier.lead.service_type)
        received = zones.at(version.created_at, act.dossier)
        return (
            f"Répondre à la version {version.number} de {origin}",
            f"Reçue le {french.date(received, 'jour')}, {french.since(received)}.",
        )
    notice = notice_against(act, main.actor.side) if main.transition.name == "observe" else None
    if notice:
        until = (
            f"Vous avez jusqu’au {french.date(notice.due_on)} inclus pour remédier à ce qu’elle constate et présenter"
        )
        if notice.over(clock.today(act.dossier.time_zone)):
            until = f"Le délai a couru jusqu’au {french.date(notice.due_on)}. Avant la décision, vous pouvez présenter"
        return "Répondre à la mise en demeure", f"Envoyée le {french.date(notice.sent_on)}. {until} vos observations."
    if act.number and main.transition.name == "record_paper":
        return "Reprendre l’acte signé sur papier", (
            "Saisissez ce que l’acte change (montants, fiches, parties, terme), puis déposez son original numérisé."
        )
    if main.transition.name == "propose" and version is None:
        what = f"la contribution et l’échéancier de {act.year}" if act.year else "le programme et le projet"
        what = "ce que cet acte change" if act.number and not act.year else what
        return "Préparer la première version", f"Complétez {what}, puis proposez-le à l’autre partie."
    return option_label(act, main), ""


def _agreement_undone(act: Act, main: Option) -> Acceptance | None:
    """Return the acceptance that an edit cancelled after both sides had accepted: a new version must be proposed."""
    proposing = act.state == State.NEGOTIATION and main.transition.name == "propose"
    return reads(act).agreement_undone if proposing else None
