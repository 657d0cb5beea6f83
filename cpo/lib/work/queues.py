"""Work through a list of rows: one that fails is told in the logs and left, the others go on."""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from django.db import transaction

Row = TypeVar("Row")
logger = logging.getLogger(__name__)


def each(rows: Iterable[Row], work: Callable[[Row], int | bool | None], *, what: str) -> int:
    """Do `work` for each row, in a transaction of its own; return the sum of what it returned.

    The rows must come again at the next run: what failed is not marked here. `what` names the work in the logs.
    """
    count = 0
    for row in rows:
        try:
            with transaction.atomic():
                count += work(row) or 0
        except Exception:
            logger.exception("%s: %r failed, the others go on", what, row)
    return count
