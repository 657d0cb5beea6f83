"""The list of conventions: filters, orders, and the rows of a page read in a constant number of queries."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from arml.models import User
from cpo.lib.exports import Column
from cpo.lib.search import plain

from .enums import ConventionState
from .models import Act, Contribution, Convention

ORDERS = {
    "numero": ("number",),
    "arml": ("dossier__beneficiary__sort_name", "number"),
    "service": ("dossier__lead__sort_name", "number"),
    "etat": ("state", "number"),
    "depuis": ("state_since", "number"),
}
DEFAULT_ORDER = "numero"


def filtered(user: User, values: dict[str, Any]) -> QuerySet[Convention]:
    """The conventions that the person may see, as filtered; `values` are the cleaned values of `ListFilter`."""
    found = Convention.objects.visible_to(user)
    if state := values.get("etat"):
        found = found.filter(state=state)
    if territory := values.get("region"):
        found = found.filter(dossier__territories=territory)
    if service := values.get("service"):
        # Lead or co-signing; a subquery, so that no convention comes twice.
        cosigned = Q(dossier__in=service.cosigned_dossiers.all())
        found = found.filter(Q(dossier__lead=service) | cosigned)
    if text := values.get("q"):
        words = plain(text.strip())
        beneficiary = Q(dossier__beneficiary__sort_name__contains=words)
        name = Q(dossier__beneficiary__name__plain__contains=words)
        found = found.filter(beneficiary | name | Q(number__icontains=text.strip()))
    return found


def ordered(found: QuerySet[Convention], key: str) -> QuerySet[Convention]:
    """Sort by one of ORDERS, « -key » for descending; an unknown key gives the default."""
    name = key.removeprefix("-")
    fields = ORDERS.get(name, ORDERS[DEFAULT_ORDER])
    if key.startswith("-") and name in ORDERS:
        return found.order_by(f"-{fields[0]}", *fields[1:])
    return found.order_by(*fields)


# What a line shows, here or in the CSV: the other columns are long, and stay in the database.
_ORGANISATION = ("name", "short_name", "service_type")
SHOWN = (
    *("state", "effective_on", "ends_on", "signed_on", "programme__side"),
    *(f"convention__{name}" for name in ("number", "state", "state_since", "origin")),
    *(f"convention__dossier__lead__{name}" for name in _ORGANISATION),
    *(f"convention__dossier__beneficiary__{name}" for name in _ORGANISATION),
)


def rows(ids: Sequence[int]) -> list[Act]:
    """Act 0 of these conventions, in this order, with what a line shows; amounts are added up for these rows only."""
    amounts = (
        Contribution.objects.filter(act=OuterRef("pk")).order_by().values("act").annotate(n=Sum("amount")).values("n")
    )
    acts = (
        Act.objects.filter(convention_id__in=list(ids), number=0)
        .select_related("convention__dossier__lead", "convention__dossier__beneficiary", "programme")
        .only(*SHOWN)
        .order_by()
        .annotate(contribution=Coalesce(Subquery(amounts), Decimal(0), output_field=DecimalField()))
    )
    by_id = {act.convention_id: act for act in acts}
    return [by_id[pk] for pk in ids if pk in by_id]


def batches(ids: Sequence[int], size: int = 500) -> Any:
    """All the rows of an export, read by parts."""
    for start in range(0, len(ids), size):
        yield from rows(ids[start : start + size])


COLUMNS = [
    Column("Numéro", "convention.number"),
    Column("Association", "dossier.beneficiary.name"),
    Column("Service chef de file", "dossier.lead.name"),
    Column("État", lambda act: ConventionState(act.convention.state).label),
    Column("Dans cet état depuis", lambda act: act.convention.state_since),
    Column("Origine", lambda act: act.convention.get_origin_display()),
    Column("Prise d’effet", "effective_on"),
    Column("Terme", "ends_on"),
    Column("Signée le", "signed_on"),
    Column("Contribution de l’État (€)", "contribution"),
]
