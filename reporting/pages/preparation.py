"""The preparation of a dialogue de gestion, computed for both sides: results, trends, gaps, money, open decisions.

It shows of each report only what its reader may open; nothing of it is typed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from arml.models import User
from conventions.models import Convention
from reporting import figures, guards
from reporting import permissions as may
from reporting.content.decisions import answer_of, to_answer
from reporting.models import Decision, Meeting, Report, SheetReport, Value
from reporting.money.reading import with_money
from reporting.money.sums import Sums, sums_of


@dataclass
class Result:
    """A fiche of the year: its progress and the indicators that stay below their target."""

    part: SheetReport
    below: list[tuple[str, Decimal]] = field(default_factory=list)  # label, percent of the target


@dataclass
class Trend:
    """An indicator over the years of the convention; a year without a value is None: blank is not zero."""

    label: str
    unit: str
    values: list[Value | None]


class Preparation:
    """`meeting`: a dialogue de gestion, with its convention and dossier."""

    def __init__(self, meeting: Meeting, user: User) -> None:
        self.meeting, self.user = meeting, user
        rows = Report.objects.filter(convention=meeting.convention_id, year__lte=meeting.year)
        rows = rows.select_related("act__programme").prefetch_related("send_backs").order_by("year")
        self.reports = [self._own(row) for row in rows]
        self.readable = [row for row in self.reports if may.may_read(user, row, may.GENERAL)]

    def _own(self, report: Report) -> Report:
        report.convention = self.meeting.convention
        return report

    @property
    def report(self) -> Report | None:
        """The report of the year, if the reader opens it."""
        return next((row for row in self.readable if row.year == self.meeting.year), None)

    @property
    def years(self) -> list[int]:
        return [row.year for row in self.readable]

    @cached_property
    def results(self) -> list[Result]:
        report = self.report
        return [self._result(report, part) for part in guards.sheet_parts(report)] if report else []

    def _result(self, report: Report, part: SheetReport) -> Result:
        values, result = {value.indicator_id: value for value in part.values.all()}, Result(part)
        threshold = figures.thresholds(report).target
        for indicator in part.sheet.indicators.all():
            target = next((one for one in indicator.targets.all() if one.year == report.year), None)
            reached = figures.attainment(indicator, target, values.get(indicator.pk))
            if reached is not None and reached < threshold:
                result.below.append((indicator.label, reached))
        return result

    @cached_property
    def gaps(self) -> list[figures.Line]:
        """The accounts whose charges are more than the threshold away from their forecast."""
        if not (self.report and self.finance):
            return []
        threshold = figures.thresholds(self.report).gap
        return [
            line for line in self.finance.expenses.lines if line.gap and abs(line.gap) * 100 > threshold * line.forecast
        ]

    @cached_property
    def finance(self) -> figures.Finance | None:
        return figures.finance(self.report) if self.report else None

    @cached_property
    def trends(self) -> list[Trend]:
        """The indicators of which two years at least have a value; those of one fiche follow each other by its key."""
        if len(self.readable) < 2:
            return []
        values = Value.objects.filter(sheet_report__report__in=self.readable, number__isnull=False)
        rows = values.select_related("indicator", "sheet_report__report", "sheet_report__sheet").order_by(
            "sheet_report__sheet__axis__number", "sheet_report__sheet__rank", "indicator__rank", "pk"
        )
        return _trends(rows, self.years)

    @cached_property
    def money(self) -> list[tuple[int, Sums]]:
        """Conventioned, committed, paid, by year."""
        convention = with_money(Convention.objects.all()).get(pk=self.meeting.convention_id)
        by_year: dict[int, Sums] = {}
        for (year, _, _), part in sums_of(convention).items():
            by_year.setdefault(year, Sums()).add(part)
        return sorted(by_year.items())

    @cached_property
    def decisions(self) -> list[tuple[Decision, str]]:
        """The open decisions of earlier meetings, with what the report of the year says of them."""
        if self.report:
            rows = to_answer(self.report)
            return [(self._of(row), answer_of(row)) for row in rows]
        followed = Decision.objects.followed().filter(meeting__convention=self.meeting.convention_id)
        return [
            (self._of(row), "") for row in followed.exclude(meeting=self.meeting).select_related("owner", "meeting")
        ]

    def _of(self, decision: Decision) -> Decision:
        decision.meeting.convention = self.meeting.convention
        return decision


def _trends(rows: Iterable[Value], years: list[int]) -> list[Trend]:
    by_key: dict[object, Trend] = {}
    for row in rows:
        sheet = row.sheet_report.sheet
        key = (sheet.key, row.indicator.key)
        trend = by_key.setdefault(
            key, Trend(f"{sheet.code} – {row.indicator.label}", row.indicator.unit_sign, [None] * len(years))
        )
        trend.values[years.index(row.sheet_report.report.year)] = row
    return [one for one in by_key.values() if sum(value is not None for value in one.values) > 1]
