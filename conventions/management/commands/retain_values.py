"""Let the open acts that were begun before ADR 22 retain the reference values that they print today.

A text that retains nothing follows the tables, so what it prints does not change by this: from now on, a change of
reference data does not rewrite it. Signed acts need nothing: they are read from their version. Idempotent.
"""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from conventions import workflow
from conventions.content import retained
from conventions.models import Act


class Command(BaseCommand):
    help = "Fait retenir aux actes ouverts les valeurs de référence qu’ils portent aujourd’hui."

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        for act in Act.objects.filter(state__in=Act.OPEN).order_by("pk"):
            with transaction.atomic():
                locked = workflow.lock(act)
                before = locked.programme.retained
                if locked.state in Act.OPEN:
                    retained.keep(locked)
                count += locked.programme.retained != before
        self.stdout.write(f"Actes complétés : {count}.")
