"""Verify a file against a convention or one of its acts; the answer is a text and an exit status."""

import errno
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet

from conventions import evidence
from conventions.enums import DocumentPurpose, SignatureMode
from conventions.evidence import seal
from conventions.guards.signing import unsigned_parties
from conventions.models import Act, Document, Party, Signature
from conventions.pages import signatures as signatures_pages
from conventions.services.signing import certificate as certificate_signing
from cpo.lib import clock, zones
from cpo.lib.files import stored
from cpo.lib.wording import french

VALID, NOT_VALID, BAD_USAGE = 0, 1, 2
UNREADABLE = {
    errno.ENOENT: "ce fichier n’existe pas",
    errno.ENOTDIR: "une partie de ce chemin n’est pas un dossier",
    errno.EISDIR: "c’est un dossier, pas un fichier",
    errno.EACCES: "le système en refuse la lecture",
    errno.EPERM: "le système en refuse la lecture",
    errno.ENAMETOOLONG: "ce nom est trop long",
    errno.ELOOP: "ce lien ne mène à aucun fichier",
    errno.EIO: "le disque ne répond pas",
}


def unreadable(error: OSError) -> str:
    """Say why in French; for a rare error, give its system name, which an administrator can look up."""
    code = error.errno or 0
    return UNREADABLE.get(code, f"erreur {errno.errorcode.get(code, code)} du système")


def certificate_signatures(document: Document) -> QuerySet[Signature]:
    """Return the valid signatures by certificate."""
    return document.signatures.filter(voided_at=None, mode=SignatureMode.PADES)


