"""Write an extract of Chorus that the demonstration can read, on the standard output."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from arml.models import User
from reporting.demo.chorus import extract


class Command(BaseCommand):
    help = "Écrit un extrait de Chorus fictif (CSV) sur les versements que voit un compte de démonstration."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("courriel", help="adresse d’un compte de démonstration, chargé de mission ou responsable")

    def handle(self, *args: Any, courriel: str, **options: Any) -> None:
        user = User.objects.filter(email=courriel, is_demo=True).first()
        if not settings.DEMO or user is None:
            raise CommandError("Aucun compte de démonstration n’a cette adresse.")
        self.stdout.write(extract(user).decode(), ending="")
