"""The evidence file of a convention: what was signed, by whom, how, and what led to it, in one ZIP made by a worker."""

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Max
from django.template.loader import get_template

from conventions.documents import journal as journal_exports
from conventions.documents import register
from conventions.documents.journal import render_journal
from conventions.enums import ConventionState, DocumentPurpose, SignatureMode
from conventions.evidence import archive
from conventions.later.in_force import signed_version
from conventions.models import Act, Convention, Document, Signature
from conventions.pages import signatures as signatures_pages
from cpo.lib.enums import Audience
from cpo.lib.files import stored as stored_files
from cpo.lib.files.exports import Column, csv_lines
from cpo.lib.files.hashing import canonical, content_hash
from cpo.lib.models import Job, StoredFile
from cpo.lib.wording import french
from cpo.lib.work import jobs

KIND = "evidence_file"
LABEL = "Dossier de preuve"
BOTH = [Audience.BOTH]
JOURNAL = "journal/journal.pdf"
HELD = (
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


def wanted(convention: Convention) -> tuple[str, dict[str, Any]]:
    """Key and arguments of the job: a new event that both sides read, or a document of its own that came after (the
    sealed one, the consolidated text), makes another file; none gives the same one."""
    _, given = journal_exports.pdf_job(convention.dossier, BOTH, {})
    held = Document.objects.filter(act__convention=convention, purpose__in=HELD, voided_at=None)
    last = held.aggregate(last=Max("pk"))["last"]
    key = f"evidence:{convention.pk}:{given['last'] or 0}:{last or 0}"
    return key, {"convention": convention.pk, "journal": given}


def ask(convention: Convention) -> Job:
    key, given = wanted(convention)
    return jobs.enqueue(KIND, key, **given)


def last_job(convention: Convention) -> Job | None:
    return Job.objects.filter(kind=KIND, key=wanted(convention)[0]).order_by("-pk").first()


def produce(progress: jobs.Progress) -> Document:
    """Gather, zip and enter the file in the register; safe to run twice: the same events give the same bytes."""
    convention = Convention.objects.select_related("dossier").get(pk=progress.arguments["convention"])
    given = progress.arguments["journal"]
    journal = journal_exports.pdf_content(given)
    acts = list(convention.acts.filter(state=ConventionState.ACTIVE).order_by("number"))
    entries = _journal(journal)
    for rank, act in enumerate(acts, start=1):
        progress.step(rank, len(acts) + 2)
        entries |= _act(act)
    progress.step(len(acts) + 1, len(acts) + 2)
    entries |= (notices := _notices(convention))
    last = dt.datetime.fromisoformat(journal["last"]).astimezone(ZoneInfo(convention.dossier.time_zone))
    readme = get_template("conventions/pieces/evidence.txt").render(
        _explained(convention, acts, entries, last, notices)
    )
    data = archive.build(entries, readme=str(readme), dated=last)
    # So that the verification page knows it, taken out of the ZIP, as any journal that is printed.
    register.enter_journal(entries[JOURNAL], arguments=given, content=journal)
    return register.enter(
        data,
        act=convention.act,
        purpose=DocumentPurpose.EVIDENCE,
        label=LABEL,
        content_sha256=content_hash({"entries": archive.manifest(entries).decode()}),
        media_type="application/zip",
        instead=True,
    )


def _explained(
    convention: Convention, acts: list[Act], entries: Entries, last: dt.datetime, notices: Entries
) -> dict[str, Any]:
    """What the README says; the commands that it gives name files that are there."""
    versions = {act: signed_version(act) for act in acts}
    return {
        "convention": convention,
        "acts": [(act, versions[act]) for act in acts],
        "first": versions[acts[0]],
        "signed_pdf": next((path for path in sorted(entries) if path.endswith("-pdf-signe.pdf")), ""),
        "paths": sorted(entries),
        "last": last,
        "noticed": notices,
    }


def _journal(printed: dict[str, Any]) -> Entries:
    return {
        JOURNAL: render_journal(printed),
        "journal/journal.csv": "".join(csv_lines(COLUMNS, printed["entries"])).encode(),
    }


def _act(act: Act) -> Entries:
    """The documents, versions, signatures of one signed act, under its reference."""
    folder = act.reference
    entries: Entries = {
        f"{folder}/versions/version-{version.number}.json": canonical(version.content)
        for version in act.versions.order_by("number").iterator()
    }
    documents = act.documents.filter(purpose__in=HELD, voided_at=None).select_related("file", "version")
    for document in documents:
        entries[f"{folder}/{_document_name(document)}"] = stored_files.read(document.file)
    signatures = list(_signatures(act))
    for rank, signature in enumerate(signatures, start=1):
        for kind, stored in (("pdf-signe", signature.signed_file), ("original-numerise", signature.scan)):
            if stored:
                entries[f"{folder}/signatures/{rank}-{kind}.{_extension(stored)}"] = stored_files.read(stored)
    entries[f"{folder}/signatures/verifications.json"] = json.dumps(
        [_record(signature) for signature in signatures], ensure_ascii=False, indent=2, sort_keys=True
    ).encode()
    told = [_told(rank, signature) for rank, signature in enumerate(signatures, start=1)]
    entries[f"{folder}/signatures/verifications.txt"] = "".join(told).encode()
    return entries


def _signatures(act: Act) -> Iterator[Signature]:
    """In the order in which they were recorded, of the documents that stand."""
    found = Signature.objects.filter(document__act=act, voided_at=None, document__voided_at=None)
    found = found.select_related(
        *("party__organisation", "document__file", "signed_file", "scan", "recorded_by"),
        "document__act__convention__dossier",
    )
    yield from found.order_by("recorded_at", "pk")


def _notices(convention: Convention) -> Entries:
    """The letters of the formal notices that were sent, the decisions, what was joined to the observations."""
    entries: Entries = {}
    notices = convention.notices.select_related("letter", "decision_file").prefetch_related("observations__file")
    for rank, notice in enumerate(notices.order_by("pk"), start=1):
        held = [("lettre", notice.letter), ("decision", notice.decision_file)]
        held += [(f"observations-{n}", row.file) for n, row in enumerate(notice.observations.all(), start=1)]
        entries |= {
            f"mises-en-demeure/{rank}-{name}.{_extension(stored)}": stored_files.read(stored)
            for name, stored in held
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
    kinds = {media_type: name for name, media_type in stored_files.OFFICE.items()}
    return (kinds | {"image/png": "png", "image/jpeg": "jpg"}).get(stored.media_type, "pdf")


def _record(signature: Signature) -> dict[str, Any]:
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


def _told(rank: int, signature: Signature) -> str:
    """A signature in words that say no more than what it is, under the number that its files bear."""
    zone = signature.document.act.dossier.time_zone
    lines = [
        f"{rank}. {signature.party.organisation} : {signature.signatory_name}, {signature.capacity}",
        f"  signé le {_signed_at(signature, zone)}. {signatures_pages.mode_words(signature)}",
        f"  enregistré le {_moment(signature.recorded_at, zone)}, {_account(signature)}",
        f"  empreinte SHA-256 du document : {signature.file_sha256}",
    ]
    if signature.signed_file:
        lines.append(f"  empreinte SHA-256 du PDF signé : {signature.signed_file.sha256}")
    if delegation := signature.proof.get("delegation"):
        lines.append(f"  par délégation : {_delegation(delegation)}")
    lines += [f"  attention : {warning}" for warning in signatures_pages.warnings(signature)]
    if signature.override_reason:
        lines.append(f"  motif malgré un écart constaté : {signature.override_reason}")
    return "\n".join(lines) + "\n\n"


def _signed_at(signature: Signature, zone: str) -> str:
    """The day, and the time where one is known: a paper original bears none."""
    at = signature.proof.get("confirmed_at")
    if signature.mode == SignatureMode.PADES:
        at = signatures_pages.certificate(signature)["signed_at"]
    return _moment(dt.datetime.fromisoformat(at), zone) if at else f"{signature.signed_on:%d/%m/%Y}"


def _moment(at: dt.datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%d/%m/%Y à %H h %M} ({zone})".replace(" h ", "\u00a0h\u00a0")


def _account(signature: Signature) -> str:
    """The e-mail that the evidence kept: an account may be renamed since."""
    words = "du signataire" if signature.mode == SignatureMode.BROWSER else "qui l’a déposée"
    kept = signature.proof.get("account") or signature.proof.get("recorded_by")
    return f"compte {words} : {kept or signature.recorded_by.email}"


def _delegation(facts: dict[str, Any]) -> str:
    """The act, its ceiling and what was compared with them, as checked for the day of the signature."""
    day = {name: french.date(dt.date.fromisoformat(facts[name])) for name in ("dated", "checked_for")}
    ceiling = f"plafond {french.euros(facts['ceiling'])}" if facts["ceiling"] else "sans plafond"
    until = f", jusqu’au {french.date(dt.date.fromisoformat(facts['valid_until']))}" if facts["valid_until"] else ""
    published = f", {facts['published']}" if facts["published"] else ""
    return (
        f"{facts['reference']} du {day['dated']}{published}, {facts['holder']}, {ceiling}{until} ; vérifiée "
        f"pour le {day['checked_for']} et un engagement de l’État de {french.euros(facts['amount'])}"
    )
