"""The years on which a convention reports, and the conventions whose report of a year is still to open."""

import datetime as dt
from collections.abc import Collection

from django.db.models import Q, QuerySet

from actions.models import Cycle
from conventions.enums import ConventionState
from conventions.later.in_force import in_force_among, in_force_today
from conventions.later.term import covered_years, last_years, shown_years
from conventions.models import Act, Convention
from cpo.lib import clock
from reporting.models import DoneBefore

from .before import REPORT_SENT

REPORTING = (ConventionState.ACTIVE, ConventionState.TERMINATED)


def reported_years(convention: Convention) -> list[int]:
    """The years that a convention reports on; none before it is active, none once it is closed."""
    if convention.state not in REPORTING:
        return []
    return covered_years(convention, clock.today(convention.dossier.time_zone))


def campaign_years(cycle: Cycle) -> list[int]:
    """The years of the campaigns of a cycle: its own, and those that an extension adds to one of its conventions."""
    return shown_years(cycle, last_years(Act.objects.filter(in_force_today(), convention__cycle=cycle)))


def without_report(cycle: Cycle, year: int) -> QuerySet[Convention]:
    """The conventions of a cycle that may have the report of that year still to open: neither opened nor skipped."""
    on_paper = DoneBefore.objects.done().filter(rule__met_by=REPORT_SENT, year=year).values("convention")
    conventions = Convention.objects.filter(cycle=cycle, state__in=REPORTING)
    known = Q(pk__in=on_paper) | Q(reports__year=year) | Q(skipped_reports__year=year)
    return conventions.exclude(known).order_by("number")


def pending(cycle: Cycle, year: int, among: Collection[int] | None = None) -> list[Convention]:
    """Those whose report of that year would open: in force on 31 December. `among`: a batch of them, by id."""
    conventions = without_report(cycle, year).select_related("cycle", "dossier__beneficiary", "dossier__lead")
    if among is not None:
        conventions = conventions.filter(pk__in=among)
    rows, last_day = conventions.prefetch_related("acts", "dossier__territories"), dt.date(year, 12, 31)
    return [one for one in rows if year in reported_years(one) and in_force_among(one.acts.all(), last_day)]
