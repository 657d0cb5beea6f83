"""Tasks about people: roles that end soon, addresses that fail; for who can invite a successor or tell the person."""

import datetime as dt

from django.urls import reverse

from arml.enums import OrganisationKind, Role
from arml.models import Membership, User
from conventions.pages.todo import Task
from cpo.lib import clock
from cpo.lib.clock import PARIS
from cpo.lib.enums import MailState
from cpo.lib.mail.emails import last_delivery
from cpo.lib.wording import french

SOON = 30
INVITERS = (Role.MANAGER, Role.PRESIDENT, Role.DIRECTOR, Role.NATIONAL_ADMIN)


def unreachable_tasks(user: User) -> list[Task]:
    """The people of their organisations whose latest message failed: nobody told them anything since."""
    own = [m.organisation_id for m in user.roles if m.role in INVITERS]
    if not own:
        return []
    members = Membership.objects.in_force().filter(organisation_id__in=own, user__is_active=True)
    members = members.annotate(delivery=last_delivery("user")).filter(delivery=MailState.FAILED)
    rows = {row.user_id: row for row in members.select_related("user", "organisation").order_by("-id")[:20]}
    return [
        Task(
            title=f"Vérifier l’adresse de {row.user}\u00a0: un message n’a pas pu lui être remis",
            url=reverse("organisation-detail", kwargs={"key": row.organisation.key}) + "#personnes",
            verb="Vérifier",
            detail=f"{row.organisation} · {row.user.email}",
        )
        for row in rows.values()
    ]


def role_tasks(user: User) -> list[Task]:
    """The roles that end within 30 days in the organisations where the person may invite."""
    own = [m.organisation_id for m in user.roles if m.role in INVITERS]
    if not own:
        return []
    today = clock.today(PARIS)
    memberships = (
        Membership.objects.in_force(today)
        .filter(organisation_id__in=own, valid_until__lte=today + dt.timedelta(days=SOON), user__is_active=True)
        .exclude(organisation__kind=OrganisationKind.OTHER)
        .select_related("user", "organisation")
        .order_by("valid_until", "id")[:20]
    )
    return [
        Task(
            title=f"Trouver qui prendra la suite de {membership.user} ({membership.get_role_display()})",
            url=reverse("organisation-detail", kwargs={"key": membership.organisation.key}),
            verb="Inviter",
            detail=f"{membership.organisation} · ce rôle prend fin le {french.date(membership.valid_until)}",
            due=membership.valid_until,
        )
        for membership in memberships
    ]
