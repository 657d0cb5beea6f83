"""Scenes that tests begin with are made once per run; the next test gets the rows that were left, copied back.

`@kept` over a function that makes a scene, and returns it, a row, or several of them. One kept scene may follow
another: both are then kept together, as what that test begins with. Where anything else was written before, or with
arguments that are not plain values, the scene is made as always. The clock goes on from where the making ended. In a
test that commits, what waits for the commit is done and its rows are kept too, for the tests of the same file; mails
that left are not (`mail.outbox` begins empty, whoever made the scene).
"""

import datetime as dt
import functools
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import Model

from conventions.models import Convention
from cpo.celery import app
from cpo.lib import clock
from cpo.lib.models import StoredFile
from tests import now, reference, shared

OF_STEPS = {"reporting_deadlinerule"}  # what a step changes: it is not kept with the scenes


@dataclass
class Kept:
    """What the making of a scene left: columns and rows in COPY's text form, by table; files by path."""

    made: Any  # what the function returned, as `_described` writes it
    ended: dt.datetime
    numbers: shared.Numbers
    rows: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)


@dataclass
class Position:
    """Where a test stands, if kept scenes and steps alone have written: their names, and how many rows they wrote."""

    test: str = ""
    names: tuple[Any, ...] = ()
    writes: int = 0


_kept: dict[Any, Kept] = {}
_making: list[str] = []  # the kept scenes that are being made, one inside the other
_position = Position()


def kept(make: Callable[..., Any]) -> Callable[..., Any]:
    name = f"{make.__module__}.{make.__name__}"

    @functools.wraps(make)
    def scene(*given: Any, **fields: Any) -> Any:
        before = _names_so_far() if _plain(given) and _plain(fields.values()) else None
        if before is None or (before and _making):
            return make(*given, **fields)
        made = []

        def gathered() -> Kept:
            since = _first_transaction()
            _making.append(name)
            try:
                made.append(make(*given, **fields))
            finally:
                _making.pop()
            mail.outbox.clear()
            return _gather(since, made[0])

        names = (*before, (name, given, tuple(sorted(fields.items())), f"{clock.now():%Y-%m-%d %H:%M}"))
        key = (names, *_circumstances())
        if key not in _kept:
            _kept[key] = shared.once(repr(key), gathered)
            if not made:
                _kept[key].numbers.move_on()
        scene = made[0] if made else _restore(_kept[key], again=bool(before))
        _stand(names)
        return scene

    return scene


def step(make: Callable[[], None]) -> Callable[[], None]:
    """Over a function that changes rows of OF_STEPS, always in the same way: kept scenes may follow it."""

    @functools.wraps(make)
    def always() -> None:
        before = _names_so_far()
        make()
        if before is not None:
            _stand((*before, f"{make.__module__}.{make.__name__}"))

    return always


def _circumstances() -> tuple[Any, ...]:
    """What else the rows depend on: the address in the mails; in a test that commits, what its file puts in the place
    of the mails and the jobs that the commit sets going."""
    if connection.in_atomic_block:
        return (settings.SITE_URL,)
    from cpo.lib.printing import pdf

    file = os.environ["PYTEST_CURRENT_TEST"].partition("::")[0]
    return (settings.SITE_URL, file, app.conf.task_always_eager, pdf.html_to_pdf.__name__)


def _plain(values: Iterable[Any]) -> bool:
    return all(isinstance(value, str | int | dt.date | None) for value in values)


def _names_so_far() -> tuple[Any, ...] | None:
    """What this test begins with; None if anything else wrote, in its transaction, if it has one, or before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id_if_assigned() IS NULL, EXISTS (SELECT 1 FROM arml_user)")
        nothing, people = cursor.fetchone()
    if nothing and not people:
        return ()
    scenes = any(isinstance(name, tuple) for name in _position.names)
    same = connection.in_atomic_block and _position.test == _test() and scenes == people
    return _position.names if same and _position.writes == _writes() else None


def _stand(names: tuple[Any, ...]) -> None:
    global _position  # noqa: PLW0603
    _position = Position(_test(), names, _writes())


def _test() -> str:
    return os.environ["PYTEST_CURRENT_TEST"].rpartition(" ")[0]


def _writes() -> int:
    """How many rows this transaction has written; it tells nothing outside of a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_xact_user_tables")
        return int(cursor.fetchone()[0])


def _first_transaction() -> int:
    """The number of the transaction of this test, or else of the next: no row that it wrote has a lower one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(pg_current_xact_id_if_assigned()::text, pg_snapshot_xmax(pg_current_snapshot())::text)"
        )
        return int(cursor.fetchone()[0])


def _gather(since: int, made: Any) -> Kept:
    found = Kept(_described(made), clock.now(), shared.Numbers.now())
    recent = f"WHERE xmin::text::bigint >= {since}"
    tables = [table for table in reference.tables() if table not in OF_STEPS]
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM public.\"{table}\" {recent})" for table in tables
            )
        )
        for (table,) in cursor.fetchall():
            names = reference.columns(cursor, table)
            with cursor.copy(f'COPY (SELECT {names} FROM public."{table}" {recent}) TO STDOUT') as copy:
                found.rows[f'public."{table}"'] = names, b"".join(copy)
    for stored in StoredFile.objects.all():
        with default_storage.open(stored.path) as handle:
            found.files[stored.path] = handle.read()
    return found


def _described(made: Any) -> Any:
    """A scene or a row by its class and keys, so that the next test reads it anew; several as a tuple."""
    if isinstance(made, tuple):
        return tuple(_described(one) for one in made)
    if isinstance(made, Model):
        return [type(made), made.pk]
    return [type(made), made.convention.pk, made.rank]


def _made(described: Any) -> Any:
    if isinstance(described, tuple):
        return tuple(_made(one) for one in described)
    cls, key, *rank = described
    if rank:
        return cls(Convention.objects.get(pk=key), *rank)
    return cls._default_manager.get(pk=key)


def _restore(found: Kept, *, again: bool) -> Any:
    """`again`: after other kept scenes, whose rows stand among the new ones, as they were left."""
    since = _first_transaction()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table, (names, rows) in found.rows.items():
            if again:
                cursor.execute(f"DELETE FROM {table} WHERE xmin::text::bigint >= {since}")
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                copy.write(rows)
        cursor.execute("SET LOCAL session_replication_role = origin")
    for path, data in found.files.items():
        if not default_storage.exists(path):
            default_storage.save(path, ContentFile(data))
    mail.outbox.clear()
    cache.clear()  # the keys of these rows were seen in other tests
    now.not_before(found.ended)
    return _made(found.made)
