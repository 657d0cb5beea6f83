"""What a page says of the whole text that a person may read and print before a version is proposed."""

from typing import Any

from conventions.documents import drafts
from conventions.models import Act
from conventions.reads import version_read
from cpo.lib.actor import Actor, reads_negotiation


def whole_text(act: Act, actors: list[Actor]) -> dict[str, Any] | None:
    """Return which text the person may have as a file: what is written now, or what was handed over; else None.

    A version that was proposed has its own links.
    """
    if drafts.readable(act, actors):
        return {"revision": act.programme.revision}
    if act.state not in drafts.WRITTEN or not reads_negotiation(actors) or not drafts.has_text(act):
        return None
    version = version_read(act, actors)
    return {"version": version} if version and version.handed_over else None
