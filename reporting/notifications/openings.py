"""The e-mails about a year without report: both sides are told that none is asked for, or that it is owed again."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from arml.enums import Role
from arml.permissions import BENEFICIARY_ROLES
from conventions.models import Convention
from conventions.notifications.common import people
from cpo.lib import clock, journal
from cpo.lib.actor import Actor
from cpo.lib.enums import Side
from cpo.lib.mail.emails import absolute, write
from cpo.lib.wording import french

READERS = {Side.BENEFICIARY: BENEFICIARY_ROLES, Side.STATE: [Role.OFFICER, Role.MANAGER]}


def report_skipped(convention: Convention, year: int, actor: Actor, reason: str) -> None:
    _tell("rapport_non_attendu", convention, READERS, actor, annee=year, motif=reason)


def report_owed_again(convention: Convention, year: int, actor: Actor, sides: Iterable[Side]) -> None:
    _tell("rapport_de_nouveau_attendu", convention, sides, actor, annee=year)


def _tell(key: str, convention: Convention, sides: Iterable[Side], actor: Actor, **context: Any) -> None:
    """Not who decides; one message to a person who stands on both lists."""
    dossier = convention.dossier
    found = {one.pk: one for side in sides for one in people(convention.act, side, READERS[side]) if one != actor.user}
    values = {
        "auteur_nom": actor.name,
        "arml_nom": dossier.beneficiary.in_sentence,
        "arml_nom_court": str(dossier.beneficiary),
        "numero_convention": convention.number,
        "date_evenement": french.date(clock.today(dossier.time_zone)),
        "lien": absolute(reverse("convention-reports", args=[convention.number])),
        **context,
    }
    write(key, list(found.values()), values, root=journal.key(dossier))
