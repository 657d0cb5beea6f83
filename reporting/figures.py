"""Totals of a report: forecast and actual amounts, gap in euros and percent, progress. A missing amount is not zero.

Source of the table: arrêté of 11 October 2006 (compte rendu financier), CERFA 15059*02.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, DateField, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from actions.enums import AccountKind, Direction
from actions.models import Account, SheetIndicator, Target
from actions.retained import of_row, retain
from arml.models import overdue
from cpo.lib.money import ZERO, share, total
from cpo.lib.wording.numbers import parse_percent

from .enums import UNDONE, ReportState
from .models import ActualExpense, Deadline, Forecast, Report, SheetReport, Value

LATE_STATES = (ReportState.OPEN, ReportState.IN_PROGRESS, ReportState.TO_COMPLETE)


@dataclass(frozen=True)
class Thresholds:
    """What a report must explain: a gap above `gap` percent of the forecast, a value below `target` percent of it."""

    gap: int
    target: int


def thresholds(report: Report | Forecast) -> Thresholds:
    """The thresholds of the cycle, as the text that the report, or the forecast, rests on retains them."""
    cycle = report.convention.cycle
    kept = of_row(report.act.programme, cycle)
    gap, target = (int(kept.get(name, getattr(cycle, name))) for name in ("gap_threshold", "target_threshold"))
    return Thresholds(gap, target)


class Gap:
    """Difference between `forecast` and `actual`."""

    @property
    def forecast(self) -> Decimal:
        raise NotImplementedError

    @property
    def actual(self) -> Decimal | None:
        raise NotImplementedError

    @property
    def gap(self) -> Decimal | None:
        return None if self.actual is None else self.actual - self.forecast

    @property
    def percent(self) -> Decimal | None:
        """Gap in percent of the forecast; None without forecast (« sans objet ») or without actual amount."""
        return None if self.gap is None else share(self.gap, self.forecast)

    @property
    def without_object(self) -> bool:
        return self.actual is not None and not self.forecast


@dataclass
class Line(Gap):
    """Forecast and actual amount of an account (and a funder); `actual` is None when not filled in."""

    account: Account
    funder: str = ""
    forecast: Decimal = ZERO
    actual: Decimal | None = None
    comment: str = ""

    @property
    def account_id(self) -> int:
        return self.account.pk

    @property
    def label(self) -> str:
        return f"{self.funder} ({self.account.code})" if self.funder else str(self.account)


@dataclass
class Sum(Gap):
    """Total of some lines; `actual` adds the amounts filled in, None when there is none.

    A fiche lists its voluntary contributions (86, 87) with its other lines; its total adds up cash only.
    """

    lines: list[Line] = field(default_factory=list)

    @property
    def in_kind(self) -> bool:
        return any(line.account.kind == AccountKind.IN_KIND for line in self.lines)

    @property
    def mixed(self) -> bool:
        return self.in_kind and any(line.account.kind == AccountKind.CASH for line in self.lines)

    @property
    def counted_lines(self) -> list[Line]:
        return cash(self.lines) if self.mixed else self.lines

    @property
    def forecast(self) -> Decimal:
        return total(line.forecast for line in self.counted_lines)

    @property
    def actual(self) -> Decimal | None:
        amounts = [line.actual for line in self.counted_lines if line.actual is not None]
        return total(amounts) if amounts else None


def lines(
    report: Report | Forecast, forecast: Iterable[Any], actual: Iterable[Any], *, by_funder: bool = False
) -> list[Line]:
    """Join forecast rows (Expense, Resource) and actual rows (ActualExpense, ActualResource, ForecastLine), in account
    order.

    Accounts have the labels that the text of the act retains.
    """
    by_key: dict[tuple[int, str], Line] = {}
    for row in forecast:
        line = by_key.setdefault(_key(row, by_funder), Line(row.account, row.funder if by_funder else ""))
        line.forecast += row.amount
    for row in actual:
        line = by_key.setdefault(_key(row, by_funder), Line(row.account, row.funder if by_funder else ""))
        line.actual = (line.actual or ZERO) + row.amount
        line.comment = "\u00a0; ".join(text for text in (line.comment, getattr(row, "comment", "")) if text)
    retain(report.act.programme, [line.account for line in by_key.values()])
    return sorted(by_key.values(), key=lambda line: (line.account.rank, line.account.code, line.funder))


def with_accounts(rows: list[Line], more: Iterable[Account | tuple[Account, str]]) -> list[Line]:
    """The lines, with blank ones for accounts (and funders) that have none yet."""
    known = {(line.account_id, line.funder) for line in rows}
    pairs = [one if isinstance(one, tuple) else (one, "") for one in more]
    return rows + [Line(account, funder) for account, funder in pairs if (account.pk, funder) not in known]


def beyond(line: Line, threshold: int) -> bool:
    """Whether an actual amount is far from its forecast, in percent of it, or had none."""
    if not line.gap:
        return False
    return abs(line.gap) * 100 > threshold * line.forecast  # the exact gap: a rounded one would hide a cent


def unexplained(line: Line, threshold: int) -> bool:
    """Whether an actual amount is far from its forecast, or had none, and nobody said why."""
    return beyond(line, threshold) and not line.comment.strip()


def attainment(indicator: SheetIndicator, target: Target | None, value: Value | None) -> Decimal | None:
    """Value in percent of the target, to the unit; None unless more is better and the target is above zero."""
    if value is None or value.number is None or target is None or not target.number or target.number < 0:
        return None
    if indicator.direction != Direction.UP:
        return None
    return (value.number * 100 / target.number).quantize(Decimal(1))


def _key(row: Any, by_funder: bool) -> tuple[int, str]:
    return row.account_id, row.funder if by_funder else ""


def sheet_lines(part: SheetReport) -> list[Line]:
    """Charges of one fiche in the year."""
    forecast = part.sheet.expenses.filter(year=part.report.year).select_related("account")
    return lines(part.report, forecast, part.expenses.select_related("account"))


def structure_lines(report: Report) -> list[Line]:
    """Charges of the structure, which belong to no fiche."""
    forecast = report.act.programme.expenses.filter(sheet=None, year=report.year).select_related("account")
    return lines(report, forecast, report.expenses.filter(sheet_report=None).select_related("account"))


def resource_lines(report: Report) -> list[Line]:
    forecast = report.act.programme.resources.filter(year=report.year).select_related("account")
    return lines(report, forecast, report.resources.select_related("account"), by_funder=True)


@dataclass
class Finance:
    """The compte rendu financier: cash charges and resources; uses (86) and sources (87) of contributions in kind."""

    expenses: Sum
    resources: Sum
    uses: Sum
    sources: Sum


def finance(report: Report) -> Finance:
    """All the charges (fiches and structure) and resources of the year, in four queries."""
    forecast = report.act.programme.expenses.filter(year=report.year).select_related("account")
    expenses = lines(report, forecast, report.expenses.select_related("account"))
    resources = resource_lines(report)
    return Finance(Sum(cash(expenses)), Sum(cash(resources)), Sum(_in_kind(expenses)), Sum(_in_kind(resources)))


@dataclass(frozen=True)
class Surplus:
    """What the resources exceed the charges by, in euros; `rate`: presumed reasonable, in percent of the expenses."""

    amount: Decimal
    rate: Decimal


def excessive_surplus(report: Report, finance: Finance) -> Surplus | None:
    """The surplus of the year, if it is above what article 3.5 presumes reasonable; None when it is not."""
    received, spent = finance.resources.actual, finance.expenses.actual
    if received is None or spent is None or received <= spent:
        return None
    texts = report.convention.cycle.texts.filter(name="taux_excedent")
    value = next((text.value for text in retain(report.act.programme, texts)), "")
    rate = parse_percent(value) if value else ZERO
    eligible = report.expenses.filter(sheet_report__isnull=False, account__kind=AccountKind.CASH)
    base = total(eligible.values_list("amount", flat=True))
    amount = received - spent
    return Surplus(amount, rate) if amount * 100 > rate * base else None


def cash(rows: list[Line]) -> list[Line]:
    return [line for line in rows if line.account.kind == AccountKind.CASH]


def _in_kind(rows: list[Line]) -> list[Line]:
    return [line for line in rows if line.account.kind == AccountKind.IN_KIND]


def filled_in(parts: QuerySet[SheetReport]) -> QuerySet[SheetReport]:
    """The fiches whose part is complete: the rule of guards.sheet_missing, in SQL for lists."""
    values = Value.objects.filter(
        Q(number__isnull=False) | ~Q(text="") | ~Q(comment=""),
        sheet_report=OuterRef(OuterRef("pk")),
        indicator=OuterRef("pk"),
    )
    exempt_targets = Target.objects.filter(
        indicator=OuterRef("pk"), year=OuterRef(OuterRef("report__year")), not_applicable=True
    )
    missing_indicators = SheetIndicator.objects.filter(
        ~Exists(values), ~Exists(exempt_targets), sheet=OuterRef("sheet")
    )
    expenses = ActualExpense.objects.filter(sheet_report=OuterRef("pk"))
    owes_no_value = Q(dropped_on__isnull=False) | ~Exists(missing_indicators)
    is_filled_in = owes_no_value & Exists(expenses)
    return parts.exclude(progress="").exclude(narrative="").filter(Q(progress__in=UNDONE) | is_filled_in)


def progress(reports: Iterable[Report]) -> dict[int, tuple[int, int]]:
    """For each report id: (fiches filled in, fiches); two queries for any number of reports."""
    parts = SheetReport.objects.filter(report__in=[report.pk for report in reports]).order_by()
    whole = Counter(dict(parts.values_list("report").annotate(n=Count("pk"))))
    done = Counter(dict(filled_in(parts).values_list("report").annotate(n=Count("pk"))))
    return {report.pk: (done[report.pk], whole[report.pk]) for report in reports}


def with_due(reports: QuerySet[Report]) -> QuerySet[Report]:
    """Annotate `current_due`: the due date, or the date of the answer for a report that was sent back."""
    from reporting.deadlines.rules import SENT_BACK

    answer_deadline = Deadline.objects.filter(
        convention=OuterRef("convention"), year=OuterRef("year"), rule__base_event=SENT_BACK
    ).values("due_on")[:1]
    due = Case(
        When(state=ReportState.TO_COMPLETE, then=Coalesce(Subquery(answer_deadline), F("due_on"))),
        default=F("due_on"),
        output_field=DateField(),
    )
    return reports.annotate(current_due=due)


def late(reports: QuerySet[Report]) -> QuerySet[Report]:
    """The reports that the association keeps although their day has passed: the one rule of lists and figures."""
    return with_due(reports).filter(is_late())


def is_late() -> Q:
    """The condition of `late`, for reports that `with_due` annotated."""
    return Q(state__in=LATE_STATES) & overdue("current_due", "convention__dossier")
