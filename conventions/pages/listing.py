"""The list of conventions: filters, orders, and the rows of a page read in a constant number of queries."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from arml.models import User, zone_of
from conventions.enums import ConventionState, Origin
from conventions.models import Act, Convention
from cpo.lib import zones
from cpo.lib.files.exports import Column
from cpo.lib.hooks import Hook
from cpo.lib.wording.searching import found

from .contributions import contributions_shown

# `reporting/hooks.py` answers with a subquery: the ids of the conventions with a deadline that has passed, which
# the person may read.
late_conventions: Hook[[User], QuerySet[Any, Any]] = Hook(lambda user: Convention.objects.none())
ORDERS = {
    "numero": ("number",),
    "arml": ("dossier__beneficiary__sort_name", "number"),
    "service": ("dossier__lead__sort_name", "number"),
    "etat": ("state", "number"),
    "depuis": ("state_since", "number"),
}
DEFAULT_ORDER = "numero"
SEARCHED = ("number", "dossier__beneficiary__short_name", "dossier__beneficiary__name")


def filter_conventions(user: User, values: dict[str, Any]) -> QuerySet[Convention]:
    """Return the conventions that the person may see and that match `values`, the cleaned values of `ListFilter`."""
    conventions = Convention.objects.visible_to(user)
    if state := values.get("etat"):
        conventions = conventions.filter(state=state)
    if territory := values.get("region"):
        conventions = conventions.filter(dossier__territories=territory)
    if service := values.get("service"):
        # A subquery, because a join would return a convention twice.
        cosigned = Q(dossier__in=service.cosigned_dossiers.all())
        conventions = conventions.filter(Q(dossier__lead=service) | cosigned)
    if values.get("echeances"):
        conventions = conventions.filter(pk__in=late_conventions(user))
    if text := values.get("q"):
        conventions = found(conventions, SEARCHED, text)
    return conventions


def sort_conventions(conventions: QuerySet[Convention], key: str) -> QuerySet[Convention]:
    """Sort by one of ORDERS, in descending order for « -key »; an unknown key gives the default order."""
    name = key.removeprefix("-")
    fields = ORDERS.get(name, ORDERS[DEFAULT_ORDER])
    if key.startswith("-") and name in ORDERS:
        return conventions.order_by(f"-{fields[0]}", *fields[1:])
    return conventions.order_by(*fields)


class Row(NamedTuple):
    """What a line of the page or of the CSV shows, as plain values: the list does not need model instances."""

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
    ended_on: dt.date | None
    zone: str
    contribution: Decimal

    @property
    def is_terminated(self) -> bool:
        return self.state == ConventionState.TERMINATED

    @property
    def since(self) -> dt.datetime:
        """Where the dossier is: the list and its CSV hold dossiers of several zones."""
        return zones.at(self.state_since, self.zone)


_LEAD, _BENEFICIARY = "convention__dossier__lead", "convention__dossier__beneficiary"
_COLUMNS = (
    *("pk", "convention_id", "convention__number", "convention__state", "convention__state_since"),
    *("convention__origin", "state", "programme__side"),
    *(f"{_LEAD}_id", f"{_LEAD}__short_name", f"{_LEAD}__name", f"{_LEAD}__service_type"),
    *(f"{_BENEFICIARY}_id", f"{_BENEFICIARY}__short_name", f"{_BENEFICIARY}__name"),
    *("effective_on", "ends_on", "signed_on", "convention__ended_on", "zone"),
)


def rows(user: User, ids: Sequence[int]) -> list[Row]:
    """Return one row for each of these conventions, in this order, as the person reads it; two queries."""
    amounts = contributions_shown(user, ids)
    acts = Act.objects.filter(convention_id__in=list(ids), number=0).order_by()
    columns = acts.annotate(zone=zone_of("convention__dossier")).values_list(*_COLUMNS)
    by_id = {values[1]: Row._make([*values, amounts[values[1]]]) for values in columns}
    return [by_id[pk] for pk in ids if pk in by_id]


def batches(user: User, ids: Sequence[int], size: int = 500) -> Any:
    """Yield all the rows of an export, reading `size` conventions at a time."""
    for start in range(0, len(ids), size):
        yield from rows(user, ids[start : start + size])


COLUMNS = [
    Column("Numéro", "number"),
    Column("Association", "beneficiary_name"),
    Column("Service chef de file", "lead_name"),
    Column("État", lambda row: ConventionState(row.state).label),
    Column("Dans cet état depuis", lambda row: row.since),
    Column("Origine", lambda row: Origin(row.origin).label),
    Column("Prise d’effet", "effective_on"),
    Column("Terme", "ends_on"),
    Column("Signée le", "signed_on"),
    Column("Résiliée ou clôturée le", "ended_on"),
    Column("Contribution de l’État (€)", "contribution"),
]
