"""What the State agreed, committed and paid: by year, then by region and line; each total is that of its rows."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from arml.models import Organisation, within_scope
from conventions.enums import ContributionLine
from conventions.models import Convention
from reporting.enums import PaymentState
from reporting.models import Commitment, Payment
from reporting.money.sums import Sums

from .board import Selection


@dataclass(frozen=True)
class Line:
    """The money of one convention, for one line of a service in a year."""

    convention: Convention
    service: Organisation
    line: str
    year: int
    sums: Sums

    @property
    def label(self) -> str:
        return ContributionLine(self.line).label

    @property
    def region(self) -> str:
        """The territories of the service that pays: a convention of several regions is in no region twice."""
        names = [territory.name for territory in self.service.served_territories.all()]
        return ", ".join(names) or str(self.service)


@dataclass
class Total:
    """A row of a table. `parts`: its lines of the contribution, where there are several."""

    label: str
    sums: Sums = field(default_factory=Sums)
    parts: list["Total"] = field(default_factory=list)


def lines(selection: Selection) -> list[Line]:
    """Every line of the conventions whose payments the person reads, by association, year, service and line.

    Observers read what is agreed, not what is paid: a convention that one only observes counts for nothing here.
    """
    conventions = {
        one.pk: one for one in _followed(selection).select_related("dossier__beneficiary").order_by("number")
    }
    found: dict[tuple[int, int, int, str], Sums] = {}
    for name, rows in _amounts(selection, list(conventions)).items():
        for convention, year, service, line, amount in rows:
            part = found.setdefault((convention, year, service, line), Sums())
            setattr(part, name, getattr(part, name) + amount)
    services = Organisation.objects.prefetch_related("served_territories").in_bulk({key[2] for key in found})
    result = [Line(conventions[key[0]], services[key[2]], key[3], key[1], part) for key, part in found.items()]
    order = list(ContributionLine.values)
    return sorted(
        result, key=lambda one: (one.year, one.region, one.convention.number, order.index(one.line), one.service.pk)
    )


def _followed(selection: Selection) -> Any:
    return selection.within(within_scope(Convention.objects.all(), selection.user, observed=None))


def _amounts(selection: Selection, ids: list[int]) -> dict[str, Iterable[tuple[int, int, int, str, Decimal]]]:
    """The sums by convention, year, service and line, under the names of `Sums`; voided rows count for nothing."""
    agreed = selection.contributions().filter(act__convention__in=ids).order_by()
    committed = Commitment.objects.filter(convention__in=ids, voided_at=None).order_by()
    payments = Payment.objects.filter(convention__in=ids, voided_at=None).order_by()
    where = ("commitment__year", "commitment__service", "commitment__line")
    paid = payments.filter(state=PaymentState.PAID).values_list("convention", *where)
    reserved = payments.exclude(state=PaymentState.PAID).values_list("convention", *where)
    own = ("year", "service", "line")
    return {
        "conventioned": agreed.values_list("act__convention", *own).annotate(s=Sum("amount")),
        "committed": committed.values_list("convention", *own).annotate(s=Sum("amount")),
        "reserved": reserved.annotate(s=Sum("amount")),
        "paid": paid.annotate(s=Sum("amount")),
    }


def by_year(rows: Iterable[Line]) -> list[Total]:
    """A row for each year, and the total."""
    return _table(rows, lambda row: str(row.year))


def by_region(rows: Iterable[Line], year: int) -> list[Total]:
    """A row for each region in a year, with its lines where there are several, and the total."""
    return _table([row for row in rows if row.year == year], lambda row: row.region)


def _table(rows: Iterable[Line], key: Any) -> list[Total]:
    whole = Total("Total")
    table: dict[str, Total] = {}
    parts: dict[tuple[str, str], Total] = {}
    for row in rows:
        name = key(row)
        line = table.setdefault(name, Total(name))
        part = parts.setdefault((name, row.label), Total(row.label))
        for one in (line, part, whole):
            one.sums.add(row.sums)
    count = Counter(name for name, _ in parts)
    for (name, _), part in parts.items():
        if count[name] > 1:
            table[name].parts.append(part)
    return [*table.values(), whole] if table else []
