"""The capacities of a person on a dossier, and the rights that follow. Every application above uses them."""

from collections.abc import Collection

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet

from cpo.lib.actor import Actor
from cpo.lib.enums import Side

from .enums import ROLES_OF_KIND, OrganisationKind, Role, Standing
from .models import Dossier, Membership, Organisation, Scope, Territory, User

STATE_ROLES = (Role.OFFICER, Role.MANAGER, Role.SIGNATORY)
BENEFICIARY_ROLES = (Role.DIRECTOR, Role.PRESIDENT, Role.ACCOUNTANT)
HEADS = (Role.MANAGER, Role.PRESIDENT, Role.DIRECTOR)
# The roles that draft, propose and accept for a side, and that receive its messages.
SPOKESPERSONS = {
    Side.STATE: (Role.OFFICER, Role.MANAGER),
    Side.BENEFICIARY: (Role.DIRECTOR, Role.PRESIDENT),
}


def lead_officer(actor: Actor) -> bool:
    """Whether the actor follows the dossier for the State: an officer or a manager of the lead service."""
    return actor.standing == Standing.LEAD and actor.role in SPOKESPERSONS[Side.STATE]


def capacities(user: User | None, dossier: Dossier) -> list[Actor]:
    """List the capacities of a person on a dossier, strongest standing first; empty for an unknown person.

    Reads `dossier.services` and `dossier.territories`: prefetch them where many dossiers are shown.
    """
    if user is None or not getattr(user, "is_authenticated", False):
        return []
    actors = []
    for membership in user.roles:
        standing = _standing(membership.organisation, dossier)
        if standing:
            side = ""
            if standing in (Standing.LEAD, Standing.COSIGNER, Standing.TERRITORY):
                side = Side.STATE
            elif standing == Standing.BENEFICIARY:
                side = Side.BENEFICIARY
            actors.append(Actor(user, membership.organisation, membership.role, side, standing))
    order = list(Standing)
    return sorted(actors, key=lambda actor: order.index(Standing(actor.standing)))


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
    return Standing.OBSERVER if dossier.published_on and _observes(organisation, dossier) else None


def _observes(organisation: Organisation, dossier: Dossier) -> bool:
    """Whether the organisation observes the dossier; the same rule as `visible_to`.

    An observer sees the whole country or its own territories. An ARML never observes another one.
    """
    if organisation.national_scope or organisation.kind == OrganisationKind.ARML:
        return organisation.national_scope
    return any(territory.pk in organisation.territory_ids for territory in dossier.territories.all())


def acting(user: User | Actor | None, dossier: Dossier, *, standing: Collection[str], roles: Collection[str]) -> Actor:
    """Return the capacity in which the person acts. Raises PermissionDenied, in French, when there is none."""
    if isinstance(user, Actor):
        return user
    for actor in capacities(user, dossier):
        if actor.standing in standing and actor.role in roles:
            return actor
    labels = ", ".join(Role(role).label for role in roles)
    raise PermissionDenied(f"Cette action revient à : {labels}. Votre rôle sur ce dossier ne la permet pas.")


def sides(user: User, dossier: Dossier) -> set[str]:
    """The sides of the person on a dossier (at most one, by construction)."""
    return {actor.side for actor in capacities(user, dossier) if actor.side}


def is_national_admin(user: User) -> bool:
    return user.has_role(Role.NATIONAL_ADMIN)


def acting_nationally(by: User | Actor) -> Actor:
    """Return the capacity of the national administration, which edits the reference data. Raises PermissionDenied."""
    if isinstance(by, Actor):
        if by.user is None or by.role == Role.NATIONAL_ADMIN:
            return by
    else:
        for membership in getattr(by, "roles", ()):
            if membership.role == Role.NATIONAL_ADMIN:
                return Actor(by, membership.organisation, membership.role, "", Standing.NATIONAL)
    raise PermissionDenied(
        "Les référentiels sont tenus par l’administration nationale. "
        "Pour signaler une erreur, écrivez au contact de l’assistance."
    )


def is_national(user: User) -> bool:
    return user.has_role(Role.NATIONAL_ADMIN, Role.NATIONAL_READER)


def may_invite(user: User, organisation: Organisation, role: str) -> bool:
    """Whether the person may invite somebody into this role (product rule).

    The DGEFP invites managers of services and national staff. A manager of a service invites the people of this
    service, and the first president and director of an ARML that the service leads. The president or a director of an
    ARML invites the people of this ARML.
    """
    return inviter(user, organisation, role) is not None


