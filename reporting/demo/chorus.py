"""An extract of Chorus for a person of the demonstration: rows that match, recorded, ambiguous, unknown, unreadable."""

import csv
import datetime as dt
import io
from typing import Any

from arml.models import User
from cpo.lib import clock
from cpo.lib.wording.french import format_french_decimal
from reporting.enums import PaymentState
from reporting.models import Payment
from reporting.services import chorus

from .story import at

HEAD = ("N° EJ", "N° DP", "SIRET", "Montant", "Date de paiement")
NAME = "extrait-chorus-fictif.csv"
SENT = dt.date(2026, 10, 16)
PAID_ON = dt.date(2026, 10, 15)
KNOWN = (PaymentState.CERTIFIED, PaymentState.ORDERED, PaymentState.PAID)
MOST = 8


def extract(user: User) -> bytes:
    """The bytes of a CSV about the payments that the person sees, and three rows that match none of them."""
    seen: Any = Payment.objects.visible_to(user)  # type: ignore[attr-defined]
    seen = seen.filter(state__in=KNOWN, year=PAID_ON.year)
    rows = [_row(payment) for payment in seen.select_related("commitment").order_by("-state", "pk")[:MOST]]
    rows += [
        ("9999 2026 99", "", "", "1 000,00", "15/10/2026"),
        ("", "9999 000001", "", "1 000,00", "15/10/2026"),
        ("9999 2026 01", "", "", "mille", "32/10/2026"),
    ]
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerows([HEAD, *rows])
    return ("\ufeff" + text.getvalue()).encode()


def _row(payment: Payment) -> tuple[str, ...]:
    day = payment.paid_on or PAID_ON
    number = payment.number or f"9999 9{payment.pk:05}"
    amount = format_french_decimal(payment.amount, places=2)
    return payment.commitment.number, number, payment.commitment.siret, amount, day.strftime("%d/%m/%Y")


def send_extract(user: User) -> None:
    """Take in the extract of a person, and read it at once: nothing of it is recorded."""
    with clock.set_to(at(SENT, 9)):
        chorus.read(chorus.take_in(by=user, name=NAME, data=extract(user)))
