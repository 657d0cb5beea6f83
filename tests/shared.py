"""What one process of the run made, for the others: a folder beside the run's cluster, gone with it.

`once(name, make)`: the first that asks makes it, the others wait and get what it left. Made in another process, rows
hold numbers that the factories and the sequences of this one have not given yet: `Numbers` moves them on.
"""

import fcntl
import hashlib
import os
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection
from factory.base import FactoryMetaClass
from factory.django import DjangoModelFactory

FOLDER = Path(os.environ["TEST_SHARED"]) if "TEST_SHARED" in os.environ else None


def once(name: str, make: Callable[[], Any]) -> Any:
    """Without a folder (a server that was given), everybody makes."""
    if FOLDER is None:
        return make()
    path = FOLDER / hashlib.sha256(name.encode()).hexdigest()[:24]
    with open(f"{path}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            made = make()
            held = path.with_suffix(".new")
            held.write_bytes(pickle.dumps(made))
            held.rename(path)
            return made
    return pickle.loads(path.read_bytes())  # noqa: S301  written above, by a process of this run


@dataclass
class Numbers:
    """Where the factories were, and the sequences of the database."""

    factories: dict[str, int]
    sequences: dict[str, int]

    @classmethod
    def now(cls) -> "Numbers":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' AND last_value > 0"
            )
            sequences = dict(cursor.fetchall())
        return cls({name: counter.seq for name, counter in _counters().items()}, sequences)

    def move_on(self) -> None:
        """No number that was given there is given again here."""
        self.move_factories_on()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT setval(format('public.%%I', name)::regclass, value) FROM unnest(%s::text[], %s::bigint[])"
                " AS given(name, value) JOIN pg_sequences ON sequencename = name AND schemaname = 'public'"
                " WHERE coalesce(last_value, 0) < value",
                [list(self.sequences), list(self.sequences.values())],
            )

    def move_factories_on(self) -> None:
        """A database that is a copy has its sequences with it."""
        counters = _counters()
        for name, value in self.factories.items():
            if name in counters:
                counters[name].seq = max(counters[name].seq, value)


def _counters() -> dict[str, Any]:
    """The counter of every factory; factories of one family share theirs."""
    found: dict[str, Any] = {}
    waiting: list[FactoryMetaClass] = [DjangoModelFactory]
    while waiting:
        factory = waiting.pop()
        waiting += factory.__subclasses__()
        if factory._meta.model is not None:
            factory._meta._initialize_counter()
            found[f"{factory.__module__}.{factory.__qualname__}"] = factory._meta._counter
    return found
