"""Invitations: a link gives one role once, before it expires. Only the hash of its token is stored."""

import datetime as dt
import hashlib
import secrets

from django.core.exceptions import PermissionDenied
from django.db import transaction

from arml.enums import Role
from arml.models import Invitation, Membership, Organisation, User
from arml.notifications import InvitationMail
from arml.permissions import inviter
from cpo.lib import clock, journal
from cpo.lib.actor import Actor
from cpo.lib.clock import PARIS
from cpo.lib.mail import addresses
from cpo.lib.wording import french
from cpo.lib.work.ceilings import Ceiling, Reached
from cpo.lib.workflow import Refused

from .sides import NBSP, check_sides

LIFETIME = dt.timedelta(days=14)
FOR_ONE_ADDRESS = Ceiling("invitation", most=5)  # protects mailboxes, whoever invites and to which role


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def find_invitation(token: str) -> Invitation | None:
    return (
        Invitation.objects.select_related("organisation", "invited_by").filter(token_sha256=token_hash(token)).first()
    )


def why_closed(invitation: Invitation) -> str:
    """Return the reason, in a French sentence, why the link no longer works; "" when it works."""
    if invitation.accepted_at:
        return "Cette invitation a déjà servi. Connectez-vous avec votre adresse et votre mot de passe."
    if invitation.withdrawn_at:
        return "Cette invitation a été retirée par l’organisation qui vous avait invité·e."
    if clock.now() >= invitation.expires_at:
        return "Cette invitation a expiré. Demandez à la personne qui vous a invité·e de la relancer."
    if invitation.role_until and invitation.role_until < clock.today(PARIS):
        return "Le rôle proposé par cette invitation a pris fin."
    return ""


def capacity_to_give(by: User | Actor, organisation: Organisation, role: str) -> Actor:
    """The capacity in which a role is given, changed or ended. Raises PermissionDenied."""
    actor = by if isinstance(by, Actor) else inviter(by, organisation, role)
    if actor is None:
        role_name, organisation_name = f"«{NBSP}{Role(role).label}{NBSP}»", f"«{NBSP}{organisation}{NBSP}»"
        raise PermissionDenied(
            f"Vous ne pouvez pas donner, modifier ou retirer le rôle {role_name} dans {organisation_name}. "
            "Une personne responsable de cette organisation le peut."
        )
    return actor


@transaction.atomic
def invite(
    *,
    email: str,
    first_name: str,
    last_name: str,
    organisation: Organisation,
    role: str,
    by: User | Actor,
    title: str = "",
    role_until: dt.date | None = None,
) -> tuple[Invitation, str]:
    """Send an invitation to a role; return it with its token, which only the message contains.

    Raises ValidationError for an address that no message can reach.
    """
    actor = capacity_to_give(by, organisation, role)
    email = email.strip().lower()
    addresses.check(email)
    Organisation.objects.select_for_update().get(pk=organisation.pk)  # simultaneous invitations wait for each other
    _check_new(email, organisation, role, role_until)
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        email=email,
        first_name=first_name.strip(),
        last_name=last_name.strip(),
        organisation=organisation,
        role=role,
        title=title.strip(),
        role_until=role_until,
        token_sha256=token_hash(token),
        invited_by=actor.user,
        created_at=clock.now(),
        expires_at=clock.now() + LIFETIME,
    )
    _tell(invitation, token, actor, "invited", f"Invitation de {email} comme {invitation.get_role_display()}")
    return invitation, token


def _check_new(email: str, organisation: Organisation, role: str, role_until: dt.date | None) -> None:
    if role_until and role_until < clock.today(PARIS):
        raise Refused("La fin du rôle est déjà passée.")
    invitations = Invitation.objects.filter(email=email, organisation=organisation, role=role)
    if any(invitation.is_open for invitation in invitations):
        raise Refused("Cette personne a déjà une invitation en attente pour ce rôle. Vous pouvez la relancer.")
    user = User.objects.filter(email=email).first()
    if user is None:
        return
    if user.memberships.in_force().filter(organisation=organisation, role=role).exists():
        raise Refused(f"{user} a déjà ce rôle dans cette organisation.")
    check_sides(user, organisation)


