"""The balance of a year: what retained expenses, the shares of other funders and earlier payments leave to pay."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from conventions.models import Convention
from cpo.lib.money import ZERO, total
from reporting.enums import PaymentKind, PaymentState
from reporting.models import Report, Settlement
from reporting.money.schedule import Line, schedule
from reporting.money.sums import of_year, sums_of


@dataclass(frozen=True)
class Earlier:
    """An earlier year. `due`: what the State owes for it, its contribution until its report is admissible."""

    year: int
    conventioned: Decimal
    paid: Decimal
    settlement: Settlement | None

    @property
    def due(self) -> Decimal:
        if self.settlement is None:
            return self.conventioned
        left = max(self.settlement.retained - self.settlement.others, ZERO)
        return min(self.conventioned, left)


def earlier_years(convention: Convention, year: int) -> list[Earlier]:
    """The years before this one of which something was conventioned and kept here (see `reading.with_money`).

    A year that was concluded elsewhere, before the convention was taken over, has nothing settled here.
    """
    sums = sums_of(convention)
    reports = {report.year: report for report in convention.reports.all()}
    elsewhere = {one for one in convention.years_concluded if _settlement(reports.get(one)) is None}
    years = sorted({key[0] for key in sums if key[0] < year} - elsewhere)
    rows = []
    for one in years:
        part = of_year(sums, one)
        paid = part.paid + part.reserved + total(amount for (of, _), amount in imputed(convention).items() if of == one)
        rows.append(Earlier(one, part.conventioned, paid, _settlement(reports.get(one))))
    return rows


@dataclass(frozen=True)
class Advance:
    """What was paid in advance for a year, and what of it the retained expenses justify (« apurée »).

    Nothing is settled before the report of the year is admissible. `report`: that report, if it is open.
    """

    year: int
    paid: Decimal
    settled: Decimal
    report: Report | None

    @property
    def remaining(self) -> Decimal:
        return self.paid - self.settled


def advances(convention: Convention) -> list[Advance]:
    """The years whose advance was paid, wholly or in part. A year that was concluded elsewhere was settled there."""
    paid: dict[int, Decimal] = {}
    for payment in convention.payments.all():
        if payment.kind == PaymentKind.ADVANCE and payment.state == PaymentState.PAID:
            paid[payment.year] = paid.get(payment.year, ZERO) + payment.amount
    sums, rows = sums_of(convention), []
    reports = {report.year: report for report in convention.reports.all()}
    for year, amount in sorted(paid.items()):
        report = reports.get(year)
        settlement, due = _settlement(report), ZERO
        if settlement is not None:
            due = Earlier(year, of_year(sums, year).conventioned, amount, settlement).due
        elif year in convention.years_concluded:
            due = amount
        rows.append(Advance(year, amount, min(amount, due), report))
    return rows


def _settlement(report: Report | None) -> Settlement | None:
    if report is None or not report.is_settled:
        return None
    return next((row for row in report.settlements.all() if row.round == report.round), None)


def imputed(convention: Convention) -> dict[tuple[int, int], Decimal]:
    """What corrections took off each instalment, by year and rank. A payment that is voided bears nothing."""
    payments = {payment.pk: payment for payment in convention.payments.all() if not payment.voided}
    amounts: dict[tuple[int, int], Decimal] = {}
    for row in convention.imputations.all():
        if payment := payments.get(row.payment_id):
            key = (payment.year, payment.rank)
            amounts[key] = amounts.get(key, ZERO) + row.amount
    return amounts


def overpaid(convention: Convention, year: int) -> Decimal:
    """What was paid for the earlier years beyond what the State owes for them; the balance of the year keeps it."""
    rows = earlier_years(convention, year)
    return max(total(row.paid - row.due for row in rows), ZERO)


def schedule_of(convention: Convention) -> list[Line]:
    """THE schedule of a convention: its balances leave out what was paid too much for the years before."""
    lines = schedule(convention.pk, list(convention.text.instalments.all()), convention.payments.all())
    borne = imputed(convention)
    for line in lines:
        hold_back(line, borne.get((line.year, line.rank), ZERO))
    for year in {line.year for line in lines if line.next and line.kind == PaymentKind.BALANCE}:
        withhold(lines, year, overpaid(convention, year))
    return lines


def withhold(lines: Iterable[Line], year: int, amount: Decimal) -> None:
    """Take an amount off what remains to be paid of the balances of a year, in their order."""
    for line in lines:
        if amount > 0 and line.year == year and line.kind == PaymentKind.BALANCE and line.next:
            share = min(amount, line.payable)
            amount -= share
            hold_back(line, share)


def hold_back(line: Line, amount: Decimal) -> None:
    """Take an amount off what remains to be paid of an instalment."""
    line.withheld += amount
    if line.next:
        line.next.amount = line.payable
        if line.payable <= 0:
            line.next = None
