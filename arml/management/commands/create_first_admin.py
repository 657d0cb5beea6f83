"""Invite the first national administrator of a new deployment; afterwards, people invite each other."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.urls import reverse

from arml import services
from arml.enums import OrganisationKind, Role
from arml.models import Membership, Organisation
from cpo.lib.actor import SYSTEM
from cpo.lib.mail import addresses
from cpo.lib.mail.emails import absolute
from cpo.lib.workflow import Refused


class Command(BaseCommand):
    help = "Invite la première personne de l’administration nationale, et affiche le lien d’invitation."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--prenom", default="", help="prénom de la personne invitée")
        parser.add_argument("--nom", default="", help="nom de la personne invitée")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            validate_email(options["email"])
            addresses.check(options["email"])
        except ValidationError as error:
            raise CommandError(f"« {options['email']} » n’est pas une adresse électronique.") from error
        organisation = Organisation.objects.filter(kind=OrganisationKind.NATIONAL).order_by("id").first()
        if organisation is None:
            raise CommandError("Les données de référence manquent. Tapez d’abord : python manage.py load_reference")
        admins = Membership.objects.in_force().filter(
            role=Role.NATIONAL_ADMIN, user__is_active=True, user__is_demo=False
        )
        if admins.exists():
            raise CommandError("Il y a déjà une administration nationale : elle invite elle-même les suivantes.")
        try:
            invitation, token = services.invite(
                email=options["email"],
                first_name=options["prenom"],
                last_name=options["nom"],
                organisation=organisation,
                role=Role.NATIONAL_ADMIN,
                by=SYSTEM,
            )
        except Refused as refused:
            raise CommandError(refused.message) from refused
        link = absolute(reverse("invitation-accept", args=[token]))
        self.stdout.write(
            f"Invitation de {invitation.email}, valable jusqu’au {invitation.expires_at:%d/%m/%Y} : "
            "le message attend son envoi."
        )
        self.stdout.write(f"Lien personnel : {link}")
