"""Edit one row from a form: lock it, set the fields that differ, save, write the journal."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models

from cpo.lib import journal
from cpo.lib.actor import Actor
from cpo.lib.editing.lock import Unchanged, edit
from cpo.lib.enums import Audience

Settle = Callable[[Any, list[str]], Iterable[str]]


def _nothing(row: Any, changed_fields: list[str]) -> Iterable[str]:
    return ()


def set_changed(row: models.Model, changes: Mapping[str, Any], settle: Settle = _nothing) -> list[str]:
    """Write the fields whose value differs, and no other; return their names.

    `settle(row, changed_fields)` runs before the row is saved: it checks the row, or sets dependent fields and returns
    their names.
    """
    changed_fields = [name for name, value in changes.items() if getattr(row, name) != value]
    for name in changed_fields:
        setattr(row, name, changes[name])
    if changed_fields:
        row.save(update_fields=[*changed_fields, *settle(row, changed_fields)])
    return changed_fields


def change_labels(row: models.Model, changed_fields: Iterable[str]) -> list[str]:
    """Return the French names of the changed fields; a row that is offered again is named as such."""
    labels = []
    for name in changed_fields:
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
    refusal: str = "",
    settle: Settle = _nothing,
) -> list[str]:
    """Edit a row that has a revision; return the French names of the fields that differ.

    No change: no revision, no line of the journal.

    `sentence(row, labels)` is the line of the journal, listed under `root` (the row itself by default). `allowed(row)`
    returns the fields that may change now; `refusal` is the message when others are asked for. Raises StaleRevision,
    PermissionDenied.
    """
    with edit(row, expected_revision=expected_revision, by=by, element=element) as locked:
        if allowed is not None and set(changes) - set(allowed(locked)):
            raise PermissionDenied(refusal)
        changed_fields = set_changed(locked, changes, settle)
        labels = change_labels(locked, changed_fields)
        if not changed_fields:
            raise Unchanged
        journal.record(
            locked,
            root=root or locked,
            by=by,
            verb=verb,
            sentence=sentence(locked, ", ".join(labels)),
            element=element,
            parameters={"fields": changed_fields},
            audience=audience,
        )
    return labels
