"""The tab « Évaluation » of a convention: the evaluation, what a side says, the recommendation, the grid, its steps."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from arml.permissions import capacities
from conventions.models import Convention
from conventions.views.common import refusal_page
from conventions.views.drafting import add_errors
from cpo.lib import journal, zones
from cpo.lib.editing import conflicts
from cpo.lib.forms.base import DsfrForm
from cpo.lib.workflow import Option, Refused
from reporting import permissions as may
from reporting.content import grids as engine
from reporting.effects.evaluation import seen
from reporting.forms.evaluation import AssessmentForm, ConcludeForm, RecommendationForm, ShareForm
from reporting.forms.grids import GridForm
from reporting.guards.evaluation import page as address
from reporting.models import Assessment, Evaluation, FilledGrid
from reporting.models.evaluation import ASSESSED
from reporting.pages.evaluation import EvaluationPage
from reporting.services import evaluation as services
from reporting.services import grids
from reporting.workflow.evaluation import EVALUATION, apply

NOT_FOUND = "Cette évaluation n’existe pas, ou ne vous est pas ouverte."
RELATED = ("dossier__lead", "dossier__beneficiary", "cycle")
LOCK = "verrouiller"
DONE = {
    "share": "L’évaluation est partagée. Les deux parties en sont informées.",
    "conclude": "L’évaluation est conclue. Les deux parties en sont informées ; le document est en cours de "
    "production.",
}


def _convention(request: HttpRequest, number: str) -> Convention:
    """Raises Http404 when the person may not see the convention, or only observes it."""
    rows = Convention.objects.visible_to(request.user).select_related(*RELATED)  # type: ignore[arg-type]
    rows = rows.prefetch_related("acts", "dossier__services", "dossier__territories")
    convention = rows.filter(number=number).first()
    if convention is None or not may.reads_evaluations(capacities(request.user, convention.dossier)):  # type: ignore[arg-type]
        raise Http404(NOT_FOUND)
    zones.set_page(convention.dossier)
    return convention


def _evaluation(request: HttpRequest, number: str) -> Evaluation:
    """The evaluation. Raises Http404 when the person reads none: it is not open, or not shared yet."""
    page = EvaluationPage(_convention(request, number), request.user)  # type: ignore[arg-type]
    if page.evaluation is None:
        raise Http404(NOT_FOUND)
    return page.evaluation


def _page(
    request: HttpRequest, template: str, convention: Convention, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    base = {"number": convention.number, "tab": "evaluation", "nav_section": "convention-list"}
    return render(request, f"reporting/evaluation/{template}.html", base | context, status=status)


@require_safe
def convention_evaluation(request: HttpRequest, number: str) -> HttpResponse:
    convention = _convention(request, number)
    return _page(request, "detail", convention, {"page": EvaluationPage(convention, request.user)})  # type: ignore[arg-type]


@require_POST
def evaluation_open(request: HttpRequest, number: str) -> HttpResponse:
    convention = _convention(request, number)
    try:
        services.open_evaluation(convention=convention, by=request.user)  # type: ignore[arg-type]
    except Refused as error:
        return refusal_page(request, convention.act, error)
    messages.success(request, "L’évaluation est en préparation. L’association la lit une fois partagée.")
    return redirect(address(convention))


@require_http_methods(["GET", "HEAD", "POST"])
def evaluation_assessment(request: HttpRequest, number: str) -> HttpResponse:
    evaluation = _evaluation(request, number)
    actor = services.assessor(request.user, evaluation)  # type: ignore[arg-type]
    if actor is None:
        raise PermissionDenied(services.NOT_YOUR_WORDS)
    side = actor.side

    def make(data: Any) -> AssessmentForm:
        row = evaluation.assessments.filter(side=side).first() or Assessment(evaluation=evaluation, side=side)
        return AssessmentForm(data, initial={name: getattr(row, name) for name in (*ASSESSED, "revision")})

    def write(form: AssessmentForm, revision: int) -> Assessment:
        return services.save_assessment(
            evaluation,
            fields=form.values(),
            by=request.user,  # type: ignore[arg-type]
            expected_revision=revision,
        )

    context = {"title": f"Appréciation de {actor.organisation.in_sentence}" if actor.organisation else "Appréciation"}
    return _edit(request, evaluation, "assessment", make, write, "assessment_written", context)


@require_http_methods(["GET", "HEAD", "POST"])
def evaluation_recommendation(request: HttpRequest, number: str) -> HttpResponse:
    evaluation = _evaluation(request, number)
    if services.preparer(request.user, evaluation.convention) is None:  # type: ignore[arg-type]
        raise PermissionDenied(services.NOT_YOURS)

    def make(data: Any) -> RecommendationForm:
        fresh = Evaluation.objects.get(pk=evaluation.pk)
        return RecommendationForm(data, initial={name: getattr(fresh, name) for name in (*services.FIELDS, "revision")})

    def write(form: RecommendationForm, revision: int) -> Evaluation:
        return services.save_recommendation(
            evaluation,
            fields=form.values(),
            by=request.user,  # type: ignore[arg-type]
            expected_revision=revision,
        )

    return _edit(
        request, evaluation, "recommendation", make, write, "recommendation_written", {"title": "Recommandation"}
    )


def _edit(
    request: HttpRequest,
    evaluation: Evaluation,
    template: str,
    make: Callable[[Any], Any],
    write: Callable[[Any, int], Any],
    verb: str,
    context: dict[str, Any],
) -> HttpResponse:
    """Show a form of the evaluation and save what it says; concurrent edits are merged field by field, or told."""
    if evaluation.is_concluded:
        return refusal_page(request, evaluation.convention.act, Refused(services.CONCLUDED))
    form, status = make(None), 200
    if request.method == "POST":
        outcome = conflicts.save(request, make=make, write=write, author=lambda: journal.last(evaluation, verb))
        if outcome.saved:
            messages.success(request, "C’est enregistré.")
            return redirect(address(evaluation.convention))
        form, status = outcome.form, outcome.status
        if outcome.error:
            add_errors(form, outcome.error)
    base = {"form": form, "evaluation": evaluation, "page_title": context["title"]}
    return _page(request, template, evaluation.convention, base | context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def evaluation_grid(request: HttpRequest, number: str) -> HttpResponse:
    """The grid of the moment « évaluation »: the lead service answers, its manager locks, others read."""
    evaluation = _evaluation(request, number)
    grid = grids.of_evaluation(evaluation)
    if grid is None:
        raise Http404(NOT_FOUND)
    page = EvaluationPage(evaluation.convention, request.user)  # type: ignore[arg-type]
    if page.grid is None:
        raise PermissionDenied("Cette grille est interne aux services de l’État.")
    closed = services.CONCLUDED if evaluation.is_concluded else grids.LOCKED if grid.locked_at else ""
    if request.method != "POST":
        return _grid(request, page, grid, None if closed or not page.may_prepare else GridForm(grid=grid))
    lock, actors = LOCK in request.POST, page.actors
    if not any(may.manager(one) if lock else may.prepares_evaluation(one) for one in actors):
        raise PermissionDenied(grids.MANAGER_LOCKS if lock else services.NOT_YOURS)
    if closed:
        return refusal_page(request, evaluation.convention.act, Refused(closed))
    outcome = conflicts.save(
        request,
        make=lambda data: GridForm(data, grid=grids.of_evaluation(evaluation) or grid, lock=lock),
        write=lambda form, revision: services.fill_grid(
            evaluation,
            answers=form.answers(),
            by=request.user,  # type: ignore[arg-type]
            expected_revision=revision,
            lock=lock,
        ),
        author=lambda: journal.last(evaluation, "grid_filled"),
    )
    if outcome.saved:
        messages.success(request, "La grille est verrouillée." if lock else "La grille est enregistrée.")
        return redirect(address(evaluation.convention))
    if isinstance(outcome.error, ValidationError):
        add_errors(outcome.form, outcome.error)
    return _grid(request, page, grid, outcome.form, outcome.status)


def _grid(
    request: HttpRequest, page: EvaluationPage, grid: FilledGrid, form: GridForm | None, status: int = 200
) -> HttpResponse:
    context = {
        "page": page,
        "grid": grid,
        "form": form,
        "may_lock": any(may.manager(actor) for actor in page.actors),
        "rows": [(row, grid.answers.get(row.key, {})) for row in engine.questions(grid.version.text)],
        "page_title": "Grille d’évaluation",
    }
    return _page(request, "grid", page.convention, context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def evaluation_transition(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """Share or conclude."""
    evaluation = _evaluation(request, number)
    if name not in DONE:
        raise Http404(NOT_FOUND)
    try:
        option = EVALUATION.attempt(name, evaluation, request.user)
        form = _form(request, evaluation, name)
        if request.method == "POST" and form.is_valid():
            _apply(request, evaluation, name, form)
            messages.success(request, DONE[name])
            return redirect(address(evaluation.convention))
    except Refused as error:
        return refusal_page(request, evaluation.convention.act, error)
    return _transition(request, evaluation, option, form)


def _form(request: HttpRequest, evaluation: Evaluation, name: str) -> DsfrForm:
    data = request.POST if request.method == "POST" else None
    if name == "share":
        return ShareForm(data, convention=evaluation.convention)
    return ConcludeForm(data, initial={"seen": seen(evaluation)})


def _apply(request: HttpRequest, evaluation: Evaluation, name: str, form: DsfrForm) -> None:
    if name == "share":
        services.share(evaluation, answer_by=form.cleaned_data["answer_by"], by=request.user)  # type: ignore[arg-type]
    else:
        apply(name, evaluation, by=request.user, data={"seen": form.cleaned_data["seen"]})


def _transition(request: HttpRequest, evaluation: Evaluation, option: Option, form: DsfrForm) -> HttpResponse:
    context = {
        "recommended": evaluation.get_recommendation_display().lower() if evaluation.is_shared else "",
        "option": option,
        "form": form,
        "page_title": option.transition.label,
    }
    return _page(request, "transition", evaluation.convention, context)
