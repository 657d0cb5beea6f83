"""Long work of the yearly cycle: the acknowledgement of a report, printed by a worker after the sending."""

from typing import Any

from cpo.lib import files, jobs

from .models import Report

ACKNOWLEDGE = "acknowledge_report"


@jobs.handler(ACKNOWLEDGE)
def acknowledge(progress: jobs.Progress) -> dict[str, Any]:
    """Arguments: report (id), round, content. Idempotent: same content, same file; a newer sending is left alone."""
    from . import documents

    given = progress.arguments
    data = documents.render(given["content"])
    stored = files.store(data, "application/pdf")
    Report.objects.filter(pk=given["report"], round=given["round"]).update(acknowledgement=stored)
    return {"file": stored.pk}
