"""The e-mails of accounts, one class each: its template, to whom, and the variables of the text."""

import datetime as dt
from typing import Any, ClassVar

from django.apps import apps
from django.urls import reverse

from cpo.lib import emails, french, journal
from cpo.lib.models import OutboxMessage

from .models import Invitation, User


class _Mail:
    template: ClassVar[str]

    def recipient(self) -> Any:
        raise NotImplementedError

    def context(self) -> dict[str, str]:
        raise NotImplementedError

    def root(self) -> str:
        return ""

    def secret(self) -> str:
        """The token of the link."""
        raise NotImplementedError

    def write(self) -> list[OutboxMessage]:
        return emails.write(
            self.template, [self.recipient()], self.context(), root=self.root(), secrets=[self.secret()]
        )


class InvitationMail(_Mail):
    """The only message that holds the token of an invitation: the database keeps its hash."""

    template = "invitation"

    def __init__(self, invitation: Invitation, token: str, author: str) -> None:
        self.invitation, self.token, self.author = invitation, token, author

    def recipient(self) -> Any:
        return User.objects.filter(email=self.invitation.email).first() or self.invitation.email

    def root(self) -> str:
        return journal.key(self.invitation.organisation)

    def secret(self) -> str:
        return self.token

    def context(self) -> dict[str, str]:
        organisation = self.invitation.organisation
        return {
            "prenom_destinataire": self.invitation.first_name,
            "auteur_nom": self.author,
            "organisation_nom": french.with_article(organisation.name, organisation.article_name),
            "role_libelle": self.invitation.title or self.invitation.get_role_display(),
            "annees_convention": _years(self.invitation.created_at),
            "date_expiration": french.date(self.invitation.expires_at),
            "lien": emails.absolute(reverse("invitation-accept", args=[self.token])),
        }


class PasswordMail(_Mail):
    template = "mot_de_passe"

    def __init__(self, user: User, path: str, lifetime: dt.timedelta) -> None:
        self.user, self.path, self.lifetime = user, path, lifetime

    def recipient(self) -> User:
        return self.user

    def secret(self) -> str:
        return self.path.rstrip("/").rpartition("/")[2]

    def context(self) -> dict[str, str]:
        return {
            "prenom_destinataire": self.user.first_name,
            "duree_minutes": str(int(self.lifetime.total_seconds() // 60)),
            "lien": emails.absolute(self.path),
        }


def _years(moment: dt.datetime) -> str:
    """Years of the cycle that runs then; cycles belong to an app above, hence found by name."""
    cycles = apps.get_model("actions", "Cycle").objects
    year = french.local(moment).year
    cycle = cycles.filter(first_year__lte=year, last_year__gte=year).order_by("-first_year").first()
    return f"{cycle.first_year}-{cycle.last_year}" if cycle else ""
