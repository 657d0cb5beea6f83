"""Organisations and their people: the lead service and the association of the dossier, and strangers."""

from collections.abc import Callable
from typing import Any

from arml.models import Organisation
from tests.factories.arml import DelegationFactory, InvitationFactory, make_user

from .base import Block, Place, form_values

WHERE: dict[str, Callable[[Place], Organisation]] = {
    "service": lambda place: place.lead,
    "association": lambda place: place.beneficiary,
    "stranger": lambda place: place.strangers.other_arml,
}
ROLE_TO_GIVE = {"service": "officer", "association": "director", "stranger": "director"}
KEEPS = {"service": "officer", "association": "director", "stranger": "director"}


def of(where: str, row: Callable[[Place, Organisation, str], int] | None = None) -> Callable[[Place], dict[str, Any]]:
    def kwargs(place: Place) -> dict[str, Any]:
        organisation = WHERE[where](place)
        values: dict[str, Any] = {"key": organisation.key}
        if row is not None:
            values["pk"] = row(place, organisation, where)
        return values

    return kwargs


def waiting(place: Place, organisation: Organisation, where: str) -> int:
    return place.once(
        f"invited {where}", lambda: InvitationFactory(organisation=organisation, role=ROLE_TO_GIVE[where])
    ).pk


def role(place: Place, organisation: Organisation, where: str) -> int:
    """The role of a person who does nothing else in the walk."""

    def create() -> Any:
        return make_user(KEEPS[where], organisation).roles[0]

    return place.once(f"role {where}", create).pk


def delegated(place: Place, organisation: Organisation, where: str) -> int:
    return place.once(f"delegation {where}", lambda: DelegationFactory(organisation=organisation)).pk


INVITED = {"first_name": "Dominique", "last_name": "Exemple", "email": "dominique@exemple.example"}
DELEGATION = {
    "holder_name": "Dominique Exemple",
    "holder_capacity": "directrice",
    "reference": "l’arrêté n° 1",
    "dated": "02/01/2025",
}

BLOCKS = {"organisation-list": Block()}
for _where in WHERE:
    BLOCKS |= {
        f"organisation-detail {_where}": Block(kwargs=of(_where)),
        f"organisation-edit {_where}": Block(kwargs=of(_where)),
        f"invitation-add {_where}": Block(kwargs=of(_where), post=form_values(role=ROLE_TO_GIVE[_where], **INVITED)),
        f"invitation-resend {_where}": Block(kwargs=of(_where, waiting)),
        f"invitation-withdraw {_where}": Block(kwargs=of(_where, waiting)),
        f"role-change {_where}": Block(kwargs=of(_where, role), post=form_values(title="autre fonction")),
        f"role-end {_where}": Block(kwargs=of(_where, role), post=form_values(when="now")),
    }
for _where in ("service", "association"):
    BLOCKS |= {
        f"delegation-add {_where}": Block(kwargs=of(_where), post=form_values(**DELEGATION)),
        f"delegation-edit {_where}": Block(kwargs=of(_where, delegated), post=form_values(**DELEGATION)),
        f"mandate {_where}": Block(kwargs=of(_where, role), post=form_values(mandated_on="02/01/2026")),
    }
