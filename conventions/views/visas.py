"""Pages to record, to read and to withdraw a visa given outside the application."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from conventions import permissions as may
from conventions import workflow
from conventions.forms.visas import OutsideVisaForm, WithdrawForm
from conventions.models import Act, OutsideVisa
from conventions.pages.versions import latest_number
from conventions.services.visas import check_withdrawal, record_outside_visa, withdraw_outside_visa
from cpo.lib.files import stored
from cpo.lib.workflow import Refused

from .common import actors, get_act, refusal_page, url, work_page
from .drafting import add_errors

VISAS = "#visas"


@require_http_methods(["GET", "HEAD", "POST"])
def outside_visa_add(request: HttpRequest, number: str) -> HttpResponse:
    """Record a visa given on paper on the version that both sides accepted."""
    act = get_act(request, number)
    try:
        workflow.ACT.attempt("record_outside_visa", act, request.user)
    except Refused as error:
        return refusal_page(request, act, error)
    posted = request.method == "POST"
    form = OutsideVisaForm(
        request.POST if posted else None,
        request.FILES if posted else None,
        act=act,
        initial={"version": latest_number(act)},
    )
    if posted and form.is_valid():
        try:
            _record(request, act, form)
        except ValidationError as error:
            add_errors(form, error)
        except Refused as error:
            form.data = form.data.copy()
            form.data["version"] = latest_number(act)
            return _page(request, act, form, refusal=error, status=409)
        else:
            messages.success(request, "Le visa extérieur est enregistré avec son fichier.")
            return redirect(url(act, "convention-versions") + VISAS)
    return _page(request, act, form)


def _record(request: HttpRequest, act: Act, form: OutsideVisaForm) -> None:
    data = dict(form.cleaned_data)
    upload = data.pop("upload")
    version = act.versions.defer("content").filter(number=data.pop("version")).first()
    if version is None:
        raise Refused("Cette version n’existe pas. Rechargez la page.")
    record_outside_visa(
        act=act,
        version=version,
        upload=upload,
        upload_name=upload.name,
        upload_size=upload.size,
        by=request.user,
        **data,
    )


def _page(
    request: HttpRequest, act: Act, form: OutsideVisaForm, *, refusal: Refused | None = None, status: int = 200
) -> HttpResponse:
    context = work_page(act, "convention-versions", "Versions et échanges") | {
        "form": form,
        "refusal": refusal,
        "version": act.versions.proposed().defer("content").order_by("-number").first(),
        "max_bytes": settings.UPLOAD_MAX_BYTES,
    }
    return render(request, "conventions/visas/outside_visa.html", context, status=status)


def _visa(request: HttpRequest, number: str, pk: int) -> tuple[Act, OutsideVisa]:
    """Return the act and the outside visa. Raises Http404 for those who may not know of it, as the association."""
    act = get_act(request, number)
    if not may.reads_state_visas(actors(request, act)):
        raise Http404
    visas = OutsideVisa.objects.filter(version__act=act).select_related("file", "version").defer("version__content")
    return act, get_object_or_404(visas, pk=pk)


@require_safe
def outside_visa_file(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    _, visa = _visa(request, number, pk)
    return stored.serve(request, visa.file, name=f"{number}-visa-{visa.pk}.pdf", inline=True)  # type: ignore[return-value]


@require_http_methods(["GET", "HEAD", "POST"])
def outside_visa_withdraw(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    act, visa = _visa(request, number, pk)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    try:
        check_withdrawal(visa=visa, act=act, by=request.user)
        if request.method == "POST" and form.is_valid():
            withdraw_outside_visa(visa=visa, reason=form.cleaned_data["reason"], by=request.user)
            messages.success(request, "Le visa extérieur est retiré ; il reste dans l’historique avec son motif.")
            return redirect(url(act, "convention-versions") + VISAS)
    except Refused as error:
        return refusal_page(request, act, error)
    context: dict[str, Any] = work_page(act, "convention-versions", "Versions et échanges")
    return render(request, "conventions/visas/outside_visa_withdraw.html", context | {"form": form, "visa": visa})
