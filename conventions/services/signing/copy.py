"""Make the signed copy of a document once all parties signed it: what it tells of each signature, what it embeds."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db import transaction

from conventions.documents import production, signed_copy
from conventions.documents.parts.parties import signing_rank
from conventions.enums import DocumentPurpose, PartyRole, SignatureMode
from conventions.evidence import seal, timestamps
from conventions.models import DepositTimestamp, Document, Signature, SignedDeposit, Version
from conventions.pages import signatures as signatures_pages
from conventions.services import signature_words
from cpo.lib import clock, zones
from cpo.lib.files import stored as stored_files
from cpo.lib.files.inspection import extension_of
from cpo.lib.models import Job, StoredFile
from cpo.lib.printing.pdf import Annex, renderer
from cpo.lib.wording import french
from cpo.lib.wording.typography import long_date, typographic

from . import deposits

Content = Mapping[str, Any]


def produce(document_id: int, step: production.Step = lambda done, total: None) -> Document:
    """Return the signed copy of a document; make it if there is none.

    Raises SealError, TimestampError: the job tries again.
    """
    document = Document.objects.select_related("act__convention__dossier", "version", "file").get(pk=document_id)
    version = document.version
    if version is None:
        raise ValueError("what was signed on paper before the application has no text to print")
    existing = signed_copy.current(document.act)
    if existing:
        return existing
    step(1, 4)
    signatures = signature_words.signatures_of(document.act)
    _ask_timestamps(signatures)
    files = list(_files(document, signatures, version.content))
    step(2, 4)
    data = signed_copy.render_copy(
        version.content,
        _facts(document, signatures, version.content, [row for row, _ in files]),
        version_number=version.number,
        content_sha256=version.content_sha256,
        base=production.base_of(version.content, document.act.convention_id),
        dated=max(signature.recorded_at for signature in signatures),
        attachments=[_annex(row, stored) for row, stored in files if stored],
    )
    step(3, 4)
    return _enter(seal.attest(data), document, version)


def _ask_timestamps(signatures: list[Signature]) -> None:
    """Have each deposit attested that is not yet, where this site has an authority: a copy is printed once.

    A deposit of before the authority was set is left alone: it would be attested of another day than its reception.
    """
    if not timestamps.is_configured():
        return
    asked = {job.arguments["deposit"] for job in Job.objects.filter(kind=timestamps.KIND)}
    keys = [signature.pk for signature in signatures]
    for deposit in SignedDeposit.objects.filter(signature__in=keys, timestamp=None, pk__in=asked):
        deposits.add_timestamp(deposit.pk)


def _enter(data: bytes, document: Document, version: Version) -> Document:
    file = stored_files.store(data, production.PDF)
    with transaction.atomic():
        type(document.act).objects.select_for_update(of=("self",)).get(pk=document.act_id)
        return signed_copy.current(document.act) or Document.objects.create(
            act=document.act,
            version=version,
            purpose=DocumentPurpose.SIGNED_COPY,
            label=signed_copy.LABEL,
            content_sha256=document.content_sha256,
            file=file,
            renderer=renderer(),
            pages=production.page_count(data),
            created_at=clock.now(),
        )


def _facts(
    document: Document, signatures: list[Signature], content: Content, files: list[dict[str, str]]
) -> dict[str, Any]:
    signing = sorted(document.act.parties.filter(signs=True), key=lambda party: signing_rank(party.role))
    ranks = {party.pk: rank for rank, party in enumerate(signing, start=1)}
    stamps = signatures_pages.timestamps_of(signatures)
    return {
        "signatures": [
            _signature(signature, content, stamps.get(signature.pk)) | {"rank": ranks[signature.party_id]}
            for signature in sorted(signatures, key=lambda signature: ranks[signature.party_id])
        ],
        "document_sha256": document.file.sha256,
        "signed": files[0],
        "files": files,
    }


def _signature(signature: Signature, content: Content, stamp: DepositTimestamp | None) -> dict[str, Any]:
    proves, leaves = signatures_pages.PROVES[SignatureMode(signature.mode)]
    stored = signature.signed_file or signature.scan
    return {
        "party": signature.party.organisation.in_sentence,
        "name": signature.signatory_name,
        "capacity": signature.capacity,
        "power": typographic(_power(signature, content)),
        "day": french.date(signature.signed_on),
        "at": _moment(signature),
        "how": typographic(signatures_pages.mode_words(signature)),
        "stamps": [typographic(line) for line in signature_words.stamp_words(signature, stamp)],
        "proves": typographic(proves),
        "leaves": typographic(leaves),
        "warnings": [typographic(warning) for warning in signatures_pages.warnings(signature)],
        "reason": typographic(signature.override_reason),
        "file_sha256": stored.sha256 if stored else signature.file_sha256,
    }


def _power(signature: Signature, content: Content) -> str:
    """What gives the signatory the power to sign: a delegation, a deliberation, or the office itself."""
    if facts := signature.proof.get("delegation"):
        return f"Délégation de signature : {signature_words.delegation_words(facts)}"
    if signature.party.role == PartyRole.BENEFICIARY:
        kinds = {row.get("kind"): row.get("dated") for row in content.get("attachments") or []}
        dated = kinds.get("deliberation_autorisation")
        return f"Délibération du {long_date(dated)}" if dated else "Représentation légale de l’association"
    return "Qualité du signataire, sans délégation"


def _moment(signature: Signature) -> str:
    """When, in the zone of the party and in UTC; of a paper original, the day that it bears."""
    at = signature_words.signed_at(signature)
    if at is None:
        recorded = signature_words.in_utc(signature.recorded_at)
        return typographic(f"{french.date(signature.signed_on)}, jour porté sur l’original ; déposé le {recorded}")
    local = french.datetime(zones.at(at, signature.party.organisation), named=True)
    return f"{local}, soit le {signature_words.in_utc(at)}"


def _files(
    document: Document, signatures: list[Signature], content: Content
) -> Iterator[tuple[dict[str, str], StoredFile | None]]:
    """Each embedded file, once, with what the list of the page says of it: first the one that the parties signed."""
    reference = document.act.reference
    signed = document.signed_file
    yield _row("Le fichier que les parties ont signé", f"{reference}-signe.pdf", signed), signed
    known = {signed.sha256}
    if signed.sha256 != document.file.sha256:
        known.add(document.file.sha256)
        yield _row("Le document tel qu’il a été produit", f"{reference}-produit.pdf", document.file), document.file
    for rank, signature in enumerate(signatures, start=1):
        if signature.scan and signature.scan.sha256 not in known:
            known.add(signature.scan.sha256)
            yield (
                _row("L’original signé sur papier, numérisé", f"{reference}-original-{rank}.pdf", signature.scan),
                signature.scan,
            )
    joined = content.get("attachments") or []
    stored = {file.sha256: file for file in StoredFile.objects.filter(sha256__in=[row["sha256"] for row in joined])}
    for rank, piece in enumerate(joined, start=1):
        file = stored.get(piece["sha256"])
        name = f"{reference}-piece-{rank}.{extension_of(file.media_type)}" if file else ""
        yield (
            _row(typographic(piece["label"]), name, file)
            | {"dated": long_date(piece["dated"]) if piece.get("dated") else "", "sha256": piece["sha256"]},
            None if file is None or file.sha256 in known else file,
        )


def _row(label: str, name: str, file: StoredFile | None) -> dict[str, str]:
    return {"label": label, "name": name, "dated": "", "sha256": file.sha256 if file else ""}


def _annex(row: dict[str, str], file: StoredFile) -> Annex:
    signed = row["name"].endswith("-signe.pdf")
    return Annex(
        name=row["name"],
        content=stored_files.read(file),
        description=f"{row['label']}, empreinte SHA-256 {row['sha256']}",
        relationship="Source" if signed else "Supplement",
    )
