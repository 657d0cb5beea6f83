"""The landing forecast: the budget of a year beside what is expected on 31 December, then beside what was declared."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from actions.enums import AccountSide
from actions.models import Account
from reporting import figures
from reporting.content import planned, reading
from reporting.models import Forecast


def charges(forecast: Forecast) -> list[figures.Line]:
    """The cash charges by account: planned (`forecast`), expected (`actual`), why they differ."""
    rows = forecast.act.programme.expenses.filter(year=forecast.year).select_related("account")
    return figures.cash(figures.lines(forecast, rows, _expected(forecast, AccountSide.EXPENSE)))


def resources(forecast: Forecast) -> list[figures.Line]:
    """The cash resources by account and funder."""
    rows = forecast.act.programme.resources.filter(year=forecast.year).select_related("account")
    return figures.cash(figures.lines(forecast, rows, _expected(forecast, AccountSide.RESOURCE), by_funder=True))


def _expected(forecast: Forecast, side: str) -> Iterable[Any]:
    return forecast.lines.filter(account__side=side).select_related("account") if forecast.pk else []


@dataclass
class Outcome:
    """A line once the report of the year is sent: planned, expected, declared. None: nobody typed it."""

    label: str
    planned: Decimal
    expected: Decimal | None
    declared: Decimal | None

    @property
    def missed(self) -> Decimal | None:
        """What was declared beyond what was expected; below zero when less was."""
        if self.expected is None or self.declared is None:
            return None
        return self.declared - self.expected


def outcomes(forecast: Forecast) -> tuple[list[Outcome], list[Outcome]] | None:
    """The charges and the resources compared with the last sending of the year's report; None before it is sent."""
    version = planned.last_sendings(forecast.convention_id).filter(report__year=forecast.year).first()
    if version is None:
        return None
    finance = reading.finance(version.content)
    return (
        _compare(charges(forecast), finance.expenses.lines),
        _compare(resources(forecast), finance.resources.lines),
    )


def _compare(expected: list[figures.Line], declared: list[figures.Line]) -> list[Outcome]:
    """One row for each account and funder of either, in the order of the forecast, then of the report."""
    told = {_key(line): line for line in declared}
    rows = [
        Outcome(line.label, line.forecast, line.actual, told[_key(line)].actual if _key(line) in told else None)
        for line in expected
    ]
    known = {_key(line) for line in expected}
    return rows + [
        Outcome(line.label, line.forecast, None, line.actual) for line in declared if _key(line) not in known
    ]


def _key(line: figures.Line) -> tuple[str, str]:
    return line.account.code, line.funder


def accounts(side: str) -> list[Account]:
    return list(Account.objects.filter(enterable=True, withdrawn=False, side=side))
