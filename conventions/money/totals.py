"""Totals of the State's money in the signed acts, by year and axis, of a convention and of a whole cycle.

They are stored, because a page cannot add up the lines of thousands of fiches. Only this module writes them, in
the transition that activates an act, or corrects what was typed of one: an active act stays active.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from django.db.models import F, Q, QuerySet, Sum

from actions.enums import STATE_ACCOUNT
from actions.models import Account, Resource
from conventions.enums import ConventionState
from conventions.models import Act, Contribution, Convention, SignedTotal

Sums = dict[tuple[int, int | None], Decimal]
Row = TypeVar("Row", bound=Mapping[str, Any])


def contributions(acts: QuerySet[Act]) -> QuerySet[Contribution]:
    """The State's contributions in some acts."""
    return Contribution.objects.filter(act__in=acts)


def state_resources(acts: QuerySet[Act]) -> QuerySet[Resource]:
    """The same money in the resources of the fiches, which gives the axis."""
    account = Account.objects.filter(code=STATE_ACCOUNT).values("pk")[:1]
    return Resource.objects.filter(account_id=account, sheet__isnull=False, programme__act__in=acts)


def after_the_end(path: str) -> Q:
    """The years after that in which the convention, found at `path`, was terminated: nothing is due for them."""
    return Q(**{f"{path}__state": ConventionState.TERMINATED, "year__gt": F(f"{path}__ended_on__year")})


def remaining_until(convention: Convention) -> int | None:
    """The last year that carries money in a convention; None: all those of its text. As `after_the_end`, in Python."""
    terminated = convention.state == ConventionState.TERMINATED and convention.ended_on
    return terminated.year if terminated else None


def remaining(rows: Iterable[Row], until: int | None) -> list[Row]:
    """The rows of a content for the years that carry money, see `remaining_until`."""
    return [row for row in rows if until is None or row["year"] <= until]


def by_year(contributions: Iterable[Mapping[str, Any]]) -> dict[int, Decimal]:
    """The State's contribution of each year, from the contributions (or instalments) of a content."""
    totals: dict[int, Decimal] = {}
    for row in contributions:
        totals[row["year"]] = totals.get(row["year"], Decimal(0)) + Decimal(row["amount"])
    return totals


def sums(contributions: QuerySet[Contribution], resources: QuerySet[Resource]) -> Sums:
    """Sums in euros by (year, axis), and by (year, None) for all axes. A sum of nothing has no entry."""
    whole = contributions.values_list("year").annotate(s=Sum("amount")).order_by()
    by_axis = resources.values_list("year", "sheet__axis").annotate(s=Sum("amount")).order_by()
    totals: Sums = {(year, None): amount for year, amount in whole}
    return totals | {(year, axis): amount for year, axis, amount in by_axis}


def add(sums: Sums, more: Sums, sign: int = 1) -> None:
    """Add other sums to these, or subtract them."""
    for key, amount in more.items():
        sums[key] = sums.get(key, Decimal(0)) + sign * amount


def stored_sums(totals: QuerySet[SignedTotal]) -> Sums:
    """The same sums, from stored totals of some conventions or of a cycle."""
    rows = totals.values_list("year", "axis").annotate(s=Sum("amount")).order_by()
    return {(year, axis): amount for year, axis, amount in rows}


def replace(before: Act | None, act: Act) -> None:
    """Add the money of an act that has become the last signed text, and subtract that of the act `before` it."""
    recount(act, of_act(before) if before is not None else {})


def recount(act: Act, former: Sums) -> None:
    """Add the money of the last signed text, and subtract the `former` one, which it replaces."""
    difference = of_act(act)
    add(difference, former, -1)
    difference = {key_of_sum: amount for key_of_sum, amount in difference.items() if amount}
    cycle, convention = act.convention.cycle_id, act.convention_id
    for year, axis in sorted(difference, key=lambda key: (key[0], key[1] or 0)):  # always in this order: no deadlock
        for of in (convention, None):
            key: dict[str, Any] = {"cycle_id": cycle, "convention_id": of, "year": year, "axis_id": axis}
            row, _ = SignedTotal.objects.get_or_create(**key, defaults={"amount": 0})
            SignedTotal.objects.filter(pk=row.pk).update(amount=F("amount") + difference[year, axis])


def of_act(act: Act) -> Sums:
    acts = Act.objects.filter(pk=act.pk)
    return sums(contributions(acts), state_resources(acts))
