"""The amount under which the State recovers nothing, as the cycle says it."""

from decimal import Decimal

from actions.models import Cycle
from cpo.lib.money import ZERO
from reporting.models import RecoveryThreshold


def not_recovered_below(cycle: Cycle) -> Decimal:
    """In euros; zero where the cycle says nothing: all is recovered."""
    return RecoveryThreshold.objects.filter(cycle=cycle).values_list("amount", flat=True).first() or ZERO
