"""The one exception to « what is stored never changes »: what the retention rules dispose of, and nothing else.

Triggers guarded by `Kept` refuse to delete evidence unless the transaction says, through `disposing()`, that a
retention rule asks for it. A test keeps `disposing` out of every other module.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pgtrigger
from django.db import connection, models, transaction

PARAMETER = "cpo.retention"


class Kept(pgtrigger.Condition):
    """Condition of a trigger that holds everywhere but inside `disposing()`; with another, both must hold."""

    def __init__(self, only: pgtrigger.Condition | None = None) -> None:
        self.only = only

    def resolve(self, model: type[models.Model]) -> str:
        kept = f"COALESCE(current_setting('{PARAMETER}', true), '') <> 'on'"
        return f"({self.only.resolve(model)}) AND {kept}" if self.only else f"({kept})"


@contextmanager
def disposing() -> Iterator[None]:
    """Let stored files and documents be deleted until the end of the block, in one transaction."""
    with transaction.atomic():
        _say("on")
        yield
        _say("off")  # an exception takes it back with the rest of the transaction


def _say(value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [PARAMETER, value])
