"""Write the document of a convention or of a later act: the stored one, or one made anew and compared with it."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from conventions.documents import production
from conventions.enums import DocumentPurpose
from conventions.models import Act, Document, Version
from cpo.lib.files import stored as stored_files
from cpo.lib.printing import pdf


class Command(BaseCommand):
    help = (
        "Écrit le document PDF d’une convention. "
        "Sans option, le document enregistré (à signer ou signé, sinon le projet de la dernière version), "
        "produit s’il manque. "
        "Avec --fresh, le produit à nouveau et le compare à celui qui est enregistré : "
        "« identique », ou code de sortie 1."
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Let our `--version`, the number of a version of the convention, replace the option of Django."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "numero", help="numéro d’une convention ou référence d’un de ses actes, par exemple CPO-2025-BRE-001-A1"
        )
        parser.add_argument("--output", required=True, type=Path, help="fichier à écrire")
        parser.add_argument("--version", type=int, help="numéro de version")
        parser.add_argument("--fresh", action="store_true", help="produire à nouveau et comparer")

    def handle(self, *args: Any, **options: Any) -> None:
        act = Act.objects.filter(reference=options["numero"]).first()
        if act is None:
            raise CommandError(f"Aucune convention ni aucun acte ne porte la référence {options['numero']}.")
        version, document = self.target(act, options["version"])
        if document is None and version is None:
            raise CommandError("Cet acte n’a encore ni version ni document.")
        if version is None:
            self.write(options["output"], stored_files.read(document.file), "original numérisé")
            if options["fresh"]:
                raise CommandError("Un original signé sur papier ne se produit pas à nouveau.")
            return
        purpose = document.purpose if document else DocumentPurpose.DRAFT
        document = document or production.produce(version.pk, purpose)
        if document is None:
            raise CommandError("Le document à signer n’est plus demandé : la négociation a été rouverte.")
        stored = stored_files.read(document.file)
        label = f"version {version.number}, {document.get_purpose_display()}"
        if not options["fresh"]:
            self.write(options["output"], stored, label)
            return
        fresh = production.render(version, purpose)
        self.write(options["output"], fresh, f"{label}, produit à nouveau")
        if fresh != stored:
            raise CommandError(
                f"Différent du document enregistré ({document.file.sha256}, moteur {document.renderer})."
                f"{self.reason(document.renderer)}",
                returncode=1,
            )
        self.stdout.write(f"identique au document enregistré ({document.file.sha256})")

    def target(self, act: Act, number: int | None) -> tuple[Version | None, Document | None]:
        """Return the version to write and its document: the one to sign if there is one, or else the draft."""
        documents = act.documents.filter(voided_at=None).select_related("file", "version__act__convention")
        if number is None:
            signed = documents.to_sign().first()
            if signed:
                return signed.version, signed
            version = act.versions.order_by("-number").first()
        else:
            version = act.versions.filter(number=number).first()
            if version is None:
                raise CommandError(f"Cet acte n’a pas de version {number}.")
        if version is None:
            return None, None
        # In this order, « a_signer » comes before « projet ».
        return version, documents.filter(version=version).order_by("purpose").first()

    def reason(self, renderer: str) -> str:
        """Why the same content gives other bytes, when the names of both renderers tell it."""
        stored, _, stored_site = renderer.rpartition("-")
        present, _, site = pdf.renderer().rpartition("-")
        words = ""
        if stored_site != site:
            words += (
                " L’adresse du site, que le document imprime, a changé depuis : donnez à SITE_URL celle de ce moment."
            )
        if stored != present:
            words += f" Le moteur aussi a changé : {present}." if words else f" Le moteur a changé : {present}."
        return words

    def write(self, output: Path, data: bytes, label: str) -> None:
        try:
            output.write_bytes(data)
        except OSError as error:
            raise CommandError(f"Impossible d’écrire {output} : {error.strerror}.") from error
        self.stdout.write(f"{output} : {label}, {len(data)} octets")
