"""The evidence file of a convention, a ZIP made by a worker: what was signed, by whom and how, and what led to it."""

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

from django.db.models import Max
from django.template.loader import get_template

from conventions.documents import journal as journal_exports
from conventions.documents import register
from conventions.documents.journal import render_journal
from conventions.enums import ConventionState, DocumentPurpose, SignatureMode
from conventions.evidence import archive
from conventions.later.in_force import signed_version
from conventions.models import Act, Convention, Document, Signature, SigningRefusal
from conventions.pages import signatures as signatures_pages
from cpo.lib import zones
from cpo.lib.enums import Audience
from cpo.lib.files import stored as stored_files
from cpo.lib.files.exports import Column, csv_lines
from cpo.lib.files.hashing import canonical, content_hash
from cpo.lib.files.inspection import OFFICE
from cpo.lib.journal import shared
from cpo.lib.models import Job, StoredFile
from cpo.lib.wording import french
from cpo.lib.work import jobs

KIND = "evidence_file"
LABEL = "Dossier de preuve"
BOTH = [Audience.BOTH]
JOURNAL = "journal/journal.pdf"
INCLUDED_PURPOSES = (
    *(DocumentPurpose.TO_SIGN, DocumentPurpose.SEALED, DocumentPurpose.CONSOLIDATED),
    *(DocumentPurpose.TERMINATION, DocumentPurpose.CLOSING),
)
Entries = dict[str, bytes]
COLUMNS = [
    Column("Date", "at"),
    Column("Événement", "sentence"),
    Column("Commentaire", "comment"),
    Column("Personne", "actor"),
    Column("Organisation", "organisation"),
]


def job_key_and_arguments(convention: Convention) -> tuple[str, dict[str, Any]]:
    """Return the key and the arguments of the job.

    They change with each event that both sides may read, and with each new document (a sealed copy, a consolidated
    text): the file is then made again. Otherwise the same file is served.
    """
    dossier = convention.dossier
    _, journal = journal_exports.pdf_job(shared(dossier), dossier, BOTH, {})
    documents = Document.objects.filter(act__convention=convention, purpose__in=INCLUDED_PURPOSES, voided_at=None)
    last = documents.aggregate(last=Max("pk"))["last"]
    key = f"evidence:{convention.pk}:{max(journal['lines'], default=0)}:{last or 0}"
    return key, {"convention": convention.pk, "journal": journal}


def ask(convention: Convention) -> Job:
    key, arguments = job_key_and_arguments(convention)
    return jobs.enqueue(KIND, key, **arguments)


def last_job(convention: Convention) -> Job | None:
    return Job.objects.filter(kind=KIND, key=job_key_and_arguments(convention)[0]).order_by("-pk").first()


def produce(progress: jobs.Progress) -> Document:
    """Gather the contents, zip them, and enter the file in the register. The same events always give the same bytes."""
    convention = Convention.objects.select_related("dossier").get(pk=progress.arguments["convention"])
    journal_arguments = progress.arguments["journal"]
    journal = journal_exports.pdf_content(journal_arguments)
    acts = list(convention.acts.filter(state=ConventionState.ACTIVE).order_by("number"))
    entries = _journal_entries(journal)
    for rank, act in enumerate(acts, start=1):
        progress.step(rank, len(acts) + 2)
        entries |= _act_entries(act)
    progress.step(len(acts) + 1, len(acts) + 2)
    entries |= (notices := _notice_entries(convention))
    last = zones.at(dt.datetime.fromisoformat(journal["last"]), convention.dossier)
    readme = get_template("conventions/pieces/evidence.txt").render(
        _readme_context(convention, acts, entries, last, notices)
    )
    data = archive.build(entries, readme=str(readme), dated=last)
    # The verification page then recognises this journal, even out of the ZIP.
    register.enter_journal(entries[JOURNAL], arguments=journal_arguments, content=journal)
    return register.enter(
        data,
        act=convention.act,
        purpose=DocumentPurpose.EVIDENCE,
        label=LABEL,
        content_sha256=content_hash({"entries": archive.manifest(entries).decode()}),
        media_type="application/zip",
        instead=True,
    )


def _readme_context(
    convention: Convention, acts: list[Act], entries: Entries, last: dt.datetime, notices: Entries
) -> dict[str, Any]:
    """Return the context of the README. Its commands name files that are really in the ZIP."""
    versions = {act: signed_version(act) for act in acts}
    return {
        "convention": convention,
        "acts": [(act, versions[act]) for act in acts],
        "first": versions[acts[0]],
        "signed_pdf": next((path for path in sorted(entries) if path.endswith("-pdf-signe.pdf")), ""),
        "paths": sorted(entries),
        "last": last,
        "notices": notices,
    }


