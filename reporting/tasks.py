"""Scheduled work of the yearly cycle."""

import logging
from collections.abc import Callable
from typing import Any

from celery import shared_task

from actions.models import Cycle
from arml.models import User
from cpo.lib.work import jobs

from .models import AssociationImport, ChorusExtract, ReportImport
from .services import campaigns, chorus, digests, reminders

logger = logging.getLogger(__name__)


@shared_task(name="reporting.daily")
def daily() -> int:
    """Open campaigns, refresh deadlines, write the reminders that are due and, on Mondays, the digests.

    Run every hour: a day of reminders begins at 8 in the time zone of each convention's service.
    """
    steps: list[Callable[[], int | None]] = [
        reminders.sync_all,
        lambda: reminders.run(from_hour=reminders.SEND_HOUR),
        digests.run,
        chorus.forget_old,
    ]
    return sum(_run(step) for step in steps)


def _run(step: Callable[[], int | None]) -> int:
    """Run one step of the day; one that fails as a whole does not take the next ones with it."""
    try:
        return step() or 0
    except Exception:
        logger.exception("a step of the day failed")
        return 0


@shared_task(name="reporting.purge_imports")
def purge_imports() -> int:
    """Delete the workbooks of reports and of registers that nobody confirmed; return their number."""
    return ReportImport.objects.expired().delete()[0] + AssociationImport.objects.expired().delete()[0]


@jobs.handler(campaigns.OPEN)
def open_campaign(progress: jobs.Progress) -> dict[str, Any]:
    """Arguments: cycle, year, by (ids). Idempotent: it goes on where it stopped."""
    arguments = progress.arguments
    cycle, by = Cycle.objects.get(pk=arguments["cycle"]), User.objects.get(pk=arguments["by"])
    return {"opened": campaigns.open_campaign(cycle, arguments["year"], by=by, step=progress.step)}


@jobs.handler(chorus.READ)
def read_chorus(progress: jobs.Progress) -> dict[str, Any]:
    """Arguments: extract (id). Idempotent; an extract that was replaced is read as it is now."""
    if extract := ChorusExtract.objects.filter(pk=progress.arguments["extract"]).first():
        chorus.read(extract)
    return {}


@shared_task(name="reporting.refresh_deadlines")
def refresh_deadlines() -> None:
    """Recompute the dates of the open deadlines after a rule was edited."""
    reminders.sync_all()
