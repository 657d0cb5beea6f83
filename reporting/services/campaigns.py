"""Open the year's report of each active convention; it covers the act in force on 31 December of that year."""

import datetime as dt
import logging
from collections.abc import Callable, Collection

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q

from actions.models import Cycle
from arml.enums import Role
from arml.models import User
from arml.permissions import is_national_admin
from conventions.enums import Origin
from conventions.models import Convention, counted_among
from conventions.notifications.ending import DOCUMENTS_MONTHS
from cpo.lib import clock, journal
from cpo.lib.actor import SYSTEM, Actor
from cpo.lib.dates import add_months
from cpo.lib.models import Job, JournalEntry
from cpo.lib.work import jobs
from cpo.lib.work.queues import each
from cpo.lib.workflow import Refused
from reporting import notifications
from reporting.content.covered import covered
from reporting.deadlines.before import REPORT_SENT
from reporting.deadlines.facts import COUNTED
from reporting.deadlines.reported import campaign_years, pending, reported_years, without_report
from reporting.deadlines.rules import DOCUMENTS_RULE, OPENING_RULE, base_date, may_open
from reporting.jobs import request_forms
from reporting.models import DeadlineRule, DoneBefore, Report, SheetReport

OPEN = "open_campaign"
BATCH = 100  # conventions opened together, in one transaction
logger = logging.getLogger(__name__)


def open_report(
    convention: Convention, year: int, *, by: Actor = SYSTEM, due_on: dt.date | None = None
) -> Report | None:
    """Open the report of a year. Idempotent.

    Return None when it exists, was received on paper or is skipped, or no act was in force on 31 December.
    """
    return next(iter(open_reports([convention.pk], year, by=by, due_on=due_on)), None)


def open_reports(
    conventions: Collection[int],
    year: int,
    *,
    by: Actor = SYSTEM,
    due_on: dt.date | None = None,
    early: str = "",
) -> list[Report]:
    """Open the report of a year of several conventions, in a constant number of queries; return those opened.

    `early`: why they are opened before their campaign. Left out: those for which `open_report` returns None.
    """
    with transaction.atomic():
        rows = _locked(conventions, year)
        coverages = {row: coverage for row in rows if (coverage := covered(row, year))}
        due = {} if due_on else _due_days(list(coverages), year)
        now = clock.now()
        reports = [
            Report(
                convention=convention,
                year=year,
                act=coverage.act,
                state_since=now,
                opened_at=now,
                opened_early=early,
                due_on=due_on or due.get(convention.pk),
            )
            for convention, coverage in coverages.items()
        ]
        Report.objects.bulk_create(reports)
        SheetReport.objects.bulk_create(
            SheetReport(report=report, sheet=sheet, dropped_on=day)
            for report in reports
            for sheet, day in coverages[report.convention].sheets.values()
        )
        JournalEntry.objects.bulk_create(_opened(report, by) for report in reports)
        request_forms(reports)
        notifications.reports_opened({report: len(coverages[report.convention].sheets) for report in reports})
    return reports


def _locked(conventions: Collection[int], year: int) -> list[Convention]:
    """Lock the conventions that have no report of that year, and are to have one, with what its opening reads."""
    on_paper = DoneBefore.objects.done().filter(rule__met_by=REPORT_SENT, year=year).values("convention")
    rows = Convention.objects.select_for_update(of=("self",)).filter(pk__in=conventions).order_by("pk")
    rows = rows.exclude(Q(pk__in=on_paper, origin=Origin.PAPER) | Q(reports__year=year) | Q(skipped_reports__year=year))
    return list(
        rows.select_related("cycle", "dossier__beneficiary", "dossier__lead").prefetch_related(
            "acts__programme__sheets", "dossier__territories"
        )
    )


def _due_days(conventions: list[Convention], year: int) -> dict[int, dt.date | None]:
    """The same days as those of the deadlines (`deadlines.expected_deadlines`), by convention."""
    cycles = {convention.cycle_id for convention in conventions}
    rules = {
        rule.cycle_id: rule
        for rule in DeadlineRule.objects.filter(cycle__in=cycles, key=DOCUMENTS_RULE, active=True).order_by("-rank")
    }
    counted, days = counted_among(convention.act for convention in conventions), {}
    for convention in conventions:
        notified = counted[convention.act.pk]
        facts = {COUNTED: notified} if notified else {}
        rule = rules.get(convention.cycle_id)
        days[convention.pk] = base_date(rule, year, facts=facts) if rule else None
    return days


