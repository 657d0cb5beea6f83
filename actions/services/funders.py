"""Who funds: the State is chosen among the services of the dossier, all others are named in plain words."""

import re
from collections.abc import Collection

from actions.enums import OTHER_STATE_ACCOUNT, STATE_ACCOUNT
from actions.models import Account, Programme
from arml.models import Dossier
from cpo.lib.wording.accents import plain

# First words of the names of what is the State, without accents: its services, whose names people write as they speak.
_OF_STATE = frozenset(
    {
        *("etat", "ministere", "prefecture", "prefet", "prefete", "sgar", "sgad", "dgefp", "direccte", "dieccte"),
        *("dreets", "drieets", "deets", "dgcopop", "dcstep", "ddets", "ddetspp", "deetspp", "ddcs", "drjscs"),
    }
)
_ARTICLE = re.compile(r"^(?:la|le|les|l')\s*")


def state_services(dossier: Dossier) -> list[str]:
    """Return the names under which the State funds a dossier: the lead service first."""
    return list(dict.fromkeys([dossier.lead.short_name, *(one.short_name for one in dossier.services.all())]))


def state_funders(programme: Programme) -> list[str]:
    """Return what may be chosen for the State's contribution: its services, and the names that are already stored."""
    stored = programme.resources.filter(account__code=STATE_ACCOUNT).order_by("funder").values_list("funder", flat=True)
    return list(dict.fromkeys([*state_services(programme.dossier), *stored]))


def names_the_state(name: str) -> bool:
    words = re.findall(r"\w+", _ARTICLE.sub("", plain(name).strip()))
    return bool(words) and words[0] in _OF_STATE


def funder_fault(account: Account, funder: str, of_state: Collection[str]) -> str:
    """Say in French why this funder is not the one of this account; "" when it is, or is not named."""
    if not funder or funder == account.label[:120]:
        return ""
    if account.code == STATE_ACCOUNT:
        chosen = ", ".join(of_state)
        return "" if funder in of_state else f"L’État se choisit parmi les services du dossier : {chosen}."
    if account.code != OTHER_STATE_ACCOUNT and names_the_state(funder):
        return (
            f"« {funder} » est l’État : portez ce montant au compte {STATE_ACCOUNT}, "
            f"ou {OTHER_STATE_ACCOUNT} pour un autre service."
        )
    return ""
