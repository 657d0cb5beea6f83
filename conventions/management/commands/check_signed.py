"""Verify a file against a convention or one of its acts: the answer as text and as exit status."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet

from conventions import evidence, guards, seal, signed_files, signing_lines
from conventions.enums import DocumentPurpose, SignatureMode
from conventions.models import Act, Document, Signature
from cpo.lib import clock, files, french

VALID, NOT_VALID, BAD_USAGE = 0, 1, 2


def certified(document: Document) -> QuerySet[Signature]:
    """The signatures by certificate that stand."""
    return document.signatures.filter(voided_at=None, mode=SignatureMode.PADES)


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
        flaws = [*self.strangers(document, report), *self.absent(document, report)] if report.valid else []
        if flaws:
            self.stdout.write("POUR CETTE CONVENTION\u00a0: non valable")
        for flaw in flaws:
            self.stdout.write(f"- {flaw}")
        return report.valid and not flaws

    def strangers(self, document: Document, report: evidence.Report) -> Iterator[str]:
        """Signatures that hold, of persons who sign for no party: anybody may sign a PDF with a certificate."""
        announced = [party.signatory_name for party in document.act.parties.filter(signs=True)]
        known = {signing_lines.certificate(row)["certificate_sha256"] for row in certified(document)}
        sealed = document.act.documents.filter(purpose=DocumentPurpose.SEALED, file__sha256=report.sha256).exists()
        for found in report.signatures:
            seal_of_ours = sealed and found.field == seal.FIELD
            named = any(evidence.same_person(name, found.name) for name in announced)
            if found.person and not (found.certificate_sha256 in known or named or seal_of_ours):
                yield f"{found.name} n’est le signataire d’aucune partie."

    def absent(self, document: Document, report: evidence.Report) -> Iterator[str]:
        """Parties that have not signed, and signatures by certificate that this file does not bear."""
        borne = {found.certificate_sha256 for found in report.signatures}
        for party in guards.unsigned_parties(document.act):
            yield f"{party.organisation}\u00a0: aucune signature n’est encore enregistrée."
        for signature in certified(document):
            if signing_lines.certificate(signature)["certificate_sha256"] not in borne:
                yield (
                    f"la signature de {signature.signatory_name} par certificat n’est pas dans ce fichier\u00a0: le "
                    "fichier signé par tous est un autre."
                )

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
