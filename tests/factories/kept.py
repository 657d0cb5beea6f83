"""Scenes that tests begin with are made once per run; the next test gets the rows that were left, copied back.

`@kept` over a function that makes a scene through the services. Where something was written before it, or with
arguments that are not plain values, the scene is made as always. The clock goes on from where the making ended. In a
test that commits, what waits for the commit is done and its rows are kept too, for the tests of the same file; the
mails that left are not (`mail.outbox` begins empty, whoever made the scene).
"""

import datetime as dt
import functools
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction

from conventions.models import Act, Convention
from cpo.celery import app
from cpo.lib import clock
from cpo.lib.models import StoredFile
from tests import now, reference, shared


@dataclass
class Kept:
    """What the making of a scene left: rows in COPY's text form, by table and columns; files by path."""

    scene: type  # Scene, or Act
    convention: int
    number: int  # of the act
    ended: dt.datetime
    numbers: shared.Numbers
    rows: dict[str, bytes] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)


_kept: dict[Any, Kept] = {}


def kept(make: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(make)
    def scene(**fields: Any) -> Any:
        if not _plain(fields) or not _nothing_written():
            return make(**fields)
        made = []

        def gathered() -> Kept:
            since = _next_transaction()
            made.append(make(**fields))
            mail.outbox.clear()
            return _gather(since, made[0])

        key = (make.__name__, tuple(sorted(fields.items())), f"{clock.now():%Y-%m-%d %H:%M}", *_circumstances())
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


def _plain(fields: dict[str, Any]) -> bool:
    return all(isinstance(value, str | int | dt.date | None) for value in fields.values())


def _nothing_written() -> bool:
    """In the transaction of the test, if it has one, nor before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id_if_assigned() IS NULL AND NOT EXISTS (SELECT 1 FROM arml_user)")
        return bool(cursor.fetchone()[0])


def _next_transaction() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")
        return int(cursor.fetchone()[0])


def _gather(since: int, made: Any) -> Kept:
    found = Kept(
        type(made),
        made.convention.pk,
        made.number if isinstance(made, Act) else made.rank,
        clock.now(),
        shared.Numbers.now(),
    )
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
    mail.outbox.clear()
    cache.clear()  # the keys of these rows were seen in other tests
    now.not_before(found.ended)
    if found.scene is Act:
        return Act.objects.get(convention=found.convention, number=found.number)
    return found.scene(Convention.objects.get(pk=found.convention), found.number)
