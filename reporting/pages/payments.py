"""The tab « Versements »: sums by year, schedule with what blocks and what may be done, commitments, voided rows."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.urls import reverse

from arml.models import User
from arml.permissions import capacities
from conventions.enums import ContributionLine
from conventions.later.in_force import firm_years
from conventions.models import Convention
from cpo.lib import clock
from cpo.lib.actor import Actor
from cpo.lib.money import total
from cpo.lib.wording import french
from cpo.lib.workflow import Missing, Option
from reporting.enums import PaymentKind
from reporting.enums import PaymentState as State
from reporting.guards import payments as guards
from reporting.guards.controls import corrections_borne
from reporting.models import BalanceRelease, Commitment, Payment, Report
from reporting.money.balance import Advance, Earlier, advances, earlier_years, overpaid, schedule_of
from reporting.money.schedule import Line
from reporting.money.sums import Key, Sums, of_year, sums_of
from reporting.services.payments import closed_to_money, money_keeper, releaser
from reporting.workflow.payments import FOUR_EYES, PAYMENT

TONES = {
    State.PLANNED: "grey",
    State.PROPOSED: "warning",
    State.CERTIFIED: "info",
    State.ORDERED: "info",
    State.PAID: "success",
    State.VOIDED: "grey",
}


@dataclass
class Row:
    """A payment, or what remains to be paid of an instalment."""

    payment: Payment
    line: Line
    options: list[tuple[Option, str]]
    missing: list[Missing] = field(default_factory=list)
    blocked: bool = False
    note: str = ""  # why this reader may not take the next step

    @property
    def tone(self) -> str:
        return "error" if self.blocked else TONES[State(self.payment.state)]

    @property
    def state_label(self) -> str:
        return "Bloqué" if self.blocked else State(self.payment.state).label

    @property
    def anchor(self) -> str:
        kind = "prevu" if self.payment.planned else "versement"
        return f"{kind}-{self.payment.pk or f'{self.line.year}-{self.line.rank}'}"

    @property
    def day(self) -> dt.date | None:
        """The day of the last step; of a planned payment, the day that the text says."""
        payment = self.payment
        if payment.planned:
            return self.line.planned.due_on if self.line.planned else None
        zone = payment.convention.dossier.time_zone
        recorded = payment.certified_at or payment.proposed_at
        return payment.paid_on or payment.ordered_on or clock.local_day(recorded, zone)

    @property
    def part(self) -> str:
        return self.line.part(self.payment)

    @property
    def condition(self) -> str:
        return self.line.planned.condition if self.payment.planned and self.line.planned else ""

    @property
    def steps(self) -> list[str]:
        """Who did each step and when, in French."""
        return steps(self.payment)


def steps(payment: Payment) -> list[str]:
    if payment.planned:
        return []
    zone = payment.convention.dossier.time_zone

    def on(moment: Any) -> str:
        return french.date(clock.local_day(moment, zone))

    if payment.taken_over:
        rows = [f"antérieur à la reprise, enregistré par {payment.proposed_by} le {on(payment.proposed_at)}"]
    else:
        rows = [f"proposé par {payment.proposed_by} le {on(payment.proposed_at)}"]
    if payment.certified_at:
        rows.append(f"service fait certifié par {payment.certified_by} le {on(payment.certified_at)}")
    if payment.ordered_on:
        rows.append(f"mandaté le {french.date(payment.ordered_on)} (DP {payment.number})")
    if payment.paid_on:
        rows.append(f"payé le {french.date(payment.paid_on)}")
    return rows


@dataclass
class YearRow:
    label: str
    sums: Sums
    forecast: bool = False
    total: bool = False
    parts: list[tuple[str, Sums]] = field(default_factory=list)


@dataclass
class Balance:
    """What remains of a year once its advance is paid. `report`: that of the year before, if it is open."""

    year: int
    sums: Sums
    left: Decimal
    report: Report | None
    blocked: bool
    earlier: list[Earlier]
    overpaid: Decimal


class PaymentsPage:
    """`convention`: read with `reporting.money.reading.with_money`."""

    def __init__(self, convention: Convention, user: User) -> None:
        self.convention, self.user = convention, user
        self.actors: list[Actor] = capacities(user, convention.dossier)
        self.closed = closed_to_money(convention)
        self.sums = sums_of(convention)
        self.today = clock.today(convention.dossier.time_zone)
        for payment in convention.payments.all():
            payment.convention = convention

    @property
    def may_keep(self) -> bool:
        return not self.closed and money_keeper(self.user, self.convention) is not None

    @property
    def may_release(self) -> bool:
        return not self.closed and releaser(self.user, self.convention) is not None

    @property
    def years(self) -> list[YearRow]:
        """A row for each year of the contribution, then the total. `parts`: where a year has several lines."""
        firm = firm_years(self.convention.text) if self.sums else set()
        whole, rows = Sums(), []
        for year in sorted({key[0] for key in self.sums}):
            parts = {key: part for key, part in self.sums.items() if key[0] == year}
            row = YearRow(str(year), Sums(), forecast=year not in firm)
            for part in parts.values():
                row.sums.add(part)
                whole.add(part)
            if len(parts) > 1:
                row.parts = [(self._label(key), part) for key, part in parts.items()]
            rows.append(row)
        return [*rows, YearRow("Total", whole, total=True)] if rows else []

    def _label(self, key: Key) -> str:
        text = self.convention.text
        services = {row.service_id: row.service for row in text.contributions.all()}
        services |= {row.service_id: row.service for row in self.convention.commitments.all()}
        return f"{ContributionLine(key[1]).label}, {services[key[2]]}"

    @property
    def rows(self) -> list[Row]:
        text = self.convention.text
        if not text.latest:
            return []
        lines = schedule_of(self.convention)
        rows = []
        for line in lines:
            rows += [self._row(payment, line) for payment in line.payments]
            if line.next:
                line.next.convention = self.convention
                rows.append(self._row(line.next, line))
        return rows

    def _row(self, payment: Payment, line: Line) -> Row:
        options = [] if self.closed else PAYMENT.available(payment, self.user)
        row = Row(payment, line, [(one, address(payment, one.transition.name)) for one in options if one.ready])
        if self.closed:
            return row
        if payment.planned and payment.year <= self.today.year:  # a later year is planned: its report is not even open
            row.missing = [*guards.committed(payment), *guards.balance_open(payment)]
        elif payment.state == State.PROPOSED:
            row.missing = [*guards.balance_open(payment), *guards.balance_leaves(payment), *corrections_borne(payment)]
            row.note = FOUR_EYES if payment.proposed_by_id == self.user.pk else ""
        if not self.may_keep:  # the page where one commits is not theirs
            row.missing = [Missing(one.text, "" if "engagements" in one.url else one.url) for one in row.missing]
        row.blocked = bool(row.missing)
        return row

    @property
    def balance(self) -> "Balance | None":
        """How the balance of this year is made up; None when it is paid, or none is planned."""
        year = self.today.year
        rows = [row for row in self.rows if row.payment.year == year and row.payment.kind != PaymentKind.ADVANCE]
        left = [row.payment.amount for row in rows if row.payment.state != State.PAID]
        withheld = [line for line in schedule_of(self.convention) if line.year == year and line.withheld]
        if not left and not any(line.next is None and not line.payments for line in withheld):
            return None
        report = next((one for one in self.convention.reports.all() if one.year == year - 1), None)
        blocked = bool(list(guards.unsettled(self.convention, year)))
        earlier = [row for row in earlier_years(self.convention, year) if row.settlement]
        excess = overpaid(self.convention, year)
        return Balance(year, of_year(self.sums, year), total(left), report, blocked, earlier, excess)

    @property
    def advances(self) -> list[Advance]:
        return advances(self.convention)

    @property
    def voided(self) -> list[Payment]:
        return [payment for payment in self.convention.payments.all() if payment.voided]

    @property
    def commitments(self) -> list[Commitment]:
        return list(self.convention.commitments.all())

    @property
    def releases(self) -> list[tuple[BalanceRelease, str]]:
        """Each released balance, with its reason for the services of the State and the DGEFP."""
        reads = any(actor.is_state or actor.standing == "national" for actor in self.actors)
        return [(one, one.reason if reads else "") for one in self.convention.balance_releases.all()]

    @property
    def releasable(self) -> list[int]:
        """The years whose balance is blocked, for who may release it."""
        if not self.may_release:
            return []
        years = sorted(
            {row.payment.year for row in self.rows if row.blocked and row.payment.kind != PaymentKind.ADVANCE}
        )
        return [year for year in years if list(guards.unsettled(self.convention, year))]


def address(payment: Payment, name: str) -> str:
    number = payment.convention.number
    if payment.planned:
        return reverse("payment-propose", args=[number, payment.year, payment.rank])
    return reverse("payment-transition", args=[number, payment.pk, name])
