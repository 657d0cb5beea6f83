"""The grid of a control, to fill and to read."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from arml.permissions import capacities
from conventions.views.common import refusal_page
from conventions.views.drafting import add_errors
from cpo.lib import journal
from cpo.lib.editing import conflicts
from cpo.lib.workflow import Refused
from reporting import permissions as may
from reporting.content import grids as engine
from reporting.forms.grids import GridForm
from reporting.models import Control, FilledGrid
from reporting.services import control_grids as services
from reporting.services.controls import keeper
from reporting.services.grids import LOCKED, MANAGER_LOCKS

from .controls import find_control, frame
from .grids import INTERNAL, LOCK


@require_http_methods(["GET", "HEAD", "POST"])
def control_grid(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    control = find_control(request, number, pk)
    grid = services.grid_of_control(control)
    if not may.reads_control_grid(capacities(request.user, control.convention.dossier), control, grid):
        raise PermissionDenied(INTERNAL)
    if grid is None:
        raise Http404(services.NO_GRID)
    writes = keeper(request.user, control.convention) is not None
    if request.method != "POST":
        open_now = writes and not grid.locked_at and not services.closed(control)
        return _page(request, control, grid, GridForm(grid=grid, of_control=True) if open_now else None)
    if not writes:
        raise PermissionDenied(services.NOT_YOURS)
    return _fill(request, control, grid)


def _fill(request: HttpRequest, control: Control, grid: FilledGrid) -> HttpResponse:
    lock = LOCK in request.POST
    if lock and may.control_grid_locker(request.user, control) is None:
        raise PermissionDenied(MANAGER_LOCKS)
    if reason := LOCKED if grid.locked_at else services.closed(control):
        return refusal_page(request, control.convention.act, Refused(reason))
    outcome = conflicts.save(
        request,
        make=lambda data: GridForm(data, grid=services.grid_of_control(control) or grid, lock=lock, of_control=True),
        write=lambda form, revision: services.fill_control_grid(
            control, answers=form.answers(), by=request.user, expected_revision=revision, lock=lock
        ),
        author=lambda: journal.last(control, "control_grid_filled"),
    )
    if outcome.saved:
        messages.success(request, "La grille est verrouillée." if lock else "La grille est enregistrée.")
        return redirect(f"{reverse('convention-controls', args=[control.convention.number])}#controle-{control.pk}")
    if isinstance(outcome.error, ValidationError):
        add_errors(outcome.form, outcome.error)
    return _page(request, control, grid, outcome.form, outcome.status)


def _page(
    request: HttpRequest, control: Control, grid: FilledGrid, form: GridForm | None, status: int = 200
) -> HttpResponse:
    context = frame(
        control.convention.number,
        control=control,
        grid=grid,
        form=form,
        may_lock=form is not None and may.control_grid_locker(request.user, control) is not None,
        rows=[(row, grid.answers.get(row.key, {})) for row in engine.questions(grid.version.text)],
        page_title=f"Grille, {control}",
    )
    return render(request, "reporting/control_grid.html", context, status=status)
