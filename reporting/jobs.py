"""Long work of the yearly cycle: the acknowledgement of a report and the minutes of its dialogue de gestion, printed by
a worker after the sending and after the recording."""

from typing import Any

from conventions.documents import register
from conventions.enums import DocumentPurpose
from cpo.lib.files.hashing import content_hash
from cpo.lib.models import Job
from cpo.lib.work import jobs

from .models import Report, Review

ACKNOWLEDGE = "acknowledge_report"
MINUTES = "print_minutes"


@jobs.handler(ACKNOWLEDGE)
def acknowledge(progress: jobs.Progress) -> dict[str, Any]:
    """Arguments: report (id), round, content. Idempotent: same content, same file; a newer sending is left alone."""
    from . import documents

    given = progress.arguments
    report = Report.objects.select_related("act").get(pk=given["report"])
    document = register.enter(
        documents.render(given["content"]),
        act=report.act,
        purpose=DocumentPurpose.ACKNOWLEDGEMENT,
        label=f"Accusé de réception du compte rendu {report.year}, envoi {given['round']}",
        content_sha256=content_hash(given["content"]),
    )
    Report.objects.filter(pk=report.pk, round=given["round"]).update(acknowledgement=document.file)
    return {"file": document.file_id}


def ask_minutes(report: Report) -> None:
    """Ask for the minutes of what was just recorded, corrected or concluded; call it in that transaction."""
    from . import documents

    content = documents.minutes_content(report)
    jobs.enqueue(MINUTES, f"{_minutes_of(report.pk)}{content_hash(content)[:32]}", report=report.pk, content=content)


def _minutes_of(report_id: int) -> str:
    return f"minutes:{report_id}:"


@jobs.handler(MINUTES)
def print_minutes(progress: jobs.Progress) -> dict[str, Any]:
    """Arguments: report (id), content. Idempotent. The former minutes are voided; what was corrected since is left."""
    from . import documents

    given = progress.arguments
    later = Job.objects.filter(kind=MINUTES, key__startswith=_minutes_of(given["report"]), pk__gt=progress.job.pk)
    if later.exists():
        return {"file": None}
    report = Report.objects.select_related("act").get(pk=given["report"])
    document = register.enter(
        documents.render_minutes(given["content"]),
        act=report.act,
        purpose=DocumentPurpose.MINUTES,
        label=f"Relevé du dialogue de gestion {report.year}",
        content_sha256=content_hash(given["content"]),
        instead=True,
    )
    Review.objects.filter(report=report).update(minutes=document.file)
    return {"file": document.file_id}
