"""Long work of the yearly cycle: a worker prints the papers of a report and the minutes of a meeting."""

from collections.abc import Iterable
from typing import Any

from conventions.documents import register
from conventions.enums import DocumentPurpose
from conventions.models import Document
from cpo.lib import clock
from cpo.lib.files.hashing import content_hash
from cpo.lib.models import Job
from cpo.lib.work import jobs

from .models import Evaluation, Meeting, Report, ReportVersion

ACKNOWLEDGE = "acknowledge_report"
FINANCIAL_REPORT = "print_financial_report"
REPORT_FORM = "print_report_form"
MINUTES = "print_minutes"
CONCLUSION = "print_conclusion"
EVALUATION = "print_evaluation"


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


@jobs.handler(FINANCIAL_REPORT)
def print_financial_report(progress: jobs.Progress) -> dict[str, Any]:
    """Arguments: report (id), round, content. Idempotent: same content, same file."""
    from . import documents

    arguments = progress.arguments
    report = Report.objects.select_related("act").get(pk=arguments["report"])
    document = register.enter(
        documents.render_finance(arguments["content"]),
        act=report.act,
        purpose=DocumentPurpose.FINANCIAL_REPORT,
        label=f"Compte rendu financier {report.year}, envoi {arguments['round']}",
        content_sha256=content_hash(arguments["content"]),
    )
    versions = ReportVersion.objects.filter(report=report, number=arguments["round"], financial_document=None)
    versions.update(financial_document=document)
    return {"file": document.file_id}


def request_form(report: Report) -> None:
    """Enqueue the printing of the blank form; call it in the transaction that opens the report, or changes its act."""
    request_forms([report])


def request_forms(reports: Iterable[Report]) -> None:
    jobs.enqueue_all(REPORT_FORM, {f"form:{report.pk}:{report.act_id}": {"report": report.pk} for report in reports})


@jobs.handler(REPORT_FORM)
def print_form(progress: jobs.Progress) -> dict[str, Any]:
    """Arguments: report (id). Idempotent. The form asks what the act that the report rests on now promises."""
    from . import documents

    report = Report.objects.select_related("act").get(pk=progress.arguments["report"])
    content = documents.form_content(report)
    document = register.enter(
        documents.render_form(content),
        act=report.act,
        purpose=DocumentPurpose.REPORT_FORM,
        label=f"Formulaire du compte rendu {report.year}",
        content_sha256=content_hash(content),
        instead=True,
    )
    Report.objects.filter(pk=report.pk).update(form=document.file)
    return {"file": document.file_id}


def request_minutes(meeting: Meeting) -> None:
    """Enqueue the printing of the minutes; call it in the transaction that recorded or corrected them.

    Those printed before are void at once: nobody signs what is being replaced.
    """
    from . import documents

    content = documents.minutes_content(meeting)
    if meeting.minutes_id:
        Document.objects.filter(pk=meeting.minutes_id, voided_at=None).update(voided_at=clock.now())
        meeting.minutes = None
    jobs.enqueue(
        MINUTES, f"{_minutes_key(meeting.pk)}{content_hash(content)[:32]}", meeting=meeting.pk, content=content
    )


def _minutes_key(meeting_id: int) -> str:
    return f"minutes:{meeting_id}:"


@jobs.handler(MINUTES)
def print_minutes(progress: jobs.Progress) -> dict[str, Any]:
    """Arguments: meeting (id), content. Idempotent. Do nothing if newer minutes are requested."""
    from . import documents

    arguments = progress.arguments
    key = _minutes_key(arguments["meeting"])
    if Job.objects.filter(kind=MINUTES, key__startswith=key, pk__gt=progress.job.pk).exists():
        return {"file": None}
    meeting = Meeting.objects.select_related("convention").get(pk=arguments["meeting"])
    report = meeting.report
    document = register.enter(
        documents.render_minutes(arguments["content"]),
        act=report.act if report else meeting.convention.text,
        purpose=DocumentPurpose.MINUTES,
        label=f"Relevé, {meeting.title}",
        content_sha256=content_hash(arguments["content"]),
    )
    Meeting.objects.filter(pk=meeting.pk).update(minutes=document)
    return {"file": document.file_id}


def conclusion_label(year: int) -> str:
    """The name of the conclusion of a year in the register: one document of an act has it."""
    return f"Conclusion de l’année {year}"


def request_conclusion(report: Report, opens: str) -> None:
    """Enqueue the printing of the conclusion; call it in the transaction that concludes the year."""
    from . import documents

    content = documents.conclusion_content(report, opens)
    jobs.enqueue(CONCLUSION, f"conclusion:{report.pk}", report=report.pk, content=content)


@jobs.handler(CONCLUSION)
def print_conclusion(progress: jobs.Progress) -> dict[str, Any]:
    """Arguments: report (id), content. Idempotent: same content, same file."""
    from . import documents

    arguments = progress.arguments
    report = Report.objects.select_related("act").get(pk=arguments["report"])
    document = register.enter(
        documents.render_conclusion(arguments["content"]),
        act=report.act,
        purpose=DocumentPurpose.CONCLUSION,
        label=conclusion_label(report.year),
        content_sha256=content_hash(arguments["content"]),
        instead=True,
    )
    return {"file": document.file_id}


def conclusion_of(report: Report) -> Document | None:
    """The printed conclusion of a year, once it is made."""
    rows = Document.objects.filter(act=report.act_id, purpose=DocumentPurpose.CONCLUSION, voided_at=None)
    return rows.filter(label=conclusion_label(report.year)).select_related("act", "file").first()


def request_evaluation(evaluation: Evaluation) -> None:
    """Enqueue the printing of a concluded evaluation; call it in the transaction that concludes it."""
    jobs.enqueue(EVALUATION, f"evaluation:{evaluation.pk}", evaluation=evaluation.pk)


@jobs.handler(EVALUATION)
def print_evaluation(progress: jobs.Progress) -> dict[str, Any]:
    """Arguments: evaluation (id). Idempotent: its content never changes."""
    from . import documents

    evaluation = Evaluation.objects.select_related("convention").get(pk=progress.arguments["evaluation"])
    document = register.enter(
        documents.render_evaluation(evaluation.content or {}),
        act=evaluation.convention.text,
        purpose=DocumentPurpose.EVALUATION,
        label="Évaluation conjointe",
        content_sha256=evaluation.content_sha256,
    )
    Evaluation.objects.filter(pk=evaluation.pk).update(document=document)
    return {"file": document.file_id}
