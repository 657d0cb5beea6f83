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
DATED = (
    *("share", "open_signature", "sign", "record_signature", "notify", "record_paper", "reopen", "abandon"),
    *("send_notice", "withdraw_notice", "terminate", "record_dissolution", "close"),
)

# A request for an avenant, what answers it, what leaves it without object.
ASKED = ("open_amendment", "propose", "accept", "refuse")


@receiver(transitioned, sender=Act)
def follow_act(sender: type, obj: Act, transition: str, **kwargs: Any) -> None:
    asked = transition in ASKED and (obj.number or transition == "open_amendment")
    if transition not in DATED and not asked:
        return
    convention = type(obj.convention).objects.select_related("cycle", "dossier__lead").get(pk=obj.convention_id)
    if transition in ("notify", "record_paper"):
        campaigns.open_due_reports(convention, clock.today(convention.dossier.time_zone))
    if transition in ("terminate", "record_dissolution"):
        campaigns.open_last_reports(convention)
    deadlines.sync(convention)
    if transition == "notify":
        following = deadlines.upcoming(convention)
        label = (following.rule.label, french.date(following.due_on)) if following else ("aucune", "date à venir")
        convention_messages.in_force(obj, label)


@receiver(transitioned, sender=Report)
def follow_report(sender: type, obj: Report, transition: str, **kwargs: Any) -> None:
    if transition == "conclude":
        # What the agreement has to know before it is closed is written there.
        convention = type(obj.convention).objects.select_for_update().get(pk=obj.convention_id)
        convention.years_concluded = sorted({*convention.years_concluded, obj.year})
        convention.save(update_fields=["years_concluded"])
    deadlines.sync(type(obj.convention).objects.select_related("cycle", "dossier__lead").get(pk=obj.convention_id))
