"""The life of an association: its overview, one page for each register, a form for a row, the workbook of all."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.views.decorators.http import require_http_methods, require_safe

from arml.enums import OrganisationKind
from arml.models import Organisation
from arml.permissions import observes_association, reads_association
from arml.views.organisations import get_organisation, trail
from conventions.views.drafting import add_errors
from cpo.lib import journal
from cpo.lib.editing import conflicts
from cpo.lib.workflow import Refused
from reporting.content.association import IMPORTED, REGISTERS, Register
from reporting.forms.association import FORMS, MembersFilterForm, RowForm
from reporting.pages import association as pages
from reporting.permissions import registers as may
from reporting.services import association as services

FORM = ["GET", "HEAD", "POST"]
NOT_FOUND = "Cette page n’existe pas, ou ne vous est pas ouverte."
PER_PAGE = 50


def find(request: HttpRequest, key: str) -> Organisation:
    """The association, for who reads at least its public part."""
    organisation = get_organisation(key)
    user: Any = request.user
    readable = reads_association(user, organisation) or observes_association(user, organisation)
    if organisation.kind != OrganisationKind.ARML or not readable:
        raise Http404(NOT_FOUND)
    return organisation


def _register(request: HttpRequest, organisation: Organisation, slug: str) -> Register:
    register = REGISTERS.get(slug)
    if register is None or not may.reads_register(request.user, organisation, slug):  # type: ignore[arg-type]
        raise Http404(NOT_FOUND)
    return register


def _written(request: HttpRequest, key: str, slug: str) -> tuple[Organisation, Register]:
    organisation = find(request, key)
    register = _register(request, organisation, slug)
    if may.register_writer(request.user, organisation, slug) is None:  # type: ignore[arg-type]
        raise PermissionDenied(may.why_not_write(slug))
    return organisation, register


def _row(request: HttpRequest, organisation: Organisation, register: Register, pk: int) -> Any:
    row = register.rows(organisation).filter(pk=pk).first()
    if row is None:
        raise Http404(NOT_FOUND)
    if register.slug == may.NOTES and row.author_id != request.user.pk:
        raise PermissionDenied("Une note se corrige ou se retire par la personne qui l’a écrite.")
    return row


def frame(request: HttpRequest, organisation: Organisation, current: str = "", crumb: str = "") -> dict[str, Any]:
    """The context that all the pages share."""
    here = trail(organisation)
    home = {"label": "Vie de l’association", "url": resolve_url("association", key=organisation.key)}
    title = crumb or (REGISTERS[current].title if current else "")
    here = [*here, home, {"label": title}] if title else [*here, {"label": home["label"]}]
    user: Any = request.user
    return {
        "organisation": organisation,
        "side_menu": pages.menu(organisation, user, current),
        "breadcrumb": here,
        "nav_section": "organisation-list",
        "whole": reads_association(user, organisation),
        "may_import": may_import(user, organisation),
        "with_import": True,
    }


def may_import(user: Any, organisation: Organisation) -> bool:
    return any(may.register_writer(user, organisation, register.slug) for register in IMPORTED)


@require_safe
def association(request: HttpRequest, key: str) -> HttpResponse:
    organisation = find(request, key)
    context = frame(request, organisation)
    context |= pages.overview(organisation, context["whole"])
    return render(request, "reporting/association/overview.html", context)


@require_safe
def register_page(request: HttpRequest, key: str, register: str) -> HttpResponse:
    organisation = find(request, key)
    shown = _register(request, organisation, register)
    rows = shown.rows(organisation)
    form, day = None, None
    if register == may.MEMBERS:
        form = MembersFilterForm(request.GET)
        day = form.values().get("au")
        rows = rows.on(day) if day else rows
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    user: Any = request.user
    context = frame(request, organisation, register) | {
        "register": shown,
        "headings": pages.HEADINGS[register],
        "lines": pages.lines(shown, organisation, page.object_list, user),
        "page_obj": page,
        "form": form,
        "day": day,
        "may_write": may.register_writer(user, organisation, register) is not None,
    }
    return render(request, "reporting/association/register.html", context)


@require_http_methods(FORM)
def row_add(request: HttpRequest, key: str, register: str) -> HttpResponse:
    organisation, shown = _written(request, key, register)
    form = FORMS[register](request.POST if request.method == "POST" else None, organisation=organisation)
    if request.method == "POST" and form.is_valid():
        try:
            services.add_row(register=shown, organisation=organisation, values=form.changes, by=request.user)  # type: ignore[arg-type]
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, "La ligne est ajoutée.")
            return redirect("association-register", key=key, register=register)
    return _form_page(request, organisation, shown, form, shown.add)


@require_http_methods(FORM)
def row_edit(request: HttpRequest, key: str, register: str, pk: int) -> HttpResponse:
    organisation, shown = _written(request, key, register)
    row = _row(request, organisation, shown, pk)
    status, form = 200, _form(organisation, shown, pk)
    if request.method == "POST":
        outcome = conflicts.save(
            request,
            make=lambda data: _form(organisation, shown, pk, data),
            write=lambda posted, revision: services.change_row(
                register=shown,
                organisation=organisation,
                row=row,
                values=posted.changes,
                expected_revision=revision,
                by=request.user,  # type: ignore[arg-type]
            ),
            author=lambda: journal.last(row, "register_changed"),
        )
        if outcome.saved:
            messages.success(request, "La ligne est enregistrée.")
            return redirect("association-register", key=key, register=register)
        form, status = outcome.form, outcome.status
        if outcome.error:
            add_errors(form, outcome.error)
    return _form_page(request, organisation, shown, form, f"Corriger : {row}", status=status, row=row)


def _form(organisation: Organisation, register: Register, pk: int, data: Any = None) -> RowForm:
    return FORMS[register.slug](data, instance=register.rows(organisation).get(pk=pk), organisation=organisation)


def _form_page(
    request: HttpRequest, organisation: Organisation, register: Register, form: Any, title: str, **more: Any
) -> HttpResponse:
    context = frame(request, organisation, register.slug, title)
    context |= {"register": register, "form": form, "title": title, "row": more.get("row")}
    return render(request, "reporting/association/form.html", context, status=more.get("status", 200))


@require_http_methods(FORM)
def row_remove(request: HttpRequest, key: str, register: str, pk: int) -> HttpResponse:
    """Take out a row written by mistake, after a page that names it."""
    organisation, shown = _written(request, key, register)
    row = _row(request, organisation, shown, pk)
    context = frame(request, organisation, register, f"Retirer : {row}") | {"register": shown, "row": row}
    if request.method == "POST":
        words = str(row)
        try:
            services.remove_row(register=shown, organisation=organisation, row=row, by=request.user)  # type: ignore[arg-type]
        except Refused as error:
            context["refusal"] = error.message
            return render(request, "reporting/association/remove.html", context, status=409)
        messages.success(request, f"« {words} » est retirée du registre.")
        return redirect("association-register", key=key, register=register)
    return render(request, "reporting/association/remove.html", context)
