"""The dialogue de gestion of a year: a form for the lead service, a page to read for the others."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from cpo.lib.editing import StaleRevision

from .. import presentation as shown
from .. import workflow
from ..forms.others import ReviewForm
from ..models import Report, Review
from ..services import reviews as services
from . import common

NOT_YET = "Le dialogue de gestion se lit une fois enregistré par le service chef de file."
CLOSED = "Le dialogue de gestion n’est pas ouvert\u00a0: le compte rendu n’est pas encore recevable."
CONCLUDED = "L’année est conclue\u00a0: le relevé du dialogue de gestion ne se modifie plus."


@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, number: str, year: int) -> HttpResponse:
    report = common.find(request, number, year)
    held = getattr(report, "review", None)
    if services.reviewer(request.user, report) is None:  # type: ignore[arg-type]
        if request.method == "POST":
            raise PermissionDenied(CONCLUDED if report.state == "concluded" else NOT_YET)
        if held is None or not services.may_read(request.user, report):  # type: ignore[arg-type]
            raise PermissionDenied(NOT_YET if held or report.state in services.OPEN_IN else CLOSED)
        return _page(request, report, held)
    if request.method != "POST":
        return _page(request, report, held, form=_form(held))
    form = ReviewForm(request.POST)
    if not form.is_valid():
        return _page(request, report, held, form=form)
    fields = {name: form.cleaned_data[name] for name in services.FIELDS}
    try:
        services.save_review(report, fields=fields, by=request.user, expected_revision=form.cleaned_data["revision"])  # type: ignore[arg-type]
    except StaleRevision as stale:
        return _conflict(request, report, form, stale.current)
    messages.success(request, "Dialogue de gestion enregistré.")
    return HttpResponseRedirect(request.path)


def _form(held: Review | None) -> ReviewForm:
    initial = {name: getattr(held, name) for name in services.FIELDS} if held else {}
    return ReviewForm(initial=initial | {"revision": held.revision if held else 0})


def _conflict(request: HttpRequest, report: Report, form: ReviewForm, current: int) -> HttpResponse:
    """What is stored beside what was typed, over the form as typed; saving again replaces what is stored."""
    held = Review.objects.select_related("updated_by").get(report=report)
    differences = []
    for name in services.FIELDS:
        field = form.fields[name]
        theirs, mine = getattr(held, name), form.cleaned_data[name]
        if theirs != mine:
            words = dict(getattr(field, "choices", []))
            differences.append(
                {"label": field.label, "theirs": words.get(theirs, theirs), "mine": words.get(mine, mine)}
            )
    data = request.POST.copy()
    data["revision"] = str(current)
    return _page(request, report, held, form=ReviewForm(data), differences=differences, status=409)


def _page(
    request: HttpRequest,
    report: Report,
    held: Review | None,
    *,
    form: ReviewForm | None = None,
    differences: list[dict[str, object]] | None = None,
    status: int = 200,
) -> HttpResponse:
    actors = shown.actors_of(request.user, report)  # type: ignore[arg-type]
    options = workflow.REPORT.available(report, request.user) if form is not None else []
    context = common.work(
        request,
        report,
        actors,
        held=held,
        form=form,
        with_bar=form is not None,
        differences=differences or [],
        conclusion=held.conclusion if held and services.may_read_conclusion(request.user, report) else "",  # type: ignore[arg-type]
        options=[
            {"option": option, "url": shown.guards.url(report, "report-transition", name=option.transition.name)}
            for option in options
        ],
    )
    return render(request, "reporting/review.html", context, status=status)
