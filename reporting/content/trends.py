"""The indicators over the years of a convention: baseline, target, attained. Missing stays missing: it is not zero.

What was attained comes from the sendings of the reports, which never change; a year without one has its target only,
that of the text in force. An indicator is followed by the key of its fiche and its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from actions.models import Sheet, SheetIndicator, Target
from conventions.models import Act
from reporting import figures
from reporting.models import Report, Value

from .freeze import target_in_words

Content = dict[str, Any]
Key = tuple[str, str]  # keys of the fiche and of the indicator
Sendings = Mapping[int, tuple[Report, Content]]
BLANK = "–"


@dataclass(frozen=True)
class Point:
    """A year of an indicator. `goal`: the target as a number; `words`: a value that is no number; `percent`: of it."""

    year: int
    target: str = ""
    goal: Decimal | None = None
    number: Decimal | None = None
    words: str = ""
    percent: Decimal | None = None


@dataclass
class Trend:
    label: str
    unit: str = ""
    baseline: str = ""
    points: list[Point] = field(default_factory=list)

    @property
    def measured(self) -> int:
        """How many years have a number."""
        return sum(point.number is not None for point in self.points)


def build(years: Sequence[int], sendings: Sendings, text: Act) -> list[Trend]:
    """The trends in the order of the text in force; those of fiches that it dropped follow.

    `sendings`: by year, the report and the content that is read of it.
    """
    known = _indicators(_sheets(text))
    trends = {
        key: Trend(_label(sheet.code, one.label), one.unit_sign, one.baseline) for key, (sheet, one) in known.items()
    }
    parts = {year: _of_sending(*sendings[year]) if year in sendings else _of_text(known, year) for year in years}
    for points in parts.values():
        for key, (trend, _) in points.items():
            trends.setdefault(key, trend)
    for key, trend in trends.items():
        trend.points = [parts[year][key][1] if key in parts[year] else Point(year) for year in years]
    return list(trends.values())


def _label(code: str, label: str) -> str:
    return f"{code} – {label}"


def _sheets(act: Act) -> Iterable[Sheet]:
    return act.programme.sheets.order_by("axis__number", "rank", "pk").prefetch_related("indicators__targets")


def _indicators(sheets: Iterable[Sheet]) -> dict[Key, tuple[Sheet, SheetIndicator]]:
    return {(str(sheet.key), str(one.key)): (sheet, one) for sheet in sheets for one in sheet.indicators.all()}


def _target(indicator: SheetIndicator, year: int) -> Target | None:
    return next((target for target in indicator.targets.all() if target.year == year), None)


def _of_text(known: dict[Key, tuple[Sheet, SheetIndicator]], year: int) -> dict[Key, tuple[Trend, Point]]:
    points = {}
    for key, (sheet, one) in known.items():
        target = _target(one, year)
        point = Point(year, target_in_words(one, year), target.number if target else None)
        points[key] = Trend(_label(sheet.code, one.label)), point
    return points


def _of_sending(report: Report, content: Content) -> dict[Key, tuple[Trend, Point]]:
    parts = report.sheets.select_related("sheet").prefetch_related("sheet__indicators__targets")
    known = _indicators(part.sheet for part in parts)
    points = {}
    for sheet in content["sheets"]:
        for row in sheet["indicators"]:
            key = (sheet["key"], row.get("key", ""))
            one = known[key][1] if key in known else None
            trend = Trend(_label(sheet["code"], row["label"]), row["unit"], one.baseline if one else "")
            points[key] = trend, _point(report.year, row, one)
    return points


def _point(year: int, row: Content, indicator: SheetIndicator | None) -> Point:
    number = None if row["number"] is None else Decimal(row["number"])
    words = "sans objet" if row["not_applicable"] else row["text"]
    target = _target(indicator, year) if indicator else None
    percent = figures.attainment(indicator, target, Value(number=number)) if indicator else None
    return Point(year, row["target"], target.number if target else None, number, words, percent)


def frozen(trends: Iterable[Trend]) -> list[Content]:
    """As JSON: numbers as text, blank as null."""
    return [
        {
            **asdict(trend),
            "points": [{name: _text(value) for name, value in asdict(one).items()} for one in trend.points],
        }
        for trend in trends
    ]


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else value


def read(content: Iterable[Content]) -> list[Trend]:
    return [
        Trend(row["label"], row["unit"], row["baseline"], [_read_point(point) for point in row["points"]])
        for row in content
    ]


def _read_point(content: Content) -> Point:
    numbers = {name: _number(content[name]) for name in ("goal", "number", "percent")}
    return Point(**{**content, **numbers})


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
