"""The amount under which the State recovers nothing, as the cycle says it on a day."""

import datetime as dt
from decimal import Decimal

from django.db.models import Q

from actions.models import Cycle
from cpo.lib.money import ZERO
from reporting.models import RecoveryThreshold


def threshold_on(cycle: Cycle, day: dt.date) -> RecoveryThreshold | None:
    """The last threshold that applies on this day; the one that was loaded comes before all that have a day."""
    begun = Q(applies_from=None) | Q(applies_from__lte=day)
    rows = RecoveryThreshold.objects.filter(begun, cycle=cycle)
    return max(rows, key=lambda row: row.applies_from or dt.date.min, default=None)


def not_recovered_below(cycle: Cycle, day: dt.date) -> Decimal:
    """In euros, on a day; zero where the cycle says nothing: all is recovered."""
    row = threshold_on(cycle, day)
    return row.amount if row else ZERO
