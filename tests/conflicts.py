"""What the page that is shown to the second of two people asks (cpo/lib/editing/conflicts/)."""

from typing import Any

from cpo.lib.editing.conflicts import Opened, Question


def shown(response: Any) -> Opened:
    """What the form that was sent carries now."""
    found = [one["opened"] for context in response.context for one in context if one.get("opened")]
    return next((opened for opened in found if opened.tells), found[0])


def asked(response: Any) -> list[Question]:
    return shown(response).asked


def told(response: Any) -> list[tuple[str, str | None, str, str]]:
    """Label, before, theirs, mine."""
    return [(one.label, one.before, one.theirs, one.mine) for one in asked(response)]
