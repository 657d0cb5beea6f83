"""The recipients of e-mails, and the variables that every e-mail of the agreement may use."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.urls import reverse

from arml.enums import Role
from arml.models import Membership, User
from conventions.models import Act
from cpo.lib import clock, journal
from cpo.lib.actor import Actor
from cpo.lib.enums import Side
from cpo.lib.mail import emails
from cpo.lib.mail.emails import absolute
from cpo.lib.wording import french


def people(act: Act, side: str, roles: Iterable[str]) -> list[User]:
    """The active people of a side of the dossier in these roles, each once. Of the State, only the lead service."""
    organisation_id = act.dossier.beneficiary_id if side == Side.BENEFICIARY else act.dossier.lead_id
    members = Membership.objects.in_force().filter(
        organisation_id=organisation_id, role__in=list(roles), user__is_active=True
    )
    return list(User.objects.filter(pk__in=members.values("user_id")).order_by("id"))


def people_of(organisations: Iterable[int], roles: Iterable[str]) -> dict[int, list[User]]:
    """The active people in these roles, by organisation, each once in the order of `people`; one query."""
    rows = Membership.objects.in_force().filter(
        organisation__in=list(organisations), role__in=list(roles), user__is_active=True
    )
    found: dict[int, dict[int, User]] = {}
    for row in rows.select_related("user").order_by("user_id"):
        found.setdefault(row.organisation_id, {})[row.user_id] = row.user
    return {organisation: list(users.values()) for organisation, users in found.items()}


def side_name(act: Act, side: str) -> str:
    """« la DREETS Bretagne », « l’ARML Bretagne »."""
    organisation = act.dossier.beneficiary if side == Side.BENEFICIARY else act.dossier.lead
    return organisation.in_sentence


def actor_name(actor: Actor) -> str:
    return actor.organisation.in_sentence if actor.organisation else "l’application"


def _context(act: Act, **variables: Any) -> dict[str, Any]:
    return {
        "numero_convention": act.convention.number,
        "acte_nom": act.name_in_sentence,
        "arml_nom": act.dossier.beneficiary.in_sentence,
        "arml_nom_court": str(act.dossier.beneficiary),
        "date_evenement": french.date(clock.today(act.dossier.time_zone)),
        "lien": link(act),
        **variables,
    }


def link(act: Act, name: str = "convention-detail", **kwargs: Any) -> str:
    return absolute(reverse(name, kwargs={"number": act.reference, **kwargs}))


def write(act: Act, key: str, recipients: Iterable[User], secrets: Sequence[str] = (), **context: Any) -> None:
    emails.write(key, recipients, _context(act, **context), root=journal.key(act.dossier), secrets=secrets)


def cosigners(act: Act) -> list[User]:
    """The people of the services that co-sign: no step of the act goes past them."""
    members = Membership.objects.in_force().filter(organisation__in=act.dossier.services.all(), user__is_active=True)
    return list(User.objects.filter(pk__in=members.values("user_id")).order_by("id"))


def write_stopped(act: Act, key: str, side: str, actor: Actor, reason: str) -> None:
    """Of the State's side, co-signing services included: what they were to sign or had approved is over."""
    more = cosigners(act) if side == Side.STATE else []
    write(
        act,
        key,
        list(dict.fromkeys([*people(act, side, Role.values), *more])),
        auteur_nom=actor.name,
        autre_partie_nom=actor_name(actor),
        motif=reason,
    )


def one_line(text: str) -> str:
    """The text in one line, because the template removes a line only if all its variables are empty."""
    return " ".join(text.split())


def to_everyone(act: Act, key: str, actor: Actor, *, side: str = "", **context: Any) -> None:
    """Write to all people of both sides, or of one, about an action. Co-signing services are on the State's side."""
    sides = [side] if side else list(Side)
    recipients = [person for each in sides for person in people(act, each, Role.values)]
    if Side.STATE in sides:
        recipients += cosigners(act)
    write(
        act, key, list(dict.fromkeys(recipients)), auteur_nom=actor.name, autre_partie_nom=actor_name(actor), **context
    )