def _opened(report: Report, by: Actor) -> JournalEntry:
    when = " par avance" if report.opened_early else ""
    return journal.record(
        report,
        root=report.convention.dossier,
        by=by,
        verb="report_opened",
        sentence=f"Le compte rendu {report.year} est ouvert{when}.",
        comment=report.opened_early,
        stored=False,
    )


def opening_day(cycle: Cycle, year: int) -> dt.date | None:
    """The day on which the year's campaign opens, by the cycle's rule."""
    rule = cycle.deadline_rules.filter(key=OPENING_RULE, active=True).first()
    return base_date(rule, year, facts={}) if rule else None


def open_due_reports(convention: Convention, on: dt.date) -> list[Report]:
    """Open every report whose campaign has begun; called again when a convention is notified later."""
    reports = []
    for year in reported_years(convention):
        day = opening_day(convention.cycle, year)
        if day and day <= on:
            report = open_report(convention, year)
            if report:
                reports.append(report)
    return reports


def open_last_reports(convention: Convention) -> list[Report]:
    """Open all the reports of a convention that ends; the last year is due within six months (article 14.2).

    Raises ValueError when the convention has not ended.
    """
    if convention.ended_on is None:
        raise ValueError("a convention that has not ended")
    due_on, years = add_months(convention.ended_on, DOCUMENTS_MONTHS), reported_years(convention)
    reports = [open_report(convention, year, due_on=due_on if year == years[-1] else None) for year in years]
    return [report for report in reports if report]


def ask_campaign(cycle: Cycle, year: int, *, by: User) -> Job:
    """Ask for the opening of a campaign, with one job. Raises what `open_campaign` does."""
    check_campaign(cycle, year, by=by)
    return jobs.enqueue(OPEN, campaign_key(cycle, year), cycle=cycle.pk, year=year, by=by.pk)


def campaign_key(cycle: Cycle, year: int) -> str:
    return f"campaign:{cycle.pk}:{year}"


def check_campaign(cycle: Cycle, year: int, *, by: User | None) -> Actor:
    """Return who opens a campaign; None: the schedule does.

    Raises PermissionDenied when `by` is not of the national administration, Refused for a year that is not over or not
    of the cycle.
    """
    actor = SYSTEM
    if by is not None:
        if not is_national_admin(by):
            raise PermissionDenied("L’ouverture d’une campagne revient à l’administration nationale.")
        membership = next(m for m in by.roles if m.role == Role.NATIONAL_ADMIN)
        actor = Actor(by, membership.organisation, membership.role, "", "national")
    if year not in campaign_years(cycle):
        raise Refused(f"L’année {year} n’est celle d’aucune convention du cycle {cycle.years_label}.")
    if not may_open(year):
        raise Refused(
            f"L’année {year} n’est pas terminée : son compte rendu s’ouvre à partir du 1er janvier {year + 1}."
        )
    return actor


def open_campaign(
    cycle: Cycle, year: int, *, by: User | None = None, step: Callable[[int, int], None] | None = None
) -> int:
    """Open the year's report of each active convention of the cycle; return how many were opened.

    A constant number of queries for each batch, after which `step` is told how many are handled, of how many: before
    the first one, nothing is read of the conventions but their ids. Raises what `check_campaign` does.
    """
    actor = check_campaign(cycle, year, by=by)
    candidates, opened = list(without_report(cycle, year).values_list("pk", flat=True)), 0
    for start in range(0, len(candidates), BATCH):
        batch = candidates[start : start + BATCH]
        # Over in Paris and not there: the schedule will open it.
        wanted = [row.pk for row in pending(cycle, year, batch) if may_open(year, row.dossier.time_zone)]
        opened += _open_batch(wanted, year, actor) if wanted else 0
        if step:
            step(start + len(batch), len(candidates))
    return opened


def _open_batch(batch: list[int], year: int, actor: Actor) -> int:
    """Open the reports of a batch; when one of them fails, each by itself, so that it fails alone."""
    try:
        return len(open_reports(batch, year, by=actor))
    except Exception:
        logger.exception("campaign: a batch failed, its reports are opened one by one")
        return each(batch, lambda pk: len(open_reports([pk], year, by=actor)), what="campaign")
