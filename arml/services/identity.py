"""A person's own name and address: her organisations read that they changed, her mailboxes are told."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse

from arml.models import User
from arml.notifications import AddressChangedMail, AddressMail
from arml.permissions import actor_of
from cpo.lib import clock, journal
from cpo.lib.models import OutboxMessage
from cpo.lib.workflow import Refused

PER_HOUR = 3
LIFETIME = dt.timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
SALT = "arml.identity"
DEMO = "Les comptes de démonstration sont partagés : leur nom et leur adresse ne se changent pas."
CLOSED = "Ce lien ne vaut plus\u00a0: il a servi, il a expiré, ou il est celui d’un autre compte."


@transaction.atomic
def change_name(*, user: User, first_name: str, last_name: str) -> None:
    """What was signed or written before keeps the former name. Raises PermissionDenied for a demo account."""
    _refuse_demo(user)
    before = str(user)
    user.first_name, user.last_name = " ".join(first_name.split()), " ".join(last_name.split())
    if str(user) == before:
        return
    user.save(update_fields=["first_name", "last_name"])
    _record(user, "person_renamed", f"{before} s’appelle désormais {user}.")


@transaction.atomic
def request_address(*, user: User, email: str) -> None:
    """Send a link to the new address, three an hour at most. Raises PermissionDenied.

    Nothing is sent to the address of another account, and the answer does not tell it.
    """
    _refuse_demo(user)
    email = email.strip().lower()
    if User.objects.filter(email=email).exists():
        return
    recent = clock.now() - dt.timedelta(hours=1)
    sent = OutboxMessage.objects.filter(root=journal.key(user), template=AddressMail.template, created_at__gt=recent)
    if sent.count() < PER_HOUR:
        AddressMail(user, email, reverse("address-confirm", args=[token(user, email)]), LIFETIME).write()


def token(user: User, email: str) -> str:
    """What proves that this person reads this mailbox. A new password, or another change of address, ends it."""
    return signing.dumps([email, user.email, clock.now().timestamp()], salt=_salt(user))


def requested_address(user: User, text: str) -> str:
    """The address that this token confirms for this person. Raises Refused.

    Whoever received the link by mistake is not this person, and can do nothing with it.
    """
    try:
        email, former, at = signing.loads(text, salt=_salt(user))
    except signing.BadSignature as error:
        raise Refused(CLOSED) from error
    asked_at = dt.datetime.fromtimestamp(at, dt.UTC)
    changes = OutboxMessage.objects.filter(root=journal.key(user), template=AddressChangedMail.template)
    changed = former != user.email or changes.filter(created_at__gte=asked_at).exists()
    if changed or clock.now() - asked_at > LIFETIME or User.objects.filter(email=email).exists():
        raise Refused(CLOSED)
    return str(email)


@transaction.atomic
def confirm_address(*, user: User, text: str) -> User:
    """Give the account its new address, and tell the former one. Raises Refused, PermissionDenied."""
    user = User.objects.select_for_update().get(pk=user.pk)
    _refuse_demo(user)
    email, former = requested_address(user, text), user.email
    user.email = email
    user.save(update_fields=["email"])
    AddressChangedMail(user, former).write()
    _record(user, "address_changed", f"{user} change l’adresse électronique de son compte.")
    return user


def _salt(user: User) -> str:
    return f"{SALT}:{user.pk}:{user.password}"


def _refuse_demo(user: User) -> None:
    if user.is_demo:
        raise PermissionDenied(DEMO)


def _record(user: User, verb: str, sentence: str) -> None:
    """Write in the journal of each organisation of the person, once."""
    memberships: dict[Any, Any] = {membership.organisation_id: membership for membership in user.roles}
    for membership in memberships.values():
        journal.record(user, root=membership.organisation, by=actor_of(membership), verb=verb, sentence=sentence)
