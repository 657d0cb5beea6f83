"""What « où en est-on » starts from: the budget of the act, the State's lines, the last sendings of former years."""

from decimal import Decimal

from django.db.models import F, QuerySet

from actions.models import Expense, Sheet
from actions.retained import retain
from conventions.models import Act
from cpo.lib.money import ZERO
from reporting.content import standing
from reporting.models import Report, ReportVersion

NO_SENDING = {"sending": None, "sha256": ""}


def budget(act: Act) -> standing.Source:
    """The cash charges and resources that the act plans, over all its years, with the labels that it retains."""
    programme = act.programme
    expenses = list(programme.expenses.cash().select_related("account", "sheet__axis").order_by("sheet__rank", "pk"))
    resources = list(programme.resources.cash().select_related("account"))
    accounts = [row.account for row in expenses] + [row.account for row in resources]
    retain(programme, accounts)
    retain(programme, [row.sheet.axis for row in expenses if row.sheet])
    expenses.sort(key=lambda row: (row.sheet.axis.number, row.sheet.rank, row.sheet.pk) if row.sheet else (999, 0, 0))
    return standing.Source(
        [
            standing.Entry(row.year, row.account.code, row.account.label, row.amount, **_of_sheet(row))
            for row in expenses
        ],
        [standing.Entry(row.year, row.account.code, row.account.label, row.amount, row.funder) for row in resources],
    )


def _of_sheet(row: Expense) -> dict[str, str]:
    return {} if row.sheet is None else {"sheet": str(row.sheet.key), "sheet_label": str(row.sheet), **axis(row.sheet)}


def axis(sheet: Sheet) -> dict[str, str]:
    return {"axis": str(sheet.axis.number), "axis_label": str(sheet.axis)}


def lines(act: Act) -> dict[int, dict[str, Decimal]]:
    """The State's contribution by year and line, all services together."""
    result: dict[int, dict[str, Decimal]] = {}
    for row in act.contributions.all():
        year = result.setdefault(row.year, {})
        year[row.line] = year.get(row.line, ZERO) + row.amount
    return result


def last_sendings(convention_id: int) -> QuerySet[ReportVersion]:
    """The last sending of each year. A reopening changes none: what was sent stays until it is sent again."""
    versions = ReportVersion.objects.filter(report__convention=convention_id, number=F("report__round"))
    return versions.select_related("report").order_by("report__year")


def former_sendings(report: Report) -> list[ReportVersion]:
    return list(last_sendings(report.convention_id).filter(report__year__lt=report.year))


def bases(report: Report, former: list[ReportVersion]) -> list[dict[str, object]]:
    """What each former year of the cycle gives: a sending, or none (« sending » is null)."""
    sent = {version.report.year: version for version in former}
    return [
        {"year": year, "sending": sent[year].number, "sha256": sent[year].content_sha256}
        if year in sent
        else {"year": year, **NO_SENDING}
        for year in range(report.convention.cycle.first_year, report.year)
    ]
