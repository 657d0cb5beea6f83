"""Check that each file of the storage is there with its hash, and say which documents a missing one was."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from conventions.models import Document
from cpo.lib.files import stored as stored_files
from cpo.lib.models import StoredFile


class Command(BaseCommand):
    help = (
        "Relit chaque fichier conservé et compare son empreinte à celle du registre. "
        "Code de sortie 1 s’il en manque un, ou si l’un d’eux a changé\u00a0; chacun est nommé."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        count, faults = 0, []
        for file in StoredFile.objects.order_by("pk").iterator(chunk_size=500):
            count += 1
            if words := _fault(file):
                faults.append(f"{file.sha256}\u00a0: {words}{_documents(file)}")
                self.stdout.write(faults[-1])
        if faults:
            raise CommandError(f"{len(faults)} sur {count}\u00a0: fichier absent ou altéré.", returncode=1)
        self.stdout.write(f"{count} fichiers relus\u00a0: tous présents, empreintes exactes.")


def _fault(file: StoredFile) -> str:
    try:
        stored_files.read(file)
    except stored_files.Altered:
        return "altéré, son empreinte n’est plus celle du registre"
    except stored_files.Unreadable:
        return "absent du stockage, ou illisible"
    return ""


def _documents(file: StoredFile) -> str:
    """« (CPO-2025-BRE-001, à signer) » for a file of the register; nothing for the other ones."""
    documents = Document.objects.filter(file=file).select_related("act").order_by("pk")
    names = [f"{document.act.reference}, {document.get_purpose_display()}" for document in documents]
    return f" ({' ; '.join(names)})" if names else ""
