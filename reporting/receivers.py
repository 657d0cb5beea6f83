"""Reactions to what the lower apps decide, in the same transaction: campaigns, deadlines, notification."""

from typing import Any

from django.dispatch import receiver

from conventions import notifications as convention_messages
from conventions.models import Act
from cpo.lib import clock, french
from cpo.lib.signals import transitioned

from .models import Report
from .services import campaigns, deadlines

# The transitions that give, change or take away a dated fact that a deadline starts from.
DATED = ("share", "open_signature", "sign", "record_signature", "notify", "record_paper", "reopen", "abandon")


@receiver(transitioned, sender=Act)
def follow_act(sender: type, obj: Act, transition: str, **kwargs: Any) -> None:
    if transition not in DATED:
        return
    convention = type(obj.convention).objects.select_related("cycle", "dossier__lead").get(pk=obj.convention_id)
    if transition in ("notify", "record_paper"):
        campaigns.open_due_reports(convention, clock.today(convention.dossier.time_zone))
    deadlines.sync(convention)
    if transition == "notify":
        following = deadlines.upcoming(convention)
        label = (following.rule.label, french.date(following.due_on)) if following else ("aucune", "date à venir")
        convention_messages.in_force(obj, label)


@receiver(transitioned, sender=Report)
def follow_report(sender: type, obj: Report, **kwargs: Any) -> None:
    deadlines.sync(type(obj.convention).objects.select_related("cycle", "dossier__lead").get(pk=obj.convention_id))
