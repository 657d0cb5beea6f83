"""The instalments of the last signed text, each with its payments. An instalment has no state of its own to write."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from conventions.guards.payments import is_advance
from conventions.models import Instalment
from cpo.lib.money import ZERO, total
from cpo.lib.wording.accents import plain
from reporting.enums import PaymentKind, PaymentState
from reporting.models import Payment


@dataclass
class Line:
    """An instalment. `planned` None: the last signed text has it no more, and money was paid or proposed for it.

    `next`: the payment to propose for what is payable; it is not stored. `withheld`: what the balance of a year leaves
    out (see `money.balance`).
    """

    year: int
    rank: int
    label: str
    kind: str
    amount: Decimal
    planned: Instalment | None
    payments: list[Payment] = field(default_factory=list)
    next: Payment | None = None
    withheld: Decimal = ZERO

    @property
    def remaining(self) -> Decimal:
        return self.amount - total(payment.amount for payment in self.payments)

    @property
    def payable(self) -> Decimal:
        return self.remaining - self.withheld

    def part(self, payment: Payment) -> str:
        """Which part of the instalment a payment is, in French; "" of one that is paid at once.

        The parts may have one amount and one state: nothing else tells them apart.
        """
        if payment.pk is None:
            return "le reste" if self.payments else ""
        ranks = [one.pk for one in self.payments]
        return f"versement {ranks.index(payment.pk) + 1} sur {len(ranks)}" if len(ranks) > 1 else ""


def kind_of(row: Instalment, rows: list[Instalment]) -> str:
    if "complement" in plain(row.label):
        return PaymentKind.COMPLEMENT
    return PaymentKind.ADVANCE if is_advance(row, rows) else PaymentKind.BALANCE


def schedule(convention_id: int, instalments: Sequence[Instalment], payments: Iterable[Payment]) -> list[Line]:
    """The lines of the text by year and rank; voided payments stand in none. Withheld: see `balance.schedule_of`."""
    rows = list(instalments)
    lines = {
        (row.year, row.rank): Line(row.year, row.rank, row.label, kind_of(row, rows), row.amount, row) for row in rows
    }
    for one in payments:
        if one.voided:
            continue
        missing = Line(one.year, one.rank, one.label, one.kind, Decimal(0), None)
        lines.setdefault((one.year, one.rank), missing).payments.append(one)
    for line in lines.values():
        if line.planned is None:
            line.amount = total(payment.amount for payment in line.payments)
        elif line.remaining > 0:
            line.next = Payment(
                convention_id=convention_id,
                year=line.year,
                rank=line.rank,
                label=line.label,
                kind=line.kind,
                amount=line.remaining,
                state=PaymentState.PLANNED,
            )
    return [lines[key] for key in sorted(lines)]
