"""The only exception to « what is stored never changes »: the retention rules may delete it.

Triggers with the condition `Retained` refuse to delete stored files and documents, unless the transaction declares
with `disposing()` that a retention rule requires it. A test checks that no other module uses `disposing`.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pgtrigger
from django.db import connection, models, transaction

PARAMETER = "cpo.retention"


class Retained(pgtrigger.Condition):
    """Condition of a trigger, true outside `disposing()`; `only` is a second condition that must be true as well."""

    parameter = PARAMETER

    def __init__(self, only: pgtrigger.Condition | None = None) -> None:
        self.only = only

    def resolve(self, model: type[models.Model]) -> str:
        condition = f"COALESCE(current_setting('{self.parameter}', true), '') <> 'on'"
        return f"(({self.only.resolve(model)}) AND {condition})" if self.only else f"({condition})"


@contextmanager
def disposing() -> Iterator[None]:
    """Let stored files and documents be deleted until the end of the block, in one transaction."""
    with declared(PARAMETER):
        yield


@contextmanager
def declared(parameter: str) -> Iterator[None]:
    """Declare a reason that the conditions of triggers know, until the end of the block, in one transaction."""
    with transaction.atomic():
        _say(parameter, "on")
        yield
        _say(parameter, "off")  # an exception rolls it back with the transaction


def _say(parameter: str, value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [parameter, value])
