"""Ceilings: how often a person, an account or a machine may try something in a time, whatever the server process.

Counted in the database, one row a try: the count outlives a restart and is the same for every process. Two tries at
once wait for each other, so that the last one allowed is allowed once.
"""

import datetime as dt
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils.crypto import salted_hmac

from cpo.lib import clock
from cpo.lib.models import CountedTry

HOUR = dt.timedelta(hours=1)
KEPT = dt.timedelta(days=1)  # no ceiling counts longer


class Reached(Exception):
    """The ceiling is reached; `until` is when the next try is allowed."""

    def __init__(self, until: dt.datetime) -> None:
        super().__init__(f"until {until}")
        self.until = until


class Ceiling(NamedTuple):
    """At most `most` tries of `what` by one `who` in `period`."""

    what: str
    most: int
    period: dt.timedelta = HOUR

    def check(self, who: Any) -> None:
        """Raise Reached when no try is left; count nothing."""
        tries = CountedTry.objects.filter(what=self.what, who=_hash(who), at__gt=clock.now() - self.period)
        latest = list(tries.order_by("-at").values_list("at", flat=True)[: self.most])
        if len(latest) >= self.most:
            raise Reached(latest[-1] + self.period)

    @transaction.atomic
    def spend(self, who: Any, *, about: str = "") -> None:
        """Count a try, or raise Reached. Tries about one thing count once: a person who errs is not many people."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s::text, 0))", [f"{self.what}:{who}"])
        now, subject = clock.now(), _hash(about) if about else ""
        mine = CountedTry.objects.filter(what=self.what, who=_hash(who), at__gt=now - self.period)
        if about and mine.filter(about=subject).exists():
            return
        self.check(who)
        CountedTry.objects.create(what=self.what, who=_hash(who), about=subject, at=now)

    def forget(self, who: Any) -> None:
        """Begin to count anew: the person has proved who they are."""
        CountedTry.objects.filter(what=self.what, who=_hash(who)).delete()


def _hash(text: Any) -> str:
    return salted_hmac("cpo.lib.ceilings", str(text), algorithm="sha256").hexdigest()


def purge() -> int:
    """Delete what no ceiling counts any more; return the number of rows."""
    return CountedTry.objects.filter(at__lt=clock.now() - KEPT).delete()[0]
