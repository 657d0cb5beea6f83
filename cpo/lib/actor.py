"""The person who acts and their capacity: the journal records both."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .enums import Side


@dataclass(frozen=True)
class Actor:
    """A person in one capacity on one dossier; `user` is None for the application itself (scheduled work).

    `side` is one of `cpo.lib.enums.Side` or "" (national administration, observers). `standing` is a value of
    `arml.enums.Standing`: the position of the organisation towards the dossier.
    """

    user: Any  # an `arml.models.User`; this library can't import it
    organisation: Any = None
    role: str = ""
    side: str = ""
    standing: str = ""

    @property
    def is_state(self) -> bool:
        return self.side == Side.STATE

    @property
    def name(self) -> str:
        return str(self.user) if self.user else "L’application"


SYSTEM = Actor(user=None)


def reads_negotiation(actors: Iterable[Actor]) -> bool:
    """Whether these capacities on a dossier read what is not published: both sides and the DGEFP do, observers not."""
    return any(actor.side or actor.standing == "national" for actor in actors)
