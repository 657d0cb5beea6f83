"""A long story told in chapters: each is a test of its own, and begins with what the one before it left.

What a chapter left (all rows, the files, where the sequences are) is kept once per run, in the folder of
`tests/shared.py`; a chapter that is asked for alone plays those before it first. There is one clock, that of the story:
each chapter says its day.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction

from cpo.lib.models import StoredFile
from tests import reference, shared

Chapter = Callable[[Any], None]
_failed: list[str] = []  # in this process: those that follow don't play them again


@dataclass
class Left:
    numbers: shared.Numbers
    rows: dict[str, tuple[str, bytes]] = field(default_factory=dict)  # columns and rows in COPY's text form
    files: dict[str, bytes] = field(default_factory=dict)


def play(chapters: Sequence[Chapter], chapter: Chapter, stage: Any) -> Left:
    """Play a chapter after those before it, unless it was played in this run; `stage.begin()` opens each."""
    rank = chapters.index(chapter)
    assert chapter.__name__ not in _failed, f"“{chapter.__name__}” failed before"

    def told() -> Left:
        if rank:
            _restore(play(chapters, chapters[rank - 1], stage))
        stage.begin()
        try:
            chapter(stage)
        except BaseException:
            _failed.append(chapter.__name__)
            raise
        return _gather()

    return shared.once(f"{chapter.__module__}.{chapter.__name__}", told)  # type: ignore[no-any-return]


def _gather() -> Left:
    left = Left(shared.Numbers.now())
    with connection.cursor() as cursor:
        for table in reference.tables():
            names = reference.columns(cursor, table)
            with cursor.copy(f'COPY (SELECT {names} FROM public."{table}") TO STDOUT') as copy:
                left.rows[f'public."{table}"'] = names, b"".join(bytes(part) for part in copy)
    for stored in StoredFile.objects.all():
        with default_storage.open(stored.path) as handle:
            left.files[stored.path] = handle.read()
    return left


def _restore(left: Left) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table, (names, rows) in left.rows.items():
            cursor.execute(f"DELETE FROM {table}")
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                copy.write(rows)
    for path, data in left.files.items():
        if not default_storage.exists(path):
            default_storage.save(path, ContentFile(data))
    left.numbers.move_on()
    cache.clear()
