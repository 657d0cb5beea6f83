"""Make the signed copies that are missing: of acts signed before they existed, or after a failure."""

import logging
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Exists, OuterRef

from conventions.enums import DocumentPurpose
from conventions.models import Document
from conventions.services.signing import copy

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = (
        "Produit l’exemplaire signé de chaque acte que toutes les parties ont signé dans l’application "
        "et qui n’en a pas. Peut être relancée sans risque : "
        "un acte dont la production échoue est nommé, et les autres continuent."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        copies = Document.objects.filter(act=OuterRef("act"), purpose=DocumentPurpose.SIGNED_COPY, voided_at=None)
        waiting = Document.objects.to_sign().filter(
            ~Exists(copies), version__isnull=False, act__signed_on__isnull=False
        )
        errors = []
        for document in waiting.select_related("act").order_by("pk"):
            try:
                copy.produce(document.pk)
            except Exception as error:  # a file that is gone, a key, the renderer: the others go on
                logger.exception("make_signed_copies: %s failed, the others go on", document.act.reference)
                errors.append(f"{document.act.reference} : {error}")
            else:
                self.stdout.write(f"{document.act.reference} : exemplaire signé produit")
        if errors:
            raise CommandError("\n".join(errors))
