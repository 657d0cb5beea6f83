"""The editing lock: every content write locks one root row first, checks its revision, increments it, sends a signal.

Another lock order could deadlock: the workflow takes the same row first (see docs/architecture.md).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import transaction

from cpo.lib.actor import Actor
from cpo.lib.signals import content_changed


class StaleRevision(Exception):
    """Somebody saved after the person opened the page. Nothing is overwritten."""

    def __init__(self, expected: int, current: int) -> None:
        super().__init__("Cette page a été modifiée par quelqu’un d’autre depuis que vous l’avez ouverte.")
        self.expected = expected
        self.current = current


def check_revision(row: Any, expected: int | None) -> None:
    """Refuse what was written over another state of a locked row. Raises StaleRevision.

    `expected`: the revision that the form showed; None for a write that can't overwrite anything.
    """
    if expected is not None and row.revision != expected:
        raise StaleRevision(expected, row.revision)


def set_changed(row: Any, values: Mapping[str, Any], names: Iterable[str]) -> bool:
    """Set on a row those of the named fields whose value differs, without saving; return whether there was one."""
    changes = {name: values[name] for name in names if name in values and values[name] != getattr(row, name)}
    for name, value in changes.items():
        setattr(row, name, value)
    return bool(changes)


class Unchanged(Exception):
    """The new content equals the former one: the write is rolled back, with its line of the journal.

    Raised inside `edit` by a caller that knows it; `edit` raises it by itself where it has a `state` to compare.
    """


@contextmanager
def edit(
    root: Any,
    *,
    expected_revision: int | None,
    by: Actor,
    element: str,
    state: Callable[[Any], str] | None = None,
) -> Iterator[Any]:
    """Lock `root` (a row with `revision`), yield it for writing, increment its revision, send `content_changed`.

    `expected_revision` is the revision that the form showed; None for a write that can't overwrite anything (a new
    row). `state` summarises the content below the row. If it is the same before and after, everything is rolled back:
    no signal, no new revision, no line of the journal. The caller checks rights on the yielded, locked row. Raises
    StaleRevision.
    """
    with transaction.atomic():
        locked = type(root).objects.select_for_update().get(pk=root.pk)
        check_revision(locked, expected_revision)
        before = state(locked) if state else ""
        try:
            with transaction.atomic():
                yield locked
                if before and state and state(locked) == before:
                    raise Unchanged
        except Unchanged:
            return
        locked.revision += 1
        locked.save(update_fields=["revision"])
        content_changed.send(type(locked), root=locked, actor=by, element=element)
        root.revision = locked.revision
