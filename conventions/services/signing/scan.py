"""The scan of an original signed on paper, compared with the document to sign, and recorded with the differences."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import transaction

from arml.models import User
from conventions import workflow
from conventions.enums import SignatureMode
from conventions.evidence.names import same_hash, same_typed
from conventions.guards.signing import next_to_sign
from conventions.models import Act, Document, Party, Signature
from cpo.lib import clock
from cpo.lib.files.hashing import SHORT
from cpo.lib.models import StoredFile
from cpo.lib.wording.accents import plain

from .browser import delegation_facts, iso
from .subjects import Subject, Text


@dataclass(frozen=True)
class Original:
    """What the person, or the reader of codes, read on a paper original, and its scan."""

    scan: StoredFile
    signatory_name: str
    capacity: str
    signed_on: dt.date
    reference: str
    short_hash: str
    pages: int
    override_reason: str = ""
    received: Sequence[StoredFile] = ()  # the files of which the scan was put together
    read: bool = False  # the reference and the hash were read on each page, and typed by nobody


class Difference(NamedTuple):
    """`fact` is recorded with the signature; `advice` helps the person who can still correct it."""

    field: str
    fact: str
    advice: str


class OriginalMismatch(Exception):
    """A paper original is not the document to sign, or another person signed it. Each difference names its field."""

    def __init__(self, differences: Sequence[Difference]) -> None:
        super().__init__(" ".join(one.fact for one in differences))
        self.differences = differences


def record_original(act: Act, party: Party, original: Original, *, by: User, document: Document) -> Act:
    """Compare the scan of an original signed on paper with the document, and record it.

    Raises OriginalMismatch, Refused, PermissionDenied.
    """
    signature = signature_of(Text(document), party, original, by=by)
    return workflow.apply(
        "record_signature",
        act,
        by=by,
        comment=comment_of(signature),
        data={"signature": signature, "received": original.received},
    )


def signature_of(subject: Subject, party: Party, original: Original, *, by: User) -> Signature:
    """The row to write for the scan of a paper original.

    Differences are refused beside their fields, unless the person gives a reason, which the DGEFP reads with the
    differences. Raises OriginalMismatch.
    """
    document = subject.document
    mismatches = differences(subject, party, original)
    if mismatches and not original.override_reason.strip():
        raise OriginalMismatch(mismatches)
    now = clock.now()
    return Signature(
        document=document,
        party=party,
        mode=SignatureMode.SCAN,
        override_reason=original.override_reason if mismatches else "",
        signatory_name=original.signatory_name,
        capacity=original.capacity,
        signed_on=original.signed_on,
        recorded_at=now,
        recorded_by=by,
        file_sha256=document.file.sha256,
        scan=original.scan,
        proof=_paper_evidence(original, document, by, now)
        | (delegation_facts(document.act, party, original.signed_on) if subject.delegates() else {})
        | {"differences": [difference.fact for difference in mismatches]},
    )


def comment_of(signature: Signature) -> str:
    """What the DGEFP reads: the reason of the differences, and these; "" when there is none."""
    facts = signature.proof["differences"]
    return f"{signature.override_reason}\nÉcarts : {' '.join(facts)}" if facts else signature.override_reason


@transaction.atomic
def record_originals(act: Act, originals: Sequence[tuple[Party, Original]], *, by: User, document: Document) -> Act:
    """Record one paper original for each of the parties that signed it: all of them, or none.

    The order of the act applies: those whose turn it is come first, whatever the order of the page.
    """
    waiting = dict(originals)
    while waiting:
        ready = [party for party in next_to_sign(act) if party in waiting] or list(waiting)
        act = record_original(act, ready[0], waiting.pop(ready[0]), by=by, document=document)
    return act


def differences(subject: Subject, party: Party, original: Original) -> list[Difference]:
    """Compare the paper original with the document to sign, and with the people who are expected to sign it."""
    document, rows = subject.document, []
    names = [one.name for one in subject.signatories(party)]
    if names and plain(original.signatory_name.strip()) not in [plain(name.strip()) for name in names]:
        rows.append(
            Difference(
                "signatory_name",
                f"Le document annonce {' ou '.join(names)}, l’original est signé par {original.signatory_name}.",
                "Vérifiez le nom, ou dites pourquoi une autre personne a signé.",
            )
        )
    if not same_typed(original.reference, subject.reference):
        rows.append(
            Difference(
                "reference",
                f"La référence « {original.reference} » n’est pas celle de ce document.",
                "Recopiez celle du bas de page.",
            )
        )
    if not same_hash(original.short_hash, document.content_sha256[:SHORT]):
        rows.append(
            Difference(
                "short_hash",
                "Cette empreinte n’est pas celle du document à signer : "
                "l’original porte peut-être sur une autre version.",
                "Vérifiez le bas de page.",
            )
        )
    if original.scan.sha256 == document.file.sha256:
        rows.append(
            Difference(
                "file", "Ce fichier est le document à signer, tel qu’il a été produit.", "Numérisez l’original signé."
            )
        )
    elif original.pages != document.pages:
        pages = f"{original.pages} page{'s' if original.pages > 1 else ''}"
        rows.append(
            Difference(
                "file",
                f"Ce fichier compte {pages}, le document à signer {document.pages}.",
                "Numérisez l’original entier, sans page ajoutée.",
            )
        )
    return rows


def _paper_evidence(original: Original, document: Document, by: User, now: dt.datetime) -> dict[str, Any]:
    version = document.version
    return {
        "wording": "original signé sur papier, numérisé",
        "read_on_each_page": original.read,
        "received_sha256": [file.sha256 for file in original.received],
        "recorded_by": by.email,
        "reference_typed": original.reference,
        "short_hash_typed": original.short_hash,
        "pages": original.pages,
        "pages_of_document": document.pages,
        "scan_sha256": original.scan.sha256,
        "file_sha256": document.file.sha256,
        "content_sha256": version.content_sha256 if version else document.content_sha256,
        "version": version.number if version else None,
        "recorded_at": iso(now),
    }
