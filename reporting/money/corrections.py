"""The corrections that a payment has to bear: decided as « imputation », neither consumed nor postponed for it."""

from conventions.models import Convention
from reporting.enums import CorrectionEffect, CorrectionState
from reporting.models import Correction, Payment


def consumed(convention: Convention) -> set[int]:
    """The corrections that a valid payment bears. Reads `payments` and `imputations` of the convention."""
    valid = {payment.pk for payment in convention.payments.all() if not payment.voided}
    return {row.correction_id for row in convention.imputations.all() if row.amount and row.payment_id in valid}


def to_impute(convention: Convention) -> list[Correction]:
    """What the next payments must bear, the oldest first."""
    done = consumed(convention)
    rows = [
        row
        for row in convention.corrections.all()
        if row.effect == CorrectionEffect.IMPUTATION and row.state == CorrectionState.DECIDED and row.pk not in done
    ]
    return sorted(rows, key=lambda row: row.number)


def unanswered(payment: Payment) -> list[Correction]:
    """Those about which nothing is said for this payment: it is not certified."""
    said = {row.correction_id for row in payment.convention.imputations.all() if row.payment_id == payment.pk}
    return [row for row in to_impute(payment.convention) if row.pk not in said]
