"""Who acts, and in which capacity: the journal keeps the organisation and the role acted in."""

from dataclasses import dataclass
from typing import Any

from .enums import Side


@dataclass(frozen=True)
class Actor:
    """A person in one capacity on one dossier; `user` is None for the application itself (scheduled work).

    `side` is one of `cpo.lib.enums.Side` or "" (national administration, observers); `standing` says how the
    organisation stands towards the dossier ("lead", "cosigner", "territory", "beneficiary", "national", "observer").
    """

    user: Any  # a user of `arml`, which this library does not know
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
