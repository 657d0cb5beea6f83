"""What a reader is told of who is waited for: since when, until when, and the button « Relancer »."""

from typing import Any

from django.urls import reverse

from conventions.models import Act
from conventions.waits import Wait, waiter
from cpo.lib import clock, journal
from cpo.lib.actor import Actor


def readable(waits: list[Wait], actors: list[Actor]) -> list[Wait]:
    """The waits whose page the reader reads."""
    audiences = journal.readable_by(actors)
    return [wait for wait in waits if wait.audience in audiences]


def shown(act: Act, waits: list[Wait], actors: list[Actor]) -> list[dict[str, Any]]:
    """Each wait with its words; `url` when the reader waits and has not written today, `nudged` when somebody has.

    `own`: the reader is of the side that is waited for.
    """
    rows = readable(waits, actors)
    waiting = {wait.key for wait in rows if waiter(wait, actors)}
    today = clock.today(act.dossier.time_zone)
    nudged = set(act.nudges.filter(day=today).values_list("about", flat=True)) if waiting else set()
    address = reverse("convention-nudge", args=[act.reference])
    return [
        {
            "key": wait.key,
            "what": wait.what,
            "organisation": wait.organisation,
            "words": wait.words,
            "late": wait.late,
            "nudged": wait.key in nudged and wait.key in waiting,
            "url": address if wait.key in waiting and wait.key not in nudged else "",
            "own": any(actor.side == wait.side for actor in actors),
            "party": wait.party.pk if wait.party else None,
        }
        for wait in rows
    ]
