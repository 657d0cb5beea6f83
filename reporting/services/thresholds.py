"""The national administration says from which day another recovery threshold applies; what is said never changes."""

import datetime as dt
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction

from actions.models import Cycle
from arml.models import User
from arml.permissions import acting_nationally
from cpo.lib import clock, journal
from cpo.lib.actor import Actor
from cpo.lib.clock import PARIS
from cpo.lib.enums import Audience
from cpo.lib.forms.fields import MONEY_MAX
from cpo.lib.money import to_cents
from cpo.lib.wording import french
from reporting.models import RecoveryThreshold

PAST = "Un seuil ne s’applique pas à ce qui est déjà décidé\u00a0: donnez une date à partir d’aujourd’hui."
LATER = "Un seuil est déjà fixé à partir du {day}\u00a0: donnez une date postérieure."


def threshold_faults(cycle: Cycle, amount: Decimal | None, applies_from: dt.date | None) -> dict[str, str]:
    """What is wrong of a new threshold, by field."""
    faults = {}
    if amount is not None and (amount < 0 or amount != to_cents(amount) or amount > MONEY_MAX):
        faults["amount"] = "Donnez un montant positif ou nul, au centime."
    last = RecoveryThreshold.objects.filter(cycle=cycle, applies_from__isnull=False).order_by("applies_from").last()
    if applies_from and applies_from < clock.today(PARIS):
        faults["applies_from"] = PAST
    elif applies_from and last and last.applies_from and applies_from <= last.applies_from:
        faults["applies_from"] = LATER.format(day=french.date(last.applies_from))
    return faults


@transaction.atomic
def set_threshold(
    *, cycle: Cycle, amount: Decimal, applies_from: dt.date, source: str, by: User | Actor
) -> RecoveryThreshold:
    """Raises PermissionDenied, ValidationError by field."""
    actor = acting_nationally(by)
    Cycle.objects.select_for_update().get(pk=cycle.pk)
    if faults := threshold_faults(cycle, amount, applies_from):
        raise ValidationError(faults)
    row = RecoveryThreshold.objects.create(
        cycle=cycle,
        amount=amount,
        applies_from=applies_from,
        source=" ".join(source.split()),
        set_by=actor.user,
        set_at=clock.now(),
    )
    sentence = f"Seuil de recouvrement\u00a0: {french.euros(amount)} à partir du {french.date(applies_from)}"
    journal.record(row, root=cycle, by=actor, verb="threshold_set", sentence=sentence, audience=Audience.NATIONAL)
    return row
