"""Scheduled work of the yearly cycle."""

from celery import shared_task

from .services import reminders


@shared_task(name="reporting.daily")
def daily() -> int:
    """Open campaigns, refresh deadlines, write the reminders due today."""
    reminders.sync_all()
    return reminders.run()


@shared_task(name="reporting.refresh_deadlines")
def refresh_deadlines() -> None:
    """A rule was edited: write the dates of the open deadlines again."""
    reminders.sync_all()
