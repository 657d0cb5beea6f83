"""« Où en est-on »: budget, declared before, this report, in five cuts; the same as a workbook."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from actions.spreadsheet import MEDIA_TYPE
from reporting import permissions as may
from reporting.content.standing import CUTS
from reporting.models import Report
from reporting.pages import reports as pages
from reporting.pages import standing
from reporting.spreadsheet.standing import write_standing
from reporting.views import common

from .parts import check_readable


def context_of(shown: standing.Standing, address: str) -> dict[str, Any]:
    """What `reporting/_standing.html` needs; `address`: the cut that the address asks for."""
    cut = standing.cut_of(address)
    tables = shown.tables
    return {
        "standing": shown,
        "table": tables[cut],
        "cuts": [
            {"label": CUTS[name], "url": f"?par={key}", "current": name == cut}
            for key, name in standing.ADDRESSES.items()
        ],
        "xlsx_url": pages.guards.url(shown.report, "report-standing-xlsx"),
    }


def _shown(request: HttpRequest, report: Report) -> standing.Standing | None:
    """The table, None when the sending is from before it. Raises PermissionDenied for who reads no sending yet."""
    shown = standing.of_report(report, request.user)  # type: ignore[arg-type]
    if shown is None and not report.round:
        check_readable(request, report, may.FINANCE)
    return shown


@require_safe
def report_standing(request: HttpRequest, number: str, year: int) -> HttpResponse:
    report = common.find(request, number, year)
    shown = _shown(request, report)
    parts = pages.parts(report, request.user)  # type: ignore[arg-type]
    actors = pages.actors_of(request.user, report)  # type: ignore[arg-type]
    context = {
        **common.work_context(request, report, actors),
        **pages.menu(report, parts, actors, pages.STANDING),
        **(context_of(shown, request.GET.get("par", "")) if shown else {}),
    }
    return render(request, "reporting/report_standing.html", context)


@require_safe
def report_standing_xlsx(request: HttpRequest, number: str, year: int) -> HttpResponse:
    report = common.find(request, number, year)
    shown = _shown(request, report)
    if shown is None:
        raise PermissionDenied("Cet envoi date d’avant ce tableau.")
    response = HttpResponse(write_standing(shown.tables, notes=shown.notes), content_type=MEDIA_TYPE)
    response["Content-Disposition"] = f'attachment; filename="ou-en-est-on-{number}-{year}.xlsx"'
    response["Cache-Control"] = "private, no-cache"
    return response
