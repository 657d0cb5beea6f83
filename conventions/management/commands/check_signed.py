"""Verify a file against a convention or one of its acts: the answer as text and as exit status."""

import hashlib
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from conventions import evidence, guards, signed_files, signing_lines
from conventions.enums import SignatureMode
from conventions.models import Act, Document, Signature
from cpo.lib import clock, files, french

VALID, NOT_VALID, BAD_USAGE = 0, 1, 2


class Command(BaseCommand):
    help = (
        "Vérifie un fichier : est-ce le document signé de la convention ou de l’acte NUMERO, que valent ses "
        "signatures ? "
        "Code de sortie 0 : valable ; 1 : non valable ; 2 : mauvais usage (numéro inconnu, fichier illisible…)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("numero", help="référence, par exemple CPO-2025-BRE-001")
        parser.add_argument("fichier", type=Path, help="fichier PDF à vérifier")

    def handle(self, *args: Any, **options: Any) -> None:
        document = self.document(options["numero"])
        path: Path = options["fichier"]
        try:
            refusal = evidence.too_big(path.stat().st_size)
            data = b"" if refusal else path.read_bytes()
        except OSError as error:
            raise CommandError(f"{path} ne peut pas être lu : {error.strerror}.", returncode=BAD_USAGE) from error
        self.stdout.write(f"{document.act.reference}, {self.about(document)}")
        if refusal:
            self.stdout.write(f"RÉSULTAT\u00a0: non valable\n- {refusal.message}")
            raise SystemExit(NOT_VALID)
        valid = self.recorded(document) if self.is_document(document, data) else self.signed(document, data)
        raise SystemExit(VALID if valid else NOT_VALID)

    def document(self, reference: str) -> Document:
        act = Act.objects.filter(reference=reference).first()
        if act is None:
            raise CommandError(f"Aucune convention ne porte le numéro {reference}.", returncode=BAD_USAGE)
        found = (
            act.documents.filter(purpose="a_signer", voided_at=None).select_related("file", "version", "act").first()
        )
        if found is None:
            raise CommandError(f"{reference} n’a aucun document à signer ni signé.", returncode=BAD_USAGE)
        return found

    def about(self, document: Document) -> str:
        version = f"version {document.version.number}, " if document.version else ""
        return f"{version}document produit le {french.date(document.created_at)}"

    def is_document(self, document: Document, data: bytes) -> bool:
        return hashlib.sha256(data).hexdigest() == document.file.sha256

    def signed(self, document: Document, data: bytes) -> bool:
        """A file that bears signatures: they are verified against the document that was produced."""
        try:
            trust = signed_files.trust()
        except ValueError as error:
            raise CommandError(str(error), returncode=BAD_USAGE) from error
        report = evidence.verify(
            data,
            files.read(document.file),
            trust=trust,
            at=clock.now(),
            known=lambda hashes: signed_files.known(document, hashes),
        )
        self.stdout.write(report.as_text())
        waiting = ", ".join(str(party.organisation) for party in guards.unsigned_parties(document.act))
        if waiting:
            self.stdout.write(f"Parties dont aucune signature n’est encore enregistrée\u00a0: {waiting}.")
        return report.valid

    def recorded(self, document: Document) -> bool:
        """The very document that was produced: its signatures are those recorded beside it."""
        self.stdout.write("Ce fichier est exactement le document produit. Signatures enregistrées par l’application :")
        signatures = list(
            document.signatures.filter(voided_at=None).select_related("party__organisation", "recorded_by")
        )
        for signature in signatures:
            self.stdout.write(f"- {self.line(signature)}")
        missing = [
            str(party.organisation)
            for party in document.act.parties.filter(signs=True).select_related("organisation")
            if party.pk not in {signature.party_id for signature in signatures}
        ]
        held_outside = [signature for signature in signatures if signature.mode == SignatureMode.PADES]
        for name in missing:
            self.stdout.write(f"- {name}\u00a0: n’a pas signé")
        if held_outside:
            self.stdout.write(
                "Le fichier qui porte les signatures par certificat est un autre\u00a0: vérifiez celui-là."
            )
        valid = bool(signatures) and not missing and not held_outside
        self.stdout.write(f"RÉSULTAT\u00a0: {'valable' if valid else 'non valable'}")
        return valid

    def line(self, signature: Signature) -> str:
        who = f"{signature.party.organisation}\u00a0: {signature.signatory_name}, {signature.capacity}"
        day = french.date(signature.signed_on)
        return f"{who}, le {day}. {signing_lines.mode_words(signature)}."
