"""The list of conventions, and its CSV with the same filters."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from actions.models import Cycle
from arml.enums import OrganisationKind, side_in_sentence
from arml.models import User, sees_all
from arml.permissions import SPOKESPERSONS, is_national
from conventions.enums import ConventionState
from conventions.forms.listing import ListFilter
from conventions.pages import listing
from cpo.lib import zones
from cpo.lib.enums import Side
from cpo.lib.files.exports import csv_response

PAGE = 20
FEW = 5  # a list of so few conventions needs no filters


def may_create(user: User) -> bool:
    return any(
        m.organisation.kind == OrganisationKind.STATE_SERVICE and m.role in SPOKESPERSONS[Side.STATE]
        for m in user.roles
    )


@require_safe
def convention_list(request: HttpRequest) -> HttpResponse:
    """Show the list. First find the ids of the page without any join, then read the rows of these ids."""
    form = ListFilter(request.GET or {}, user=request.user)
    values = form.values()
    conventions = listing.sort_conventions(listing.filter_conventions(request.user, values), request.GET.get("tri", ""))
    ids: Any = conventions.values_list("pk", flat=True)
    if not sees_all(request.user):
        ids = list(ids)  # this person sees few conventions: one query finds and counts them
    page = Paginator(ids, PAGE).get_page(request.GET.get("page"))
    page.object_list = list(page.object_list)
    own = {membership.organisation_id for membership in request.user.roles}
    context = {
        "nav_section": "convention-list",
        "form": form,
        "page_obj": page,
        "lines": [_line(row, own) for row in listing.rows(request.user, page.object_list)],
        "active": _active(request, form, values),
        "show_filters": bool(values or form.errors) or page.paginator.count > FEW,
        "may_create": may_create(request.user),
        "cycle": Cycle.objects.first() if is_national(request.user) else None,
        "breadcrumb": [],
    }
    return render(request, "conventions/convention_list.html", context)


@require_safe
def convention_list_csv(request: HttpRequest) -> StreamingHttpResponse:
    values = ListFilter(request.GET or {}, user=request.user).values()
    conventions = listing.sort_conventions(listing.filter_conventions(request.user, values), request.GET.get("tri", ""))
    ids = list(conventions.values_list("pk", flat=True))
    lines = listing.batches(request.user, ids)
    return csv_response(f"conventions-{zones.today():%Y-%m-%d}.csv", listing.COLUMNS, lines)


def _line(row: listing.Row, own: set[int]) -> dict[str, Any]:
    """Return a line of the list. `own`: the ids of the reader's organisations, to say whether the turn is theirs."""
    turn = ("", "")
    if row.act_state == ConventionState.NEGOTIATION:
        mine = Side.STATE if row.lead_id in own else Side.BENEFICIARY if row.beneficiary_id in own else "none"
        holder = side_in_sentence(row.turn, row.lead_type)
        turn = ("mine", "La main est à vous") if row.turn == mine else ("theirs", f"La main est à {holder}")
    url = reverse("convention-detail", args=[row.number])
    return {"act": row, "turn": turn[0], "turn_label": turn[1], "url": url}


def _active(request: HttpRequest, form: ListFilter, values: dict[str, Any]) -> list[dict[str, str]]:
    """Return each active filter, with the address of the list without it."""
    active = []
    for name, value in values.items():
        query = request.GET.copy()
        query.pop(name, None)
        query.pop("page", None)
        field = form.fields[name]
        label = dict(field.choices).get(value, value) if name in ("etat", "echeances") else value  # type: ignore[attr-defined]
        active.append({"label": f"{field.label} : {label}", "url": f"?{query.urlencode()}"})
    return active
