"""The e-mails about the end of a convention: they go to all people on both sides."""

from typing import Any

from conventions.models import Act, FormalNotice
from conventions.notifications.common import write_stopped
from cpo.lib import clock
from cpo.lib.actor import Actor
from cpo.lib.dates import add_months
from cpo.lib.enums import Side
from cpo.lib.wording import french

from .common import link, one_line, side_name, to_everyone

DOCUMENTS_MONTHS = 6  # article 14.2 of the model


def notice_sent(act: Act, notice: FormalNotice, actor: Actor) -> None:
    """Write to each side in its own words. If the letter is recorded late, the e-mail says that the delay is over."""
    over = notice.over(clock.today(act.dossier.time_zone))
    context = {
        "lien": link(act, "convention-ending"),
        "date_envoi": french.date(notice.sent_on),
        "date_reponse": "" if over else french.date(notice.due_on),
        "date_delai_echu": french.date(notice.due_on) if over else "",
    }
    other = Side.other(notice.side)
    to_everyone(act, "mise_en_demeure", actor, side=other, **context)
    sender = side_name(act, notice.side)
    to_everyone(act, "mise_en_demeure_envoyee", actor, side=notice.side, organisation_nom=sender, **context)


def observations_given(act: Act, actor: Actor) -> None:
    _to_both(act, "observations_recues", actor)


def notice_withdrawn(act: Act, actor: Actor, reason: str) -> None:
    _to_both(act, "mise_en_demeure_retiree", actor, motif=reason)


def terminated(act: Act, notice: FormalNotice, actor: Actor) -> None:
    if notice.notified_on is None:
        raise ValueError("a termination has its date")
    _to_both(
        act,
        "convention_resiliee",
        actor,
        motif_fin=notice.get_ground_display(),
        date_fin=french.date(notice.notified_on),
        date_reponse=french.date(add_months(notice.notified_on, DOCUMENTS_MONTHS)),
    )


def closed(act: Act, actor: Actor, comment: str) -> None:
    _to_both(act, "convention_cloturee", actor, message_auteur=one_line(comment))


def _to_both(act: Act, key: str, actor: Actor, **context: Any) -> None:
    to_everyone(act, key, actor, lien=link(act, "convention-ending"), **context)


def abandoned(act: Act, actor: Actor, reason: str) -> None:
    sides = list(Side) if act.dossier.shared_on else [Side.STATE]
    for side in sides:
        write_stopped(act, "convention_abandonnee", side, actor, reason)
