"""What the actions application does by itself."""

from celery import shared_task

from .models import ProgrammeImport


@shared_task(name="actions.purge_imports")
def purge_imports() -> int:
    """Forget the workbooks that nobody confirmed; how many."""
    return ProgrammeImport.objects.expired().delete()[0]
