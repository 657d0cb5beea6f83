"""The money of the State on a signed convention: 40 000 € a year, half as an advance, half as the balance.

money = Money.of(make_active(funded=True))
money.commit(2025, 40000); payment = money.propose(2025, 1); money.do("certify", payment, money.manager)
money.pay(2025, 1)                          # all the steps, on one day
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from arml.models import User
from conventions.models import Act, Convention
from reporting.enums import PaymentState
from reporting.models import Commitment, Payment
from reporting.money.balance import schedule_of
from reporting.money.reading import with_money
from reporting.money.sums import sums_of
from reporting.services import payments as services
from reporting.workflow.payments import apply
from tests.factories.conventions import member
from tests.factories.reporting import make_active

DAY = dt.date(2026, 3, 24)
STEPS = ("certify", "order", "pay")


@dataclass
class Money:
    act: Act

    @classmethod
    def of(cls, act: Act | None = None) -> "Money":
        return cls(act or make_active(funded=True))

    @property
    def convention(self) -> Convention:
        return with_money(Convention.objects.all()).get(pk=self.act.convention_id)

    def __getattr__(self, role: str) -> User:
        if role in ("officer", "manager", "signatory", "director", "president"):
            return member(self.act, role)
        raise AttributeError(role)

    def key(self, year: int) -> Any:
        return next(key for key in sums_of(self.convention) if key[0] == year)

    def commit(self, year: int, amount: int | Decimal, *, by: User | None = None, **fields: Any) -> Commitment:
        data: dict[str, Any] = {"number": "2102 000 001", "key": self.key(year), "committed_on": DAY} | fields
        return services.record_commitment(
            convention=self.convention, by=by or self.officer, amount=Decimal(amount), **data
        )

    def planned(self, year: int, rank: int) -> Payment:
        convention = self.convention
        lines = schedule_of(convention)
        payment = next(line.next for line in lines if (line.year, line.rank) == (year, rank))
        assert payment is not None
        payment.convention = convention
        return payment

    def propose(
        self, year: int, rank: int, amount: int | Decimal | None = None, *, by: User | None = None, **data: Any
    ) -> Payment:
        payment = self.planned(year, rank)
        commitment = data.pop("commitment", None) or Commitment.objects.filter(
            convention=self.act.convention_id, year=year, voided_at=None
        ).earliest("pk")
        whole = payment.amount if amount is None else Decimal(amount)
        return apply("propose", payment, by=by or self.officer, data={"commitment": commitment, "amount": whole})

    def do(self, name: str, payment: Payment, by: User | None = None, comment: str = "", **data: Any) -> Payment:
        by = by or (self.manager if name == "certify" else self.officer)
        if name == "order":
            data = {"number": f"4500 000 {payment.pk:03}", "on": DAY} | data
        if name == "pay":
            data = {"on": DAY} | data
        return apply(name, Payment.objects.get(pk=payment.pk), by=by, comment=comment, data=data)

    def reach(self, state: str, year: int, rank: int, amount: int | None = None, **data: Any) -> Payment:
        """A payment brought to this state by the people of the service."""
        payment = self.propose(year, rank, amount, **data)
        for name in STEPS:
            if payment.state == state:
                break
            payment = self.do(name, payment)
        return payment

    def pay(self, year: int, rank: int, amount: int | None = None) -> Payment:
        return self.reach(PaymentState.PAID, year, rank, amount)
