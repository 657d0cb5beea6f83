"""The evidence file of a convention, a ZIP made by a worker: what was signed, by whom and how, and what led to it."""

import datetime as dt
import json
from typing import Any

from django.conf import settings
from django.db.models import Max
from django.template.loader import get_template

from conventions.documents import journal as journal_exports
from conventions.documents import register
from conventions.documents.journal import render_journal
from conventions.enums import ConventionState, DocumentPurpose
from conventions.evidence import archive, manifest, seal
from conventions.later.in_force import signed_version
from conventions.models import Act, Convention, DepositTimestamp, Document
from conventions.pages.signatures import timestamps_of
from conventions.services import evidence_parts, signature_words
from cpo.lib import zones
from cpo.lib.enums import Audience
from cpo.lib.files import stored as stored_files
from cpo.lib.files.exports import Column, csv_lines
from cpo.lib.files.hashing import canonical, content_hash
from cpo.lib.files.inspection import extension_of
from cpo.lib.journal import shared
from cpo.lib.models import Job
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
    text) or timestamp: the file is then made again. Otherwise the same file is served.
    """
    dossier = convention.dossier
    _, journal = journal_exports.pdf_job(shared(dossier), dossier, BOTH, {})
    documents = Document.objects.filter(act__convention=convention, purpose__in=INCLUDED_PURPOSES, voided_at=None)
    last = documents.aggregate(last=Max("pk"))["last"]
    stamps = DepositTimestamp.objects.filter(deposit__document__act__convention=convention)
    stamped = stamps.aggregate(last=Max("pk"))["last"]
    key = f"evidence:{convention.pk}:{max(journal['lines'], default=0)}:{last or 0}:{stamped or 0}"
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
    entries |= evidence_parts.authorities(entries)
    last = zones.at(dt.datetime.fromisoformat(journal["last"]), convention.dossier)
    readme = get_template("conventions/pieces/evidence.txt").render(
        _readme_context(convention, acts, entries, last, notices)
    )
    gathered = content_hash({"entries": archive.manifest(entries).decode()})
    if existing := _produced(convention, gathered):
        return existing  # the attestation of a manifest is dated: made again, it would be another file
    data = archive.build(entries, readme=str(readme), dated=last, attest=manifest.attest)
    # The verification page then recognises this journal, even out of the ZIP.
    register.enter_journal(entries[JOURNAL], arguments=journal_arguments, content=journal)
    return register.enter(
        data,
        act=convention.act,
        purpose=DocumentPurpose.EVIDENCE,
        label=LABEL,
        content_sha256=gathered,
        media_type="application/zip",
        instead=True,
    )


def _produced(convention: Convention, content_sha256: str) -> Document | None:
    made = Document.objects.filter(act=convention.act, purpose=DocumentPurpose.EVIDENCE, voided_at=None)
    return made.filter(content_sha256=content_sha256).first()


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
        "authorities": any(path.startswith(f"{evidence_parts.AUTHORITIES}/") for path in entries),
        "sealed": seal.is_configured(),
        "timestamped": not seal.is_configured() and bool(settings.SIGNATURE_TIMESTAMP_URL),
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
    signatures = signature_words.signatures_of(act)
    stamps = timestamps_of(signatures)
    for rank, signature in enumerate(signatures, start=1):
        for kind, stored in (("pdf-signe", signature.signed_file), ("original-numerise", signature.scan)):
            if stored:
                entries[f"{folder}/signatures/{rank}-{kind}.{extension_of(stored.media_type)}"] = stored_files.read(
                    stored
                )
        if stamp := stamps.get(signature.pk):
            entries[f"{folder}/signatures/{rank}-pdf-signe.tst"] = bytes(stamp.token)
        for number, row in enumerate(signature.received.select_related("file"), start=1):
            entries[f"{folder}/signatures/{rank}-recu-{number}.pdf"] = stored_files.read(row.file)
    if (version := signed_version(act)) is not None:
        entries |= evidence_parts.pieces(act, version.content)
    entries |= evidence_parts.notification(act) | evidence_parts.refusals(act)
    entries |= evidence_parts.coverages(act, signatures)
    entries[f"{folder}/signatures/verifications.json"] = json.dumps(
        [signature_words.record(signature) for signature in signatures], ensure_ascii=False, indent=2, sort_keys=True
    ).encode()
    paragraphs = [signature_words.paragraph(rank, signature) for rank, signature in enumerate(signatures, start=1)]
    entries[f"{folder}/signatures/verifications.txt"] = "".join(paragraphs).encode()
    return entries


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
            f"mises-en-demeure/{rank}-{name}.{extension_of(stored.media_type)}": stored_files.read(stored)
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
    return f"{document.act.reference}{suffix}.{extension_of(document.file.media_type)}"
