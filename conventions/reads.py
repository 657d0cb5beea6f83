"""What guards, conditions and pages ask about an act besides its row, each read once for a page.

A page gives its act one `Reads` (`pages/act_page.py`). Any other act has none: `reads(act)` then asks the database each
time. Decisions are of that kind, as `workflow.apply` locks a fresh act: they never see what a page has read before.
"""

import datetime as dt
from typing import cast

from django.db.models import Prefetch
from django.utils.functional import cached_property

from conventions.content.freeze import build_content
from conventions.later.in_force import latest_act
from cpo.lib.enums import Audience, Side
from cpo.lib.files.hashing import content_hash
from cpo.lib.workflow import Missing

from .models import Acceptance, Act, ActReads, FormalNotice, Party, Version, Visa


class Reads(ActReads):
    missing: list[Missing] | None = None  # filled by `guards.complete.nothing_missing`

    def __init__(self, act: Act) -> None:
        self.act = act

    @cached_property
    def latest_version(self) -> Version | None:
        """The latest version without its content (a big JSON, read on demand), with its acceptances and visas."""
        standing = Prefetch("acceptances", Acceptance.objects.filter(cancelled_at=None), to_attr="standing")
        visas = Prefetch("visas", Visa.objects.order_by("-at", "-id"), to_attr="given_visas")
        versions = self.act.versions.defer("content").order_by("-number")
        return cast("Version | None", versions.prefetch_related(standing, visas).first())

    @cached_property
    def agreement_undone(self) -> Acceptance | None:
        """Both sides had accepted the latest version and neither does any more: an acceptance that tells by what."""
        version = self.latest_version
        if version is None or version.standing:  # type: ignore[attr-defined]
            return None
        undone = list(version.acceptances.exclude(cancelled_at=None).order_by("-cancelled_at"))
        together = [one for one in undone if one.cancelled_at == undone[0].cancelled_at]
        return together[0] if {one.side for one in together} == set(Side.values) else None

    @cached_property
    def parties(self) -> list[Party]:
        """With their organisation, delegation and signatory."""
        return list(self.act.parties.select_related("organisation", "delegation", "signatory"))

    @cached_property
    def open_notices(self) -> list[FormalNotice]:
        """Neither withdrawn nor decided upon."""
        return list(self.act.convention.notices.open().select_related("letter").order_by("id"))

    @cached_property
    def open_threads(self) -> int:
        """How many of the exchanges between both sides are not resolved."""
        return self.act.threads.filter(resolved_at=None, audience=Audience.BOTH).count()

    @cached_property
    def term(self) -> dt.date:
        """The last day of the text in force, as the last act signed gives it."""
        return (latest_act(self.act.convention) or self.act).ends_on

    @cached_property
    def content_hash(self) -> str:
        """Of what would be frozen now."""
        return content_hash(build_content(self.act))


def reads(act: Act) -> Reads:
    """Those of the page that shows this very object, else new ones, that have read nothing."""
    return act.reads if isinstance(act.reads, Reads) else Reads(act)
