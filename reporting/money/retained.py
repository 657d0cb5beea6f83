"""What is retained of the expenses of the reports: by fiche and account, then the sums which « recevable » settles."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F

from actions.enums import STATE_ACCOUNT, AccountKind
from actions.models import Account
from cpo.lib.money import ZERO, total
from reporting.models import ActualExpense, ActualResource, ExaminationOpinion, Report, RetainedAmount

Key = tuple[str, str]  # key of the fiche ("" for the structure), code of the account
STRUCTURE = ""


@dataclass
class Examined:
    """One account of a fiche. `decided`: the officer said what is retained; before, all that is declared is.

    `carried`: what the year before left waiting for evidence. As long as nobody decides, it goes on waiting.
    """

    sheet_key: str
    account: Account
    declared: Decimal = ZERO
    carried: Decimal = ZERO
    decided: RetainedAmount | None = None

    @property
    def retained(self) -> Decimal:
        return self.decided.retained if self.decided else self.declared

    @property
    def pending(self) -> Decimal:
        return self.decided.pending if self.decided else self.carried

    @property
    def rejected(self) -> Decimal:
        return self.decided.rejected if self.decided else ZERO

    @property
    def cash(self) -> bool:
        return self.account.kind == AccountKind.CASH


def retained_amounts(reports: Iterable[Report]) -> dict[tuple[int, str, str], Decimal | None]:
    """What is retained by (report pk, sheet key or "", account code), in euros, for each account declared or examined.

    None: the report is not admissible, so that nothing is retained yet. Three queries for any number of reports.
    """
    return {
        (report.pk, *key): line.retained if report.is_settled else None
        for report, lines in examined(reports)
        for key, line in lines.items()
    }


def examined(reports: Iterable[Report]) -> list[tuple[Report, dict[Key, Examined]]]:
    """The lines of each report, with what its examination says of them; earlier years say what is carried."""
    asked = list(reports)
    conventions = {report.convention_id for report in asked}
    known = {report.pk: report for report in Report.objects.filter(convention__in=conventions).defer(*LONG)}
    known |= {report.pk: report for report in asked}
    declared, decisions = _declared(known), _decisions(known)
    waiting: dict[int, dict[Key, Examined]] = defaultdict(dict)
    for report in sorted(known.values(), key=lambda one: one.year):
        lines, before = declared[report.pk], waiting[report.convention_id]
        for key, past in before.items():
            lines.setdefault(key, Examined(past.sheet_key, past.account)).carried = past.pending
        for key, line in lines.items():
            line.decided = _standing(line, report, decisions[report.pk, *key])
        if report.is_settled:
            waiting[report.convention_id] = {key: line for key, line in lines.items() if line.pending}
    return [(report, declared[report.pk]) for report in asked]


LONG = ("highlights", "governance", "financial_comment")


def _declared(reports: Iterable[int]) -> dict[int, dict[Key, Examined]]:
    lines: dict[int, dict[Key, Examined]] = defaultdict(dict)
    rows = ActualExpense.objects.filter(report__in=reports).select_related("account")
    for row in rows.annotate(sheet_key=F("sheet_report__sheet__key")):  # of a fiche, no text
        key = str(row.sheet_key or STRUCTURE)
        line = lines[row.report_id].setdefault((key, row.account.code), Examined(key, row.account))
        line.declared += row.amount
    return lines


def _decisions(reports: Iterable[int]) -> dict[tuple[int, str, str], list[RetainedAmount]]:
    """What was decided at each sending, the last one first."""
    decisions = defaultdict(list)
    for row in RetainedAmount.objects.filter(report__in=reports).select_related("account", "ground", "author"):
        decisions[row.report_id, str(row.sheet_key or STRUCTURE), row.account.code].append(row)
    return decisions


def _standing(line: Examined, report: Report, decisions: list[RetainedAmount]) -> RetainedAmount | None:
    """The last decision, if it is about the amounts of today; what was decided on another amount is asked again."""
    last = next((row for row in decisions if row.round <= report.round), None)
    same = last is not None and (last.declared, last.carried) == (line.declared, line.carried)
    return last if same else None


def settled_sums(report: Report) -> tuple[Decimal, Decimal]:
    """The expenses retained and the share of the other funders, in euros, without contributions in kind (86, 87)."""
    [(_, lines)] = examined([report])
    others = ActualResource.objects.filter(report=report, account__kind=AccountKind.CASH).exclude(account__funder="")
    amounts = others.exclude(account__code=STATE_ACCOUNT).values_list("amount", flat=True)
    return total(line.retained for line in lines.values() if line.cash), total(amounts)


def opinions(report: Report) -> dict[str, ExaminationOpinion]:
    """The last opinion on each fiche, by its key, and on the whole report, by ""."""
    rows = report.opinions.filter(round__lte=report.round).select_related("author").order_by("round")
    return {str(row.sheet_key or STRUCTURE): row for row in rows}
