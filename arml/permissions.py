"""In which capacities a person stands towards a dossier, and what follows; read by every app above."""

from collections.abc import Collection

from django.core.exceptions import PermissionDenied

from cpo.lib.actor import Actor
from cpo.lib.enums import Side

from .enums import OrganisationKind, Role, Standing
from .models import Dossier, Organisation, User

STATE_ROLES = (Role.OFFICER, Role.MANAGER, Role.SIGNATORY)
BENEFICIARY_ROLES = (Role.DIRECTOR, Role.PRESIDENT, Role.ACCOUNTANT)


def capacities(user: User | None, dossier: Dossier) -> list[Actor]:
    """List the capacities of a person on a dossier, strongest standing first; empty for an unknown person.

    Reads `dossier.services` and `dossier.territories`: prefetch them where many dossiers are shown.
    """
    if user is None or not getattr(user, "is_authenticated", False):
        return []
    found = []
    for membership in user.roles:
        standing = _standing(membership.organisation, dossier)
        if standing:
            side = ""
            if standing in (Standing.LEAD, Standing.COSIGNER, Standing.TERRITORY):
                side = Side.STATE
            elif standing == Standing.BENEFICIARY:
                side = Side.BENEFICIARY
            found.append(Actor(user, membership.organisation, membership.role, side, standing))
    order = list(Standing)
    return sorted(found, key=lambda actor: order.index(Standing(actor.standing)))


def _standing(organisation: Organisation, dossier: Dossier) -> Standing | None:
    if organisation.pk == dossier.lead_id:
        return Standing.LEAD
    if organisation.pk == dossier.beneficiary_id:
        return Standing.BENEFICIARY if dossier.shared_on else None
    if organisation.kind == OrganisationKind.NATIONAL:
        return Standing.NATIONAL
    if organisation.kind == OrganisationKind.STATE_SERVICE:
        if any(service.pk == organisation.pk for service in dossier.services.all()):
            return Standing.COSIGNER
        if any(territory.service_id == organisation.pk for territory in dossier.territories.all()):
            return Standing.TERRITORY
        return None
    return Standing.OBSERVER if dossier.published_on else None


def acting(user: User | Actor | None, dossier: Dossier, *, standing: Collection[str], roles: Collection[str]) -> Actor:
    """Return the capacity in which the person acts. Raises PermissionDenied, in French, when there is none."""
    if isinstance(user, Actor):
        return user
    for actor in capacities(user, dossier):
        if actor.standing in standing and actor.role in roles:
            return actor
    wanted = ", ".join(Role(role).label for role in roles)
    raise PermissionDenied(f"Cette action revient à\u00a0: {wanted}. Votre rôle sur ce dossier ne la permet pas.")


def sides(user: User, dossier: Dossier) -> set[str]:
    """The sides of a dossier on which the person stands (at most one, by construction)."""
    return {actor.side for actor in capacities(user, dossier) if actor.side}


def is_national_admin(user: User) -> bool:
    return user.has_role(Role.NATIONAL_ADMIN)


def is_national(user: User) -> bool:
    return user.has_role(Role.NATIONAL_ADMIN, Role.NATIONAL_READER)


def may_invite(user: User, organisation: Organisation, role: str) -> bool:
    """Who invites whom (product rule): the DGEFP invites managers of services and national staff; a service's manager
    invites their own and the first president and director of an ARML that the service leads; each ARML's president
    or director invites their own."""
    if role not in roles_admitted(organisation):
        return False
    for membership in user.roles:
        own = membership.organisation_id == organisation.pk
        if membership.role == Role.NATIONAL_ADMIN and (
            organisation.kind not in (OrganisationKind.ARML, OrganisationKind.STATE_SERVICE)
            or role in (Role.MANAGER, Role.READER)
        ):
            return True
        if membership.role in (Role.MANAGER, Role.PRESIDENT, Role.DIRECTOR) and own:
            return True
        if (
            membership.role == Role.MANAGER
            and organisation.kind == OrganisationKind.ARML
            and role in (Role.PRESIDENT, Role.DIRECTOR)
            and _leads(membership.organisation, organisation)
        ):
            return True
    return False


def roles_admitted(organisation: Organisation) -> tuple[Role, ...]:
    from .enums import ROLES_OF_KIND

    return ROLES_OF_KIND[organisation.kind]


def _leads(service: Organisation, association: Organisation) -> bool:
    """A service leads an ARML when they share a dossier that it leads, or before any dossier a territory."""
    return (
        Dossier.objects.filter(lead=service, beneficiary=association).exists()
        or association.territories.filter(service=service).exists()
    )
