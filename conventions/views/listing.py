"""The list of conventions, and its CSV as filtered."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from arml.enums import OrganisationKind, Role
from arml.models import User
from cpo.lib import clock
from cpo.lib.enums import Side
from cpo.lib.exports import csv_response

from .. import listing
from ..enums import ConventionState
from ..forms.listing import ListFilter
from ..models import Act

PAGE = 20
FEW = 5  # below, one reads the list without filtering it


def may_create(user: User) -> bool:
    return any(
        m.organisation.kind == OrganisationKind.STATE_SERVICE and m.role in (Role.OFFICER, Role.MANAGER)
        for m in user.roles
    )


@require_safe
def convention_list(request: HttpRequest) -> HttpResponse:
    """Two steps: the ids of the page, found without any join; then the rows of these ids."""
    form = ListFilter(request.GET or {})
    values = form.values()
    found = listing.ordered(listing.filtered(request.user, values), request.GET.get("tri", ""))
    page = Paginator(found.values_list("pk", flat=True), PAGE).get_page(request.GET.get("page"))
    page.object_list = list(page.object_list)
    acts = [_line(act, request.user) for act in listing.rows(page.object_list)]
    context = {
        "nav_section": "convention-list",
        "form": form,
        "page_obj": page,
        "lines": acts,
        "active": _active(request, form, values),
        "show_filters": bool(values or form.errors) or page.paginator.count > FEW,
        "may_create": may_create(request.user),
        "breadcrumb": [],
    }
    return render(request, "conventions/convention_list.html", context)


@require_safe
def convention_list_csv(request: HttpRequest) -> StreamingHttpResponse:
    found = listing.ordered(
        listing.filtered(request.user, ListFilter(request.GET or {}).values()), request.GET.get("tri", "")
    )
    ids = list(found.values_list("pk", flat=True))
    return csv_response(f"conventions-{clock.today():%Y-%m-%d}.csv", listing.COLUMNS, listing.batches(ids))


def _line(act: Act, user: User) -> dict[str, Any]:
    """One row: the act, and whose turn it is for this reader."""
    turn = ("", "")
    if act.state == ConventionState.NEGOTIATION:
        mine = _side(act, user)
        holder = "l’ARML" if act.turn == Side.BENEFICIARY else f"la {act.dossier.lead.service_type or 'DREETS'}"
        turn = ("mine", "La main est à vous") if act.turn == mine else ("theirs", f"La main est à {holder}")
    return {"act": act, "turn": turn[0], "turn_label": turn[1], "url": detail_url(act)}


def _side(act: Act, user: User) -> str:
    own = {membership.organisation_id for membership in user.roles}
    if act.dossier.lead_id in own:
        return Side.STATE
    return Side.BENEFICIARY if act.dossier.beneficiary_id in own else "none"


def detail_url(act: Act) -> str:
    return reverse("convention-detail", args=[act.convention.number])


def _active(request: HttpRequest, form: ListFilter, values: dict[str, Any]) -> list[dict[str, str]]:
    """Each filter in force, with the address of the list without it."""
    active = []
    for name, value in values.items():
        query = request.GET.copy()
        query.pop(name, None)
        query.pop("page", None)
        field = form.fields[name]
        label = dict(field.choices).get(value, value) if name == "etat" else value  # type: ignore[attr-defined]
        active.append({"label": f"{field.label}\u00a0: {label}", "url": f"?{query.urlencode()}"})
    return active
