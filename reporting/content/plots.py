"""A trend → the points of its plot, in the units of a drawing of 360 by 170. Pure. The table beside says the same.

Attained: a full line with discs, each with its value. Target: a dashed line with squares, so that both are told apart
without a colour, on paper too. A year without a value has no point, and no line goes through it.
"""

from dataclasses import dataclass
from decimal import Decimal

from cpo.lib.wording import french
from cpo.lib.wording.numbers import parse_french_decimal

from .trends import Trend

LEFT, RIGHT, TOP, BOTTOM = 24, 336, 24, 136
OVER, UNDER = 10, 20
FEWEST = 2  # points: below, a plot shows nothing that the table does not


@dataclass(frozen=True)
class Mark:
    """`said_at`: where its label stands, on the side that the target leaves free."""

    x: int
    y: int
    label: str = ""
    said_at: int = 0


@dataclass(frozen=True)
class Plot:
    """`lines`: the « points » of each unbroken line. `zero`: where the axis stands. `title`, `words`: read aloud."""

    title: str
    words: str
    years: list[Mark]
    zero: int
    baseline: Mark | None  # a dotted line across; None where it is no number
    attained: list[Mark]
    attained_lines: list[str]
    targets: list[Mark]
    target_lines: list[str]


def plot(trend: Trend) -> Plot | None:
    """None where there are not two figures to compare."""
    numbers = [point.number for point in trend.points]
    goals = [point.goal for point in trend.points]
    drawn = [one for one in (*numbers, *goals) if one is not None]
    if len(drawn) < FEWEST or not trend.measured:
        return None
    start = _number(trend.baseline)
    bounds = [*drawn, Decimal(0), *([] if start is None else [start])]
    low, high = min(bounds), max(bounds)
    height = high - low or Decimal(1)

    def y(number: Decimal) -> int:
        return round(BOTTOM - (BOTTOM - TOP) * (number - low) / height)

    xs = [_x(rank, len(trend.points)) for rank in range(len(trend.points))]
    targets = [None if one is None else Mark(x, y(one)) for x, one in zip(xs, goals, strict=True)]
    attained = [
        None if one is None else Mark(x, y(one), _value(one, trend.unit), _said_at(y(one), target))
        for x, one, target in zip(xs, numbers, targets, strict=True)
    ]
    return Plot(
        title=trend.label,
        words=_words(trend),
        years=[Mark(x, BOTTOM, str(point.year)) for x, point in zip(xs, trend.points, strict=True)],
        zero=y(Decimal(0)),
        baseline=None if start is None else Mark(LEFT, y(start), _value(start, trend.unit)),
        attained=[one for one in attained if one],
        attained_lines=_lines(attained),
        targets=[one for one in targets if one],
        target_lines=_lines(targets),
    )


def _number(text: str) -> Decimal | None:
    try:
        return parse_french_decimal(text)
    except ValueError:
        return None


def _x(rank: int, count: int) -> int:
    return round(LEFT + (RIGHT - LEFT) * (rank + 0.5) / count)


def _said_at(y: int, target: Mark | None) -> int:
    """Above the point, or below it when its target is above and the years are not too near."""
    return y + UNDER if target and target.y < y < BOTTOM - UNDER else y - OVER


def _value(number: Decimal, unit: str) -> str:
    return f"{french.number(number)}\u00a0{unit}" if unit else french.number(number)


def _lines(marks: list[Mark | None]) -> list[str]:
    """The runs of two marks or more, as SVG writes the points of a line."""
    runs: list[list[Mark]] = [[]]
    for mark in marks:
        if mark is None:
            runs.append([])
        else:
            runs[-1].append(mark)
    return [" ".join(f"{mark.x},{mark.y}" for mark in run) for run in runs if len(run) > 1]


def _words(trend: Trend) -> str:
    """A sentence, as it is heard: « En 2025, la valeur réalisée est 90 pour une cible de 100 ; en 2026, … »."""
    parts = []
    for point in trend.points:
        said = point.words or (_value(point.number, trend.unit) if point.number is not None else "")
        attained = f"la valeur réalisée est {said}" if said else "la valeur réalisée n’est pas renseignée"
        aim = f"pour une cible de {point.target}" if point.target else "sans cible fixée"
        parts.append(f"en {point.year}, {attained} {aim}")
    start = f"la valeur de départ est {trend.baseline}\u00a0; " if trend.baseline else ""
    text = start + "\u00a0; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}."
