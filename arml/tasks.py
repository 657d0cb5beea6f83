"""Background jobs about accounts."""

from typing import Any

from arml.services import passwords
from cpo.lib.work import jobs


@jobs.handler(passwords.KIND)
def send_reset(progress: jobs.Progress) -> dict[str, Any]:
    """Arguments: email, as typed by anybody. The result says nothing: it is kept."""
    passwords.send_reset(progress.job)
    return {}