class Command(BaseCommand):
    help = (
        "Vérifie un fichier : est-ce le document signé de la convention ou de l’acte NUMERO, "
        "que valent ses signatures ? "
        "Code de sortie 0 : valable ; 1 : non valable ; 2 : mauvais usage (numéro inconnu, fichier illisible…)."
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
            raise CommandError(f"{path} ne peut pas être lu : {unreadable(error)}.", returncode=BAD_USAGE) from error
        self.stdout.write(f"{document.act.reference}, {self.about(document)}")
        if refusal:
            self.stdout.write(f"RÉSULTAT : non valable\n- {refusal.message}")
            raise SystemExit(NOT_VALID)
        if document.voided_at:
            self.stdout.write(f"RÉSULTAT : non valable\n- {self.voided_message(document, data)}")
            raise SystemExit(NOT_VALID)
        as_produced = self.is_document(document, data)
        valid = self.check_recorded(document) if as_produced else self.check_signed_file(document, data)
        raise SystemExit(VALID if valid else NOT_VALID)

    def document(self, number: str) -> Document:
        """Return the document to sign or signed; when there is none, the last one that was annulled."""
        act = Act.objects.filter(reference=number).first()
        if act is None:
            raise CommandError(f"Aucune convention ne porte le numéro {number}.", returncode=BAD_USAGE)
        documents = act.documents.select_related("file", "version", "act")
        annulled_documents = documents.filter(purpose=DocumentPurpose.TO_SIGN).order_by("voided_at")
        document = documents.to_sign().first() or annulled_documents.last()
        if document is None:
            raise CommandError(f"{number} n’a aucun document à signer ni signé.", returncode=BAD_USAGE)
        return document

    def about(self, document: Document) -> str:
        version = f"version {document.version.number}, " if document.version else ""
        return f"{version}document produit le {french.date(zones.at(document.created_at, document.act.dossier))}"

    def voided_message(self, document: Document, data: bytes) -> str:
        day = french.date(zones.at(document.voided_at, document.act.dossier))
        if data.startswith(stored.read(document.file)):
            return f"Ce document a été annulé le {day} : il ne vaut plus, même s’il porte une signature."
        return (
            f"Le document à signer a été annulé le {day}, et aucun autre n’a été produit depuis : "
            "aucun fichier n’est le document signé."
        )

    def is_document(self, document: Document, data: bytes) -> bool:
        return hashlib.sha256(data).hexdigest() == document.file.sha256

    # -- A file with signatures ----------------------------------------------------------------------------------------

    def check_signed_file(self, document: Document, data: bytes) -> bool:
        """Verify the signatures against the document that was produced, then compare them with the register."""
        try:
            trust = certificate_signing.trust()
        except ValueError as error:
            raise CommandError(str(error), returncode=BAD_USAGE) from error
        produced = stored.read(document.file)
        report = evidence.verify(
            data,
            produced,
            trust=trust,
            at=zones.at(clock.now(), document.act.dossier),
            lookup=lambda hashes: certificate_signing.recognise(document, hashes),
        )
        report = evidence.check_pages(report, data, produced)
        self.stdout.write(report.as_text())
        if not report.valid:
            return False
        people = list(self.people(document, report))
        self.stdout.write("\nPARTIES")
        self.write_lines(self.party_lines(document, people))
        flaws = [*self.unknown_signatories(document, people), *self.misplaced_signatures(document, people)]
        flaws += [*self.missing_signatures(document, people)]
        if not self.is_registered(document, report):
            flaws += [*self.flaws_of_unregistered(document, people)]
        self.stdout.write(f"\nPOUR CETTE CONVENTION : {'non valable' if flaws else 'valable'}")
        self.write_lines(flaws)
        return not flaws

    def write_lines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.stdout.write(f"- {line}")

    def people(self, document: Document, report: evidence.Report) -> Iterator[evidence.SignatureReport]:
        """Yield the signatures of persons: neither the seal of the server nor the timestamps."""
        sealed = self.is_sealed_copy(document, report)
        for signature in report.signatures:
            if signature.person and not (sealed and signature.field == seal.FIELD):
                yield signature

    def is_sealed_copy(self, document: Document, report: evidence.Report) -> bool:
        copies = document.act.documents.filter(purpose=DocumentPurpose.SEALED, voided_at=None)
        return copies.filter(file__sha256=report.sha256).exists()

    def is_registered(self, document: Document, report: evidence.Report) -> bool:
        """Whether the application has these exact bytes: a party uploaded them, or the server sealed them."""
        uploads = certificate_signatures(document).filter(signed_file__sha256=report.sha256)
        return uploads.exists() or self.is_sealed_copy(document, report)

    def signing_parties(self, document: Document) -> list[tuple[Party, Signature | None]]:
        """Return the parties that sign, each with its recorded signature."""
        rows = document.signatures.filter(voided_at=None).select_related("party__organisation", "recorded_by")
        signatures_by_party = {row.party_id: row for row in rows}
        parties = document.act.parties.filter(signs=True).select_related("organisation")
        return [(party, signatures_by_party.get(party.pk)) for party in parties]

    def belongs_to(self, signature: evidence.SignatureReport, party: Party, entry: Signature | None) -> bool:
        """Whether a signature is that of a party: by its name, or by the certificate recorded for this party."""
        if entry and entry.mode == SignatureMode.PADES:
            certificate = signatures_pages.certificate(entry)["certificate_sha256"]
            if certificate == signature.certificate_sha256:
                return True
        return evidence.same_person(party.signatory_name, signature.name)

    def party_lines(self, document: Document, people: list[evidence.SignatureReport]) -> Iterator[str]:
        """Say for each party what the register has and what this file has: the two may differ."""
        for party, entry in self.signing_parties(document):
            own = [signature for signature in people if self.belongs_to(signature, party, entry)]
            recorded_line = self.line(entry) if entry else f"{party.organisation} : aucune signature enregistrée."
            names = " et ".join(f"signature {french.of(signature.name)}" for signature in own)
            yield f"{recorded_line} Dans ce fichier : {names or 'aucune signature de cette partie'}."

    def unknown_signatories(self, document: Document, people: list[evidence.SignatureReport]) -> Iterator[str]:
        """Name the persons who sign for no party: anybody with a certificate may sign a PDF."""
        signing = self.signing_parties(document)
        for signature in people:
            if not any(self.belongs_to(signature, *row) for row in signing):
                yield f"{signature.name} n’est le signataire d’aucune partie."

    def misplaced_signatures(self, document: Document, people: list[evidence.SignatureReport]) -> Iterator[str]:
        """Name the signatures in the field of another party. A field that a signing tool added is accepted."""
        signing, owners = self.signing_parties(document), certificate_signing.parties_by_field(document.act)
        for signature in people:
            owner = owners.get(signature.field)
            own = [party for party, entry in signing if self.belongs_to(signature, party, entry)]
            if owner and own and owner not in own:
                signatory, other = french.of(signature.name), french.of(owner.organisation.in_sentence)
                yield f"la signature {signatory} est dans le cadre {other}, et non dans celui de sa partie."

    def missing_signatures(self, document: Document, people: list[evidence.SignatureReport]) -> Iterator[str]:
        """Name the parties that have not signed, and the signatures by certificate that are not in this file."""
        certificates = {report.certificate_sha256 for report in people}
        for party in unsigned_parties(document.act):
            yield f"{party.organisation} : aucune signature n’est encore enregistrée."
        for signature in certificate_signatures(document):
            if signatures_pages.certificate(signature)["certificate_sha256"] not in certificates:
                yield (
                    f"la signature de {signature.signatory_name} par certificat n’est pas dans ce fichier : "
                    "le fichier signé par tous est un autre."
                )

    def flaws_of_unregistered(self, document: Document, people: list[evidence.SignatureReport]) -> Iterator[str]:
        """Say what is missing or wrong in a file that the application does not have."""
        act = document.act
        yield "ce fichier n’est pas au registre : l’application n’a ni reçu ni produit ces octets."
        for party, entry in self.signing_parties(document):
            if not any(self.belongs_to(signature, party, entry) for signature in people):
                yield f"{party.organisation} : ce fichier ne porte pas sa signature."
        for signature in people:
            if signature.signed_at is None or act.notified_on is None:
                continue
            day = clock.local_day(signature.signed_at, act.dossier.time_zone)
            if day > act.notified_on:
                yield (
                    f"la signature {french.of(signature.name)} est datée du {french.date(day)}, "
                    f"après la notification du {french.date(act.notified_on)} : "
                    "ce qui est notifié ne se signe plus."
                )

    # -- The document itself -------------------------------------------------------------------------------------------

    def check_recorded(self, document: Document) -> bool:
        """Check the document as it was produced: its signatures are recorded in the application, not in the file."""
        self.stdout.write("Ce fichier est exactement le document produit. Signatures enregistrées par l’application :")
        signing = self.signing_parties(document)
        missing = [party for party, signature in signing if signature is None]
        signatures = [signature for _, signature in signing if signature]
        by_certificate = [signature for signature in signatures if signature.mode == SignatureMode.PADES]
        self.write_lines(self.line(signature) for signature in signatures)
        self.write_lines(f"{party.organisation} : n’a pas signé" for party in missing)
        if by_certificate:
            self.stdout.write("Le fichier qui porte les signatures par certificat est un autre : vérifiez celui-là.")
        valid = bool(signatures) and not missing and not by_certificate
        self.stdout.write(f"RÉSULTAT : {'valable' if valid else 'non valable'}")
        return valid

    def line(self, signature: Signature) -> str:
        who = f"{signature.party.organisation} : {signature.signatory_name}, {signature.capacity}"
        day = french.date(signature.signed_on)
        return f"{who}, le {day}. {signatures_pages.mode_words(signature)}."
