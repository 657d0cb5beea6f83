"""The text in force on a day: that of the last act signed whose effective date has come (by date, then number).

Every act holds the whole text, starts from the one signed before it and never takes effect before it: on any day, the
text in force is what the signed versions give, applied in their order.
"""

import datetime as dt

from django.db.models import QuerySet

from ..enums import ActKind, ConventionState
from ..models import Act, Convention, Version


def signed_acts(convention: Convention) -> QuerySet[Act]:
    """Signed and notified (an adaptation notice: notified), the last to take effect first."""
    return convention.acts.filter(state=ConventionState.ACTIVE).order_by("-effective_on", "-number")


def act_in_force(convention: Convention, day: dt.date) -> Act | None:
    return signed_acts(convention).filter(effective_on__lte=day).first()


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
    fixed = act.convention.acts.filter(kind=ActKind.ANNUAL, state=ConventionState.ACTIVE, number__lte=act.number)
    return {act.programme.cycle.first_year} | {other.year for other in fixed if other.year}
