"""The e-mails about accounts, one class each: template, recipient and variables of the text."""

import datetime as dt
from typing import Any, ClassVar

from django.urls import reverse

from cpo.lib import clock, journal, zones
from cpo.lib.hooks import Hook
from cpo.lib.mail import emails
from cpo.lib.mail.emails import absolute
from cpo.lib.models import OutboxMessage
from cpo.lib.wording import french

from .models import Invitation, User

# The years of the cycle that covers a year (« 2025-2027 »), "" when there is none. `actions/hooks.py` answers.
cycle_years: Hook[[int], str] = Hook(lambda year: "")


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
    """The only message that contains the token of an invitation: the database stores its hash."""

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
            "annees_convention": cycle_years(clock.local_day(self.invitation.created_at, organisation.time_zone).year),
            "date_expiration": french.date(zones.at(self.invitation.expires_at, organisation)),
            "lien": absolute(reverse("invitation-accept", args=[self.token])),
        }


class _LinkMail(_Mail):
    """A link that serves once and for a while; its end is the secret."""

    def __init__(self, user: User, path: str, lifetime: dt.timedelta) -> None:
        self.user, self.path, self.lifetime = user, path, lifetime

    def recipient(self) -> Any:
        return self.user

    def secret(self) -> str:
        return self.path.rstrip("/").rpartition("/")[2]

    def context(self) -> dict[str, str]:
        return {
            "prenom_destinataire": self.user.first_name,
            "duree_minutes": str(int(self.lifetime.total_seconds() // 60)),
            "lien": absolute(self.path),
        }


class PasswordMail(_LinkMail):
    template = "mot_de_passe"


class AddressMail(_LinkMail):
    """The link that proves that a person reads the address that she asks for. It goes to that address alone."""

    template = "adresse_confirmer"

    def __init__(self, user: User, email: str, path: str, lifetime: dt.timedelta) -> None:
        super().__init__(user, path, lifetime)
        self.email = email

    def recipient(self) -> str:
        return self.email

    def root(self) -> str:
        return journal.key(self.user)


class AddressChangedMail(_Mail):
    """Tells the former address, where somebody else would be betrayed."""

    template = "adresse_changee"

    def __init__(self, user: User, former: str) -> None:
        self.user, self.former = user, former

    def recipient(self) -> str:
        return self.former

    def root(self) -> str:
        return journal.key(self.user)

    def write(self) -> list[OutboxMessage]:
        return emails.write(self.template, [self.former], self.context(), root=self.root())

    def context(self) -> dict[str, str]:
        return {
            "prenom_destinataire": self.user.first_name,
            "adresse_nouvelle": self.user.email,
            "lien": absolute(reverse("help")),
        }
