"""The box for a person who has nothing to do now: it says who must act, or where to look."""

from typing import Any

from django.urls import NoReverseMatch, reverse

from arml.enums import side_in_sentence
from conventions import permissions as may
from conventions.agreement import accepted_by_both, latest_version
from conventions.enums import ENDED
from conventions.enums import ConventionState as State
from conventions.guards.notices import sent_notice
from conventions.guards.signing import signed_by_all
from conventions.guards.visas import visa_given
from conventions.models import Act, FormalNotice
from conventions.waits import steps_of
from cpo.lib import clock, zones
from cpo.lib.actor import Actor
from cpo.lib.enums import Side
from cpo.lib.wording import french

from .waits import shown

WAY_BACK = (
    "Un point à revoir ? Écrivez-le dans un échange : "
    "le service peut encore modifier le texte, ce qui annule les acceptations, "
    "ou rouvrir la négociation une fois la signature ouverte."
)


def _texts(act: Act) -> dict[State, tuple[str, str]]:
    """The title and the text of the box in each state, but those of a negotiation."""
    texts = {
        State.DRAFT: ("Projet en préparation", "Le service chef de file prépare le projet de convention."),
        State.SIGNATURE: ("Signature en cours", "Le document est à la signature des parties."),
        State.ACTIVE: ("Convention en exécution", "Chaque année, l’association rend compte de ce qui a été fait."),
        State.ABANDONED: ("Projet abandonné", "Le dossier reste lisible ; il ne peut pas être rouvert."),
    }
    if act.number:
        texts |= {
            State.ACTIVE: (f"{act.name}, {'signé et notifié' if act.is_signed_act else 'déclarée'}", _effect(act)),
            State.ABANDONED: (f"{act.name}, sans suite", "Le texte en vigueur de la convention n’a pas changé."),
        }
    if not act.is_signed_act and act.state == State.NEGOTIATION:
        texts[State.NEGOTIATION] = ("Adaptation en préparation", "L’association la déclarera, sans signature.")
    if act.on_paper:
        recording = "Le service chef de file saisit ce que porte l’original ; l’association le confirmera ensuite."
        texts |= {
            State.DRAFT: ("Reprise en cours", recording),
            State.NEGOTIATION: ("Reprise en cours", recording),
        }
    return texts


def step(act: Act, actors: list[Actor]) -> dict[str, Any]:
    """Return the box for a person who has no action on this act now."""
    number = act.convention.number
    negotiated = act.state == State.NEGOTIATION and act.is_signed_act and not act.on_paper
    if act.shown_state in ENDED:
        return _ended_box(act, actors)
    notice = sent_notice(act) if act.number == 0 and may.reads_negotiation(actors) else None
    if notice:
        return _notice_box(act, notice)
    title, text = _texts(act).get(State(act.state), ("", ""))
    if signed_by_all(act):
        title, text = "En attente de la notification", "Toutes les parties ont signé. Le service chef de file notifie."
    if negotiated:
        title, text = _in_negotiation(act, actors)
    box: dict[str, Any] = {"title": title, "text": text, "missing": [], "label": "", "url": ""}
    if negotiated and _agreed_for_association(act, actors):
        address = f"{route('convention-versions', act.reference)}#echanger"
        box |= {"text": f"{text} {WAY_BACK}", "label": "Ouvrir un échange", "url": address, "quiet": True}
    if act.state in (State.NEGOTIATION, State.SIGNATURE):
        box["waits"] = shown(act, steps_of(act), actors)
    if act.state == State.ACTIVE and act.number:
        day = max(act.effective_on, clock.today(act.dossier.time_zone))
        address = f"{route('convention-consolidated', number)}?au={day:%d/%m/%Y}"
        box |= {"label": "Lire la version consolidée", "url": address}
    elif act.state == State.ACTIVE and (address := route("convention-reports", number)):
        box |= {"label": "Voir les comptes rendus", "url": address}
    if act.state == State.SIGNATURE and (address := route("convention-documents", act.reference)):
        box |= {"label": "Suivre les signatures", "url": address}
    return box


