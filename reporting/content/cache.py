"""What a page computes once of the live content of a report, and keeps until a write of what it rests on.

Who opens the page again reads sixty fiches once. A decision (`apply`, a reminder, a sending) uses another object, which
no page shows, and reads the tables.
"""

from collections.abc import Callable
from typing import TypeVar

from django.db.models import Count, Sum

from actions.models import Account
from conventions.cache import of_key
from reporting import figures
from reporting.models import Report

T = TypeVar("T")


def cached(report: Report, name: str, compute: Callable[[Report], T]) -> T:
    """Compute once for all that moves it, when a page shows the report (`Report.shown`); elsewhere, each time.

    `name` holds what the value rests on besides the report, its text, the rules of the cycle and the accounts.
    """
    if report.shown is None:
        return compute(report)
    at, bases = f"{report.revision}:{name}", f"{report.revision}"
    if bases not in report.shown:
        report.shown[bases] = _rests_on(report)
    if at not in report.shown:
        key = f"report:{report.pk}:{report.shown[bases]}:{name}"
        report.shown[at] = of_key(key, lambda: compute(_stored(report)))
    value: T = report.shown[at]
    return value


def _rests_on(report: Report) -> str:
    """Each write of a part moves the revision of the report, each edit of a cycle or of an account theirs."""
    programme, accounts = report.act.programme, Account.objects.aggregate(n=Count("pk"), edits=Sum("revision"))
    text = f"{report.act_id}:{report.act.state}:{programme.pk}:{programme.revision}"
    limits = figures.thresholds(report)
    rules = f"{report.convention.cycle.revision}:{limits.gap}:{limits.target}"
    return f"{report.revision}:{text}:{rules}:{accounts['n']}:{accounts['edits']}"


def _stored(report: Report) -> Report:
    """The row as it is now: the object that a view holds may have been read before a write of another part."""
    dossier = "convention__dossier"
    related = (f"{dossier}__beneficiary", f"{dossier}__lead", "convention__cycle", "act__programme")
    return Report.objects.select_related(*related).get(pk=report.pk)
