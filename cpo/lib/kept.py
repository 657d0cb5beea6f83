"""Queries whose SQL is written once per process: `@kept` over a function that gives a queryset.

    @kept
    def act_zero(sight: Sight, /, *, number: str) -> QuerySet[Act]:
        return sight.keep(Act.objects.select_related(…)).filter(reference=number)

    act_zero(sight, number="CPO-2025-BRE-001")  # → list of acts

What is passed by position shapes the query: its SQL is kept for each combination, which must be hashable and few. What
is passed by keyword is a value of the query (text, whole number or day), another one at each call: the function may
only hand it over to the queryset. For what nearly every page reads: the ORM takes longer to write a query of twelve
joins than PostgreSQL to answer it. No prefetch: what is kept is one query.
"""

import datetime as dt
import functools
from collections.abc import Callable, Hashable
from copy import copy
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)
MOST = 500  # combinations kept for one query; the one that was used least recently goes first


def kept(rows: Callable[..., QuerySet[Row]]) -> Callable[..., list[Row]]:
    """Return the function that reads these rows; it raises what the query would."""

    @functools.lru_cache(maxsize=MOST)
    def written(shape: tuple[Any, ...], kinds: tuple[tuple[str, type], ...]) -> "_Written[Row]":
        marks = {name: _mark(kind, rank) for rank, (name, kind) in enumerate(kinds)}
        return _Written(rows(*shape, **marks), marks)

    @functools.wraps(rows)
    def read(*shape: Any, **values: Any) -> list[Row]:
        kinds = tuple((name, type(value)) for name, value in sorted(values.items()))
        try:
            query = written(shape, kinds)
        except EmptyResultSet:  # nobody is to see anything
            return list(rows(*shape, **values))
        return query.read(values)

    return read


def _mark(kind: type, rank: int) -> Any:
    """A value that no query holds otherwise, to find its place among the values of the query."""
    if kind is int:
        return 2**31 - 1 - rank  # fits every column of whole numbers but the small ones
    if kind is dt.date:
        return dt.date(1, 1, 1 + rank)
    if issubclass(kind, str):
        return f"\x00{rank}"
    raise TypeError(f"{kind.__name__}: a kept query takes texts, whole numbers and days")


class _Written(Generic[Row]):
    """A queryset with its SQL, and where its values go. Raises EmptyResultSet when it can't find anything."""

    def __init__(self, rows: QuerySet[Row], marks: dict[str, Any]) -> None:
        self.rows = rows
        self.compiler = rows.query.get_compiler(using=rows.db)
        names = {mark: name for name, mark in marks.items()}
        self.sql, values = self.compiler.as_sql()
        # What stays, or the name of what is passed.
        self.values = [(names.get(value) if isinstance(value, Hashable) else None, value) for value in values]
        unused = set(marks) - {name for name, _ in self.values}
        if unused:
            raise TypeError(f"not found among the values of the query: {', '.join(sorted(unused))}")

    def read(self, given: dict[str, Any]) -> list[Row]:
        compiler = copy(self.compiler)
        compiler.connection = connections[self.rows.db]  # each thread has its own
        values = tuple(given[name] if name else value for name, value in self.values)
        compiler.as_sql = lambda *args, **kwargs: (self.sql, values)  # type: ignore[method-assign]
        rows = self.rows.all()
        rows.query.get_compiler = lambda *args, **kwargs: compiler  # type: ignore[method-assign]
        return list(rows)
