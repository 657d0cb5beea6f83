"""Users, their roles in organisations, invitations."""

import datetime as dt
from functools import cache
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.functional import cached_property

from arml.enums import Role
from cpo.lib import clock
from cpo.lib.clock import PARIS

from .organisations import Organisation, zone_of_organisation


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save()
        return user


class User(AbstractBaseUser):
    email = models.EmailField("adresse électronique professionnelle", unique=True)
    first_name = models.CharField("prénom", max_length=80)
    last_name = models.CharField("nom", max_length=80)
    is_active = models.BooleanField("actif", default=True)
    is_demo = models.BooleanField("compte de démonstration", default=False)
    weekly_digest = models.BooleanField("récapitulatif hebdomadaire", default=False)
    # Part of the secret of the calendar's address: the next one revokes it. A password re-hashed at sign-in does not.
    calendar_serial = models.PositiveIntegerField("rang de l’adresse du calendrier", default=0)
    created_at = models.DateTimeField(default=clock.now)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["first_name", "last_name"]
    objects = UserManager()

    class Meta:
        verbose_name = "personne"
        ordering = ["last_name", "first_name"]
        constraints = [models.CheckConstraint(name="email_is_lower_case", condition=Q(email=Lower("email")))]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.email

    @cached_property
    def roles(self) -> list["Membership"]:
        """The roles in force today, with their organisation; read once per request."""
        roles = sorted(_roles_with_zone().in_force().filter(user=self), key=lambda role: role.pk)
        for membership in roles:
            membership.user = self
        return roles

    @property
    def time_zone(self) -> str:
        """Where the person reads from: the zone of their first organisation."""
        return str(getattr(self.roles[0], "time_zone", PARIS)) if self.roles else PARIS

    def has_role(self, *roles: str) -> bool:
        return any(membership.role in roles for membership in self.roles)


class MembershipQuerySet(models.QuerySet["Membership"]):
    def in_force(self, day: dt.date | None = None) -> "MembershipQuerySet":
        """The roles of a day; today, one day for all organisations: a right begins and ends at one moment, in Paris."""
        day = day or clock.today(PARIS)
        return self.filter(Q(valid_until__isnull=True) | Q(valid_until__gte=day), valid_from__lte=day)


@cache
def _roles_with_zone() -> MembershipQuerySet:
    """The query of `User.roles` without its person: every page asks it, and Django takes long to write a subquery."""
    roles = Membership.objects.select_related("organisation").order_by()  # sorted above: an order takes long to write
    return roles.annotate(time_zone=zone_of_organisation("organisation"))


class Membership(models.Model):
    """A dated role of a person in an organisation. `mandate_*`: a mandate lets a director submit the yearly report."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField("rôle", max_length=20, choices=Role)
    title = models.CharField("fonction", max_length=120, blank=True)
    valid_from = models.DateField("à partir du")
    valid_until = models.DateField("jusqu’au", null=True, blank=True)
    mandated_on = models.DateField("mandat du président, daté du", null=True, blank=True)
    mandate_until = models.DateField("mandat valable jusqu’au", null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = "rôle"
        ordering = ["organisation", "role"]
        constraints = [
            models.UniqueConstraint(
                name="one_open_role", fields=["user", "organisation", "role"], condition=Q(valid_until=None)
            ),
            models.CheckConstraint(
                name="role_ends_after_it_starts",
                condition=Q(valid_until=None) | Q(valid_until__gte=models.F("valid_from")),
                violation_error_message="La fin du rôle doit suivre son début.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()}, {self.organisation}"

    def mandated(self, day: dt.date) -> bool:
        """Whether a mandate of the president covers that day."""
        return bool(
            self.mandated_on and self.mandated_on <= day and (not self.mandate_until or day <= self.mandate_until)
        )


class Invitation(models.Model):
    """A link that gives a role once, before it expires. Only the hash of its token is stored."""

    email = models.EmailField("adresse électronique professionnelle")
    first_name = models.CharField("prénom", max_length=80)
    last_name = models.CharField("nom", max_length=80)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="invitations")
    role = models.CharField("rôle", max_length=20, choices=Role)
    title = models.CharField("fonction", max_length=120, blank=True)
    role_until = models.DateField("fin du rôle", null=True, blank=True)
    token_sha256 = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(  # null: the application itself, for the first administrator
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="sent_invitations"
    )
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField("expire le")
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "invitation"
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.email}, {self.get_role_display()}"

    @property
    def is_open(self) -> bool:
        return not self.accepted_at and not self.withdrawn_at and clock.now() < self.expires_at
