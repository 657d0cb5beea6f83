"""Which fiches the report of a year covers: those in force on 31 December, and those dropped during the year.

A fiche that an act dropped in October was paid for nine months: what was spent on it is reported too.
"""

import datetime as dt
import uuid
from dataclasses import dataclass, field

from actions.models import Sheet
from conventions.later.in_force import act_in_force, in_force_among, in_signing_order
from conventions.models import Act, Convention


@dataclass
class Covered:
    """The act in force on 31 December, and each fiche by its key, with the day when it left the text (None: never)."""

    act: Act
    sheets: dict[uuid.UUID, tuple[Sheet, dt.date | None]] = field(default_factory=dict)


def act_of(convention: Convention, year: int) -> Act | None:
    """The act that the report of a year rests on: the one in force on 31 December of that year."""
    return act_in_force(convention, dt.date(year, 12, 31))


def covered(convention: Convention, year: int) -> Covered | None:
    """Return what the report of a year covers; None when no act was in force on 31 December.

    Several conventions: prefetch `acts__programme__sheets`, and no query is made.
    """
    act = in_force_among(convention.acts.all(), dt.date(year, 12, 31))
    if act is None:
        return None
    result = Covered(act, {sheet.key: (sheet, None) for sheet in _sheets(act, year)})
    after = act
    for former in _former_texts(convention, act):
        if after.effective_on <= dt.date(year, 1, 1):
            break
        for sheet in _sheets(former, year):
            result.sheets.setdefault(sheet.key, (sheet, after.effective_on))
        after = former
    return result


def _former_texts(convention: Convention, act: Act) -> list[Act]:
    """The acts signed before this one, the last one first."""
    acts = in_signing_order(convention.acts.all())
    return acts[acts.index(act) + 1 :]


def _sheets(act: Act, year: int) -> list[Sheet]:
    return [sheet for sheet in act.programme.sheets.all() if year in sheet.years]
