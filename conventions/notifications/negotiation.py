"""The e-mails of the negotiation: versions, turn, acceptances, mentions."""

from collections.abc import Iterable

from arml.models import User
from arml.permissions import SPOKESPERSONS
from conventions.content.comparison import cached, summary
from conventions.models import Act, Comment, Version
from conventions.notifications.common import actor_name, cosigners, link, people, side_name, write, write_stopped
from cpo.lib.actor import Actor
from cpo.lib.enums import Audience, Side


def negotiation_opened(act: Act, actor: Actor, comment: str) -> None:
    write(
        act,
        "negociation_ouverte",
        people(act, Side.BENEFICIARY, SPOKESPERSONS[Side.BENEFICIARY]),
        autre_partie_nom=side_name(act, Side.STATE),
        organisation_nom=side_name(act, Side.BENEFICIARY),
        auteur_nom=actor.name,
        message_auteur=comment,
    )
    step_of_cosigners(act, f"la négociation est ouverte avec {side_name(act, Side.BENEFICIARY)}")


def step_of_cosigners(act: Act, step: str) -> None:
    """Tell the services that co-sign of a step at which they have nothing to do yet."""
    write(
        act,
        "etape_cosignataire",
        cosigners(act),
        etape=step,
        etape_phrase=f"{step[:1].upper()}{step[1:]}",
        autre_partie_nom=side_name(act, Side.STATE),
    )


def version_proposed(version: Version, to_side: str) -> None:
    act = version.act
    previous = act.versions.filter(number__lt=version.number).first()
    url = link(act, "convention-version", n=version.number)
    if previous:
        url = link(act, "convention-compare", a=previous.number, b=version.number)
    if previous and not previous.handed_over:
        summary_text = summary.message(cached.between(previous, version))
    else:
        summary_text = summary.first_message(version.content)
    write(
        act,
        "proposition_recue",
        people(act, to_side, SPOKESPERSONS[Side(to_side)]),
        autre_partie_nom=side_name(act, version.side),
        organisation_nom=side_name(act, to_side),
        numero_version=version.number,
        nombre_modifications=version.changes if previous else "",
        resume_modifications=summary_text,
        message_auteur=version.note,
        lien=url,
    )
    step_of_cosigners(act, f"la version {version.number} est proposée par {side_name(act, version.side)}")


def turn_asked(act: Act, actor: Actor, comment: str) -> None:
    _about_turn(act, "main_redemandee", actor, comment)


def turn_given(act: Act, actor: Actor, comment: str) -> None:
    _about_turn(act, "main_rendue", actor, comment)


def _about_turn(act: Act, key: str, actor: Actor, comment: str) -> None:
    to_side = Side.other(actor.side)
    write(
        act,
        key,
        people(act, to_side, SPOKESPERSONS[to_side]),
        auteur_nom=actor.name,
        autre_partie_nom=side_name(act, actor.side),
        organisation_nom=side_name(act, to_side),
        message_auteur=comment,
    )


def mentioned(comment: Comment, users: Iterable[User]) -> None:
    """Tell the people named in a message. The text of what is internal to a side stays in the application."""
    thread = comment.thread
    shared = thread.audience == Audience.BOTH
    text = {"message_auteur": " ".join(comment.text.split())} if shared else {}
    write(
        thread.act,
        "mention" if shared else "mention_interne",
        users,
        auteur_nom=str(comment.author),
        autre_partie_nom=comment.organisation,
        element_modifie=thread.label,
        lien=f"{link(thread.act, 'convention-versions')}#echange-{thread.pk}",
        **text,
    )


def version_accepted(version: Version, actor: Actor, *, to_side: str, by_both: bool) -> None:
    act = version.act
    write(
        act,
        "acceptation_deux_parties" if by_both else "acceptation",
        people(act, to_side, SPOKESPERSONS[Side(to_side)]),
        auteur_nom=actor.name,
        autre_partie_nom=side_name(act, actor.side),
        organisation_nom=side_name(act, to_side),
        numero_version=version.number,
        lien=link(act, "convention-versions"),
    )


def acceptances_cancelled(act: Act, version: Version, actor: Actor, element: str) -> None:
    for side in Side:
        write(
            act,
            "acceptations_annulees",
            [*people(act, side, SPOKESPERSONS[side]), *(cosigners(act) if side == Side.STATE else [])],
            auteur_nom=actor.name,
            autre_partie_nom=actor_name(actor),
            organisation_nom=side_name(act, side),
            numero_version=version.number,
            element_modifie=element,
            lien=f"{link(act, 'convention-versions')}?de={version.number}&a=actuel",
        )


def back_to_negotiation(act: Act, actor: Actor, reason: str) -> None:
    for side in Side:
        write_stopped(act, "retour_negociation", side, actor, reason)
