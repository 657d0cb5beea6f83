"""Reference pages of the example actions of a cycle: the list, a page for each, a new one."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from actions.forms.catalogue import ExampleForm
from actions.models import ExampleSheet
from actions.services import catalogue as services
from arml.permissions import acting_nationally
from cpo.lib import journal
from cpo.lib.editing import conflicts

from . import FORM, add_changes_message, frame, get_cycle


@require_safe
def examples(request: HttpRequest, cycle: str) -> HttpResponse:
    acting_nationally(request.user)
    cycle_row = get_cycle(cycle)
    rows = cycle_row.examples.select_related("objective")
    return render(request, "reference/examples.html", {"rows": rows, **frame(cycle_row, "reference-examples")})


@require_http_methods(FORM)
def example(request: HttpRequest, cycle: str, code: str) -> HttpResponse:
    actor = acting_nationally(request.user)
    cycle_row = get_cycle(cycle)
    one = get_object_or_404(ExampleSheet.objects.select_related("cycle", "axis"), cycle=cycle_row, code=code)
    form, status = ExampleForm(instance=one, cycle=cycle_row), 200
    if request.method == "POST":
        outcome = conflicts.save(
            request,
            make=lambda data: ExampleForm(data, instance=ExampleSheet.objects.get(pk=one.pk), cycle=cycle_row),
            write=lambda form, revision: services.update_example(
                example=one, changes=form.changes, expected_revision=revision, by=actor
            ),
            author=lambda: journal.last(one, "example_changed"),
        )
        if outcome.saved:
            add_changes_message(request, outcome.result)
            return redirect("reference-examples", cycle_row.key)
        form, status = outcome.form, outcome.status
    context = {
        "example": one,
        "form": form,
        **frame(cycle_row, "reference-examples", {"label": one.code}),
    }
    return render(request, "reference/example.html", context, status=status)


@require_http_methods(FORM)
def example_add(request: HttpRequest, cycle: str) -> HttpResponse:
    actor = acting_nationally(request.user)
    cycle_row = get_cycle(cycle)
    form = ExampleForm(request.POST or None, cycle=cycle_row)
    if request.method == "POST" and form.is_valid():
        try:
            example = services.add_example(cycle=cycle_row, changes=form.changes, by=actor)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, f"L’exemple {example.code} est ajouté : les associations peuvent le reprendre.")
            return redirect("reference-examples", cycle_row.key)
    context = {"form": form, **frame(cycle_row, "reference-examples", {"label": "Nouvel exemple"})}
    return render(request, "reference/example.html", context)
