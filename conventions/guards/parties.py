"""The parties must be named, each with its signatory, capacity and delegation."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from conventions.enums import PartyRole
from conventions.guards.addresses import url
from conventions.guards.money import state_total
from conventions.models import Act, Party
from conventions.reads import reads
from cpo.lib import clock
from cpo.lib.workflow import Missing


def parties_named(act: Act) -> Iterator[Missing]:
    """The lead service and the association are parties."""
    roles = {party.role for party in reads(act).parties}
    page = url(act, "convention-parties")
    if PartyRole.LEAD not in roles:
        yield Missing("Le service chef de file n’est pas désigné comme partie.", page)
    if PartyRole.BENEFICIARY not in roles:
        yield Missing("L’association n’est pas désignée comme partie.", page)


def signatories_complete(act: Act) -> Iterator[Missing]:
    if not act.is_signed_act:
        return
    for party in reads(act).parties:
        if not party.signs:
            continue
        target = url(act, "convention-parties", f"partie-{party.pk}")
        if not party.signatory_name or not party.capacity:
            yield Missing(f"{party.organisation} : nom et qualité du signataire", target)
        if party.by_delegation:
            yield from _delegation(act, party, target)


def _delegation(act: Act, party: Party, target: str) -> Iterator[Missing]:
    delegation = party.delegation
    if delegation is None:
        yield Missing(f"{party.organisation} : acte de délégation de signature", target)
        return
    today = clock.today(act.dossier.time_zone)
    if not delegation.covers(today, Decimal(0)):
        yield Missing(f"{party.organisation} : la délégation de signature n’est pas en vigueur", target)
    elif not delegation.covers(today, state_total(act)):
        yield Missing(f"{party.organisation} : le plafond de la délégation est dépassé", target)


def delegation_problem(act: Act, party: Party, day: dt.date) -> str:
    """Why a party's delegation does not cover that day and the State's total; "" if it does or none is needed."""
    if not party.by_delegation:
        return ""
    if party.delegation is None:
        return "Aucun acte de délégation n’est rattaché à ce signataire."
    if not party.delegation.covers(day, Decimal(0)):
        return "La délégation de signature n’est pas en vigueur à cette date."
    if not party.delegation.covers(day, state_total(act)):
        return "Le montant dépasse le plafond de la délégation de signature."
    return ""
