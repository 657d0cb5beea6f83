"""Read the questions of the conflict page, which the second of two people gets (cpo/lib/editing/conflicts/)."""

from typing import Any

from cpo.lib.editing.conflicts import Question, Snapshot


def snapshot_of(response: Any) -> Snapshot:
    """The snapshot in the form that was posted. A page may have several forms."""
    snapshots = [one["snapshot"] for context in response.context for one in context if one.get("snapshot")]
    return next((snapshot for snapshot in snapshots if snapshot.tells), snapshots[0])


def questions(response: Any) -> list[Question]:
    return snapshot_of(response).asked


def question_texts(response: Any) -> list[tuple[str, str | None, str, str]]:
    """Label, value before, their value, my value."""
    return [(one.label, one.before, one.theirs, one.mine) for one in questions(response)]
