"""Scheduled work of the yearly cycle."""

from celery import shared_task

from .services import digests, reminders


@shared_task(name="reporting.daily")
def daily() -> int:
    """Open campaigns, refresh deadlines, write the reminders that are due and, on Mondays, the digests.

    Run every hour: a day of reminders begins at 8 in the time zone of each convention's service.
    """
    reminders.sync_all()
    return reminders.run(from_hour=reminders.SEND_HOUR) + digests.run()


@shared_task(name="reporting.refresh_deadlines")
def refresh_deadlines() -> None:
    """Recompute the dates of the open deadlines after a rule was edited."""
    reminders.sync_all()
