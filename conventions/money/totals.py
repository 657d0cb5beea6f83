"""The State's money in the signed acts, added up by year, in all and by axis: of a convention, and of a whole cycle.

A signed content never changes and an active act stays active, so `replace`, in the transition that activates an act, is
the only writer: nobody has to add up the lines of thousands of fiches to show a total.
"""

from decimal import Decimal
from typing import Any

from django.db.models import F, QuerySet, Sum

from actions.enums import STATE_ACCOUNT
from actions.models import Account, Resource
from conventions.models import Act, Contribution, SignedTotal

Sums = dict[tuple[int, int | None], Decimal]


def contributions(acts: QuerySet[Act]) -> QuerySet[Contribution]:
    """The State's money in some acts."""
    return Contribution.objects.filter(act__in=acts)


def state_resources(acts: QuerySet[Act]) -> QuerySet[Resource]:
    """The same money as the fiches receive it, hence by axis."""
    account = Account.objects.filter(code=STATE_ACCOUNT).values("pk")[:1]
    return Resource.objects.filter(account_id=account, sheet__isnull=False, programme__act__in=acts)


def sums(contributions: QuerySet[Contribution], resources: QuerySet[Resource]) -> Sums:
    """Add lines up. Euros by (year, axis), and by (year, None) for the whole; nothing is no entry, never zero."""
    whole = contributions.values_list("year").annotate(s=Sum("amount")).order_by()
    by_axis = resources.values_list("year", "sheet__axis").annotate(s=Sum("amount")).order_by()
    found: Sums = {(year, None): amount for year, amount in whole}
    return found | {(year, axis): amount for year, axis, amount in by_axis}


def kept(totals: QuerySet[SignedTotal]) -> Sums:
    """The same from the totals that are kept, of some conventions or of a cycle."""
    rows = totals.values_list("year", "axis").annotate(s=Sum("amount")).order_by()
    return {(year, axis): amount for year, axis, amount in rows}


def replace(before: Act | None, act: Act) -> None:
    """Count an act in, when it has become the last text signed, in the place of the one before."""
    found = _of(act)
    if before is not None:
        for at, amount in _of(before).items():
            found[at] = found.get(at, Decimal(0)) - amount
    found = {at: amount for at, amount in found.items() if amount}
    cycle, convention = act.convention.cycle_id, act.convention_id
    for year, axis in sorted(found, key=lambda key: (key[0], key[1] or 0)):  # always in this order: no deadlock
        for of in (convention, None):
            key: dict[str, Any] = {"cycle_id": cycle, "convention_id": of, "year": year, "axis_id": axis}
            row, _ = SignedTotal.objects.get_or_create(**key, defaults={"amount": 0})
            SignedTotal.objects.filter(pk=row.pk).update(amount=F("amount") + found[year, axis])


def _of(act: Act) -> Sums:
    this = Act.objects.filter(pk=act.pk)
    return sums(contributions(this), state_resources(this))
