"""The formal notices of a convention, as a side may know them: what is only prepared is known to its author's side."""

from collections.abc import Iterable

from conventions.models import Act, FormalNotice
from conventions.reads import reads
from cpo.lib.actor import Actor


def own(act: Act, side: str) -> FormalNotice | None:
    """The open notice that this side prepares, or has sent."""
    return next((notice for notice in reads(act).open_notices if notice.side == side), None)


def against(act: Act, side: str) -> FormalNotice | None:
    """The open notice that the other side has sent to this one."""
    return next((notice for notice in reads(act).open_notices if notice.side != side and notice.sent_on), None)


def known(notice: FormalNotice, actors: Iterable[Actor]) -> bool:
    """Whether these capacities may know of a notice; the one that is not sent is its own side's."""
    return (
        notice.sent_on is not None
        or notice.decided_on is not None
        or any(actor.side == notice.side for actor in actors)
    )


def sent(act: Act) -> FormalNotice | None:
    """The open notice that both sides know, the first sent."""
    found = [notice for notice in reads(act).open_notices if notice.sent_on]
    return min(found, key=lambda notice: (notice.sent_on, notice.pk), default=None)
