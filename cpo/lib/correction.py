"""The only exception to « a signed content never changes »: what was typed of a paper original, and typed wrongly.

The text is that of the scan, which stays as it is; every version that was typed of it stays too. Triggers with the
condition `Typed` let the tables be written again where the transaction declares it with `correcting()`. A test checks
that one module alone uses it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from cpo.lib.retention import Retained, declared

PARAMETER = "cpo.correction"


class Typed(Retained):
    """Condition of a trigger, true outside `correcting()`; `only` is a second condition that must be true as well."""

    parameter = PARAMETER


@contextmanager
def correcting() -> Iterator[None]:
    """Let a frozen programme and the dates of its act be written until the end of the block, in one transaction."""
    with declared(PARAMETER):
        yield