@transaction.atomic
def resend(*, invitation: Invitation, by: User | Actor) -> tuple[Invitation, str]:
    """Send the invitation again with a new link; the former one stops working."""
    actor = capacity_to_give(by, invitation.organisation, invitation.role)
    invitation = _lock(invitation)
    if invitation.accepted_at or invitation.withdrawn_at:
        raise Refused(why_closed(invitation))
    token = secrets.token_urlsafe(32)
    invitation.token_sha256 = token_hash(token)
    invitation.expires_at = clock.now() + LIFETIME
    invitation.save(update_fields=["token_sha256", "expires_at"])
    _tell(invitation, token, actor, "invitation_resent", f"Relance de l’invitation de {invitation.email}")
    return invitation, token


@transaction.atomic
def withdraw(*, invitation: Invitation, by: User | Actor) -> Invitation:
    actor = capacity_to_give(by, invitation.organisation, invitation.role)
    invitation = _lock(invitation)
    if invitation.accepted_at:
        raise Refused("Cette invitation a déjà été acceptée. Vous pouvez mettre fin au rôle.")
    invitation.withdrawn_at = clock.now()
    invitation.save(update_fields=["withdrawn_at"])
    journal.record(
        invitation,
        root=invitation.organisation,
        by=actor,
        verb="invitation_withdrawn",
        sentence=f"Retrait de l’invitation de {invitation.email}",
    )
    return invitation


@transaction.atomic
def accept(*, token: str, user: User | None = None, password: str = "") -> tuple[User, Membership]:
    """Give the role to the signed-in person, or to a new account opened with `password`.

    Raises Refused when the link is closed, PermissionDenied when it is addressed to somebody else.
    """
    unlocked = find_invitation(token)
    if unlocked is None:
        raise Refused("Cette invitation n’existe pas ou a été remplacée par une plus récente.")
    invitation = _lock(unlocked)
    if reason := why_closed(invitation):
        raise Refused(reason)
    account = User.objects.filter(email=invitation.email).first()
    if account and not account.is_active:
        raise Refused("Ce compte est fermé. Adressez-vous à l’assistance.")
    if (account or user) and account != user:
        raise PermissionDenied(
            f"Cette invitation est adressée à {invitation.email}{NBSP}: connectez-vous avec ce compte."
        )
    person = account or User.objects.create_user(
        invitation.email, password, first_name=invitation.first_name, last_name=invitation.last_name
    )
    check_sides(person, invitation.organisation)
    membership = _membership(person, invitation)
    invitation.accepted_at = clock.now()
    invitation.save(update_fields=["accepted_at"])
    person = User.objects.get(pk=person.pk)  # a fresh object: `roles` may be cached without this role
    journal.record(
        membership,
        root=invitation.organisation,
        by=Actor(person, invitation.organisation, invitation.role),
        verb="invitation_accepted",
        sentence=f"{person} rejoint l’organisation comme {invitation.get_role_display()}",
    )
    return person, membership


def _membership(person: User, invitation: Invitation) -> Membership:
    """Return the role in force when the person got it meanwhile by another way, else a new one."""
    same = person.memberships.in_force().filter(organisation=invitation.organisation, role=invitation.role).first()
    return same or Membership.objects.create(
        user=person,
        organisation=invitation.organisation,
        role=invitation.role,
        title=invitation.title,
        valid_from=clock.today(PARIS),
        valid_until=invitation.role_until,
    )


def _lock(invitation: Invitation) -> Invitation:
    return Invitation.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=invitation.pk)


def _tell(invitation: Invitation, token: str, actor: Actor, verb: str, sentence: str) -> None:
    try:
        FOR_ONE_ADDRESS.spend(invitation.email)
    except Reached as reached:
        at = french.time(reached.until + dt.timedelta(minutes=1))
        raise Refused(
            f"Trop d’invitations sont parties à {invitation.email} depuis une heure. Réessayez à partir de {at}."
        ) from reached
    journal.record(invitation, root=invitation.organisation, by=actor, verb=verb, sentence=sentence)
    InvitationMail(invitation, token, actor.name).write()