def inviter(user: User, organisation: Organisation, role: str) -> Actor | None:
    """The capacity in which the person may give, change or end this role in this organisation."""
    if role not in roles_admitted(organisation):
        return None
    return next((actor_of(m) for m in user.roles if _gives(m, organisation, role)), None)


def roles_to_give(user: User, organisation: Organisation) -> list[Role]:
    """The roles of an organisation that the person may give, in the order of the enumeration."""
    return [role for role in roles_admitted(organisation) if inviter(user, organisation, role)]


def _gives(membership: Membership, organisation: Organisation, role: str) -> bool:
    if membership.role == Role.NATIONAL_ADMIN:
        outside = organisation.kind not in (OrganisationKind.ARML, OrganisationKind.STATE_SERVICE)
        if outside or role in (Role.MANAGER, Role.READER):
            return True
    if membership.role in HEADS and membership.organisation_id == organisation.pk:
        return True
    return (
        membership.role == Role.MANAGER
        and organisation.kind == OrganisationKind.ARML
        and role in (Role.PRESIDENT, Role.DIRECTOR)
        and _leads(membership.organisation, organisation)
        and not organisation.memberships.in_force().filter(role=role).exists()  # the next ones: by the ARML itself
    )


def actor_of(membership: Membership) -> Actor:
    """The capacity that a role gives outside any dossier, as the journal of an organisation records it."""
    sides = {OrganisationKind.STATE_SERVICE: Side.STATE, OrganisationKind.ARML: Side.BENEFICIARY}
    side = sides.get(OrganisationKind(membership.organisation.kind), "")
    standing = Standing.NATIONAL if membership.organisation.kind == OrganisationKind.NATIONAL else ""
    return Actor(membership.user, membership.organisation, membership.role, side, standing)


def editor(user: User, organisation: Organisation) -> Actor | None:
    """The capacity in which the person may edit the facts of an organisation: one of its heads, or the DGEFP."""
    for membership in user.roles:
        own = membership.organisation_id == organisation.pk and membership.role in HEADS
        if own or membership.role == Role.NATIONAL_ADMIN:
            return actor_of(membership)
    return None


def delegator(user: User, organisation: Organisation) -> Actor | None:
    """The capacity in which the person may record delegations of signature: manager of that State service."""
    return _actor_with_role(user, organisation, Role.MANAGER) if organisation.is_state else None


def mandator(user: User, organisation: Organisation) -> Actor | None:
    """The capacity in which the person may mandate a director to submit reports: president of that ARML."""
    return _actor_with_role(user, organisation, Role.PRESIDENT)


def _actor_with_role(user: User, organisation: Organisation, role: Role) -> Actor | None:
    memberships = (m for m in user.roles if m.organisation_id == organisation.pk and m.role == role)
    return next((actor_of(membership) for membership in memberships), None)


def may_see_people(user: User, organisation: Organisation) -> bool:
    """Whether the person may see the people and invitations of an organisation.

    Its members, national staff, the State services and ARML that share a dossier with it, and whoever may invite there.
    """
    roles = user.roles
    if any(m.organisation_id == organisation.pk or m.organisation.kind == OrganisationKind.NATIONAL for m in roles):
        return True
    parties = (OrganisationKind.STATE_SERVICE, OrganisationKind.ARML)
    if organisation.kind not in parties or not any(m.organisation.kind in parties for m in roles):
        return False
    party = Q(beneficiary=organisation) | Q(lead=organisation)
    party |= Q(services=organisation) | Q(territories__service=organisation)
    return Dossier.objects.visible_to(user).filter(party).exists() or bool(roles_to_give(user, organisation))


def whose_people_are_seen(user: User) -> QuerySet[Organisation]:
    """The organisations of `may_see_people`, but for those where the person may only invite the first people."""
    own = Q(pk__in=[membership.organisation_id for membership in user.roles])
    kinds = {membership.organisation.kind for membership in user.roles}
    if OrganisationKind.NATIONAL in kinds:
        return Organisation.objects.all()
    parties = (OrganisationKind.STATE_SERVICE, OrganisationKind.ARML)
    if not kinds & set(parties):
        return Organisation.objects.filter(own)
    seen = Dossier.objects.visible_to(user).values("pk")
    shared = Q(dossiers__in=seen) | Q(led_dossiers__in=seen) | Q(cosigned_dossiers__in=seen)
    shared |= Q(served_territories__dossiers__in=seen)
    sharing = Organisation.objects.filter(shared, kind__in=parties).values("pk")
    return Organisation.objects.filter(own | Q(pk__in=sharing))


