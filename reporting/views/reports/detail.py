"""The overview of a report: state, turn, what is missing, parts, figures, rounds."""

from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from conventions.models import Act
from cpo.lib import journal
from cpo.lib.actor import Actor
from cpo.lib.models import Job, JournalEntry
from cpo.lib.workflow import Option
from reporting import guards, workflow
from reporting import permissions as may
from reporting.content.covered import act_of
from reporting.content.decisions import answer_of, to_answer
from reporting.enums import MeetingKind, ReportState
from reporting.jobs import ACKNOWLEDGE
from reporting.models import Report, ReportVersion
from reporting.pages import reports as pages
from reporting.pages.meetings import MeetingPage
from reporting.services import signing
from reporting.views import common

NEVER_FIRST = ("reopen",)  # offered, never the next step
REVIEW_ACTIONS = ("review", "conclude")  # the page of the dialogue lists what these lack


@require_safe
def report_detail(request: HttpRequest, number: str, year: int) -> HttpResponse:
    report = common.find(request, number, year)
    actors = pages.actors_of(request.user, report)  # type: ignore[arg-type]
    parts = pages.parts(report, request.user)  # type: ignore[arg-type]
    sheets = [part for part in parts if part.path.startswith("sheet/")]
    reads = {part.path for part in parts if part.readable}
    examined = any(may.reads_sendings(actor) for actor in actors)
    sendings = _sendings(request, report, examined=examined)
    context: dict[str, Any] = {
        "nav_section": "report-list",
        "breadcrumb": [*common.crumbs(report)[:1], {"label": f"{number}, {year}"}],
        "report": report,
        "due": pages.due(report),
        "requests": _requests(report, parts),
        "parts": parts,
        "sheets": sheets,
        "done": sum(part.complete and not part.reopened for part in sheets),
        "finance": guards.completeness(report) if may.FINANCE in reads else None,
        "documents_missing": parts[-1].missing if may.DOCUMENTS in reads else None,
        "reads_documents": may.DOCUMENTS in reads,
        "reads_general": may.GENERAL in reads,
        "rounds": _rounds(report, actors),
        "dialogue": _dialogue(request, report),
        "decisions": _decisions(report, actors) if may.GENERAL in reads else [],
        "sendings": sendings,
        "late_act": _late_act(report),
        "may_take_over": may.writer_of_fiches(request.user, report) is not None,  # type: ignore[arg-type]
        "form_url": guards.url(report, "report-form") if report.form_id and report.state in may.WRITABLE else "",
        "may_import": any(part.writable and not part.is_documents for part in parts),
        "is_author": any(may.association(actor) for actor in actors),
        "printing": _printing(report, sendings) if examined else None,
        "may_answer": report.is_to_complete and any(part.reopened and part.writable for part in parts),
        **pages.label(report, actors),
        **pages.menu(report, parts, actors),
        **_next_step(request, report, parts),
    }
    return render(request, "reporting/report_detail.html", context)


def _next_step(request: HttpRequest, report: Report, parts: list[pages.Part]) -> dict[str, Any]:
    """The primary action and the others. A person with parts to fill in is sent to the first of them."""
    options = [o for o in workflow.REPORT.available(report, request.user) if o.transition.name != "start"]
    writes = any(part.writable for part in parts) and report.state in may.WRITABLE
    todo = [part for part in parts if part.is_owed]
    first, primary = None, next((o for o in options if o.ready and o.transition.name not in NEVER_FIRST), None)
    if writes and todo and (primary is None or _unanswered(report)):
        verb = "Compléter" if report.state == ReportState.TO_COMPLETE else "Renseigner"
        first, primary = {"label": f"{verb} : {todo[0].label}", "url": todo[0].url}, None
    elif primary is None:
        first = _of_the_dialogue(report, {option.transition.name for option in options})
    rest = [o for o in options if o is not primary and (o.ready or o.transition.name not in REVIEW_ACTIONS)]
    missing = [line for part in parts for line in (*part.missing, *part.to_explain)] if writes else []
    if not missing and primary is None and options:
        missing = options[0].missing
    hint = ""
    if writes and not options:
        hint = may.why_not_submit(request.user, report)  # type: ignore[arg-type]
    paper = signing.financial_report_of(report) if primary and primary.transition.name == "sign" else None
    return {
        "ways": paper.ways() if paper else [],
        "primary": _button(report, primary) if primary else None,
        "others": [_button(report, option) for option in rest],
        "first": first,
        "missing": missing,
        "hint": hint,
        "is_answer_expected": writes and report.is_to_complete,
    }


def _of_the_dialogue(report: Report, names: set[str]) -> dict[str, Any] | None:
    """Where what the dialogue de gestion or the conclusion of the year lacks is written."""
    if "conclude" in names:
        return {"label": "Conclure l’année", "url": guards.address(report.dialogue, "meeting-conclusion")}
    return {"label": "Préparer le dialogue de gestion", "url": _dialogue_url(report)} if "review" in names else None


def _requests(report: Report, parts: list[pages.Part]) -> list[dict[str, Any]]:
    """The current requests, each with the address of its part when the reader may open it."""
    urls = {part.path: part.url for part in parts if part.readable}
    return [
        {
            **{name: getattr(row, name) for name in ("label", "reason", "answer", "author", "at")},
            "url": urls.get(row.path, ""),
        }
        for row in pages.current_requests(report)
    ]


