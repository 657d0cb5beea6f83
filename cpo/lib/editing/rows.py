"""One row that a form edits: lock it, compare, set what differs, save, tell the journal. Written once for all."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models

from cpo.lib import journal
from cpo.lib.actor import Actor
from cpo.lib.editing.lock import edit
from cpo.lib.enums import Audience

Settle = Callable[[Any, list[str]], Iterable[str]]


def _nothing(row: Any, changed: list[str]) -> Iterable[str]:
    return ()


def set_changed(row: models.Model, changes: Mapping[str, Any], settle: Settle = _nothing) -> list[str]:
    """Write the fields whose value differs, and no other; return their names.

    `settle(row, changed)` checks the row before it is saved, or sets what follows from what changed: it returns the
    names of the fields that it set.
    """
    changed = [name for name, value in changes.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, changes[name])
    if changed:
        row.save(update_fields=[*changed, *settle(row, changed)])
    return changed


def told(row: models.Model, changed: Iterable[str]) -> list[str]:
    """The French names of what changed in a row; to withdraw, and to offer again, are told as such."""
    labels = []
    for name in changed:
        if name == "withdrawn" and not row.withdrawn:  # type: ignore[attr-defined]
            labels.append("proposé de nouveau")
        else:
            labels.append(str(getattr(row._meta.get_field(name), "verbose_name", name)))
    return labels


def update(
    row: models.Model,
    changes: Mapping[str, Any],
    *,
    expected_revision: int,
    by: Actor,
    element: str,
    verb: str,
    sentence: Callable[[Any, str], str],
    root: models.Model | None = None,
    audience: str = Audience.NATIONAL,
    allowed: Callable[[Any], Iterable[str]] | None = None,
    refused: str = "",
    settle: Settle = _nothing,
) -> list[str]:
    """Edit a row that has a revision; return the French names of what really changed. Nothing changed: nothing told.

    `sentence(row, labels)` is the line of the journal, listed under `root` (the row itself by default). `allowed(row)`:
    the fields that may change as the row now stands; `refused` tells who asks for others why not. Raises
    StaleRevision, PermissionDenied.
    """
    with edit(row, expected_revision=expected_revision, by=by, element=element) as locked:
        if allowed is not None and set(changes) - set(allowed(locked)):
            raise PermissionDenied(refused)
        changed = set_changed(locked, changes, settle)
        labels = told(locked, changed)
        if changed:
            journal.record(
                locked,
                root=root or locked,
                by=by,
                verb=verb,
                sentence=sentence(locked, ", ".join(labels)),
                element=element,
                parameters={"fields": changed},
                audience=audience,
            )
    return labels
