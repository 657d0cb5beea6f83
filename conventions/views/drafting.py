"""Open a convention from the national model, or take over one that was signed on paper."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from conventions.enums import Origin
from conventions.forms.drafting import CreateForm, PaperCreateForm
from conventions.services.drafting import create_convention
from cpo.lib.forms.base import DsfrForm

from .listing import may_create

WHY_NOT = "Seules les personnes chargées de mission et les responsables d’un service de l’État créent une convention."


def add_errors(form: DsfrForm, error: ValidationError) -> None:
    """Add the errors of a service to the fields that they name, or to the head of the form."""
    by_field = error.error_dict if hasattr(error, "error_dict") else {None: error.error_list}
    for name, errors in by_field.items():
        for item in errors:
            form.add_error(name if name in form.fields else None, item)


@require_http_methods(["GET", "HEAD", "POST"])
def convention_create(request: HttpRequest) -> HttpResponse:
    return _create(request, CreateForm, Origin.APPLICATION)


@require_http_methods(["GET", "HEAD", "POST"])
def convention_paper_create(request: HttpRequest) -> HttpResponse:
    return _create(request, PaperCreateForm, Origin.PAPER)


def _create(request: HttpRequest, form_class: type[CreateForm], origin: str) -> HttpResponse:
    if not may_create(request.user):
        raise PermissionDenied(WHY_NOT)
    form = form_class(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            convention = create_convention(**_arguments(form), by=request.user, origin=origin)
        except ValidationError as error:
            add_errors(form, error)
        else:
            return _after_creation(request, convention.number, origin)
    paper = origin == Origin.PAPER
    title = "Reprendre une convention signée sur papier" if paper else "Créer une convention"
    context = {
        "form": form,
        "paper": paper,
        "title": title,
        "nav_section": "convention-list",
        "breadcrumb": [{"label": "Conventions", "url": reverse("convention-list")}, {"label": title, "url": ""}],
    }
    return render(request, "conventions/convention_create.html", context)


def _arguments(form: CreateForm) -> dict[str, Any]:
    data = form.cleaned_data
    return {
        "beneficiary": data["beneficiary"],
        "lead": data["lead"],
        "cycle": data["cycle"],
        "territories": list(data["territories"]),
        "cosigners": list(data["cosigners"]),
        "officer": form.user,
        "number": data.get("number") or None,
    }


def _after_creation(request: HttpRequest, number: str, origin: str) -> HttpResponse:
    if origin == Origin.PAPER:
        messages.success(
            request, f"La reprise {number} est ouverte. Ajoutez les montants, les fiches, puis l’original."
        )
    else:
        messages.success(request, f"La convention {number} est créée à partir du modèle national.")
    return redirect("convention-detail", number)
