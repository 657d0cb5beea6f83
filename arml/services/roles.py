"""Change, end and hand over roles; the president's mandate to a director. A role is never deleted: it has dates."""

import datetime as dt

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet

from arml.enums import Role
from arml.models import Dossier, Membership, Organisation, User
from arml.permissions import HEADS, SPOKESPERSONS, mandator
from cpo.lib import clock, journal
from cpo.lib.actor import Actor
from cpo.lib.clock import PARIS
from cpo.lib.enums import Side
from cpo.lib.workflow import Refused

from .invitations import capacity_to_give
from .sides import NBSP


def followed_dossiers(membership: Membership) -> QuerySet[Dossier]:
    """The dossiers that this person follows for this organisation; they are handed over when the role ends."""
    return Dossier.objects.filter(officer=membership.user, lead=membership.organisation).select_related(
        "beneficiary", "lead"
    )


def successors(membership: Membership) -> QuerySet[User]:
    """The people who may take over the dossiers: officers and managers of the same service, today."""
    roles = Membership.objects.in_force().filter(
        organisation=membership.organisation, role__in=SPOKESPERSONS[Side.STATE]
    )
    return User.objects.filter(pk__in=roles.values("user"), is_active=True).exclude(pk=membership.user_id)


@transaction.atomic
def change_role(
    *, membership: Membership, role: str, title: str, by: User | Actor, valid_until: dt.date | None = None
) -> Membership:
    """Change the role from today on (the former one ends yesterday), or only its title and its end.

    `valid_until` is the last day; None means no end. Raises PermissionDenied, Refused.
    """
    membership = _lock(membership)
    actor = capacity_to_give(by, membership.organisation, membership.role)
    capacity_to_give(by, membership.organisation, role)
    today = clock.today(PARIS)
    _check_live(membership, today)
    if valid_until and valid_until < max(today, membership.valid_from):
        raise Refused("La fin du rôle doit suivre son début et ne peut pas être passée.")
    if (role, title.strip(), valid_until) == (membership.role, membership.title, membership.valid_until):
        return membership
    before = membership.get_role_display()
    _check_heads_remain(membership, actor, valid_until, role)
    if role != membership.role:
        same = membership.user.memberships.in_force().filter(organisation=membership.organisation, role=role)
        if same.exists():
            raise Refused(f"{membership.user} a déjà le rôle «{NBSP}{Role(role).label}{NBSP}» dans cette organisation.")
        membership = _replacement(membership, role, today)
    membership.title, membership.valid_until = title.strip(), valid_until
    membership.save()
    after = membership.get_role_display()
    change = f"{before} devient {after}" if before != after else "fonction ou fin du rôle modifiée"
    _record(membership, actor, "role_changed", f"Rôle de {membership.user}{NBSP}: {change}")
    return membership


def _replacement(membership: Membership, role: str, today: dt.date) -> Membership:
    if membership.valid_from >= today:
        membership.role, membership.mandated_on, membership.mandate_until = role, None, None
        return membership
    membership.valid_until = today - dt.timedelta(days=1)
    membership.save(update_fields=["valid_until"])
    return Membership(user=membership.user, organisation=membership.organisation, role=role, valid_from=today)


@transaction.atomic
def end_role(
    *, membership: Membership, by: User | Actor, until: dt.date | None = None, successor: User | None = None
) -> None:
    """End a role on its last day `until`, or at once (None). The successor gets its dossiers at once.

    A role that began today and ends at once is deleted; the journal keeps its trace. Raises PermissionDenied, Refused.
    """
    membership = _lock(membership)
    actor = capacity_to_give(by, membership.organisation, membership.role)
    today = clock.today(PARIS)
    _check_live(membership, today)
    if until and until < max(today, membership.valid_from):
        raise Refused("Le dernier jour du rôle doit suivre son début et ne peut pas être passé.")
    last = until or today - dt.timedelta(days=1)
    _check_heads_remain(membership, actor, last, membership.role)
    _hand_over(membership, actor, successor)
    if until:
        sentence = f"Fin du rôle de {membership.user} ({membership.get_role_display()}), le {last:%d/%m/%Y}"
    else:
        sentence = f"Fin immédiate du rôle de {membership.user} ({membership.get_role_display()})"
    _record(membership, actor, "role_ended", sentence)
    if last < membership.valid_from:
        membership.delete()
        return
    membership.valid_until = last
    membership.save(update_fields=["valid_until"])


