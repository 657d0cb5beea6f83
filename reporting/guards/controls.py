"""What must hold before a control is closed, a correction decided, a payment certified beside a correction."""

from collections.abc import Iterator

from django.urls import reverse

from cpo.lib import clock
from cpo.lib.wording import french
from cpo.lib.workflow import Missing
from reporting.enums import PaymentState
from reporting.models import Control, Correction, FilledGrid, Payment
from reporting.money.corrections import unanswered

from .grids import answered_no


def grid_allows(control: Control) -> Iterator[Missing]:
    """A control is not closed on a blocking question of its grid that is answered « non »."""
    page = reverse("control-grid", args=[control.convention.number, control.pk])
    for grid in FilledGrid.objects.filter(control=control).select_related("version"):
        yield from answered_no(grid, page)


def contradictory_over(correction: Correction) -> Iterator[Missing]:
    """The association has one month to answer the letter (article 8.4); it may answer before."""
    if correction.observed_at or correction.due_on is None:
        return
    if clock.today(correction.convention.dossier.time_zone) <= correction.due_on:
        day = french.date(correction.due_on)
        yield Missing(f"Observations de l’association\u00a0: elle a jusqu’au {day} pour répondre", page(correction))


def not_suspected(correction: Correction) -> Iterator[Missing]:
    """A suspicion is lifted before the association is told: what is suspected, it does not read."""
    if correction.suspected_fraud:
        yield Missing("Soupçon de fraude\u00a0: il est à lever avant la lettre à l’association", page(correction))


def corrections_borne(payment: Payment) -> Iterator[Missing]:
    """Each correction to impute is consumed by this payment, or postponed for a reason."""
    for row in unanswered(payment):
        number = payment.convention.number
        address = reverse("correction-impute", args=[number, row.pk])
        yield Missing(f"{row}\u00a0: {french.euros(row.amount)} à imputer, ou à reporter avec un motif", address)


def consumed_and_paid(correction: Correction) -> Iterator[Missing]:
    """A payment bears the correction, and is paid."""
    convention = correction.convention
    paid = {row.pk for row in convention.payments.all() if row.state == PaymentState.PAID}
    rows = [row for row in convention.imputations.all() if row.amount and row.correction_id == correction.pk]
    if not any(row.payment_id in paid for row in rows):
        yield Missing("Un versement qui porte la correction, et qui est payé", page(correction))


def page(correction: Correction) -> str:
    return f"{reverse('convention-controls', args=[correction.convention.number])}#correction-{correction.pk}"
