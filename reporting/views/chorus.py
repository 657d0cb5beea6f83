"""Chorus: an extract is read and proposed row by row, nothing is written without a click; an export for entry."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from cpo.lib.files.exports import Column, csv_response
from cpo.lib.wording import french
from cpo.lib.wording.numbers import whole_number
from cpo.lib.workflow import Refused
from reporting.enums import ExtractState
from reporting.forms.chorus import ColumnsForm, ExtractForm
from reporting.models import ChorusExtract
from reporting.services import chorus as services

PER_PAGE = 50
TO_ENTER = [
    Column("Numéro d’EJ", "commitment.number"),
    Column("SIRET", "commitment.siret"),
    Column("Bénéficiaire", "convention.dossier.beneficiary"),
    Column("Convention", "convention.number"),
    Column("Versement", str),
    Column("Ligne", lambda payment: payment.commitment.get_line_display()),
    Column("Service", "commitment.service"),
    Column("Imputation", "commitment.imputation"),
    Column("Montant", "amount"),
    Column("Service fait certifié par", "certified_by"),
]


def _keeper(request: HttpRequest) -> Any:
    if not services.keeps_money(request.user):  # type: ignore[arg-type]
        raise PermissionDenied(services.NOT_YOURS)
    return request.user


@require_http_methods(["GET", "HEAD", "POST"])
def chorus(request: HttpRequest) -> HttpResponse:
    """The person's extract; a post takes in a file, or the columns of the one that was."""
    user = _keeper(request)
    extract = ChorusExtract.objects.filter(user=user).first()
    upload, columns = ExtractForm(), None
    if request.method == "POST" and "columns" in request.POST and extract:
        columns = ColumnsForm(request.POST, columns=extract.columns)
        if columns.is_valid():
            services.choose_columns(extract=extract, mapping=columns.cleaned_data)
            return redirect("chorus")
    elif request.method == "POST":
        upload = ExtractForm(request.POST, request.FILES)
        if upload.is_valid():
            services.take_in(by=user, name=upload.cleaned_data["extract"].name, data=upload.data_bytes)
            return redirect("chorus")
    elif extract and (extract.reading == ExtractState.COLUMNS or (extract.is_read and request.GET.get("colonnes"))):
        columns = ColumnsForm(columns=extract.columns, chosen=extract.mapping)
    rows = extract.rows if extract and extract.is_read else []
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "extract": extract,
        "form": upload,
        "columns_form": columns,
        "read_in": services.columns_read(extract) if extract and extract.is_read else [],
        "page_obj": page,
        "matches": services.matches(user, list(page)),
        "nav_section": "home",
        "breadcrumb": [{"label": "Accueil", "url": "/"}, {"label": "Chorus"}],
    }
    return render(request, "reporting/chorus.html", context)


@require_http_methods(["POST"])
def chorus_record(request: HttpRequest, row: int) -> HttpResponse:
    """Record the payment proposed for one row."""
    user = _keeper(request)
    extract = get_object_or_404(ChorusExtract, user=user)
    payment = whole_number(request.POST.get("payment"))
    try:
        paid = services.record(extract=extract, row=row, payment=payment, by=user)
    except (Refused, ValidationError) as error:
        messages.error(request, error.message if isinstance(error, Refused) else " ".join(error.messages))
    else:
        day = french.date(paid.paid_on)
        messages.success(request, f"{paid}, {paid.convention.number}\u00a0: payé le {day}. C’est enregistré.")
    return redirect("chorus")


@require_safe
def chorus_export(request: HttpRequest) -> HttpResponse:
    """What is to enter in Chorus, as CSV."""
    return csv_response("a-saisir-dans-chorus.csv", TO_ENTER, services.to_enter(_keeper(request)))
