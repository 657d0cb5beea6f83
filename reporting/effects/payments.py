"""What a transition of a payment writes: the day and the author of the step, and the message to whom comes next."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError

from cpo.lib import clock
from cpo.lib.actor import Actor
from cpo.lib.money import to_cents
from cpo.lib.wording import french
from cpo.lib.workflow import Refused
from reporting import notifications
from reporting.deadlines.facts import payment_fact
from reporting.models import Commitment, Deadline, Payment
from reporting.money.balance import schedule_of
from reporting.money.schedule import Line
from reporting.money.sums import key_of, sums_of

Data = dict[str, Any]
TAKEN = "Ce versement a changé entre-temps\u00a0: rechargez la page."


def propose(payment: Payment, actor: Actor, data: Data) -> None:
    """`data`: `commitment` (of the convention and the year) and `amount`. Raises ValidationError, Refused."""
    convention = payment.convention
    lines = schedule_of(convention)
    line = next((one for one in lines if (one.year, one.rank) == (payment.year, payment.rank)), None)
    if line is None or line.next is None:
        raise Refused(TAKEN)
    commitment = next((row for row in convention.commitments.all() if row.pk == data["commitment"].pk), None)
    if commitment is None or commitment.voided or commitment.year != payment.year:
        raise ValidationError({"commitment": f"Choisissez un engagement de {payment.year}."})
    _check_amount(data["amount"], line, commitment, payment)
    payment.commitment, payment.amount = commitment, data["amount"]
    payment.label, payment.kind = line.label, line.kind
    payment.proposed_by, payment.proposed_at = actor.user, clock.now()
    notifications.payment_to_certify(payment, actor)


def _check_amount(amount: Decimal, line: Line, commitment: Commitment, payment: Payment) -> None:
    room = sums_of(payment.convention)[key_of(commitment)].room
    fault = ""
    if amount <= 0 or amount != to_cents(amount):
        fault = "Donnez un montant positif, au centime."
    elif amount > line.payable:
        fault = f"Il reste {french.euros(line.payable)} à verser de cette ligne de l’échéancier."
        if line.withheld:
            fault += f" {french.euros(line.withheld)} ont été versés en trop les années précédentes."
    elif amount > room:
        fault = f"Il reste {french.euros(room)} engagés sur cette ligne de la contribution, et non versés."
    if fault:
        raise ValidationError({"amount": fault})


def certify(payment: Payment, actor: Actor, data: Data) -> None:
    payment.certified_by, payment.certified_at = actor.user, clock.now()


def order(payment: Payment, actor: Actor, data: Data) -> None:
    """`data`: `number` of the demande de paiement, and its day `on`. Raises ValidationError."""
    number = " ".join(data["number"].split())
    if not number:
        raise ValidationError({"number": "Donnez le numéro de la demande de paiement."})
    if payment.convention.payments.valid().filter(number=number).exists():  # type: ignore[attr-defined]
        raise ValidationError({"number": "Un autre versement de la convention porte ce numéro."})
    _check_day(payment, data["on"], payment.commitment.committed_on, "l’engagement")
    payment.number, payment.ordered_on, payment.ordered_by = number, data["on"], actor.user


def pay(payment: Payment, actor: Actor, data: Data) -> None:
    """`data`: the day `on` when the money was paid. Raises ValidationError."""
    _check_day(payment, data["on"], payment.ordered_on, "le mandatement")
    payment.paid_on, payment.paid_by = data["on"], actor.user
    notifications.payment_made(payment)


def void(payment: Payment, actor: Actor, data: Data) -> None:
    """A voided payment meets no deadline any more."""
    payment.voided_by, payment.voided_at = actor.user, clock.now()
    payment.void_reason = " ".join(data["comment"].split())[:250]
    if payment.paid_on and payment_fact(payment):
        _reopen_deadline(payment)


def _reopen_deadline(payment: Payment) -> None:
    name, _, year = payment_fact(payment).partition(":")
    met = Deadline.objects.filter(convention=payment.convention_id, rule__met_by=name, met_on=payment.paid_on)
    met.filter(year=int(year) if year else None).update(met_on=None)


def _check_day(payment: Payment, day: dt.date, after: dt.date | None, step: str) -> None:
    if day > clock.today(payment.convention.dossier.time_zone):
        raise ValidationError({"on": "Cette date est dans le futur."})
    if after and day < after:
        raise ValidationError({"on": f"Cette date précède {step}, le {french.date(after)}."})
