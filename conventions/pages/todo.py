"""The lines of « À faire » and of « En attente des autres »; the roles that give them to a person."""

import datetime as dt
from dataclasses import dataclass, field

from django.db.models import Q

from arml.enums import OrganisationKind
from arml.models import Dossier, User
from cpo.lib import clock
from cpo.lib.clock import PARIS


@dataclass(frozen=True)
class Task:
    """One line of « À faire ». `since`: the day when the person got the turn, for a task without a due date."""

    title: str
    url: str
    verb: str
    detail: str = ""
    due: dt.date | None = None
    since: dt.datetime | dt.date | None = None
    today: dt.date | None = None  # today where the dossier is; None: a task of the whole country
    duration: str = ""  # « depuis 12 jours »: somebody waits

    @property
    def day(self) -> dt.date:
        return self.today or clock.today(PARIS)


@dataclass(frozen=True)
class Waiting:
    """One line of « En attente des autres »."""

    title: str
    who: str
    url: str = ""
    since: dt.datetime | dt.date | None = None
    note: str = ""
    due: dt.date | None = None
    today: dt.date | None = None

    @property
    def length(self) -> str:
        """« 12 jours », counted in the days of the dossier; "" on the first day."""
        if not isinstance(self.since, dt.datetime) or self.today is None:
            return ""
        days = (self.today - self.since.date()).days
        return counted(days, "jour") if days else ""


@dataclass
class Todo:
    mine: list[Task] = field(default_factory=list)
    others: list[Waiting] = field(default_factory=list)


@dataclass
class Hats:
    """The roles of a person by organisation, and the dossiers that their services co-sign."""

    user: User
    roles: dict[int, set[str]]
    cosigned: frozenset[int]
    engaged: bool  # member of a State service or of an association, which take part in dossiers

    @classmethod
    def of(cls, user: User) -> "Hats":
        roles: dict[int, set[str]] = {}
        services = []
        for membership in user.roles:
            roles.setdefault(membership.organisation_id, set()).add(membership.role)
            if membership.organisation.kind == OrganisationKind.STATE_SERVICE:
                services.append(membership.organisation_id)
        links = Dossier.services.through.objects.filter(organisation_id__in=services) if services else None
        cosigned = frozenset(links.values_list("dossier_id", flat=True)) if links is not None else frozenset()
        kinds = {membership.organisation.kind for membership in user.roles}
        engaged = bool(kinds & {OrganisationKind.STATE_SERVICE, OrganisationKind.ARML})
        return cls(user, roles, cosigned, engaged)

    def on(self, organisation_id: int, *roles: str) -> bool:
        return bool(self.roles.get(organisation_id, set()) & set(roles))

    @property
    def reach(self) -> Q:
        """A filter on dossiers: those on which the person may have something to do."""
        own = list(self.roles)
        return Q(lead_id__in=own) | Q(beneficiary_id__in=own, shared_on__isnull=False) | Q(pk__in=self.cosigned)


def counted(number: int, word: str) -> str:
    return f"{number} {word}{'s' if number > 1 else ''}"
