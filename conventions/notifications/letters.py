"""The e-mail about a letter of the service: the association is told once it is sent, and reads it here."""

from arml.permissions import BENEFICIARY_ROLES
from conventions.models import Letter
from cpo.lib.actor import Actor
from cpo.lib.enums import Side
from cpo.lib.wording import french

from .common import link, people, write


def letter_sent(letter: Letter, actor: Actor) -> None:
    act = letter.convention.act
    write(
        act,
        "lettre_envoyee",
        people(act, Side.BENEFICIARY, BENEFICIARY_ROLES),
        auteur_nom=actor.name,
        autre_partie_nom=act.dossier.lead.in_sentence,
        element_modifie=letter.subject,
        date_envoi=french.date(letter.sent_on),
        lien=link(act, "convention-letters"),
    )
