"""A value that was typed of an act signed on paper: how it is shown, compared, written and saved."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError

from cpo.lib.wording import french

PARTIES, AMOUNTS = "parties", "montants"
SHORT = 120
Faults = dict[str, Any]


@dataclass(frozen=True)
class Line:
    """`name`: that of its field; `place`: `PARTIES`, `AMOUNTS` or the key of a fiche; `own`: no later act has it too.

    `write` takes another value; an amount of zero removes its row. `save`, where several values are one row, saves them
    all once each is written, or returns why it cannot, by name. `choices`: its values, if they are picked; `day`: a
    date that may be missing; `reads` writes a typed text as it is stored.
    """

    name: str
    place: str
    label: str
    value: Any
    write: Callable[[Any], object]
    own: bool = False
    longest: int | None = SHORT  # of a text; None: of several lines
    save: Callable[[], Faults] | None = None
    choices: Sequence[tuple[str, str]] = ()
    day: bool = False
    reads: Callable[[str], str] = str
    rate: bool = False  # a target in per cent: above 100 %, the person is asked

    def words(self, value: Any) -> str:
        if isinstance(value, dt.date):
            return french.date(value)
        if isinstance(value, Decimal):
            return french.euros(value)
        return dict(self.choices).get(value, value) or "vide"


def differences(known: Mapping[str, Line], values: Mapping[str, Any]) -> list[str]:
    """« Contribution 2026 : 40 000 € → 41 000 € » for each value that is another one."""
    return [
        f"{known[name].label}\u00a0: {known[name].words(known[name].value)} → {known[name].words(value)}"
        for name, value in values.items()
        if value != known[name].value
    ]


def write(known: Mapping[str, Line], values: Mapping[str, Any]) -> None:
    """Write other values, then save the rows that hold several. Raises ValidationError keyed by name."""
    for name, value in values.items():
        known[name].write(value)
    faults: Faults = {}
    for save in dict.fromkeys(_saves(known[name] for name in values)):
        faults |= save()
    if faults:
        raise ValidationError(faults)


def _saves(lines: Iterable[Line]) -> Iterable[Callable[[], Faults]]:
    return (line.save for line in lines if line.save)
