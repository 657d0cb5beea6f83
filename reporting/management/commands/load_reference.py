"""Load the reference data that the application needs before its first use; a second run changes nothing."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

import actions.loading
import arml.loading
import conventions.text.loading
import reporting.loading

LOADERS = (arml.loading, actions.loading, conventions.text.loading, reporting.loading)


class Command(BaseCommand):
    help = "Charge les données de référence manquantes ; ne touche pas à ce qui a été modifié dans l’application."

    @transaction.atomic
    def handle(self, *args: Any, verbosity: int = 1, **options: Any) -> None:
        created = sum(loader.load() for loader in LOADERS)
        if verbosity:
            self.stdout.write(f"Données de référence : {created} lignes créées.")
