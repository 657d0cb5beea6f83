"""A page reads one moment: all its statements see the database as it was at the first of them.

Without it, a colleague who writes between two statements gives a page that adds up to nothing, or that fails. Such a
transaction takes no lock, never waits and never has to be tried again; PostgreSQL refuses to write in it.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import connection, transaction
from psycopg import IsolationLevel

T = TypeVar("T")


@contextmanager
def snapshot() -> Iterator[None]:
    """Read from one snapshot, read only. Inside a transaction, that transaction decides."""
    if connection.in_atomic_block:
        yield
        return
    connection.ensure_connection()
    link = connection.connection
    before = (link.isolation_level, link.read_only)
    # Said in the BEGIN itself: no statement more than for any transaction.
    link.isolation_level, link.read_only = IsolationLevel.REPEATABLE_READ, True
    try:
        with transaction.atomic():
            yield
    finally:
        if not link.closed:
            link.isolation_level, link.read_only = before


def from_one_snapshot(rows: Iterable[T]) -> Iterator[T]:
    """Yield the rows of an answer that is read while it is sent, all from one snapshot."""
    with snapshot():
        yield from rows
