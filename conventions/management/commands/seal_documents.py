"""Seal the signed documents without a seal: its key was wrong or missing when they were notified."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Exists, OuterRef

from conventions.enums import ConventionState, DocumentPurpose
from conventions.evidence import seal
from conventions.evidence.seal import SealError
from conventions.models import Document
from conventions.services.signing import seal as seal_signing


class Command(BaseCommand):
    help = "Pose le cachet sur chaque document signé et notifié qui ne l’a pas. Peut être relancée sans risque."

    def handle(self, *args: Any, **options: Any) -> None:
        if not seal.is_configured():
            raise CommandError("Aucune clé de cachet n’est configurée (SIGNATURE_SEAL_…).")
        sealed = Document.objects.filter(version=OuterRef("version"), purpose=DocumentPurpose.SEALED, voided_at=None)
        waiting = Document.objects.to_sign().filter(
            ~Exists(sealed),
            version__isnull=False,
            act__state=ConventionState.ACTIVE,
            act__signed_on__isnull=False,
        )
        errors = []
        for document in waiting.select_related("act").order_by("pk"):
            try:
                seal_signing.produce(document.pk)
            except (SealError, OSError, ValueError) as error:  # a key, a store or a file: the others go on
                errors.append(f"{document.act.reference} : {error}")
            else:
                self.stdout.write(f"{document.act.reference} : cachet posé")
        if errors:
            raise CommandError("\n".join(errors))
