"""Verify a file against a convention or one of its acts: the answer as text and as exit status."""

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
from cpo.lib import clock
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
    """Why, in French; what is rarer by its name in the system, which whoever runs the site looks up."""
    code = error.errno or 0
    return UNREADABLE.get(code, f"erreur {errno.errorcode.get(code, code)} du système")


def certified(document: Document) -> QuerySet[Signature]:
    """The signatures by certificate that stand."""
    return document.signatures.filter(voided_at=None, mode=SignatureMode.PADES)


class Command(BaseCommand):
    help = (
        "Vérifie un fichier : est-ce le document signé de la convention ou de l’acte NUMERO, que valent ses "
        "signatures ? "
        "Code de sortie 0 : valable ; 1 : non valable ; 2 : mauvais usage (numéro inconnu, "
        "fichier illisible…)."
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
            self.stdout.write(f"RÉSULTAT : non valable\n- {self.voided(document, data)}")
            raise SystemExit(NOT_VALID)
        valid = self.recorded(document) if self.is_document(document, data) else self.signed(document, data)
        raise SystemExit(VALID if valid else NOT_VALID)

    def document(self, reference: str) -> Document:
        """The one that stands, to sign or signed; else the last one, annulled."""
        act = Act.objects.filter(reference=reference).first()
        if act is None:
            raise CommandError(f"Aucune convention ne porte le numéro {reference}.", returncode=BAD_USAGE)
        found = act.documents.select_related("file", "version", "act")
        annulled = found.filter(purpose=DocumentPurpose.TO_SIGN).order_by("voided_at")
        document = found.to_sign().first() or annulled.last()
        if document is None:
            raise CommandError(f"{reference} n’a aucun document à signer ni signé.", returncode=BAD_USAGE)
        return document

    def about(self, document: Document) -> str:
        version = f"version {document.version.number}, " if document.version else ""
        return f"{version}document produit le {french.date(document.created_at)}"

    def voided(self, document: Document, data: bytes) -> str:
        day = french.date(document.voided_at)
        if data.startswith(stored.read(document.file)):
            return f"Ce document a été annulé le {day} : il ne vaut plus, même s’il porte une signature."
        return (
            f"Le document à signer a été annulé le {day}, et aucun autre n’a été produit depuis : aucun fichier "
            "n’est le document signé."
        )

    def is_document(self, document: Document, data: bytes) -> bool:
        return hashlib.sha256(data).hexdigest() == document.file.sha256

    # -- A file that bears signatures ----------------------------------------------------------------------------------

    def signed(self, document: Document, data: bytes) -> bool:
        """Its signatures are verified against the document that was produced, then compared with the register."""
        try:
            trust = certificate_signing.trust()
        except ValueError as error:
            raise CommandError(str(error), returncode=BAD_USAGE) from error
        report = evidence.verify(
            data,
            stored.read(document.file),
            trust=trust,
            at=clock.now(),
            lookup=lambda hashes: certificate_signing.known(document, hashes),
        )
        self.stdout.write(report.as_text())
        if not report.valid:
            return False
        people = list(self.people(document, report))
        self.stdout.write("\nPARTIES")
        self.tell(self.parties(document, people))
        registered = self.registered(document, report)
        flaws = [*self.strangers(document, people), *self.misplaced(document, people)]
        flaws += [*self.absent(document, people)]
        if not registered:
            flaws += [*self.unregistered(document, people)]
        self.stdout.write(f"\nPOUR CETTE CONVENTION : {'non valable' if flaws else 'valable'}")
        self.tell(flaws)
        return not flaws

    def tell(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.stdout.write(f"- {line}")

    def people(self, document: Document, report: evidence.Report) -> Iterator[evidence.SignatureReport]:
        """The signatures of persons: the seal of the server is nobody's, a timestamp neither."""
        sealed = self.sealed(document, report)
        for found in report.signatures:
            if found.person and not (sealed and found.field == seal.FIELD):
                yield found

    def sealed(self, document: Document, report: evidence.Report) -> bool:
        standing = document.act.documents.filter(purpose=DocumentPurpose.SEALED, voided_at=None)
        return standing.filter(file__sha256=report.sha256).exists()

    def registered(self, document: Document, report: evidence.Report) -> bool:
        """Whether these very bytes are kept: handed in by a party, or sealed by the server."""
        return certified(document).filter(signed_file__sha256=report.sha256).exists() or self.sealed(document, report)

    def signing(self, document: Document) -> list[tuple[Party, Signature | None]]:
        """The parties that sign, each with the signature that is recorded."""
        rows = document.signatures.filter(voided_at=None).select_related("party__organisation", "recorded_by")
        recorded = {row.party_id: row for row in rows}
        parties = document.act.parties.filter(signs=True).select_related("organisation")
        return [(party, recorded.get(party.pk)) for party in parties]

    def is_of(self, found: evidence.SignatureReport, party: Party, recorded: Signature | None) -> bool:
        """Whether a signature is that of a party: its name, or the certificate that was recorded with a reason."""
        if recorded and recorded.mode == SignatureMode.PADES:
            certificate = signatures_pages.certificate(recorded)["certificate_sha256"]
            if certificate == found.certificate_sha256:
                return True
        return evidence.same_person(party.signatory_name, found.name)

    def parties(self, document: Document, people: list[evidence.SignatureReport]) -> Iterator[str]:
        """For each party, what the register holds and what this file bears: one does not stand for the other."""
        for party, recorded in self.signing(document):
            own = [found for found in people if self.is_of(found, party, recorded)]
            kept = self.line(recorded) if recorded else f"{party.organisation} : aucune signature enregistrée."
            borne = " et ".join(f"signature {french.of(found.name)}" for found in own)
            yield f"{kept} Dans ce fichier : {borne or 'aucune signature de cette partie'}."

    def strangers(self, document: Document, people: list[evidence.SignatureReport]) -> Iterator[str]:
        """Signatures that hold, of persons who sign for no party: anybody may sign a PDF with a certificate."""
        signing = self.signing(document)
        for found in people:
            if not any(self.is_of(found, *row) for row in signing):
                yield f"{found.name} n’est le signataire d’aucune partie."

    def misplaced(self, document: Document, people: list[evidence.SignatureReport]) -> Iterator[str]:
        """Signatures in the place of another party; a field that the document does not offer is nobody's."""
        signing, places = self.signing(document), certificate_signing.places(document.act)
        for found in people:
            owner = places.get(found.field)
            own = [party for party, recorded in signing if self.is_of(found, party, recorded)]
            if owner and own and owner not in own:
                yield (
                    f"la signature {french.of(found.name)} est dans le cadre "
                    f"{french.of(owner.organisation.in_sentence)}, et non dans celui de sa partie."
                )

    def absent(self, document: Document, people: list[evidence.SignatureReport]) -> Iterator[str]:
        """Parties that have not signed, and signatures by certificate that this file does not bear."""
        borne = {found.certificate_sha256 for found in people}
        for party in unsigned_parties(document.act):
            yield f"{party.organisation} : aucune signature n’est encore enregistrée."
        for signature in certified(document):
            if signatures_pages.certificate(signature)["certificate_sha256"] not in borne:
                yield (
                    f"la signature de {signature.signatory_name} par certificat n’est pas dans ce fichier : le "
                    "fichier signé par tous est un autre."
                )

    def unregistered(self, document: Document, people: list[evidence.SignatureReport]) -> Iterator[str]:
        """What a file that the application never received lacks, or has too much."""
        act = document.act
        yield "ce fichier n’est pas au registre : l’application n’a ni reçu ni produit ces octets."
        for party, recorded in self.signing(document):
            if not any(self.is_of(found, party, recorded) for found in people):
                yield f"{party.organisation} : ce fichier ne porte pas sa signature."
        for found in people:
            if found.signed_at is None or act.notified_on is None:
                continue
            day = clock.local_day(found.signed_at, act.dossier.time_zone)
            if day > act.notified_on:
                yield (
                    f"la signature {french.of(found.name)} est datée du {french.date(day)}, après la notification du "
                    f"{french.date(act.notified_on)} : ce qui est notifié ne se signe plus."
                )

    # -- The document itself -------------------------------------------------------------------------------------------

    def recorded(self, document: Document) -> bool:
        """The very document that was produced: its signatures are those recorded beside it."""
        self.stdout.write("Ce fichier est exactement le document produit. Signatures enregistrées par l’application :")
        signing = self.signing(document)
        missing = [party for party, signature in signing if signature is None]
        signatures = [signature for _, signature in signing if signature]
        held_outside = [signature for signature in signatures if signature.mode == SignatureMode.PADES]
        self.tell(self.line(signature) for signature in signatures)
        self.tell(f"{party.organisation} : n’a pas signé" for party in missing)
        if held_outside:
            self.stdout.write("Le fichier qui porte les signatures par certificat est un autre : vérifiez celui-là.")
        valid = bool(signatures) and not missing and not held_outside
        self.stdout.write(f"RÉSULTAT : {'valable' if valid else 'non valable'}")
        return valid

    def line(self, signature: Signature) -> str:
        who = f"{signature.party.organisation} : {signature.signatory_name}, {signature.capacity}"
        day = french.date(signature.signed_on)
        return f"{who}, le {day}. {signatures_pages.mode_words(signature)}."