def reads_association(user: User, organisation: Organisation) -> bool:
    """Who reads the whole life of an association: those who see its people, hence the two sides and the DGEFP."""
    return organisation.kind == OrganisationKind.ARML and may_see_people(user, organisation)


def observes_association(user: User, organisation: Organisation) -> bool:
    """Who reads its label and its members alone: the observers of its territories, or of the whole country.

    Both are public: the label is announced by the network, members by the statutes. Fees, mandates, sessions are not.
    """
    if organisation.kind != OrganisationKind.ARML:
        return False
    observers = set(Scope.of(user).observers)
    mine = [one.organisation for one in user.roles if one.organisation_id in observers]
    own = organisation.territory_ids
    return any(one.kind != OrganisationKind.ARML and (one.national_scope or one.territory_ids & own) for one in mine)


def observed_associations(user: User) -> QuerySet[Organisation]:
    """The associations whose members the person may read: the rule of the two above, for a list."""
    scope = Scope.of(user)
    associations = Organisation.objects.filter(kind=OrganisationKind.ARML)
    if scope.everything or scope.all_published:
        return associations
    observers = Organisation.objects.filter(pk__in=scope.observers).exclude(kind=OrganisationKind.ARML)
    observed = Q(territories__in=Territory.objects.filter(organisations__in=observers))
    return associations.filter(Q(pk__in=whose_people_are_seen(user)) | observed).distinct()


def writer_of_association(user: User, organisation: Organisation, roles: Collection[str]) -> Actor | None:
    """The capacity in which the person writes a register of the association: one of its own roles."""
    memberships = (one for one in user.roles if one.organisation_id == organisation.pk and one.role in roles)
    return next((actor_of(membership) for membership in memberships), None)


def noter(user: User, organisation: Organisation) -> Actor | None:
    """The capacity in which the person notes something about an association: officer or manager of a State service."""
    if not reads_association(user, organisation):
        return None
    roles = SPOKESPERSONS[Side.STATE]
    return next((actor_of(one) for one in user.roles if one.organisation.is_state and one.role in roles), None)


def roles_admitted(organisation: Organisation) -> tuple[Role, ...]:
    return ROLES_OF_KIND[organisation.kind]


def on_opposite_sides(service: Organisation, association: Organisation) -> bool:
    """Whether a service and an ARML are on the two sides of one dossier, or would be because of their territories."""
    party = Q(lead=service) | Q(services=service) | Q(territories__service=service)
    return (
        association.territories.filter(Q(service=service) | Q(organisations=service)).exists()
        or Dossier.objects.filter(beneficiary=association).filter(party).exists()
    )


def _leads(service: Organisation, association: Organisation) -> bool:
    """Whether a service leads a dossier of an ARML or, before any dossier exists, serves one of its territories."""
    leads = set(Dossier.objects.filter(beneficiary=association).values_list("lead_id", flat=True))
    return service.pk in leads if leads else association.territories.filter(service=service).exists()


DEADLINES_ARE_FOLLOWED = "Les échéances sont suivies par les parties aux conventions et par l’administration centrale."


def follows_deadlines(user: User) -> bool:
    """Whether the person follows deadlines: the parties and the DGEFP do, observers do not."""
    return any(
        membership.organisation.kind
        in (OrganisationKind.NATIONAL, OrganisationKind.STATE_SERVICE, OrganisationKind.ARML)
        for membership in user.roles
    )


def perimeter(user: User) -> QuerySet[Territory]:
    """The territories of which the person may see conventions, now or later: theirs, and those of what they see."""
    scope = Scope.of(user)
    if scope.everything or scope.all_published:
        return Territory.objects.all()
    own = [membership.organisation_id for membership in user.roles]
    served, covered = Territory.objects.filter(service__in=own), Territory.objects.filter(organisations__in=own)
    seen = Territory.objects.filter(dossiers__in=Dossier.objects.visible_to(user))
    return Territory.objects.filter(pk__in=served.union(covered, seen).values("pk"))
