"""What the page that is shown to the second of two people asks (cpo/lib/editing/conflicts/)."""

from typing import Any

from cpo.lib.editing.conflicts import Question, Snapshot


def shown(response: Any) -> Snapshot:
    """What the form that was sent carries now."""
    found = [one["snapshot"] for context in response.context for one in context if one.get("snapshot")]
    return next((snapshot for snapshot in found if snapshot.tells), found[0])


def asked(response: Any) -> list[Question]:
    return shown(response).asked


def told(response: Any) -> list[tuple[str, str | None, str, str]]:
    """Label, before, theirs, mine."""
    return [(one.label, one.before, one.theirs, one.mine) for one in asked(response)]
