"""The open formal notices of a convention. A notice that is not sent is known only to the side that prepares it."""

from collections.abc import Iterable

from conventions.models import Act, FormalNotice
from conventions.reads import reads
from cpo.lib.actor import Actor


def own_notice(act: Act, side: str) -> FormalNotice | None:
    """The open notice that this side prepares or has sent."""
    return next((notice for notice in reads(act).open_notices if notice.side == side), None)


def notice_against(act: Act, side: str) -> FormalNotice | None:
    """The open notice that the other side has sent to this one."""
    return next((notice for notice in reads(act).open_notices if notice.side != side and notice.sent_on), None)


def may_know(notice: FormalNotice, actors: Iterable[Actor]) -> bool:
    """Whether these capacities may know of a notice: only its own side before it is sent or decided upon."""
    return (
        notice.sent_on is not None
        or notice.decided_on is not None
        or any(actor.side == notice.side for actor in actors)
    )


def sent_notice(act: Act) -> FormalNotice | None:
    """The first sent of the open notices, which both sides know."""
    notices = [notice for notice in reads(act).open_notices if notice.sent_on]
    return min(notices, key=lambda notice: (notice.sent_on, notice.pk), default=None)
