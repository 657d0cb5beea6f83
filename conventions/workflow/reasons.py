"""Why a person who may do a transition cannot do it now: a French sentence for each condition of its `when`."""

import datetime as dt

from conventions.agreement import accepted_by_both, accepting_sides, latest_version
from conventions.guards.visas import visa_given, visa_of_given, visa_of_refused
from conventions.models import Act
from cpo.lib import clock
from cpo.lib.actor import Actor
from cpo.lib.wording import french

from .conditions import has_turn

NOT_NEGOTIATED = "Une adaptation du budget se déclare : elle ne se négocie pas et ne se signe pas (article 3.4)."


SIGNED_ON_PAPER = "Cet acte est déjà signé sur papier : il s’enregistre, il ne se négocie pas."


def not_proposable(act: Act, actor: Actor) -> str:
    if act.on_paper:
        return SIGNED_ON_PAPER
    if not act.is_signed_act:
        return NOT_NEGOTIATED
    version = latest_version(act)
    if version and accepted_by_both(act):
        return f"Les deux parties ont déjà accepté la version {version.number}."
    if not has_turn(act, actor):
        return "L’autre partie a la main : elle seule peut modifier le contenu, proposer une version ou l’accepter."
    return ""


def not_acceptable(act: Act, actor: Actor) -> str:
    version = latest_version(act)
    if act.on_paper:
        return SIGNED_ON_PAPER
    if not act.is_signed_act:
        return NOT_NEGOTIATED
    if version is None:
        return "Aucune version n’a encore été proposée."
    if actor.side in accepting_sides(act) and not accepted_by_both(act):
        return f"Votre partie a déjà accepté la version {version.number}."
    return not_proposable(act, actor)


def not_accepted(act: Act, actor: Actor) -> str:
    return "" if accepted_by_both(act) else "Les deux parties n’ont pas encore accepté la même version."


def turn_not_to_ask(act: Act, actor: Actor) -> str:
    if has_turn(act, actor):
        return "La main est déjà à vous."
    return _already_since("La main est déjà redemandée", act, act.turn_asked_at) or not_proposable(act, actor)


def turn_not_asked(act: Act, actor: Actor) -> str:
    return "L’autre partie ne redemande pas la main." if has_turn(act, actor) else not_proposable(act, actor)


def visa_not_pending(act: Act, actor: Actor) -> str:
    """Why the visa of the lead service cannot be asked for, given or refused now."""
    if not accepted_by_both(act):
        return "Le visa porte sur une version que les deux parties ont acceptée."
    if visa_given(act):
        return "Le visa du service est déjà donné."
    return _already_since("Le visa est déjà demandé", act, act.visa_asked_at)


def cosigner_visa_not_pending(act: Act, actor: Actor) -> str:
    """Why a co-signing service cannot give its visa now."""
    if not accepted_by_both(act):
        return "Le visa porte sur une version que les deux parties ont acceptée."
    return "Le visa de votre service est déjà donné." if visa_of_given(act, actor.organisation) else ""


def cosigner_visa_not_to_refuse(act: Act, actor: Actor) -> str:
    if accepted_by_both(act) and visa_of_refused(act, actor.organisation):
        return "Le visa de votre service est déjà refusé."
    return cosigner_visa_not_pending(act, actor)


def president_visa_not_to_ask(act: Act, actor: Actor) -> str:
    if visa_of_given(act, act.dossier.beneficiary):
        return "La présidence a déjà donné son visa sur cette version."
    pending_request = _already_since("Le visa de la présidence est déjà demandé", act, act.president_visa_asked_at)
    return pending_request or not_acceptable(act, actor)


def president_visa_not_asked(act: Act, actor: Actor) -> str:
    return "Aucun visa de la présidence n’est demandé sur la version en cours."


def _already_since(clause: str, act: Act, since: dt.datetime | None) -> str:
    return f"{clause}, depuis le {french.date(clock.local_day(since, act.dossier.time_zone))}." if since else ""
