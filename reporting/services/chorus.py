"""An extract of Chorus: taken in, read by a worker, recorded row by row; each row by the rules of a payment."""

import datetime as dt
from collections.abc import Iterable
from typing import Any, cast
from uuid import uuid4

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet

from arml.enums import OrganisationKind
from arml.models import User
from arml.permissions import SPOKESPERSONS, capacities
from cpo.lib import clock
from cpo.lib.enums import Side
from cpo.lib.work import jobs
from cpo.lib.workflow import Refused
from reporting import permissions as may
from reporting.enums import ExtractState, PaymentState
from reporting.models import ChorusExtract, Payment
from reporting.money import chorus
from reporting.workflow.payments import apply, payable

READ = "read_chorus"
KEPT = dt.timedelta(days=30)
OF_THE_LEAD = "le service chef de file enregistre ce versement"
NOT_YOURS = "Les extraits de Chorus sont lus par les chargés de mission et les responsables des services de l’État."


def keeps_money(user: User) -> bool:
    """Whether the person is an officer or a manager of a service: which payments they may write, each one says."""
    return any(
        one.organisation.kind == OrganisationKind.STATE_SERVICE and one.role in SPOKESPERSONS[Side.STATE]
        for one in user.roles
    )


@transaction.atomic
def take_in(*, by: User, name: str, data: bytes) -> ChorusExtract:
    """Keep a file in the place of the person's former one, and have it read. Raises PermissionDenied."""
    if not keeps_money(by):
        raise PermissionDenied(NOT_YOURS)
    values = {"name": name[:200], "data": data, "columns": [], "mapping": {}, "rows": [], "reason": ""}
    extract, _ = ChorusExtract.objects.update_or_create(
        user=by, defaults={**values, "reading": ExtractState.WAITING, "created_at": clock.now()}
    )
    _enqueue(extract)
    return extract


@transaction.atomic
def choose_columns(*, extract: ChorusExtract, mapping: dict[str, str]) -> None:
    """Read the file with the columns that the person chose. Raises ValidationError by field."""
    missing = [field for field in chorus.REQUIRED if not mapping.get(field)]
    if missing:
        raise ValidationError(dict.fromkeys(missing, "Choisissez une colonne."))
    extract.mapping, extract.reading = mapping, ExtractState.WAITING
    extract.save(update_fields=["mapping", "reading"])
    _enqueue(extract)


def _enqueue(extract: ChorusExtract) -> None:
    jobs.enqueue(READ, f"chorus:{extract.pk}:{uuid4()}", extract=extract.pk)


def read(extract: ChorusExtract) -> None:
    """Read the file: its rows, or its headers where a column is to be chosen, or why it cannot be read. Idempotent."""
    try:
        rows = chorus.table(bytes(extract.data), extract.name)
        rank, extract.columns = chorus.headers(rows)
        mapping = extract.mapping or chorus.recognised(extract.columns)
        if all(mapping.get(field) for field in chorus.REQUIRED):
            extract.mapping, extract.rows = mapping, chorus.read(rows, rank, mapping)
            extract.reading = ExtractState.READ
        else:
            extract.reading = ExtractState.COLUMNS
    except ValidationError as error:
        extract.reading, extract.reason = ExtractState.REFUSED, " ".join(error.messages)[:500]
    extract.save(update_fields=["reading", "reason", "columns", "mapping", "rows"])


def columns_read(extract: ChorusExtract) -> list[tuple[str, str]]:
    """What each field was read in: its label and the heading of the extract, which may not be what was meant."""
    fields = chorus.FIELDS.items()
    return [(label, extract.mapping[field]) for field, (label, _) in fields if extract.mapping.get(field)]


def _seen_by(user: User) -> QuerySet[Payment]:
    """The payments of the conventions whose money the person sees, but the voided ones."""
    seen = Payment.objects.visible_to(user)  # type: ignore[attr-defined]
    rows = cast("QuerySet[Payment]", seen).filter(voided_at=None)
    rows = rows.select_related("commitment__service", "convention__dossier__beneficiary")
    return rows.prefetch_related("convention__dossier__services", "convention__dossier__territories")


def payments_of(user: User, numbers: Iterable[str]) -> list[Payment]:
    """The payments on these EJ."""
    return list(_seen_by(user).filter(commitment__number__in=list(numbers)).order_by("pk"))


def matches(user: User, rows: list[dict[str, Any]]) -> list[chorus.Match]:
    """What each row may be; what the person may not record says who may."""
    payments = payments_of(user, {row["ej"] for row in rows if row["ej"]})
    found = [chorus.match(row, payments) for row in rows]
    for one in found:
        if one.payment and not one.done and not _recorder(user, one.payment):
            one.why_not = OF_THE_LEAD
    return found


def _recorder(user: User, payment: Payment) -> bool:
    """Whether the person may do the next steps of a payment: the rule of its workflow."""
    actors = capacities(user, payment.convention.dossier)
    return any(may.proposer(actor) and payable(payment, actor) for actor in actors)


@transaction.atomic
def record(*, extract: ChorusExtract, row: int, payment: int | None, by: User) -> Payment:
    """Record the payment that a row of the extract is, as it was shown. Raises Refused, PermissionDenied."""
    found = next((one for one in extract.rows if one["row"] == row), None)
    (one,) = matches(by, [found]) if found else (None,)
    if one is None or one.payment is None or one.done or one.payment.pk != payment:
        raise Refused("Cette ligne ne correspond plus au versement proposé : rechargez la page.")
    paid = one.payment
    if paid.state == PaymentState.CERTIFIED:
        paid = apply("order", paid, by=by, data={"number": one.row["dp"], "on": one.day})
    return apply("pay", paid, by=by, data={"on": one.day})


def forget_old() -> None:
    """Delete the extracts that nobody renewed."""
    ChorusExtract.objects.filter(created_at__lt=clock.now() - KEPT).delete()


def to_enter(user: User) -> list[Payment]:
    """The payments to order in Chorus: their service is certified."""
    rows = _seen_by(user).filter(state=PaymentState.CERTIFIED).select_related("certified_by")
    return list(rows.order_by("convention__number", "year", "rank", "pk"))
