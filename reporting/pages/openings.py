"""The years of a convention that have no report: decided so, or that wait for their campaign."""

from typing import Any

from django.urls import reverse

from arml.models import User
from arml.permissions import capacities, is_national
from conventions.models import Convention
from reporting import permissions as may
from reporting.deadlines.before import years_received
from reporting.deadlines.reported import reported_years
from reporting.models import SkippedReport

MOST = 50  # lines under the list of reports


def years_without_report(number: str, user: User) -> list[dict[str, Any]]:
    """A line by year: why no report opens, and where that is decided. Nothing to an observer."""
    rows = Convention.objects.visible_to(user).filter(number=number).select_related("cycle", "dossier__lead")
    convention = rows.prefetch_related("acts", "dossier__territories", "dossier__services").first()
    actors = capacities(user, convention.dossier) if convention else []
    if convention is None or not (any(actor.side for actor in actors) or is_national(user)):
        return []
    decides = any(may.decides_opening(actor) for actor in actors)
    skipped = {row.year: row for row in convention.skipped_reports.all()}
    known = {*convention.reports.values_list("year", flat=True), *years_received(convention)}
    return [
        {
            "year": year,
            "skipped": skipped.get(year),
            "url": reverse("report-opening", args=[number, year]) if decides else "",
        }
        for year in reported_years(convention)
        if year not in known and (decides or year in skipped)
    ]


def skipped_for(user: User, values: dict[str, Any]) -> tuple[list[SkippedReport], int]:
    """Under the list of reports: those that were decided not to open, by the filters that they share; and their number.

    One that is filtered by a state of the reports shows none: a report that is not opened has no state.
    """
    if values.keys() & {"etat", "retard"}:
        return [], 0
    rows = SkippedReport.objects.visible_to(user).select_related("convention__dossier__beneficiary")
    if "annee" in values:
        rows = rows.filter(year=values["annee"])
    if "arml" in values:
        rows = rows.filter(convention__dossier__beneficiary=values["arml"])
    if "territoire" in values:
        rows = rows.filter(convention__dossier__territories__code=values["territoire"]).distinct()
    found = list(rows[: MOST + 1])
    return found[:MOST], len(found) if len(found) <= MOST else rows.count()
