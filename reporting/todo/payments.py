"""What is to be proposed, certified, ordered and paid, in « À faire » of the lead service."""

import datetime as dt

from django.urls import reverse

from arml.enums import Role
from conventions.models import Convention
from conventions.pages.todo import Hats, Task, Todo, Waiting
from cpo.lib import clock, zones
from cpo.lib.wording import french
from reporting.enums import PaymentState
from reporting.guards.payments import balance_open, committed
from reporting.models import Commitment, Payment
from reporting.money.balance import schedule_of
from reporting.money.reading import with_money
from reporting.permissions import PAYABLE

AHEAD = 30  # days before the day of an instalment
STEPS = {
    PaymentState.CERTIFIED: ("Mandater", "Mandater"),
    PaymentState.ORDERED: ("Enregistrer le paiement", "Enregistrer"),
}


def payment_todo(hats: Hats) -> tuple[Todo, set[tuple[int, int]]]:
    """The lines of a person, and the conventions and years that they tell: no deadline repeats them.

    Reads only the conventions where something is committed.
    """
    todo, years = Todo(), set()
    leads = [pk for pk, roles in hats.roles.items() if roles & {Role.OFFICER, Role.MANAGER}]
    if not leads:
        return todo, set()
    committed_ones = Commitment.objects.filter(voided_at=None).values("convention")
    conventions = Convention.objects.filter(pk__in=committed_ones, state__in=PAYABLE, dossier__lead__in=leads)
    for convention in with_money(conventions.order_by("number")):
        for payment, part in _waiting(convention):
            if _add(payment, part, hats, todo):
                years.add((convention.pk, payment.year))
    return todo, years


def _waiting(convention: Convention) -> list[tuple[Payment, str]]:
    """The payments that wait for a step, and those that can be proposed now; each with which part of its line it is."""
    today = clock.today(convention.dossier.time_zone)
    rows: list[tuple[Payment, str]] = []
    for line in schedule_of(convention):
        rows += [(payment, line.part(payment)) for payment in line.payments if payment.state != PaymentState.PAID]
        due = line.planned.due_on if line.planned else None
        soon = line.year <= today.year and (due is None or due <= today + dt.timedelta(days=AHEAD))
        if line.next and soon:
            line.next.convention = convention
            if not any([*committed(line.next), *balance_open(line.next)]):
                rows.append((line.next, line.part(line.next)))
    for payment, _ in rows:
        payment.convention = convention
    return rows


def _add(payment: Payment, part: str, hats: Hats, todo: Todo) -> bool:
    dossier = payment.convention.dossier
    officer = hats.on(dossier.lead_id, Role.OFFICER) and dossier.officer_id in (None, hats.user.pk)
    manager = hats.on(dossier.lead_id, Role.MANAGER)
    if payment.state == PaymentState.PROPOSED:
        if manager and payment.proposed_by_id != hats.user.pk:
            todo.mine.append(_task(payment, part, "Certifier le service fait", "Certifier"))
            return True
        if officer or manager:
            page, since = _url(payment), zones.at(payment.proposed_at, dossier)
            what = f"Certification du service fait\u00a0: {_named(payment, part)}"
            todo.others.append(Waiting(what, "la personne responsable", page, since, payment.convention.number))
            return True
        return False
    if not officer:
        return False
    title, verb = STEPS.get(PaymentState(payment.state), ("Proposer le versement", "Proposer"))
    todo.mine.append(_task(payment, part, title, verb))
    return True


def _task(payment: Payment, part: str, title: str, verb: str) -> Task:
    dossier = payment.convention.dossier
    since = payment.certified_at or (None if payment.planned else payment.proposed_at)
    return Task(
        title=f"{title}\u00a0: {_named(payment, part)}",
        url=_url(payment),
        verb=verb,
        detail=f"{payment.convention.number} · {dossier.beneficiary} · {french.euros(payment.amount)}",
        since=zones.at(since, dossier) if since else None,
        today=clock.today(dossier.time_zone),
    )


def _named(payment: Payment, part: str) -> str:
    return f"{payment}, {part}" if part else str(payment)


def _url(payment: Payment) -> str:
    page = reverse("convention-payments", args=[payment.convention.number])
    kind = f"prevu-{payment.year}-{payment.rank}" if payment.planned else f"versement-{payment.pk}"
    return f"{page}#{kind}"
