"""Recording how a signed act was notified, and serving the proof."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from conventions import permissions as may
from conventions.enums import DeliveryMeans
from conventions.forms.deliveries import DeliveryForm
from conventions.forms.pieces import FORMATS
from conventions.models import Delivery
from conventions.services import deliveries
from cpo.lib.files import stored as stored_files
from cpo.lib.files.inspection import extension_of
from cpo.lib.workflow import Refused

from .common import actors, get_act, refusal_page, url, work_page
from .drafting import add_errors


@require_http_methods(["GET", "HEAD", "POST"])
def delivery_add(request: HttpRequest, number: str) -> HttpResponse:
    """The lead service records a notification: its means, its dates, its proof."""
    act = get_act(request, number)
    if deliveries.recorder(request.user, act) is None:
        raise PermissionDenied(deliveries.NOT_YOURS)
    if reason := deliveries.closed(act):
        return refusal_page(request, act, Refused(reason))
    posted = request.method == "POST"
    form = DeliveryForm(
        request.POST if posted else None,
        request.FILES if posted else None,
        act=act,
        addressees=deliveries.addressees(act),
        initial={"sent_on": act.notified_on, "means": DeliveryMeans.REGISTERED},
    )
    if posted and form.is_valid():
        try:
            deliveries.record_delivery(act=act, by=request.user, **form.facts())
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, "La notification est enregistrée.")
            return redirect(f"{url(act, 'convention-documents')}#notification")
    context = work_page(act, "convention-documents", "Documents et signatures") | {
        "form": form,
        "formats": FORMATS,
        "max_bytes": settings.UPLOAD_MAX_BYTES,
    }
    return render(request, "conventions/signing/delivery_add.html", context)


@require_safe
def delivery_file(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Serve the proof of a notification, to those who read the pièces of the dossier."""
    act = get_act(request, number)
    if not may.reads_funding_files(actors(request, act)):
        raise Http404
    row = get_object_or_404(Delivery.objects.select_related("proof"), act=act, pk=pk, proof__isnull=False)
    assert row.proof is not None  # noqa: S101 (the query says so)
    name = f"{number}-notification-{row.pk}.{extension_of(row.proof.media_type)}"
    return stored_files.serve(request, row.proof, name=name, inline=True)
