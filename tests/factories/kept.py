"""Scenes that tests begin with are made once per run; the next test gets the rows that were left, copied back.

`@kept` over a function that makes a scene, and returns it, a row, or several of them. Where something was written
before it (but the rules of deadlines, which many tests deactivate first), or with arguments that are not plain values,
the scene is made as always. The clock goes on from where the making ended. In a test that commits, what waits for the
commit is done and its rows are kept too, for the tests of the same file; the mails that left are not (`mail.outbox`
begins empty, whoever made the scene).
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

RULES = "reporting_deadlinerule"


@dataclass
class Kept:
    """What the making of a scene left: rows in COPY's text form, by table and columns; files by path."""

    made: Any  # what the function returned, as `_described` writes it
    ended: dt.datetime
    numbers: shared.Numbers
    rows: dict[str, bytes] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)


_kept: dict[Any, Kept] = {}


def kept(make: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(make)
    def scene(*given: Any, **fields: Any) -> Any:
        rules = _rules() if _plain(given) and _plain(fields.values()) else None
        if rules is None:
            return make(*given, **fields)
        made = []

        def gathered() -> Kept:
            since = _next_transaction()
            made.append(make(*given, **fields))
            mail.outbox.clear()
            return _gather(since, made[0], without=RULES if rules else "")

        name = f"{make.__module__}.{make.__name__}"
        key = (name, given, tuple(sorted(fields.items())), f"{clock.now():%Y-%m-%d %H:%M}", rules, *_circumstances())
        if key in _kept:
            return _restore(_kept[key])
        _kept[key] = shared.once(repr(key), gathered)
        if made:
            return made[0]
        _kept[key].numbers.move_on()
        return _restore(_kept[key])

    return scene


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


def _rules() -> str | None:
    """None if anything was written, in the transaction of the test, if it has one, or before. The rules of deadlines
    may have been: a hash tells which are left, "" where none was written."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM arml_user), array_agg(relname::text)"
            " FROM pg_stat_xact_user_tables WHERE schemaname = 'public' AND n_tup_ins + n_tup_upd + n_tup_del > 0"
        )
        people, written = cursor.fetchone()
        if people or set(written or ()) - {RULES}:
            return None
        if not written and connection.in_atomic_block:
            return ""
        cursor.execute(f"SELECT md5(string_agg(rule::text, '' ORDER BY id)) FROM {RULES} AS rule")
        return str(cursor.fetchone()[0])


def _next_transaction() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")
        return int(cursor.fetchone()[0])


def _gather(since: int, made: Any, without: str) -> Kept:
    found = Kept(_described(made), clock.now(), shared.Numbers.now())
    recent = f"WHERE xmin::text::bigint >= {since}"
    tables = [table for table in reference.tables() if table != without]
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM public.\"{table}\" {recent})" for table in tables
            )
        )
        for (table,) in cursor.fetchall():
            names = reference.columns(cursor, table)
            with cursor.copy(f'COPY (SELECT {names} FROM public."{table}" {recent}) TO STDOUT') as copy:
                found.rows[f'public."{table}" ({names})'] = b"".join(copy)
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
    mail.outbox.clear()
    cache.clear()  # the keys of these rows were seen in other tests
    now.not_before(found.ended)
    return _made(found.made)
