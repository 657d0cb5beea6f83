"""Scheduled work of the yearly cycle."""

from celery import shared_task

from .services import reminders


@shared_task(name="reporting.daily")
def daily() -> int:
    """Open campaigns, refresh deadlines, write the reminders due today."""
    reminders.sync_all()
    return reminders.run()
