"""The e-mail of « relancer »."""

from collections.abc import Iterable
from typing import Any

from arml.models import User
from conventions.models import Act
from conventions.notifications.common import actor_name, link, write
from cpo.lib.actor import Actor


def nudged(act: Act, recipients: Iterable[User], actor: Actor, page: str, **context: Any) -> None:
    write(
        act,
        "relance",
        recipients,
        auteur_nom=actor.name,
        autre_partie_nom=actor_name(actor),
        lien=link(act, page),
        **context,
    )