def _effect(act: Act) -> str:
    """Say from when the text of the act is, or will be, in force."""
    coming = act.effective_on > clock.today(act.dossier.time_zone)
    verb = "Il prendra" if coming else "Il a pris"
    verb = verb if act.is_signed_act else verb.replace("Il", "Elle")
    more = "le texte d’avant reste en vigueur d’ici là" if coming else "ce changement fait partie du texte en vigueur"
    return f"{verb} effet le {french.date(act.effective_on)} : {more}."


def _ended_box(act: Act, actors: list[Actor]) -> dict[str, Any]:
    convention = act.convention
    since = f"Depuis le {french.date(convention.ended_on)}."
    texts = {
        State.TERMINATED: ("Convention résiliée", f"{since} Les actes signés et le texte restent lisibles."),
        State.CLOSED: ("Convention clôturée", f"{since} Toutes les années sont conclues ; le dossier se lit."),
    }
    title, text = texts[State(convention.state)]
    box: dict[str, Any] = {"title": title, "text": text, "missing": [], "label": "", "url": ""}
    if may.reads_negotiation(actors):
        box |= {"label": "Lire la fin de la convention", "url": route("convention-ending", convention.number)}
    return box


def _notice_box(act: Act, notice: FormalNotice) -> dict[str, Any]:
    giver = act.dossier.lead if notice.side == Side.STATE else act.dossier.beneficiary
    over = notice.over(clock.today(act.dossier.time_zone))
    verb = "a couru" if over else "court"
    return {
        "title": "Mise en demeure en cours",
        "text": f"Envoyée par {giver.in_sentence} le {french.date(notice.sent_on)}. "
        f"Le délai {verb} jusqu’au {french.date(notice.due_on)} inclus.",
        "missing": [],
        "label": "Lire la mise en demeure",
        "url": route("convention-ending", act.convention.number),
    }


def _agreed_for_association(act: Act, actors: list[Actor]) -> bool:
    """Whether both sides have accepted and the reader is of the association, which may only write in exchanges now."""
    own = [actor for actor in actors if actor.side == Side.BENEFICIARY]
    return any(map(may.commenter, own)) and accepted_by_both(act)


def _in_negotiation(act: Act, actors: list[Actor]) -> tuple[str, str]:
    """Return the title and the text of the box. Only the State's side reads about the visa of the service."""
    own = sides(actors)
    version = latest_version(act)
    if own and version and accepted_by_both(act):
        agreement = f"Les deux parties ont accepté la version {version.number}."
        if Side.STATE not in own:
            return (
                "En attente de l’ouverture de la signature",
                f"{agreement} La personne qui signe sera prévenue par courriel.",
            )
        if visa_given(act):
            return "En attente de l’ouverture de la signature", (
                f"{agreement} Le visa est donné ; la personne responsable du service chef de file ouvre la signature."
            )
        asked_on = french.date(clock.local_day(act.visa_asked_at, act.dossier.time_zone)) if act.visa_asked_at else ""
        waits = f"Le visa est demandé à la personne responsable du service depuis le {asked_on}." if asked_on else ""
        return "En attente du visa du service chef de file", f"{agreement} {waits}".strip()
    who = turn_holder(act, actors)
    text = f"La main est à {who}{turn_duration(act)}."
    note = " Vous serez prévenu·e par courriel quand elle changera." if any(map(may.negotiator, actors)) else ""
    return f"En attente de {who}", f"{text}{note}"


def sides(actors: list[Actor]) -> set[str]:
    return {actor.side for actor in actors if actor.side}


def turn_holder(act: Act, actors: list[Actor]) -> str:
    """Name who has the turn: « la DREETS », or the full name of the service for a reader of the State's side."""
    if act.turn == Side.STATE and Side.STATE in sides(actors):
        return act.dossier.lead.in_sentence
    return side_in_sentence(act.turn, act.dossier.lead.service_type)


def turn_duration(act: Act) -> str:
    if not act.turn_since:
        return ""
    words = french.since(zones.at(act.turn_since, act.dossier))
    return f", depuis {words.removeprefix('il y a ')}"


def route(name: str, number: str) -> str:
    """Return the address of a tab, or "" when its application is not installed."""
    try:
        return reverse(name, args=[number])
    except NoReverseMatch:
        return ""
