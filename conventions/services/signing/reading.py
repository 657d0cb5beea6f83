"""Scans of a paper original, read by a worker and put in order; then recorded as any other original."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conventions.documents import recognition, scans
from conventions.documents.page_marks import Mark
from conventions.documents.recognition import Verdict
from conventions.documents.scans import Reading, ScannedPage
from conventions.models import Document
from cpo.lib.enums import JobState
from cpo.lib.files import stored as stored_files
from cpo.lib.models import Job, StoredFile
from cpo.lib.work import jobs

KIND = "read_scans"


@dataclass(frozen=True)
class Received:
    """What was read of a deposit: `scan` is the whole original in order, once nothing is missing."""

    reading: Reading
    files: Sequence[StoredFile]
    scan: StoredFile | None
    thumbnails: Mapping[int, str]
    refusals: Sequence[str]


def ask(document: Document, files: Sequence[StoredFile], placed: Mapping[int, int] | None = None) -> Job:
    """Ask a worker to read the files. `placed`: where the person puts the pages whose code is not readable."""
    names = [file.pk for file in files]
    places = {str(rank): number for rank, number in sorted((placed or {}).items())}
    digest = hashlib.sha256(repr((names, places)).encode()).hexdigest()[:32]
    return jobs.enqueue(KIND, f"scans:{document.pk}:{digest}", document=document.pk, files=names, placed=places)


def job_of(document: Document, pk: int | None) -> Job | None:
    """The job with this primary key, if it reads scans of this document."""
    return Job.objects.filter(kind=KIND, pk=pk, arguments__document=document.pk).first() if pk else None


def produce(progress: jobs.Progress) -> dict[str, Any]:
    """Read, sort and, when it is whole, assemble. Returns JSON: see `received`."""
    arguments = progress.arguments
    document = Document.objects.select_related("version", "act").get(pk=arguments["document"])
    files = _files(arguments)
    data = [stored_files.read(file) for file in files]
    pages = scans.read_pages(data, progress.step)
    reading = _sort(document, pages, arguments)
    scan = None
    if reading.complete:
        scan = files[0] if reading.as_received else stored_files.store(scans.assemble(data, reading), "application/pdf")
    return {
        "pages": [[page.file, page.page, page.turned, page.code] for page in pages],
        "thumbnails": {str(rank): image for rank, image in scans.thumbnails(data, reading).items()},
        "scan": scan.pk if scan else None,
    }


def received(document: Document, job: Job) -> Received | None:
    """What a job read; None as long as it is not done."""
    if job.state != JobState.DONE:
        return None
    reading = _sort(document, [ScannedPage(*row) for row in job.result["pages"]], job.arguments)
    return Received(
        reading,
        _files(job.arguments),
        StoredFile.objects.filter(pk=job.result["scan"]).first(),
        {int(rank): image for rank, image in job.result["thumbnails"].items()},
        [
            _refusal(mark, [rank for rank, one in reading.foreign if one[:2] == mark[:2]])
            for mark in _strangers(reading)
        ],
    )


def placed(job: Job) -> dict[int, int]:
    return {int(rank): number for rank, number in job.arguments["placed"].items()}


def _files(arguments: Mapping[str, Any]) -> list[StoredFile]:
    stored = StoredFile.objects.in_bulk(arguments["files"])
    return [stored[pk] for pk in arguments["files"]]


def _sort(document: Document, pages: Sequence[ScannedPage], arguments: Mapping[str, Any]) -> Reading:
    return scans.sort(
        pages,
        reference=document.act.reference,
        short_hash=document.version.short_hash if document.version else "",
        expected=document.pages,
        placed={int(rank): number for rank, number in arguments["placed"].items()},
    )


def _strangers(reading: Reading) -> list[Mark]:
    """One mark for each other document that has pages among these."""
    return list({mark[:2]: mark for _, mark in reading.foreign}.values())


REASONS = {
    Verdict.VOIDED: "ce document a été annulé, il ne se signe plus",
    Verdict.SIGNED: "cet acte est déjà signé",
    Verdict.OLDER: "c’est une version antérieure",
    Verdict.WORKING: "c’est une version de travail",
    Verdict.TO_SIGN: "c’est un autre document à signer",
}


def _refusal(mark: Mark, ranks: Sequence[int]) -> str:
    """Why these pages are refused; a document that is not known is said to be so."""
    finding = recognition.identify_typed(mark.reference, mark.short_hash)
    reason = REASONS.get(finding.verdict, "c’est un autre document") if finding else "ce document n’est pas connu ici"
    which = f"La page {ranks[0] + 1}" if len(ranks) == 1 else f"Les pages {', '.join(str(rank + 1) for rank in ranks)}"
    return f"{which} : référence {mark.reference}, empreinte {mark.short_hash}. Refusé : {reason}."
