"""Background jobs of the conventions: documents, seals, journals, evidence files."""

from typing import Any

from celery.signals import worker_process_init

from conventions.documents.ending import KIND, is_outdated, render_ending
from conventions.documents.journal import render_journal
from conventions.services.signing import copy as copy_signing
from conventions.services.signing import deposits as deposits_signing
from conventions.services.signing import reading as reading_signing
from conventions.services.signing import seal as seal_signing
from cpo.lib.files.hashing import content_hash
from cpo.lib.work import jobs

from .documents import drafts, production, register, signed_copy
from .evidence import seal, timestamps
from .models import Act
from .services import evidence_file, letters

PRINT_JOURNAL = "print_journal"


@jobs.handler(production.KIND)
def render_version(progress: jobs.Progress) -> dict[str, Any]:
    """Arguments: version (id), purpose. Idempotent; reports its progress step by step."""
    document = production.produce(progress.arguments["version"], progress.arguments["purpose"], progress.step)
    return {"document": document.pk if document else None}


@jobs.handler(drafts.KIND)
def render_draft(progress: jobs.Progress) -> dict[str, Any]:
    """Arguments: act (id), purpose, revision. Idempotent: the job gives the file its date."""
    file = drafts.produce(**progress.arguments, dated=progress.job.created_at, step=progress.step)
    return {"file": file.pk if file else None}


@jobs.handler(seal.KIND)
def seal_document(progress: jobs.Progress) -> dict[str, Any]:
    """Arguments: document (id). Idempotent; a failed job is tried again, and nothing waits for it."""
    return {"document": seal_signing.produce(progress.arguments["document"]).pk}


@jobs.handler(signed_copy.KIND)
def print_signed_copy(progress: jobs.Progress) -> dict[str, Any]:
    """Arguments: document (id). Idempotent; a seal that fails makes it be tried again."""
    return {"document": copy_signing.produce(progress.arguments["document"], progress.step).pk}


@jobs.handler(reading_signing.KIND)
def read_scans(progress: jobs.Progress) -> dict[str, Any]:
    """Arguments: document (id), files (ids), placed. Idempotent: same files, same pages."""
    return reading_signing.produce(progress)


@jobs.handler(deposits_signing.KIND)
def check_deposit(progress: jobs.Progress) -> dict[str, Any]:
    """Arguments: deposit (id). Idempotent: a deposit is answered once."""
    return deposits_signing.check(progress)


@jobs.handler(timestamps.KIND)
def timestamp_deposit(progress: jobs.Progress) -> dict[str, Any]:
    """Arguments: deposit (id). Idempotent; an authority that does not answer makes it be tried again."""
    return {"timestamp": deposits_signing.add_timestamp(progress.arguments["deposit"])}


@jobs.handler(PRINT_JOURNAL)
def print_journal(progress: jobs.Progress) -> dict[str, Any]:
    """Arguments: those of `documents.journal.pdf_job`. Idempotent: same lines, same file."""
    from .documents import journal

    arguments = progress.arguments
    content = journal.pdf_content(arguments)
    return {"file": register.enter_journal(render_journal(content), arguments=arguments, content=content).file_id}


@jobs.handler(evidence_file.KIND)
def gather_evidence(progress: jobs.Progress) -> dict[str, Any]:
    """Arguments: those of `evidence_file.job_key_and_arguments`. Idempotent: same events, same file."""
    return {"document": evidence_file.produce(progress).pk}


@jobs.handler(KIND)
def print_ending(progress: jobs.Progress) -> dict[str, Any]:
    """Arguments: act (id), purpose, label, audience, content. Idempotent.

    A draft letter replaces the former one. When a newer one was requested meanwhile, nothing is done.
    """
    arguments = progress.arguments
    if is_outdated(progress.job):
        return {"file": None}
    document = register.enter(
        render_ending(arguments["content"]),
        act=Act.objects.get(pk=arguments["act"]),
        purpose=arguments["purpose"],
        label=arguments["label"],
        content_sha256=content_hash(arguments["content"]),
        audience=arguments["audience"],
        instead=True,
    )
    return {"file": document.file_id}


@jobs.handler(letters.PRINT)
def print_letter(progress: jobs.Progress) -> dict[str, Any]:
    """Arguments: letter (id). Idempotent: a letter has one file."""
    return {"document": letters.print_letter(progress.arguments["letter"]).document_id}


@jobs.handler(letters.MAKE)
def make_letters(progress: jobs.Progress) -> dict[str, Any]:
    """Arguments: those of `letters.ask_batch`. Idempotent: one letter per convention; it goes on where it stopped."""
    return letters.make_batch(progress)


@worker_process_init.connect
def warm(**kwargs: Any) -> None:
    """Load WeasyPrint, the fonts and the stylesheets before the first job."""
    import datetime as dt

    from conventions.documents.render import CSS, PROJET_CSS
    from cpo.lib.printing import pdf

    for stylesheets in ((CSS,), (CSS, PROJET_CSS)):
        pdf.html_to_pdf(
            "<html lang='fr'><head><title>Essai</title></head><body><h1>Essai</h1></body></html>",
            title="Essai",
            author="Essai",
            identifier=b"essai",
            dated=dt.datetime(2025, 1, 1, tzinfo=dt.UTC),
            stylesheets=stylesheets,
        )