def _unanswered(report: Report) -> bool:
    """Whether nothing was written since the report was sent back: sending it again would be no answer."""
    requests = pages.current_requests(report)
    writings = JournalEntry.objects.filter(subject=f"report:{report.pk}", verb="report_written")
    return bool(requests) and not writings.filter(at__gt=requests[0].at).exists()


def _dialogue_url(report: Report) -> str:
    """The dialogue de gestion of the year, or the page that convenes it."""
    if report.dialogue is not None:
        return guards.address(report.dialogue)
    page = reverse("meeting-add", args=[report.convention.number])
    return f"{page}?nature={MeetingKind.DIALOGUE}&annee={report.year}"


def _decisions(report: Report, actors: list[Actor]) -> list[tuple[Any, str]]:
    """The decisions of earlier years with the answer of this report; observers read none."""
    held = any(row.is_held and row.year < report.year for row in report.convention.meetings.all())
    return [(row, answer_of(row)) for row in to_answer(report)] if held and may.reads_meetings(actors) else []


def _button(report: Report, option: Option) -> dict[str, Any]:
    name = option.transition.name
    if name == "sign":
        return {"option": option, "url": guards.url(report, "report-sign")}
    if name == "conclude":
        return {"option": option, "url": guards.address(report.dialogue, "meeting-conclusion")}
    return {"option": option, "url": guards.url(report, "report-transition", name=name)}


def _rounds(report: Report, actors: list[Actor]) -> list[dict[str, Any]]:
    """Sendings, requests and decisions, newest first, as far as the person may read them."""
    entries = journal.entries_about(report, report.dossier, actors).filter(
        verb__in=["submit", "sign", "send_back", "declare_admissible", "reopen", "review", "conclude", "report_opened"],
    )
    sent_back = sorted(report.send_backs.all(), key=lambda row: (row.round, row.pk)) if report.round else []
    requests_by_round = {number: list(rows) for number, rows in groupby(sent_back, key=lambda row: row.round)}
    rounds, number = [], sum(entry.verb == "submit" for entry in entries)
    for entry in entries:
        requests, answered = [], False
        if entry.verb == "send_back":
            requests, answered = requests_by_round.get(number, []), _answered(report, number)
        number -= entry.verb == "submit"
        rounds.append({"entry": entry, "requests": requests, "answered": answered})
    return rounds


def _answered(report: Report, number: int) -> bool:
    """Whether the answers to the requests of a round were sent: before, they are the association's own."""
    return number < report.round or not report.is_to_complete


def _dialogue(request: HttpRequest, report: Report) -> MeetingPage | None:
    """The dialogue de gestion of the year for this reader; None before it is planned, and to observers."""
    if report.dialogue is None or not may.reads_meetings(pages.actors_of(request.user, report)):  # type: ignore[arg-type]
        return None
    report.dialogue.convention = report.convention
    return MeetingPage(report.dialogue, request.user)  # type: ignore[arg-type]


def _late_act(report: Report) -> Act | None:
    """The act in force on 31 December of the year, when the report rests on an older one."""
    act = act_of(report.convention, report.year)
    return act if act is not None and act.pk != report.act_id else None


def _sendings(request: HttpRequest, report: Report, *, examined: bool) -> list[dict[str, Any]]:
    """What was sent, newest first, as far as the person reads it; without the contents, which are long.

    examined: whether the person reads the differences and the acknowledgements.
    """
    if not report.round:
        return []
    visible = ReportVersion.objects.visible_to(request.user)  # type: ignore[arg-type]
    related = ("acknowledgement", "financial_document__file", "financial_document__act")
    versions = visible.filter(report=report).select_related(*related).defer("content")
    versions = versions.prefetch_related("financial_document__signatures")
    return [
        {
            "version": version,
            "url": guards.url(report, "report-version", sending=version.number),
            "compare_url": _compare_url(report, version) if examined else "",
            "paper_url": _paper_url(report, version) if examined else "",
            "financial_url": _financial_url(report, version),
            "signature": version.signature,
            "signed_url": _signed_url(version) if examined else "",
        }
        for version in versions
    ]


def _compare_url(report: Report, version: ReportVersion) -> str:
    if version.changes is None:
        return ""
    return guards.url(report, "report-compare", before=version.number - 1, after=version.number)


def _paper_url(report: Report, version: ReportVersion) -> str:
    return guards.url(report, "report-acknowledgement", sending=version.number) if version.acknowledgement_id else ""


def _financial_url(report: Report, version: ReportVersion) -> str:
    return guards.url(report, "report-financial", sending=version.number) if version.financial_document_id else ""


def _signed_url(version: ReportVersion) -> str:
    """The scan or the PDF signed with a certificate; a signature in the browser has no file of its own."""
    document, signature = version.financial_document, version.signature
    if document is None or signature is None or not (signature.scan_id or signature.signed_file_id):
        return ""
    return reverse("signature-file", args=[document.act.reference, signature.pk])


def _printing(report: Report, sendings: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Whether the acknowledgement of the last sending is being printed, or failed; None when it is there."""
    if not sendings or sendings[0]["paper_url"]:
        return None
    job = Job.objects.filter(kind=ACKNOWLEDGE, key=f"report:{report.pk}:{report.round}").first()
    return {"failed": job is not None and job.stopped}
