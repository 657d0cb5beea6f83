"""Scenes that tests begin with are made once per process; the next test gets the rows that were left, copied back.

`@kept` over a function that makes a scene through the services. Where something was written before it, in a test that
commits, or with arguments that are not plain values, the scene is made as always. The clock goes on from where the
making ended.
"""

import datetime as dt
import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction

from conventions.models import Convention
from cpo.lib import clock
from cpo.lib.models import StoredFile
from tests import now, reference


@dataclass
class Kept:
    """What the making of a scene left: rows in COPY's text form, by table and columns; files by path."""

    scene: type
    convention: int
    ended: dt.datetime
    rows: dict[str, bytes] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)


_kept: dict[Any, Kept] = {}


def kept(make: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(make)
    def scene(**fields: Any) -> Any:
        if not _plain(fields) or not _nothing_written():
            return make(**fields)
        key = (make.__name__, tuple(sorted(fields.items())), f"{clock.now():%Y-%m-%d %H:%M}")
        if key in _kept:
            return _restore(_kept[key])
        since = _next_transaction()
        made = make(**fields)
        _kept[key] = _gather(since, made)
        return made

    return scene


def _plain(fields: dict[str, Any]) -> bool:
    return all(isinstance(value, str | int | dt.date | None) for value in fields.values())


def _nothing_written() -> bool:
    """In the transaction of the test nor before. Without one, what waits for the commit is done at once, as the test
    wants it: nothing is kept."""
    if not connection.in_atomic_block:
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id_if_assigned() IS NULL AND NOT EXISTS (SELECT 1 FROM arml_user)")
        return bool(cursor.fetchone()[0])


def _next_transaction() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")
        return int(cursor.fetchone()[0])


def _gather(since: int, made: Any) -> Kept:
    found = Kept(type(made), made.convention.pk, clock.now())
    with connection.cursor() as cursor:
        for table in reference.tables():
            recent = f'FROM public."{table}" WHERE xmin::text::bigint >= {since}'
            cursor.execute(f"SELECT EXISTS (SELECT 1 {recent})")
            if cursor.fetchone()[0]:
                names = reference.columns(cursor, table)
                with cursor.copy(f"COPY (SELECT {names} {recent}) TO STDOUT") as copy:
                    found.rows[f'public."{table}" ({names})'] = b"".join(copy)
    for stored in StoredFile.objects.all():
        with default_storage.open(stored.path) as handle:
            found.files[stored.path] = handle.read()
    return found


def _restore(found: Kept) -> Any:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for target, rows in found.rows.items():
            with cursor.copy(f"COPY {target} FROM STDIN") as copy:
                copy.write(rows)
        cursor.execute("SET LOCAL session_replication_role = origin")
    for path, data in found.files.items():
        if not default_storage.exists(path):
            default_storage.save(path, ContentFile(data))
    cache.clear()  # the keys of these rows were seen in other tests
    now.not_before(found.ended)
    return found.scene(Convention.objects.get(pk=found.convention))
