"""Open the year's report of each active convention; it covers the act in force on 31 December of that year."""

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.db import transaction

from actions.models import Cycle
from arml.enums import Role
from arml.models import User
from arml.permissions import is_national_admin
from conventions.models import Convention, counted_from
from conventions.notifications.ending import DOCUMENTS_MONTHS
from cpo.lib import clock, journal
from cpo.lib.actor import SYSTEM, Actor
from cpo.lib.dates import add_months
from cpo.lib.work.queues import each
from cpo.lib.workflow import Refused
from reporting import notifications
from reporting.content.covered import covered
from reporting.deadlines.before import years_received
from reporting.deadlines.facts import COUNTED
from reporting.deadlines.reported import campaign_years, pending, reported_years
from reporting.deadlines.rules import DOCUMENTS_RULE, OPENING_RULE, base_date, may_open
from reporting.jobs import request_form
from reporting.models import DeadlineRule, Report, SheetReport

from .deadlines import sync


def open_report(
    convention: Convention, year: int, *, by: Actor = SYSTEM, due_on: dt.date | None = None
) -> Report | None:
    """Open the report of a year. Idempotent.

    Return None when it exists, was received on paper, or no act was in force on 31 December.
    """
    with transaction.atomic():
        Convention.objects.select_for_update().get(pk=convention.pk)
        coverage = covered(convention, year)
        if coverage is None or convention.reports.filter(year=year).exists() or year in years_received(convention):
            return None
        now = clock.now()
        rule = convention.cycle.deadline_rules.filter(key=DOCUMENTS_RULE, active=True).first()
        report = Report.objects.create(
            convention=convention,
            year=year,
            act=coverage.act,
            state_since=now,
            opened_at=now,
            due_on=due_on or _due_on(rule, year, convention),
        )
        SheetReport.objects.bulk_create(
            SheetReport(report=report, sheet=sheet, dropped_on=day) for sheet, day in coverage.sheets.values()
        )
        journal.record(
            report,
            root=convention.dossier,
            by=by,
            verb="report_opened",
            sentence=f"Le compte rendu {year} est ouvert.",
        )
        request_form(report)
        notifications.report_opened(report)
    return report


def _due_on(rule: DeadlineRule | None, year: int, convention: Convention) -> dt.date | None:
    """The same day as that of the deadline (`deadlines.expected_deadlines`)."""
    notified = counted_from(convention.act)
    facts = {COUNTED: notified} if notified else {}
    return base_date(rule, year, facts=facts) if rule else None


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


def open_campaign(cycle: Cycle, year: int, *, by: User | None = None) -> int:
    """Open the year's report of each active convention of the cycle; return how many were opened.

    `by` None: the schedule opens it. Raises PermissionDenied when `by` is not of the national administration, Refused
    for a year that is not over or not of the cycle.
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

    def open_one(convention: Convention) -> bool:
        if not may_open(year, convention.dossier.time_zone):  # over in Paris and not there: the schedule will open it
            return False
        opened = open_report(convention, year, by=actor) is not None
        if opened:
            sync(convention)
        return opened

    return each(pending(cycle, year), open_one, what="campaign")
