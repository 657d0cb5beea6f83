"""The preparation of a dialogue de gestion, computed for both sides: results, trends, gaps, money, forecast, decisions.

It shows of each report only what its reader may open; nothing of it is typed.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from arml.models import User
from conventions.models import Convention
from reporting import figures, guards
from reporting import permissions as may
from reporting.content import forecasts, trends
from reporting.content.decisions import answer_of, to_answer
from reporting.enums import ForecastState
from reporting.models import Decision, Diagnosis, Forecast, Meeting, Report, SheetReport
from reporting.money.reading import with_money
from reporting.money.sums import Sums, by_year, sums_of

from .standing import Standing, content_of, of_report


@dataclass
class Result:
    """A fiche of the year: its progress and the indicators that stay below their target."""

    part: SheetReport
    below: list[tuple[str, Decimal]] = field(default_factory=list)  # label, percent of the target


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
    def trends(self) -> list[trends.Trend]:
        """The indicators of which two years at least have a value; those of one fiche follow each other by its key."""
        if len(self.readable) < 2:
            return []
        read = {row.year: content_of(row, self.user) for row in self.readable}
        sendings = {row.year: (row, one[0]) for row in self.readable if (one := read[row.year])}
        rows = trends.build(self.years, sendings, self.meeting.convention.text)
        return [row for row in rows if row.measured > 1]

    @cached_property
    def money(self) -> list[tuple[int, Sums]]:
        """Conventioned, committed, paid, by year."""
        convention = with_money(Convention.objects.all()).get(pk=self.meeting.convention_id)
        return sorted(by_year(sums_of(convention)).items())

    @cached_property
    def standing(self) -> Standing | None:
        """« Où en est-on » as the report of the year tells it to this reader."""
        return of_report(self.report, self.user) if self.report else None

    @property
    def present_year(self) -> int:
        """The year in which the meeting is held: that of the forecast and of the diagnosis."""
        return self.meeting.day.year if self.meeting.day else self.meeting.year + 1

    @cached_property
    def forecast(self) -> figures.Sum | None:
        """The charges expected on 31 December of the present year, beside their budget; None before it is sent."""
        row = self._sent_forecast(self.present_year)
        return figures.Sum(forecasts.charges(row)) if row else None

    @cached_property
    def landed(self) -> list[forecasts.Outcome]:
        """What became of the forecast of the year that is talked about: its charges, expected and declared."""
        row = self._sent_forecast(self.meeting.year) if self.report else None
        found = forecasts.outcomes(row) if row else None
        return found[0] if found else []

    def _sent_forecast(self, year: int) -> Forecast | None:
        rows = Forecast.objects.filter(convention=self.meeting.convention_id, year=year, state=ForecastState.SENT)
        return rows.select_related("act__programme", "convention__cycle").first()

    @cached_property
    def diagnosis(self) -> Diagnosis | None:
        """The last diagnosis until the present year, with its documents."""
        rows = Diagnosis.objects.filter(convention=self.meeting.convention_id, year__lte=self.present_year)
        return rows.prefetch_related("files__file").order_by("-year").first()

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
