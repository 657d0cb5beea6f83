"""Version → stored document. A version is rendered once for each purpose; then its stored file is used."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction

from conventions.enums import ConventionState, DocumentPurpose
from conventions.models import Act, Document, Version
from cpo.lib import clock
from cpo.lib.files import stored as stored_files
from cpo.lib.files.inspection import OFFICE
from cpo.lib.models import Job, StoredFile
from cpo.lib.work import jobs

KIND = "render_version"
PDF = "application/pdf"
MEDIA_TYPES: dict[str, str] = {DocumentPurpose.WORKING: OFFICE["docx"]}
Step = Callable[[int, int], None]
_PAGE = re.compile(rb"/Type\s*/Page\b")


def job_key(version_id: int, purpose: str) -> str:
    return f"version:{version_id}:{purpose}"


def ask(version: Version, purpose: str) -> Job:
    """Ask for a document. Return the open job if there is one, else a new one."""
    return jobs.enqueue(KIND, job_key(version.pk, purpose), version=version.pk, purpose=purpose)


def last_job(version_id: int, purpose: str) -> Job | None:
    return Job.objects.filter(kind=KIND, key=job_key(version_id, purpose)).order_by("-id").first()


def under_way(job: Job | None) -> bool:
    return job is not None and job.under_way


def current_document(version_id: int, purpose: str) -> Document | None:
    return (
        Document.objects.filter(version_id=version_id, purpose=purpose, voided_at=None).select_related("file").first()
    )


def produce(version_id: int, purpose: str, step: Step = lambda done, total: None) -> Document | None:
    """Return the document of a version for a purpose; render and store it if it does not exist.

    Two runs at once, or a run after a worker died, give one document. Return None if the document to sign is not needed
    any more because the negotiation was reopened. The document of a budget adaptation, not signed, is always needed.
    """
    existing = current_document(version_id, purpose)
    if existing:
        return existing
    version = Version.objects.select_related("act__convention").get(pk=version_id)
    step(1, 4)
    file = stored_before(version, purpose) or stored_files.store(
        render(version, purpose), MEDIA_TYPES.get(purpose, PDF)
    )
    step(3, 4)
    document = _attach(version, purpose, file)
    step(4, 4)
    return document


def render(version: Version, purpose: str) -> bytes:
    """Render a version, without storing it."""
    from .render import render_version, working_copy  # loads WeasyPrint: only the processes that render pay for it

    if purpose == DocumentPurpose.WORKING:
        return working_copy(
            version.content,
            version_number=version.number,
            content_sha256=version.content_sha256,
            frozen_at=version.created_at,
            base=base_of(version.content, version.act.convention_id),
        )
    return render_version(
        version.content,
        version_number=version.number,
        content_sha256=version.content_sha256,
        purpose=purpose,
        frozen_at=version.created_at,
        base=None if purpose == DocumentPurpose.CONSOLIDATED else base_of(version.content, version.act.convention_id),
    )


def base_of(content: Mapping[str, Any], convention_id: int) -> dict[str, Any] | None:
    """The content that an act after the first changes; its own content names it. None for act 0."""
    base = content["act"].get("base")
    if base is None:
        return None
    versions = Version.objects.filter(
        act__convention=convention_id, content_sha256=base["content_sha256"], number=base["version"]
    )
    signed: dict[str, Any] = versions.values_list("content", flat=True)[0]
    return signed


def stored_before(version: Version, purpose: str) -> StoredFile | None:
    """The file already stored for this version and purpose, even if its document is voided: it is used again."""
    earlier = Document.objects.filter(version=version, purpose=purpose).select_related("file").order_by("id").first()
    return earlier.file if earlier else None


def _attach(version: Version, purpose: str, file: StoredFile) -> Document | None:
    from cpo.lib.printing import pdf

    with transaction.atomic():
        act = Act.objects.select_for_update(of=("self",)).get(pk=version.act_id)
        if purpose == DocumentPurpose.TO_SIGN and act.is_signed_act and not _still_to_sign(act, version):
            return None
        document, _ = Document.objects.get_or_create(
            version=version,
            purpose=purpose,
            voided_at=None,
            defaults={
                "act": act,
                "content_sha256": version.content_sha256,
                "file": file,
                "renderer": pdf.renderer(),
                "pages": page_count(stored_files.read(file)) if file.media_type == PDF else 0,
                "created_at": clock.now(),
            },
        )
        return document


def _still_to_sign(act: Act, version: Version) -> bool:
    latest = act.versions.proposed().order_by("-number").values_list("pk", flat=True).first()
    return act.state == ConventionState.SIGNATURE and latest == version.pk


def page_count(data: bytes) -> int:
    """Count the pages of a PDF that this application made: its page objects are readable (no object streams)."""
    return len(_PAGE.findall(data))
