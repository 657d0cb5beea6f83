"""First steps of every page of a report: find it (404 when it is not visible), breadcrumb, page head."""

from typing import Any

from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from django.http import Http404, HttpRequest
from django.urls import reverse

from arml.models import User
from cpo.lib import zones
from cpo.lib.actor import Actor
from reporting.models import Report, SendBack
from reporting.pages import reports as pages

SENT_BACK = Prefetch("send_backs", SendBack.objects.select_related("author"))
NOT_FOUND = "Ce compte rendu n’existe pas, ou ne vous est pas ouvert."


def readable(user: User) -> QuerySet[Report]:
    """The reports that the person sees, with the rows that rights and labels need."""
    reports = _with_dossier(Report.objects.visible_to(user))
    return reports.prefetch_related("convention__dossier__services", "convention__dossier__territories", SENT_BACK)


def _with_dossier(reports: QuerySet[Report]) -> QuerySet[Report]:
    return reports.select_related("act", "convention__dossier__beneficiary", "convention__dossier__lead")


def _report(user: User, number: str, year: int) -> Report | None:
    related = ("convention__cycle", "act__programme", "submitted_by")
    reports = _with_dossier(Report.objects.visible_to(user)).select_related(*related)
    # One row: in no order, which would be compared with each of the columns that are read.
    return next(iter(reports.filter(convention__number=number, year=year).order_by()[:1]), None)


def find(request: HttpRequest, number: str, year: int) -> Report:
    report = _report(request.user, number, year)  # type: ignore[arg-type]
    if report is None:
        raise Http404(NOT_FOUND)
    report.shown = {}
    report.dossier.gather(request.user)  # type: ignore[arg-type]
    zones.set_page(report.dossier)
    if report.round:
        prefetch_related_objects([report], SENT_BACK)
    return report


def crumbs(report: Report, *last: str) -> list[dict[str, str]]:
    links = [
        {"label": "Comptes rendus", "url": reverse("report-list")},
        {"label": f"{report.convention.number}, {report.year}", "url": pages.guards.url(report, "report-detail")},
    ]
    return links + [{"label": label} for label in last]


def work_context(request: HttpRequest, report: Report, actors: list[Actor], **more: Any) -> dict[str, Any]:
    """Context of the pages where a person works on a report: back link, badges, due date."""
    marks = pages.label(report, actors)
    badges = [(marks["state"], "report", marks["words"])]
    if marks["turn"]:
        badges.append((marks["turn"], "turn", marks["turn_words"]))
    return {
        "nav_section": "report-list",
        "report": report,
        "back": {"label": f"Compte rendu {report.year}", "url": pages.guards.url(report, "report-detail")},
        "back_name": f"{report.convention.number} – {report.dossier.beneficiary}",
        "badges": badges,
        "due": pages.due(report),
        **more,
    }
