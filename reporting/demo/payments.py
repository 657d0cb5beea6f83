"""What the State commits and pays in the demonstration: at least one instalment in each state."""

import datetime as dt
from collections.abc import Iterator

from conventions.models import Act, Convention
from cpo.lib import clock
from cpo.lib.money import to_cents
from reporting.enums import PaymentState as State
from reporting.models import Commitment, Payment
from reporting.money.balance import schedule_of
from reporting.money.reading import with_money
from reporting.money.schedule import Line
from reporting.money.sums import key_of, sums_of
from reporting.services.payments import record_commitment
from reporting.workflow.payments import apply

from .story import Story, at

FIRST, YEAR = 2025, 2026
LAST = dt.date(2026, 10, 12)
STEPS = (State.PROPOSED, State.CERTIFIED, State.ORDERED, State.PAID)
# How far the balance of 2026 went, by the programme's association; elsewhere nobody proposed it, or it is blocked.
BALANCES = {
    "arml-bretagne": State.PROPOSED,
    "amilaura": State.CERTIFIED,
    "arml-nouvelle-aquitaine": State.ORDERED,
    "arml-ocean-indien": State.PAID,
}


def tell_payments(story: Story, act: Act, rank: int, *, late: bool) -> None:
    """The first year, then 2026 as its story says; a late service did nothing in 2026."""
    signed = story.signed_on or dt.date(FIRST, 12, 1)
    _commit(story, act, FIRST, signed + dt.timedelta(days=10), rank)
    _pay(story, act, FIRST, 1, signed + dt.timedelta(days=25), State.PAID)
    if late:
        return
    advance = dt.date(YEAR, 3, 24)
    _commit(story, act, YEAR, advance, rank)
    if rank == 1:
        _mistake(story, act, advance)
    _pay(story, act, YEAR, 1, advance, State.PAID)
    _pay(story, act, FIRST, 2, dt.date(YEAR, 7, 6), State.PAID)
    if until := BALANCES.get(story.arml.key):
        _pay(story, act, YEAR, 2, LAST, until)


def _convention(act: Act) -> Convention:
    return with_money(Convention.objects.all()).get(pk=act.convention_id)


def _commit(story: Story, act: Act, year: int, day: dt.date, rank: int) -> None:
    """One EJ a year, with a line for each service."""
    with clock.set_to(at(day, 10)):
        for key, part in sums_of(_convention(act)).items():
            if key[0] == year:
                record_commitment(
                    convention=_convention(act),
                    by=story.user("officer"),
                    number=f"9999 {year} {rank:02}",
                    key=key,
                    amount=part.conventioned,
                    committed_on=day,
                    imputation="BOP fictif, action 99",
                )


def _line(convention: Convention, year: int, rank: int) -> Line:
    lines = schedule_of(convention)
    return next(line for line in lines if (line.year, line.rank) == (year, rank))


def _proposals(story: Story, act: Act, year: int, rank: int, *, in_parts: bool = False) -> Iterator[Payment]:
    """Propose an instalment: a payment on each commitment, as long as something remains.

    `in_parts`: two equal quarters, an eighth, the rest, so that a row of an extract of Chorus may be two payments.
    """
    for commitment in Commitment.objects.filter(convention=act.convention_id, year=year, voided_at=None).order_by("pk"):
        convention = _convention(act)
        payment = _line(convention, year, rank).next
        room = sums_of(convention)[key_of(commitment)].room
        if payment is None or not room:
            continue
        whole = min(payment.amount, room)
        quarter, eighth = to_cents(whole / 4), to_cents(whole / 8)
        for amount in (quarter, quarter, eighth, whole - 2 * quarter - eighth) if in_parts else (whole,):
            convention = _convention(act)
            payment = _line(convention, year, rank).next
            if payment is None:
                break
            payment.convention = convention
            data = {"commitment": commitment, "amount": amount}
            yield apply("propose", payment, by=story.user("officer"), data=data)


def _pay(story: Story, act: Act, year: int, rank: int, day: dt.date, until: State) -> None:
    officer, manager = story.user("officer"), story.user("manager")
    with clock.set_to(at(day, 10)):
        payments = list(_proposals(story, act, year, rank, in_parts=until == State.PROPOSED))
    if until == State.PROPOSED:  # all but the last part, before a correction is decided
        with clock.set_to(at(day, 16)):
            for payment in payments[:-1]:
                apply("certify", payment, by=manager)
    for payment in payments:
        steps = STEPS[: STEPS.index(until) + 1]
        with clock.set_to(at(day + dt.timedelta(days=2), 10)):
            if State.CERTIFIED in steps:
                apply("certify", payment, by=manager)
            if State.ORDERED in steps:
                data = {"number": f"9999 {payment.pk:06}", "on": day + dt.timedelta(days=2)}
                apply("order", payment, by=officer, data=data)
        if State.PAID in steps:
            with clock.set_to(at(day + dt.timedelta(days=7), 10)):
                apply("pay", payment, by=officer, data={"on": day + dt.timedelta(days=6)})


def _mistake(story: Story, act: Act, day: dt.date) -> None:
    """A proposal that its author voids."""
    with clock.set_to(at(day, 9)):
        for payment in _proposals(story, act, YEAR, 1):
            apply("void", payment, by=story.user("officer"), comment="Montant à vérifier avec la plateforme comptable.")
