"""What follows each transition of a report, in its transaction."""

from typing import Any

from arml.enums import Role
from cpo.lib import clock
from cpo.lib.actor import Actor
from cpo.lib.work import jobs
from cpo.lib.workflow import Refused

from . import documents, notifications
from .jobs import ACKNOWLEDGE, request_minutes
from .models import Report, SendBack

Data = dict[str, Any]


def enter_state(report: Report, actor: Actor, data: Data) -> None:
    report.state_since = clock.now()


def minutes(report: Report, actor: Actor, data: Data) -> None:
    """Print the minutes again: they tell whether the year is concluded."""
    report.state_since = clock.now()
    request_minutes(report)


def submit(report: Report, actor: Actor, data: Data) -> None:
    now = clock.now()
    report.state_since = report.submitted_at = now
    report.submitted_by = actor.user
    report.submitted_as = (
        "président ou présidente"
        if actor.role == Role.PRESIDENT
        else "directeur ou directrice, par mandat de la présidence"
    )
    report.round += 1
    report.acknowledgement = None
    jobs.enqueue(
        ACKNOWLEDGE,
        f"report:{report.pk}:{report.round}",
        report=report.pk,
        round=report.round,
        content=documents.content(report),  # the content as sent, even if it changes before a worker prints it
    )
    notifications.report_submitted(report, actor)


def send_back(report: Report, actor: Actor, data: Data) -> None:
    """`data["requests"]`: list of (path, label, reason). Raises Refused when no request has a reason."""
    requests = data["requests"] = [row for row in data.get("requests", []) if row[2].strip()]
    if not requests:
        raise Refused("Dites au moins ce qui est demandé sur une rubrique.")
    now = clock.now()
    report.state_since = now
    SendBack.objects.bulk_create(
        SendBack(report=report, round=report.round, path=path, label=label, reason=reason, author=actor.user, at=now)
        for path, label, reason in requests
    )
    notifications.report_sent_back(report, actor, requests)


def declare_admissible(report: Report, actor: Actor, data: Data) -> None:
    report.state_since = clock.now()
    report.admissible_on = clock.today(report.dossier.time_zone)
    notifications.report_admissible(report)
