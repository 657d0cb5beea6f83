"""The text in force on a day: the last one signed of those whose effective date has come.

Every act holds the whole text, starts from the one signed before it and never takes effect before it: on any day, the
text in force is what the signed versions give, applied in their order. That order is the one in which they were signed
(`base` after `base`), not that of their numbers: an act opened first may be signed last.
"""

import datetime as dt
from collections.abc import Iterable

from conventions.enums import ActKind, ConventionState
from conventions.models import Act, Convention, Version


def signed_acts(convention: Convention) -> list[Act]:
    """Signed and notified (an adaptation notice: notified), the last one first; one query."""
    return in_order(convention.acts.filter(state=ConventionState.ACTIVE))


def in_order(acts: Iterable[Act]) -> list[Act]:
    """Those of a convention's acts that are signed, the last one first."""
    by_key = {act.pk: act for act in acts}
    found = [act for act in by_key.values() if act.latest]
    while found and (base := by_key.get(found[-1].base_id or 0)):
        found.append(base)
    return found


def act_in_force(convention: Convention, day: dt.date) -> Act | None:
    return next((act for act in signed_acts(convention) if act.effective_on <= day), None)


def applied_acts(act: Act) -> list[Act]:
    """The signed acts that the text of an act holds, in order, up to itself or to what an open one starts from."""
    signed = signed_acts(act.convention)
    last = next((rank for rank, one in enumerate(signed) if one.pk in (act.pk, act.base_id)), len(signed))
    return signed[last:][::-1]


def latest_act(convention: Convention) -> Act | None:
    """The last text signed, in force already or to come: the next act starts from it."""
    return convention.acts.filter(latest=True).first()


def signed_version(act: Act) -> Version | None:
    """The version that was signed: the last one of a signed act."""
    return act.versions.order_by("-number").first() if act.state == ConventionState.ACTIVE else None


def text_in_force(convention: Convention, day: dt.date) -> Version | None:
    act = act_in_force(convention, day)
    return signed_version(act) if act else None


def firm_years(act: Act) -> set[int]:
    """The years whose State contribution is firm in the text of an act: the first of the cycle, then those that an
    annual financial act has fixed (article 4.3 of the model)."""
    fixed = {one.year for one in applied_acts(act) if one.kind == ActKind.ANNUAL and one.year}
    return {act.programme.cycle.first_year, *fixed}
