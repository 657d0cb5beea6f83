"""Celery tasks of the application."""

from celery import shared_task

from .models import ProgrammeImport


@shared_task(name="actions.purge_imports")
def purge_imports() -> int:
    """Delete the workbooks that nobody confirmed; return their number."""
    return ProgrammeImport.objects.expired().delete()[0]
