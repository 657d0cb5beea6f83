"""Who proposes, certifies, records and reads payments."""

from collections.abc import Iterable

from arml.permissions import lead_officer
from conventions.enums import ConventionState
from cpo.lib.actor import Actor, reads_negotiation
from reporting.enums import PaymentState
from reporting.models import Payment

from .reports import manager

PAYABLE = (ConventionState.ACTIVE, ConventionState.TERMINATED)  # what was agreed before the end is still paid


def reads_payments(actors: Iterable[Actor]) -> bool:
    """Both sides and the DGEFP; observers read what is agreed, not what is paid."""
    return reads_negotiation(actors)


def proposer(actor: Actor) -> bool:
    """May commit, propose, order and record a payment: officers and managers of the lead service."""
    return lead_officer(actor)


def payment_voider(actor: Actor, payment: Payment) -> bool:
    """What was certified is voided by a manager; a mere proposal, by whom may propose too."""
    return manager(actor) or (payment.state == PaymentState.PROPOSED and lead_officer(actor))
