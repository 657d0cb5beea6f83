"""Long work of the yearly cycle: a worker prints the acknowledgement of a report and the minutes of its review."""

from typing import Any

from conventions.documents import register
from conventions.enums import DocumentPurpose
from cpo.lib.files.hashing import content_hash
from cpo.lib.models import Job
from cpo.lib.work import jobs

from .models import Report, ReportVersion, Review

ACKNOWLEDGE = "acknowledge_report"
MINUTES = "print_minutes"


@jobs.handler(ACKNOWLEDGE)
def acknowledge(progress: jobs.Progress) -> dict[str, Any]:
    """Arguments: report (id), round, content. Idempotent: same content, same file."""
    from . import documents

    arguments = progress.arguments
    report = Report.objects.select_related("act").get(pk=arguments["report"])
    document = register.enter(
        documents.render(arguments["content"]),
        act=report.act,
        purpose=DocumentPurpose.ACKNOWLEDGEMENT,
        label=f"Accusé de réception du compte rendu {report.year}, envoi {arguments['round']}",
        content_sha256=content_hash(arguments["content"]),
    )
    ReportVersion.objects.filter(report=report, number=arguments["round"]).update(acknowledgement=document.file)
    return {"file": document.file_id}


def request_minutes(report: Report) -> None:
    """Enqueue the printing of the minutes; call it in the transaction that recorded, corrected or concluded them."""
    from . import documents

    content = documents.minutes_content(report)
    jobs.enqueue(MINUTES, f"{_minutes_key(report.pk)}{content_hash(content)[:32]}", report=report.pk, content=content)


def _minutes_key(report_id: int) -> str:
    return f"minutes:{report_id}:"


@jobs.handler(MINUTES)
def print_minutes(progress: jobs.Progress) -> dict[str, Any]:
    """Arguments: report (id), content. Idempotent. Void the former minutes; do nothing if newer ones are requested."""
    from . import documents

    arguments = progress.arguments
    newer_jobs = Job.objects.filter(
        kind=MINUTES, key__startswith=_minutes_key(arguments["report"]), pk__gt=progress.job.pk
    )
    if newer_jobs.exists():
        return {"file": None}
    report = Report.objects.select_related("act").get(pk=arguments["report"])
    document = register.enter(
        documents.render_minutes(arguments["content"]),
        act=report.act,
        purpose=DocumentPurpose.MINUTES,
        label=f"Relevé du dialogue de gestion {report.year}",
        content_sha256=content_hash(arguments["content"]),
        instead=True,
    )
    Review.objects.filter(report=report).update(minutes=document.file)
    return {"file": document.file_id}
