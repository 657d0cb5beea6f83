"""What guards, conditions and pages read about an act besides its row. A page reads each of them once.

A page gives its act one `Reads` (`pages/act_page.py`). Any other act has none: `reads(act)` then asks the database each
time. Decisions do so too, because `workflow.apply` locks a fresh act: a decision never uses what a page has read.
"""

import datetime as dt
from collections.abc import Iterable, Mapping

from django.utils.functional import cached_property

from conventions import permissions as may
from conventions.content.freeze import build_content
from conventions.enums import ConventionState, Origin
from conventions.later.in_force import latest_act
from cpo.lib.actor import Actor
from cpo.lib.enums import Audience, Side
from cpo.lib.files.hashing import content_hash
from cpo.lib.hooks import Hook
from cpo.lib.workflow import Missing

from .models import Acceptance, Act, ActReads, FormalNotice, Party, Version, Visa

Delay = tuple[int, int]  # months, days
Delays = Mapping[tuple[int, str], Delay]
# `reporting/hooks.py` answers with the delays of these cycles, by cycle and `WaitKind`.
delays_of: Hook[[Iterable[int]], Delays] = Hook(lambda cycles: {})


class Reads(ActReads):
    missing: list[Missing] | None = None  # filled by `guards.complete.nothing_missing`

    def __init__(self, act: Act) -> None:
        self.act = act

    @cached_property
    def latest_version(self) -> Version | None:
        """The latest version that was proposed; its big content is read on demand."""
        version = self.last_version
        return None if version is None or version.handed_over else version

    @cached_property
    def last_version(self) -> Version | None:
        """The last version, the text handed over included, without its content."""
        return self.act.versions.defer("content").order_by("-number").first()

    @cached_property
    def acceptances(self) -> list[Acceptance]:
        """Those of the latest version, cancelled ones too."""
        version = self.latest_version
        return list(Acceptance.objects.filter(version=version)) if version else []

    @cached_property
    def visas(self) -> list[Visa]:
        """Those on the latest version, the last one first."""
        version = self.latest_version
        return list(Visa.objects.filter(version=version).order_by("-at", "-id")) if version else []

    @cached_property
    def agreement_undone(self) -> Acceptance | None:
        """A cancelled acceptance of the latest version, when one event cancelled those of both sides; None otherwise.

        Its `cancelled_by` names the event.
        """
        last = max((one.cancelled_at for one in self.acceptances if one.cancelled_at), default=None)
        if last is None or any(one.cancelled_at is None for one in self.acceptances):
            return None
        last_cancelled = [one for one in self.acceptances if one.cancelled_at == last]
        return last_cancelled[0] if {one.side for one in last_cancelled} == set(Side.values) else None

    @cached_property
    def parties(self) -> list[Party]:
        """With their organisation, delegation and signatory."""
        return list(self.act.parties.select_related("organisation", "delegation", "signatory"))

    @cached_property
    def open_notices(self) -> list[FormalNotice]:
        """Neither withdrawn nor decided upon."""
        return list(self.act.convention.notices.open().select_related("letter").order_by("id"))

    @cached_property
    def open_exchanges(self) -> list[tuple[str, str]]:
        """The audience and the path of each exchange that is not resolved, internal ones too."""
        return list(self.act.threads.filter(resolved_at=None).order_by().values_list("audience", "path"))

    def open_threads(self, audience: str = Audience.BOTH) -> int:
        """How many exchanges of this audience are not resolved."""
        return sum(of == audience for of, _ in self.open_exchanges)

    @cached_property
    def delays(self) -> Delays:
        """How long people wait on the acts of this cycle before it is late."""
        return delays_of([self.act.convention.cycle_id])

    @cached_property
    def open_acts(self) -> list[Act]:
        """Those of the convention that are being written, negotiated or signed."""
        return list(self.act.convention.acts.filter(state__in=Act.OPEN))

    @cached_property
    def negotiated_since(self) -> bool:
        """Whether an act of the application was opened on the convention, and not withdrawn."""
        later_acts = self.act.convention.acts.filter(number__gt=0, origin=Origin.APPLICATION)
        return later_acts.exclude(state=ConventionState.ABANDONED).exists()

    @cached_property
    def term(self) -> dt.date:
        """The last day of the text in force, as the last act signed gives it."""
        return (latest_act(self.act.convention) or self.act).ends_on

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of the content that a version would freeze now."""
        return content_hash(build_content(self.act))


def version_read(act: Act, actors: list[Actor]) -> Version | None:
    """The version that a person reads, without its content; None when they read what is written now.

    The side that writes reads its own text, and so does everybody before a first version. All others read the last
    version, which for the other side is what was handed over or proposed last.
    """
    if act.state == ConventionState.DRAFT or may.reads_live(actors, act.turn):
        return None
    return reads(act).last_version


def reads(act: Act) -> Reads:
    """The `Reads` of the page that shows this very object, else a new one that has read nothing."""
    return act.reads if isinstance(act.reads, Reads) else Reads(act)
