"""The list of reports, as a page, as CSV, and as a tab of a convention."""

from collections.abc import Iterable
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Case, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from actions.models import Cycle
from arml.models import BY_NAME, Organisation, Territory
from arml.permissions import is_national_admin
from conventions.later.term import shown_years
from cpo.lib import zones
from cpo.lib.files.exports import Column, csv_response
from reporting import figures
from reporting.deadlines.before import REPORT_SENT
from reporting.enums import DoneAnswer, ReportState
from reporting.forms.others import ReportFilter
from reporting.models import DoneBefore, Report
from reporting.money.retained import LONG
from reporting.pages import forecasts, openings, standing
from reporting.pages import reports as pages
from reporting.views.common import readable

from .standing import context_of

PER_PAGE = 20
RANKS = Case(
    *(When(state=state, then=Value(rank)) for rank, state in enumerate(ReportState.values)), output_field=IntegerField()
)
ORDERS: dict[str, tuple[str, ...]] = {
    "arml": ("convention__dossier__beneficiary__sort_name", "-year"),
    "annee": ("year", "convention__dossier__beneficiary__sort_name"),
    "etat": ("state_rank", "convention__dossier__beneficiary__sort_name"),
    "echeance": ("current_due", "convention__dossier__beneficiary__sort_name"),
}
DEFAULT_ORDER = ("-year", "convention__dossier__beneficiary__sort_name", "pk")


def _filtered_reports(request: HttpRequest) -> tuple[QuerySet[Report], ReportFilter]:
    """The reports that the person sees, filtered and ordered by the query string."""
    visible = Report.objects.visible_to(request.user)  # type: ignore[arg-type]
    dossiers = visible.order_by()
    latest = dossiers.filter(convention__cycle=OuterRef("pk")).order_by("-year").values("year")[:1]
    cycles = Cycle.objects.annotate(latest=Coalesce(Subquery(latest), "last_year"))
    years = sorted({year for cycle in cycles for year in shown_years(cycle, [cycle.latest])}, reverse=True)
    territories = Territory.objects.filter(pk__in=dossiers.values("convention__dossier__territories"))
    associations = Organisation.objects.filter(pk__in=dossiers.values("convention__dossier__beneficiary"))
    form = ReportFilter(
        request.GET,
        years=years,
        territories=list(territories.order_by(BY_NAME).values_list("code", "name")),
        associations=list(associations.order_by("sort_name").values_list("pk", "short_name")),
    )
    reports = figures.with_due(visible).annotate(state_rank=RANKS)
    return reports.filter(_clause(form.values())).order_by(*_order(request.GET.get("tri", ""))), form


def _with_relations(request: HttpRequest) -> QuerySet[Report]:
    """Reports with the rows that their lines need, in no order: their ids are. A line shows no long text."""
    return figures.with_due(readable(request.user)).defer(*LONG).order_by()  # type: ignore[arg-type]


def _clause(values: dict[str, Any]) -> Q:
    clause = Q()
    if "annee" in values:
        clause &= Q(year=values["annee"])
    if "etat" in values:
        clause &= Q(state=values["etat"])
    if "arml" in values:
        clause &= Q(convention__dossier__beneficiary=values["arml"])
    if "territoire" in values:
        # A subquery, not a join: a report appears once even when its dossier has several territories.
        dossiers = Territory.objects.filter(code=values["territoire"]).values("dossiers")
        clause &= Q(convention__dossier__in=dossiers)
    if "retard" in values:
        clause &= figures.is_late()
    return clause


def _order(key: str) -> tuple[str, ...]:
    fields = ORDERS.get(key.removeprefix("-"))
    if fields is None:
        return DEFAULT_ORDER
    first = f"-{fields[0]}" if key.startswith("-") else fields[0]
    return (first, *fields[1:], "pk")


def _sent(report: Report) -> Any:
    return zones.at(report.submitted_at, report.dossier) if report.submitted_at else None


def lines(reports: Iterable[Report], user: Any) -> list[dict[str, Any]]:
    """The lines of the list for this reader; two queries for the progress, none per line."""
    reports = list(reports)
    counts = figures.progress(reports)
    rows = []
    for report in reports:
        done, whole = counts[report.pk]
        rows.append(
            {
                "report": report,
                "url": pages.guards.url(report, "report-detail"),
                "number": report.convention.number,
                "arml": str(report.dossier.beneficiary),
                "service": str(report.dossier.lead),
                "due": pages.due(report),
                "sent_at": _sent(report),
                "done": done,
                "whole": whole,
                **pages.label(report, pages.actors_of(user, report)),
            }
        )
    return rows


@require_safe
def report_list(request: HttpRequest) -> HttpResponse:
    reports, form = _filtered_reports(request)
    page = Paginator(reports.values_list("pk", flat=True), PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = list(page.object_list)
    rows = {row.pk: row for row in _with_relations(request).filter(pk__in=page.object_list)}
    skipped, count = openings.skipped_for(request.user, form.values())  # type: ignore[arg-type]
    context = {
        "nav_section": "report-list",
        "filter_form": form,
        "filtered": bool(form.values()),
        "page_obj": page,
        "lines": lines([rows[pk] for pk in page.object_list if pk in rows], request.user),
        "national": is_national_admin(request.user),  # type: ignore[arg-type]
        "skipped": skipped,
        "skipped_count": count,
    }
    return render(request, "reporting/report_list.html", context)


COLUMNS = [
    Column("Convention", "number"),
    Column("Association", "arml"),
    Column("Service", "service"),
    Column("Année", "report.year"),
    Column("Fondé sur", "report.act.name"),
    Column("État", "words"),
    Column("À remettre le", "report.due_on"),
    Column("Attendu le", lambda line: line["due"].day if line["due"] else None),
    Column("En retard", lambda line: line["due"].late if line["due"] else False),
    Column("Fiches renseignées", "done"),
    Column("Fiches", "whole"),
    Column("Ouvert par avance", "report.opened_early"),
    Column("Envoyé le", "sent_at"),
    Column("Recevable le", "report.admissible_on"),
]


@require_safe
def report_list_csv(request: HttpRequest) -> HttpResponse:
    """The whole list, with the filters and order of the page."""
    reports, _ = _filtered_reports(request)
    ids = list(reports.values_list("pk", flat=True))
    rows = {row.pk: row for row in _with_relations(request).filter(pk__among=ids)}
    return csv_response("rapports.csv", COLUMNS, lines([rows[pk] for pk in ids if pk in rows], request.user))


@require_safe
def convention_reports(request: HttpRequest, number: str) -> HttpResponse:
    """The tab « Rapports » of a convention; the frame answers 404 when the convention is not visible."""
    visible = figures.with_due(readable(request.user)).filter(convention__number=number).order_by("-year")  # type: ignore[arg-type]
    reports = list(visible.select_related("act__programme", "convention__cycle"))
    shown = next(standing.latest(reports, request.user), None)  # type: ignore[arg-type]
    context = {
        "number": number,
        "tab": "rapports",
        "nav_section": "convention-list",
        "lines": lines(reports, request.user),
        "without": openings.years_without_report(number, request.user),  # type: ignore[arg-type]
        "forecast_year": forecasts.present_year(number, request.user),  # type: ignore[arg-type]
        **(context_of(shown, request.GET.get("par", "")) if shown else {}),
        "received": DoneBefore.objects.visible_to(request.user).filter(  # type: ignore[arg-type]
            convention__number=number, answer=DoneAnswer.DONE, rule__met_by=REPORT_SENT
        ),
    }
    return render(request, "reporting/convention_reports.html", context)
