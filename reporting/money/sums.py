"""Conventioned, committed and paid, for each year, line and service of a convention."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from conventions.enums import ContributionLine
from conventions.models import Contribution, Convention
from cpo.lib.money import ZERO
from reporting.enums import PaymentState
from reporting.models import Commitment, Payment

Key = tuple[int, str, int]  # year, line, service


@dataclass
class Sums:
    """Amounts in euros. `reserved`: proposed, certified or ordered, and not paid yet."""

    conventioned: Decimal = ZERO
    committed: Decimal = ZERO
    reserved: Decimal = ZERO
    paid: Decimal = ZERO

    @property
    def remaining(self) -> Decimal:
        """What of the contribution is not paid."""
        return self.conventioned - self.paid

    @property
    def room(self) -> Decimal:
        """What of the commitments no payment takes."""
        return self.committed - self.reserved - self.paid

    @property
    def to_commit(self) -> Decimal:
        return self.conventioned - self.committed

    def add(self, other: "Sums") -> None:
        for name in ("conventioned", "committed", "reserved", "paid"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


def sums(
    contributions: Iterable[Contribution], commitments: Iterable[Commitment], payments: Iterable[Payment]
) -> dict[Key, Sums]:
    """The sums by year, line and service, in this order. Voided rows count for nothing."""
    result: dict[Key, Sums] = {}
    for row in contributions:
        result.setdefault((row.year, row.line, row.service_id), Sums()).conventioned += row.amount
    for commitment in commitments:
        if not commitment.voided:
            result.setdefault(key_of(commitment), Sums()).committed += commitment.amount
    for payment in payments:
        if not payment.voided:
            part = result.setdefault(key_of(payment.commitment), Sums())
            if payment.state == PaymentState.PAID:
                part.paid += payment.amount
            else:
                part.reserved += payment.amount
    lines = list(ContributionLine.values)
    return dict(sorted(result.items(), key=lambda item: (item[0][0], lines.index(item[0][1]), item[0][2])))


def key_of(commitment: Commitment) -> Key:
    return commitment.year, commitment.line, commitment.service_id


def sums_of(convention: Convention) -> dict[Key, Sums]:
    """The sums of a convention (see `reading.with_money`); before its signature, nothing is conventioned."""
    text = convention.text
    return sums(
        text.contributions.all() if text.latest else [], convention.commitments.all(), convention.payments.all()
    )


def by_year(parts: dict[Key, Sums]) -> dict[int, Sums]:
    """The sums of each year that has one, all lines and services together."""
    years: dict[int, Sums] = {}
    for (year, _line, _service), part in parts.items():
        years.setdefault(year, Sums()).add(part)
    return years


def of_year(parts: dict[Key, Sums], year: int) -> Sums:
    return by_year(parts).get(year, Sums())
