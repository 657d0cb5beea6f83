"""The e-mails of the acts after the first: opening, refusal, declaration."""

from arml.permissions import SPOKESPERSONS
from conventions.enums import ActKind
from conventions.models import Act, Version
from conventions.notifications.common import one_line, people, side_name, write, write_stopped
from conventions.notifications.negotiation import step_of_cosigners
from cpo.lib.actor import Actor
from cpo.lib.dates import add_months
from cpo.lib.enums import Side
from cpo.lib.wording import french

ANSWER_MONTHS = 2  # article 12.2 of the model


def act_opened(act: Act, actor: Actor) -> None:
    to_side = Side.other(actor.side)
    answer = add_months(act.asked_on, ANSWER_MONTHS) if act.asked_on and act.kind == ActKind.AMENDMENT else None
    write(
        act,
        "acte_ouvert",
        people(act, to_side, SPOKESPERSONS[to_side]),
        auteur_nom=actor.name,
        autre_partie_nom=side_name(act, actor.side),
        acte_objet=one_line(act.purpose),
        acte_cause=one_line(act.cause),
        acte_consequences=one_line(act.consequences),
        date_reponse=french.date(answer) if answer else "",
    )
    step_of_cosigners(act, f"{act.name_in_sentence} est ouvert")


def act_refused(act: Act, actor: Actor, reason: str) -> None:
    for side in Side:
        write_stopped(act, "acte_termine", side, actor, reason)


def adaptation_declared(act: Act, version: Version, actor: Actor) -> None:
    write(
        act,
        "adaptation_declaree",
        people(act, Side.STATE, SPOKESPERSONS[Side.STATE]),
        auteur_nom=actor.name,
        autre_partie_nom=side_name(act, Side.BENEFICIARY),
        annee=str(act.year),
        acte_objet=one_line(act.purpose),
        message_auteur=version.note,
    )
