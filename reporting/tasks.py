"""Scheduled work of the yearly cycle."""

import logging
from collections.abc import Callable

from celery import shared_task

from .models import ReportImport
from .services import digests, reminders

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
    """Delete the workbooks of reports that nobody confirmed; return their number."""
    return ReportImport.objects.expired().delete()[0]


@shared_task(name="reporting.refresh_deadlines")
def refresh_deadlines() -> None:
    """Recompute the dates of the open deadlines after a rule was edited."""
    reminders.sync_all()
