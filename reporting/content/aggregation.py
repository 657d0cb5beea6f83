"""Add up the values of one indicator, by the rule of the catalogue. Missing is not zero; « sans objet » is not missing.

A mean of rates would count a small association as a large one: a rate is the sum of the numerators over the sum of the
denominators, hence the mean weighted by the denominators. Rounded once, at the end.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from actions.enums import Aggregation, Unit
from cpo.lib.money import ZERO

CENTS = Decimal("0.01")


@dataclass(frozen=True)
class Measured:
    """The value of a fiche for a year. `holder`: the convention.

    Without number it is missing, « sans objet », or `worded`: said in words, which add up to nothing, and not missing.
    """

    holder: int
    year: int
    number: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    not_applicable: bool = False
    worded: bool = False


@dataclass(frozen=True)
class Aggregate:
    """`value`: None when nothing adds up. `covered`: how many of the `expected` holders said something."""

    value: Decimal | None
    covered: int
    expected: int


def aggregate(rule: str, unit: str, rows: Iterable[Measured]) -> Aggregate:
    """Add up rows in any order. A holder for whom all is « sans objet » is not expected."""
    owed = [row for row in rows if not row.not_applicable]
    known = [row for row in owed if row.number is not None]
    value = _value(rule, unit, known)
    return Aggregate(
        None if value is None else value.quantize(CENTS, rounding=ROUND_HALF_UP),
        len({row.holder for row in owed if row.number is not None or row.worded}),
        len({row.holder for row in owed}),
    )


def _value(rule: str, unit: str, rows: list[Measured]) -> Decimal | None:
    numbers = [row.number for row in rows if row.number is not None]
    if not numbers or rule == Aggregation.NONE:
        return None
    if rule == Aggregation.SUM:
        return sum(numbers, ZERO)
    if rule == Aggregation.MEAN:
        return sum(numbers, ZERO) / len(numbers)
    if rule == Aggregation.MAX:
        return max(numbers)
    if rule == Aggregation.LAST:
        return _last(rows)
    return _ratio(unit, rows)


def _last(rows: list[Measured]) -> Decimal | None:
    """The value of the last year that has one. Those of several fiches or holders are not comparable: none then."""
    year = max(row.year for row in rows)
    numbers = [row.number for row in rows if row.year == year]
    return numbers[0] if len(numbers) == 1 else None


def _ratio(unit: str, rows: list[Measured]) -> Decimal | None:
    """None when one of the rates was given without its two terms: it has no weight."""
    if any(row.numerator is None or not row.denominator for row in rows):
        return None
    scale = 100 if unit == Unit.PERCENT else 1
    top = sum((row.numerator for row in rows if row.numerator is not None), ZERO)
    bottom = sum((row.denominator for row in rows if row.denominator is not None), ZERO)
    return top * scale / bottom