def _journal_entries(content: dict[str, Any]) -> Entries:
    return {
        JOURNAL: render_journal(content),
        "journal/journal.csv": "".join(csv_lines(COLUMNS, content["entries"])).encode(),
    }


def _act_entries(act: Act) -> Entries:
    """Return the documents, the versions and the signatures of one signed act, in a folder named by its reference."""
    folder = act.reference
    entries: Entries = {
        f"{folder}/versions/version-{version.number}.json": canonical(version.content)
        for version in act.versions.order_by("number").iterator()
    }
    documents = act.documents.filter(purpose__in=INCLUDED_PURPOSES, voided_at=None).select_related("file", "version")
    for document in documents:
        entries[f"{folder}/{_document_name(document)}"] = stored_files.read(document.file)
    signatures = list(_signatures(act))
    for rank, signature in enumerate(signatures, start=1):
        for kind, stored in (("pdf-signe", signature.signed_file), ("original-numerise", signature.scan)):
            if stored:
                entries[f"{folder}/signatures/{rank}-{kind}.{_extension(stored)}"] = stored_files.read(stored)
    entries[f"{folder}/signatures/verifications.json"] = json.dumps(
        [_signature_record(signature) for signature in signatures], ensure_ascii=False, indent=2, sort_keys=True
    ).encode()
    paragraphs = [_signature_text(rank, signature) for rank, signature in enumerate(signatures, start=1)]
    entries[f"{folder}/signatures/verifications.txt"] = "".join(paragraphs).encode()
    return entries | _refusal_entries(act, folder)


def _refusal_entries(act: Act, folder: str) -> Entries:
    """Return the refusals to sign, lifted or not, of the annulled documents too; nothing where nobody refused."""
    refusals = SigningRefusal.objects.filter(document__act=act).select_related("party__organisation", "document__file")
    rows = list(refusals.select_related("by").order_by("at", "pk"))
    if not rows:
        return {}
    records = [_refusal_record(row) for row in rows]
    paragraphs = [_refusal_text(rank, row, act.dossier.time_zone) for rank, row in enumerate(rows, start=1)]
    return {
        f"{folder}/signatures/refus.json": json.dumps(records, ensure_ascii=False, indent=2, sort_keys=True).encode(),
        f"{folder}/signatures/refus.txt": "".join(paragraphs).encode(),
    }


def _refusal_record(refusal: SigningRefusal) -> dict[str, Any]:
    return {
        "party": str(refusal.party.organisation),
        "by": str(refusal.by),
        "reason": refusal.reason,
        "at": refusal.at.isoformat(timespec="seconds"),
        "lifted_at": refusal.lifted_at.isoformat(timespec="seconds") if refusal.lifted_at else "",
        "document_sha256": refusal.document.file.sha256,
    }


def _refusal_text(rank: int, refusal: SigningRefusal, zone: str) -> str:
    lifted = f"signature donnée ensuite, le {_moment(refusal.lifted_at, zone)}" if refusal.lifted_at else "jamais levé"
    lines = [
        f"{rank}. {refusal.party.organisation} : refus de signer par {refusal.by}, le {_moment(refusal.at, zone)}",
        f"  motif : {refusal.reason}",
        f"  {lifted}",
        f"  empreinte SHA-256 du document : {refusal.document.file.sha256}",
    ]
    return "\n".join(lines) + "\n\n"


def _signatures(act: Act) -> Iterator[Signature]:
    """Yield the valid signatures of the documents that are not annulled, in the order in which they were recorded."""
    signatures = Signature.objects.filter(document__act=act, voided_at=None, document__voided_at=None)
    signatures = signatures.select_related(
        *("party__organisation", "document__file", "signed_file", "scan", "recorded_by"),
        "document__act__convention__dossier",
    )
    yield from signatures.order_by("recorded_at", "pk")


def _notice_entries(convention: Convention) -> Entries:
    """Return the letters of the formal notices, the decisions, and the files joined to the observations."""
    entries: Entries = {}
    notices = convention.notices.select_related("letter", "proof", "decision_file").prefetch_related(
        "observations__file"
    )
    for rank, notice in enumerate(notices.order_by("pk"), start=1):
        files = [("lettre", notice.letter), ("preuve", notice.proof), ("decision", notice.decision_file)]
        files += [(f"observations-{n}", row.file) for n, row in enumerate(notice.observations.all(), start=1)]
        entries |= {
            f"mises-en-demeure/{rank}-{name}.{_extension(stored)}": stored_files.read(stored)
            for name, stored in files
            if stored
        }
    return entries


