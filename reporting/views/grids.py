"""The grids: the pages of the national administration, and the grid of a report, to fill and to read."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.views.decorators.http import require_http_methods, require_safe

from arml.permissions import acting_nationally
from arml.views.territories import trail
from conventions.views.common import refusal_page
from conventions.views.drafting import add_errors
from cpo.lib import journal
from cpo.lib.editing import conflicts
from cpo.lib.workflow import Refused
from reporting import guards
from reporting import permissions as may
from reporting.content import grids as engine
from reporting.enums import GridMoment
from reporting.forms.grids import GridForm, GridVersionForm
from reporting.models import FilledGrid, GridVersion, Report
from reporting.pages import reports as pages
from reporting.services import grids as services

from . import common

GRIDS = {"label": "Grilles d’examen"}
INTERNAL = "Cette grille est interne aux services de l’État."
MOVED = "Cette grille se remplit désormais dans l’évaluation de la convention."
LOCK = "verrouiller"


@require_safe
def versions(request: HttpRequest) -> HttpResponse:
    acting_nationally(request.user)  # type: ignore[arg-type]
    rows = list(GridVersion.objects.all())
    moments = [(moment, [row for row in rows if row.moment == moment]) for moment in GridMoment]
    return render(request, "reference/grids.html", {"moments": moments, "breadcrumb": trail(GRIDS)})


@require_http_methods(["GET", "HEAD", "POST"])
def version(request: HttpRequest, moment: str) -> HttpResponse:
    actor = acting_nationally(request.user)  # type: ignore[arg-type]
    if moment not in GridMoment.values:
        raise Http404("Cette grille n’existe pas.")
    form, status, publish = _draft_form(moment), 200, "publier" in request.POST
    if request.method == "POST":
        outcome = conflicts.save(
            request,
            make=lambda data: _draft_form(moment, data),
            write=lambda form, revision: services.save_draft(
                moment=moment,
                text=form.cleaned_data["text"],
                shown=form.cleaned_data["shown"],
                by=actor,
                expected_revision=revision,
                publish=publish,
            ),
            author=lambda: journal.last(services.draft(moment), "grid_drafted"),
        )
        if outcome.saved:
            messages.success(request, "La version est publiée." if publish else "La version est enregistrée.")
            return redirect("reference-grids")
        form, status = outcome.form, outcome.status
    label = GridMoment(moment).label
    context = {
        "label": label,
        "form": form,
        "draft": services.draft(moment),
        "published": services.published(moment),
        "breadcrumb": trail({**GRIDS, "url": resolve_url("reference-grids")}, {"label": label}),
    }
    return render(request, "reference/grid.html", context, status=status)


def _draft_form(moment: str, data: Any = None) -> GridVersionForm:
    row = services.draft(moment)
    return GridVersionForm(data, initial={"text": row.text, "shown": row.shown, "revision": row.revision})


@require_http_methods(["GET", "HEAD", "POST"])
def report_grid(request: HttpRequest, number: str, year: int, moment: str) -> HttpResponse:
    report = common.find(request, number, year)
    filled = (
        moment not in GridMoment.of_report()
    )  # once, the evaluation was answered about a report: that is still read
    if filled and not report.grids.filter(moment=moment).exists():
        raise Http404(common.NOT_FOUND)
    grid = services.grid_of(report, moment)
    if not may.reads_grid(pages.actors_of(request.user, report), report, grid):  # type: ignore[arg-type]
        raise PermissionDenied(INTERNAL)
    if grid is None:
        raise Http404(common.NOT_FOUND)
    reason = MOVED if filled else may.why_not_examine(request.user, report)  # type: ignore[arg-type]
    if request.method != "POST":
        form = None if reason or grid.locked_at else GridForm(grid=grid)
        return _page(request, report, grid, form)
    if reason:
        raise PermissionDenied(reason)
    return _fill(request, report, grid)


def _fill(request: HttpRequest, report: Report, grid: FilledGrid) -> HttpResponse:
    lock = LOCK in request.POST
    if lock and may.grid_locker(request.user, report) is None:  # type: ignore[arg-type]
        raise PermissionDenied(services.MANAGER_LOCKS)
    if grid.locked_at:
        return refusal_page(request, report.act, Refused(services.LOCKED))
    outcome = conflicts.save(
        request,
        make=lambda data: GridForm(data, grid=services.grid_of(report, grid.moment) or grid, lock=lock),
        write=lambda form, revision: services.fill(
            report,
            moment=grid.moment,
            answers=form.answers(),
            by=request.user,  # type: ignore[arg-type]
            expected_revision=revision,
            lock=lock,
        ),
        author=lambda: journal.last(report, "grid_filled"),
    )
    if outcome.saved:
        messages.success(request, "La grille est verrouillée." if lock else "La grille est enregistrée.")
        return HttpResponseRedirect(guards.url(report, "report-examination"))
    if isinstance(outcome.error, ValidationError):
        add_errors(outcome.form, outcome.error)
    return _page(request, report, grid, outcome.form, outcome.status)


def _page(
    request: HttpRequest, report: Report, grid: FilledGrid, form: GridForm | None, status: int = 200
) -> HttpResponse:
    actors = pages.actors_of(request.user, report)  # type: ignore[arg-type]
    parts = pages.parts(report, request.user)  # type: ignore[arg-type]
    context = common.work_context(
        request,
        report,
        actors,
        **pages.menu(report, parts, actors, pages.EXAMINATION),
        grid=grid,
        form=form,
        with_bar=form is not None,
        may_lock=form is not None and may.grid_locker(request.user, report) is not None,  # type: ignore[arg-type]
        rows=[(row, grid.answers.get(row.key, {})) for row in engine.questions(grid.version.text)],
    )
    return render(request, "reporting/grid.html", context, status=status)