def _hand_over(membership: Membership, actor: Actor, successor: User | None) -> None:
    dossiers = list(followed_dossiers(membership))
    others = successors(membership)
    keeps = membership.user.memberships.in_force().filter(
        organisation=membership.organisation, role__in=SPOKESPERSONS[Side.STATE]
    )
    if not dossiers or (successor is None and keeps.exclude(pk=membership.pk).exists()):
        return
    if successor is None and others.exists():
        raise Refused("Choisissez à qui confier les dossiers que cette personne suit.")
    if successor is not None and successor not in others:
        raise Refused(f"{successor} ne peut pas suivre de dossier pour «{NBSP}{membership.organisation}{NBSP}».")
    for dossier in dossiers:
        dossier.officer = successor
        dossier.save(update_fields=["officer"])
        sentence = (
            f"Dossier confié à {successor} par {membership.user}"
            if successor
            else "Dossier sans personne pour le suivre"
        )
        journal.record(dossier, root=dossier, by=actor, verb="handed_over", sentence=sentence)


@transaction.atomic
def set_mandate(
    *, membership: Membership, mandated_on: dt.date | None, mandate_until: dt.date | None, by: User | Actor
) -> Membership:
    """Record the president's mandate to a director, who may then submit the yearly report. No date removes it."""
    membership = _lock(membership)
    actor = by if isinstance(by, Actor) else mandator(by, membership.organisation)
    if actor is None:
        raise PermissionDenied(
            "Seule la présidence de l’association peut donner mandat pour envoyer les comptes rendus."
        )
    if membership.role != Role.DIRECTOR:
        raise Refused("Le mandat se donne à la direction de l’association.")
    _check_live(membership, clock.today(PARIS))
    if mandate_until and not mandated_on:
        raise Refused("Indiquez la date du mandat.")
    if mandated_on and mandate_until and mandate_until < mandated_on:
        raise Refused("La fin du mandat doit suivre sa date.")
    if (mandated_on, mandate_until) == (membership.mandated_on, membership.mandate_until):
        return membership
    membership.mandated_on, membership.mandate_until = mandated_on, mandate_until
    membership.save(update_fields=["mandated_on", "mandate_until"])
    change = f"Mandat donné à {membership.user}" if mandated_on else f"Mandat de {membership.user} retiré"
    _record(membership, actor, "mandate_set", f"{change}{NBSP}: envoi des comptes rendus annuels")
    return membership


def _check_live(membership: Membership, today: dt.date) -> None:
    if membership.valid_until and membership.valid_until < today:
        raise Refused("Ce rôle a déjà pris fin.")


def _check_heads_remain(membership: Membership, actor: Actor, last: dt.date | None, role: str) -> None:
    """Refuse that nobody who may invite is left. `role` is the role from now on, `last` its last day (None: no end).

    An ARML or a service left by its last head by somebody else's action is invited anew by the DGEFP. Nobody else
    invites a national administrator: one who stays without end must remain, whoever acts.
    """
    national = membership.role == Role.NATIONAL_ADMIN
    heads = (Role.NATIONAL_ADMIN,) if national else HEADS
    if membership.role not in heads or not (national or actor.user == membership.user):
        return
    if role not in heads:
        last = clock.today(PARIS) - dt.timedelta(days=1)
    elif last is None or (membership.valid_until and membership.valid_until <= last):
        return  # the organisation is not left sooner than was already recorded
    Organisation.objects.select_for_update().get(pk=membership.organisation_id)  # two who leave at once: one stays
    others = Membership.objects.filter(role__in=heads, user__is_active=True).exclude(pk=membership.pk)
    if not settings.DEMO:
        others = others.exclude(user__is_demo=True)
    after = others.in_force(last + dt.timedelta(days=1))
    if national and not after.filter(valid_until=None).exists():
        raise Refused(
            f"Il ne resterait aucune administration nationale sans date de fin{NBSP}: "
            "personne ne pourrait plus inviter. "
            "Invitez d’abord la personne qui prend la suite, et attendez qu’elle ait accepté."
        )
    if not national and not after.filter(organisation=membership.organisation).exists():
        raise Refused(
            "Vous êtes la dernière personne à pouvoir inviter dans cette organisation. "
            "Invitez d’abord la personne qui vous succède, et attendez qu’elle ait accepté."
        )


def _lock(membership: Membership) -> Membership:
    return (
        Membership.objects.select_for_update(of=("self",)).select_related("organisation", "user").get(pk=membership.pk)
    )


def _record(membership: Membership, actor: Actor, verb: str, sentence: str) -> None:
    journal.record(membership, root=membership.organisation, by=actor, verb=verb, sentence=sentence)
