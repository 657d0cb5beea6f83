"""What is written now → PDF or DOCX, to read, print and annotate before any version is proposed.

It is no version: nobody proposed it, so it is in no register and the other side never reads it. Each revision has its
own file, which a worker makes when somebody asks.
"""

import datetime as dt
from typing import Any

from conventions.content.freeze import build_content
from conventions.enums import ConventionState, DocumentPurpose
from conventions.models import Act
from conventions.reads import version_read
from cpo.lib.actor import Actor, reads_negotiation
from cpo.lib.files import stored as stored_files
from cpo.lib.files.hashing import content_hash
from cpo.lib.models import Job, StoredFile
from cpo.lib.work import jobs

from .production import MEDIA_TYPES, PDF, Step, base_of

KIND = "render_draft"
PURPOSES = (DocumentPurpose.DRAFT, DocumentPurpose.WORKING)
WRITTEN = (ConventionState.DRAFT, ConventionState.NEGOTIATION)


def has_text(act: Act) -> bool:
    """Whether there is a text to print: what was signed on paper is read in its scan."""
    return not act.on_paper


def readable(act: Act, actors: list[Actor]) -> bool:
    """Whether the person reads what is written now, as on the pages of the act."""
    written = act.state in WRITTEN and has_text(act)
    return written and reads_negotiation(actors) and version_read(act, actors) is None


def ask(act: Act, purpose: str) -> Job:
    """Ask for the file of what is written now. Return the open job if there is one, else a new one."""
    revision = act.programme.revision
    return jobs.enqueue(KIND, _key(act, purpose), act=act.pk, purpose=purpose, revision=revision)


def last_job(act: Act, purpose: str) -> Job | None:
    """Return the last job for what is written now."""
    return Job.objects.filter(kind=KIND, key=_key(act, purpose)).order_by("-id").first()


def file_of(job: Job | None) -> StoredFile | None:
    pk = job.result.get("file") if job else None
    return StoredFile.objects.get(pk=pk) if pk else None


def file_name(act: Act, purpose: str) -> str:
    kind = "copie-de-travail.docx" if purpose == DocumentPurpose.WORKING else "projet.pdf"
    return f"{act.reference}-revision-{act.programme.revision}-{kind}"


def produce(*, act: int, purpose: str, revision: int, dated: dt.datetime, step: Step) -> StoredFile | None:
    """Render and store what is written now. None if it was written again since: its readers may be others."""
    written = Act.objects.select_related("programme", "convention").get(pk=act)
    if written.programme.revision != revision or written.state not in WRITTEN:
        return None
    step(1, 3)
    content = build_content(written)
    step(2, 3)
    data = _render(content, written, purpose, dated)
    return stored_files.store(data, MEDIA_TYPES.get(purpose, PDF))


def _render(content: dict[str, Any], act: Act, purpose: str, dated: dt.datetime) -> bytes:
    from .render import render_version, working_copy  # loads WeasyPrint: only the processes that render pay for it

    revision = act.programme.revision
    common: dict[str, Any] = {
        "version_number": revision,
        "content_sha256": content_hash(content),
        "frozen_at": dated,
        "base": base_of(content, act.convention_id),
        "name": f"projet, révision {revision}",
    }
    if purpose == DocumentPurpose.WORKING:
        return working_copy(content, **common)
    return render_version(content, purpose=purpose, **common)


def _key(act: Act, purpose: str) -> str:
    """A value of the reference data may change what a revision prints: the key holds both."""
    return f"draft:{act.pk}:{act.programme.revision}:{content_hash(build_content(act))[:32]}:{purpose}"


__all__ = ["KIND", "PURPOSES", "ask", "file_name", "file_of", "has_text", "last_job", "produce", "readable"]
