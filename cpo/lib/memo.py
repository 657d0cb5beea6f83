"""Figures that cost a reading of thousands of rows, kept as long as nothing at all was committed since.

`pg_current_snapshot()` names the transactions that are over: as long as it answers the same, no row of the database can
have changed, so what was computed under it is still exact. Any commit, anywhere, makes the next reader compute again:
nothing has to be invalidated, hence nothing can be forgotten. Kept per process, for the few keys last asked for.

Inside a transaction one's own writes don't show in the snapshot: there, everything is computed.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from django.db import connection

T = TypeVar("T")
KEPT = 100
_kept: OrderedDict[Hashable, tuple[str, Any]] = OrderedDict()


def unchanged(key: Hashable, compute: Callable[[], T]) -> T:
    """Return what `compute()` answers, or what it answered under this very key and state of the database.

    The key holds all that the answer depends on beside the database: the person, the day. The answer is shared between
    requests: nobody may change it.
    """
    if connection.in_atomic_block:
        return compute()
    key = (connection.settings_dict["HOST"], connection.settings_dict["NAME"], key)
    seen = snapshot()  # before computing: what is committed meanwhile makes the answer newer than its name, never older
    stamp, value = _kept.get(key, ("", None))
    if stamp != seen:
        value = compute()
        _kept[key] = (seen, value)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return value  # type: ignore[no-any-return]


def snapshot() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_snapshot()::text")
        return str(cursor.fetchone()[0])