def _document_name(document: Document) -> str:
    names = {
        DocumentPurpose.SEALED: "-cachet",
        DocumentPurpose.CONSOLIDATED: "-version-consolidee",
        DocumentPurpose.TERMINATION: "-resiliation",
        DocumentPurpose.CLOSING: "-cloture",
    }
    suffix = names.get(DocumentPurpose(document.purpose), "")
    return f"{document.act.reference}{suffix}.{_extension(document.file)}"


def _extension(stored: StoredFile) -> str:
    kinds = {media_type: name for name, media_type in OFFICE.items()}
    return (kinds | {"image/png": "png", "image/jpeg": "jpg"}).get(stored.media_type, "pdf")


def _signature_record(signature: Signature) -> dict[str, Any]:
    return {
        "party": str(signature.party.organisation),
        "signatory": signature.signatory_name,
        "capacity": signature.capacity,
        "mode": signature.mode,
        "signed_on": signature.signed_on.isoformat(),
        "recorded_at": signature.recorded_at.isoformat(timespec="seconds"),
        "recorded_by": str(signature.recorded_by),
        "document_sha256": signature.file_sha256,
        "signed_file_sha256": signature.signed_file.sha256 if signature.signed_file else "",
        "scan_sha256": signature.scan.sha256 if signature.scan else "",
        "override_reason": signature.override_reason,
        "evidence": signature.proof,
    }


def _signature_text(rank: int, signature: Signature) -> str:
    """Describe a signature in French, without overstating its legal value. `rank` also numbers its files."""
    zone = signature.document.act.dossier.time_zone
    lines = [
        f"{rank}. {signature.party.organisation} : {signature.signatory_name}, {signature.capacity}",
        f"  signé le {_signed_at(signature, zone)}. {signatures_pages.mode_words(signature)}",
        f"  enregistré le {_moment(signature.recorded_at, zone)}, {_account_words(signature)}",
        f"  empreinte SHA-256 du document : {signature.file_sha256}",
    ]
    if signature.signed_file:
        lines.append(f"  empreinte SHA-256 du PDF signé : {signature.signed_file.sha256}")
    if delegation := signature.proof.get("delegation"):
        lines.append(f"  par délégation : {_delegation(delegation)}")
    lines += [f"  attention : {warning}" for warning in signatures_pages.warnings(signature)]
    if signature.override_reason:
        lines.append(f"  motif malgré une différence constatée : {signature.override_reason}")
    return "\n".join(lines) + "\n\n"


def _signed_at(signature: Signature, zone: str) -> str:
    """Return the day of the signature, and the time where it is known: a paper original has none."""
    at = signature.proof.get("confirmed_at")
    if signature.mode == SignatureMode.PADES:
        at = signatures_pages.certificate(signature)["signed_at"]
    return _moment(dt.datetime.fromisoformat(at), zone) if at else f"{signature.signed_on:%d/%m/%Y}"


def _moment(at: dt.datetime, zone: str) -> str:
    return french.datetime(zones.at(at, zone), "num", named=True)


def _account_words(signature: Signature) -> str:
    """Name the account by the e-mail recorded with the signature: the account may have another one now."""
    words = "du signataire" if signature.mode == SignatureMode.BROWSER else "qui l’a déposée"
    account = signature.proof.get("account") or signature.proof.get("recorded_by")
    return f"compte {words} : {account or signature.recorded_by.email}"


def _delegation(facts: dict[str, Any]) -> str:
    """Describe the delegation of power, with what was checked for the day of the signature."""
    day = {name: french.date(dt.date.fromisoformat(facts[name])) for name in ("dated", "checked_for")}
    ceiling = f"plafond {french.euros(facts['ceiling'])}" if facts["ceiling"] else "sans plafond"
    until = f", jusqu’au {french.date(dt.date.fromisoformat(facts['valid_until']))}" if facts["valid_until"] else ""
    published = f", {facts['published']}" if facts["published"] else ""
    return (
        f"{facts['reference']} du {day['dated']}{published}, {facts['holder']}, {ceiling}{until} ; "
        f"vérifiée pour le {day['checked_for']} et un engagement de l’État de {french.euros(facts['amount'])}"
    )
