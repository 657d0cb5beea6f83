"""The list of conventions: filters, orders, and the rows of a page read in a constant number of queries."""

import datetime as dt
import itertools
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import DecimalField, Func, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from arml.models import User
from conventions.enums import ConventionState, Origin
from conventions.models import Act, Contribution, Convention
from cpo.lib.files.exports import Column
from cpo.lib.hooks import Hook
from cpo.lib.wording.accents import plain

# The ids of the conventions with a deadline that has passed, as a subquery: `reporting/hooks.py` answers.
late_conventions: Hook[[], QuerySet[Any, Any]] = Hook(Convention.objects.none)
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
    if values.get("echeances"):
        found = found.filter(pk__in=late_conventions())
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


class Row(NamedTuple):
    """What a line shows, here or in the CSV: plain values, as a list has no use for the objects behind them."""

    pk: int  # of act 0
    convention_id: int
    number: str
    state: str
    state_since: dt.datetime
    origin: str
    act_state: str
    turn: str
    lead_id: int
    lead: str
    lead_name: str
    lead_type: str
    beneficiary_id: int
    beneficiary: str
    beneficiary_name: str
    effective_on: dt.date
    ends_on: dt.date
    signed_on: dt.date | None
    contribution: Decimal


_LEAD, _BENEFICIARY = "convention__dossier__lead", "convention__dossier__beneficiary"
_COLUMNS = (
    *("pk", "convention_id", "convention__number", "convention__state", "convention__state_since"),
    *("convention__origin", "state", "programme__side"),
    *(f"{_LEAD}_id", f"{_LEAD}__short_name", f"{_LEAD}__name", f"{_LEAD}__service_type"),
    *(f"{_BENEFICIARY}_id", f"{_BENEFICIARY}__short_name", f"{_BENEFICIARY}__name"),
    *("effective_on", "ends_on", "signed_on", "contribution"),
)


def rows(ids: Sequence[int]) -> list[Row]:
    """Act 0 of these conventions, in this order, with what a line shows; amounts are added up for these rows only."""
    signed = Act.objects.filter(convention=OuterRef(OuterRef("convention")), latest=True)
    text = Coalesce(Subquery(signed.values("pk")), OuterRef("pk"))  # the last one signed, else act 0
    whole = Func("amount", function="SUM", output_field=DecimalField())  # `Sum` would group by act, one as it is
    amounts = Contribution.objects.filter(act=text).order_by().values(whole=whole)
    amount = Coalesce(Subquery(amounts), Decimal(0))
    acts = Act.objects.filter(convention_id__in=list(ids), number=0).order_by().annotate(contribution=amount)
    by_id = {row.convention_id: row for row in itertools.starmap(Row, acts.values_list(*_COLUMNS))}
    return [by_id[pk] for pk in ids if pk in by_id]


def batches(ids: Sequence[int], size: int = 500) -> Any:
    """All the rows of an export, read by parts."""
    for start in range(0, len(ids), size):
        yield from rows(ids[start : start + size])


COLUMNS = [
    Column("Numéro", "number"),
    Column("Association", "beneficiary_name"),
    Column("Service chef de file", "lead_name"),
    Column("État", lambda row: ConventionState(row.state).label),
    Column("Dans cet état depuis", "state_since"),
    Column("Origine", lambda row: Origin(row.origin).label),
    Column("Prise d’effet", "effective_on"),
    Column("Terme", "ends_on"),
    Column("Signée le", "signed_on"),
    Column("Contribution de l’État (€)", "contribution"),
]
