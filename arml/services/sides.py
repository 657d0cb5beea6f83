"""Nobody is on both sides of a dossier: who examines a grant for the State has no role in the ARML that receives it."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from arml.enums import OrganisationKind
from arml.models import Membership, Organisation, User
from arml.permissions import on_opposite_sides
from cpo.lib import clock
from cpo.lib.clock import PARIS
from cpo.lib.workflow import Refused

NBSP = "\u00a0"


def check_sides(user: User, organisation: Organisation) -> None:
    """Raise Refused when a role in this organisation would put the person on both sides of a dossier."""
    if organisation.kind not in (OrganisationKind.STATE_SERVICE, OrganisationKind.ARML):
        return
    opposite_kind = OrganisationKind.ARML if organisation.is_state else OrganisationKind.STATE_SERVICE
    for membership in _live().filter(user=user, organisation__kind=opposite_kind).select_related("organisation"):
        other = membership.organisation
        service, association = (organisation, other) if organisation.is_state else (other, organisation)
        if on_opposite_sides(service, association):
            raise Refused(
                f"{user} a un rôle dans «{NBSP}{other}{NBSP}»{NBSP}: "
                "la même personne ne peut pas être à la fois du côté de l’État "
                "et du côté de l’association d’un même dossier. "
                "Ce rôle doit d’abord prendre fin."
            )


def check_parties(beneficiary: Organisation, services: Iterable[Organisation]) -> None:
    """Raise Refused when somebody has a role in both the association and a service of a dossier about to be created."""
    state = [service.pk for service in services]
    both = (
        _live()
        .filter(organisation=beneficiary, user__in=_live().filter(organisation__in=state).values("user"))
        .select_related("user")
        .first()
    )
    if both:
        raise Refused(
            f"{both.user} a un rôle dans «{NBSP}{beneficiary}{NBSP}» et dans un service de l’État du dossier{NBSP}: "
            "la même personne ne peut pas être des deux côtés. L’un des deux rôles doit d’abord prendre fin."
        )


def _live() -> QuerySet[Membership]:
    """Roles in force or to come."""
    return Membership.objects.filter(Q(valid_until__isnull=True) | Q(valid_until__gte=clock.today(PARIS)))
