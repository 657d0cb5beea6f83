"""Reactions to transitions of acts, reports and payments, in the same transaction: campaigns, deadlines, e-mails."""

from typing import Any

from django.dispatch import receiver

from conventions.models import Act
from conventions.notifications import signing as convention_messages
from cpo.lib import clock
from cpo.lib.signals import dated, transitioned
from cpo.lib.wording import french
from reporting.services.campaigns import open_due_reports, open_last_reports
from reporting.services.deadlines import sync, upcoming
from reporting.services.taking_over import ask_again, follow_record

from .models import Correction, Evaluation, Forecast, Meeting, Payment, Report

# The transitions that set, change or remove a dated fact that a deadline starts from.
DATED = (
    *("share", "open_signature", "sign", "record_signature", "notify", "record_paper", "reopen", "abandon"),
    "correct_record",
    *("send_notice", "withdraw_notice", "terminate", "record_dissolution", "close"),
)

# The transitions that request an avenant, answer the request or end it.
REQUEST_STEPS = ("open_amendment", "propose", "accept", "refuse")


@receiver(transitioned, sender=Act)
def follow_act(sender: type, obj: Act, transition: str, **kwargs: Any) -> None:
    is_request_step = transition in REQUEST_STEPS and (obj.number or transition == "open_amendment")
    if transition not in DATED and not is_request_step:
        return
    convention = type(obj.convention).objects.select_related("cycle", "dossier__lead").get(pk=obj.convention_id)
    if transition == "record_paper":
        (ask_again if obj.number else follow_record)(obj, kwargs["actor"])
    if transition == "correct_record":
        ask_again(obj, kwargs["actor"], reason=kwargs["comment"])
    if transition in ("notify", "record_paper"):
        open_due_reports(convention, clock.today(convention.dossier.time_zone))
    if transition in ("terminate", "record_dissolution"):
        open_last_reports(convention)
    sync(convention)
    if transition == "notify":
        next_deadline = upcoming(convention)
        label = (
            (next_deadline.rule.label, french.date(next_deadline.due_on))
            if next_deadline
            else ("aucune", "date à venir")
        )
        convention_messages.in_force(obj, label)


@receiver(dated, sender=Act)
def follow_day(sender: type, obj: Act, **kwargs: Any) -> None:
    """The receipt of the notification moves what runs from it."""
    sync(type(obj.convention).objects.select_related("cycle", "dossier__lead").get(pk=obj.convention_id))


@receiver(transitioned, sender=Report)
def follow_report(sender: type, obj: Report, transition: str, **kwargs: Any) -> None:
    if transition == "conclude":
        # `conventions` reads the concluded years before it closes the agreement.
        convention = type(obj.convention).objects.select_for_update().get(pk=obj.convention_id)
        convention.years_concluded = sorted({*convention.years_concluded, obj.year})
        convention.save(update_fields=["years_concluded"])
    sync(type(obj.convention).objects.select_related("cycle", "dossier__lead").get(pk=obj.convention_id))


@receiver(transitioned, sender=Meeting)
def follow_meeting(sender: type, obj: Meeting, transition: str, **kwargs: Any) -> None:
    """The minutes of a dialogue de gestion are signed by both, or taken back."""
    sync(obj.convention)


@receiver(transitioned, sender=Correction)
def follow_correction(sender: type, obj: Correction, transition: str, **kwargs: Any) -> None:
    sync(obj.convention)


@receiver(transitioned, sender=Payment)
def follow_payment(sender: type, obj: Payment, transition: str, **kwargs: Any) -> None:
    if transition in ("pay", "void"):
        sync(obj.convention)


@receiver(transitioned, sender=Evaluation)
def follow_evaluation(sender: type, obj: Evaluation, transition: str, **kwargs: Any) -> None:
    if transition == "conclude":
        sync(type(obj.convention).objects.select_related("cycle", "dossier__lead").get(pk=obj.convention_id))


@receiver(transitioned, sender=Forecast)
def follow_forecast(sender: type, obj: Forecast, transition: str, **kwargs: Any) -> None:
    sync(type(obj.convention).objects.select_related("cycle", "dossier__lead").get(pk=obj.convention_id))
