"""How a convention was kept: reports, pièces, deadlines, decisions, controls, corrections, as the evaluation says it.

It says what both sides read: nothing that is suspected of fraud, nor a correction that no letter told yet.
"""

import datetime as dt
from collections.abc import Sequence

from conventions.models import Convention
from cpo.lib import clock
from reporting import guards
from reporting.deadlines.before import years_received
from reporting.deadlines.facts import EVALUATED
from reporting.enums import CorrectionState, DecisionState
from reporting.models import Correction, Deadline, Decision, Report, ReportVersion

from .common import Content


def conformity(convention: Convention, years: Sequence[int], reports: Sequence[Report]) -> Content:
    return {
        "reports": _reports(convention, years, reports),
        "papers": [
            {"year": report.year, "missing": [line.text for line in guards.missing_documents(report)]}
            for report in reports
        ],
        "deadlines": _deadlines(convention),
        "decisions": _decisions(convention),
        "controls": [
            {"label": str(row), "state": row.get_state_display(), "on": row.announced_on.isoformat()}
            for row in convention.controls.order_by("number")
        ],
        "corrections": [_correction(row) for row in _told(convention)],
    }


def _reports(convention: Convention, years: Sequence[int], reports: Sequence[Report]) -> list[Content]:
    """A row for each year of the convention; `late`: days between the day that was due and the first sending."""
    by_year, on_paper = {row.year: row for row in reports}, years_received(convention)
    zone = convention.dossier.time_zone
    firsts = ReportVersion.objects.filter(report__in=reports, number=1).values_list("report__year", "sent_at")
    sent = {year: clock.local_day(at, zone) for year, at in firsts}
    rows = []
    for year in years:
        report = by_year.get(year)
        state = report.get_state_display() if report else "reçu sur papier" if year in on_paper else "pas encore ouvert"
        due = report.due_on if report else None
        first = sent.get(year)
        rows.append(
            {
                "year": year,
                "state": state,
                "due_on": _iso(due),
                "sent_on": _iso(first),
                "late": max((first - due).days, 0) if first and due else None,
                "sendings": report.round if report else 0,
                "admissible_on": _iso(report.admissible_on) if report else "",
            }
        )
    return rows


def _deadlines(convention: Convention) -> Content:
    """Those whose day has come, optional ones apart: met in time, met late, not met; the late ones by name.

    Not that of the evaluation itself: what is concluded here meets it.
    """
    today = clock.today(convention.dossier.time_zone)
    rows = Deadline.objects.of_rules().filter(convention=convention, cancelled_on=None, due_on__lt=today)
    rows = rows.filter(rule__optional=False).exclude(rule__met_by=EVALUATED)
    rows = rows.select_related("rule").order_by("due_on", "pk")
    late = [row for row in rows if row.met_on is None or row.met_on > row.due_on]
    return {
        "in_time": len(rows) - len(late),
        "late": [
            {
                "label": f"{row.rule.label}, {row.year}" if row.year else row.rule.label,
                "due_on": row.due_on.isoformat(),
                "met_on": _iso(row.met_on),
            }
            for row in late
        ],
    }


def _decisions(convention: Convention) -> Content:
    """How many decisions of recorded meetings are in each state; those that still wait, in words."""
    rows = list(
        Decision.objects.filter(meeting__convention=convention, meeting__state="held")
        .select_related("owner", "meeting")
        .order_by("meeting__day", "rank", "pk")
    )
    for row in rows:
        row.meeting.convention = convention
    states = [DecisionState(row.state) for row in rows]
    return {
        "counts": [[str(state.label), states.count(state)] for state in DecisionState if state in states],
        "open": [{"text": row.text, "who": row.who, "due_on": _iso(row.due_on)} for row in rows if row.is_open],
    }


def _told(convention: Convention) -> list[Correction]:
    rows = convention.corrections.exclude(suspected_fraud=True).exclude(state=CorrectionState.PROPOSED)
    return list(rows.order_by("number"))


def _correction(row: Correction) -> Content:
    return {
        "label": str(row),
        "year": row.year,
        "amount": str(row.amount),
        "state": row.get_effect_display() if row.effect else row.get_state_display(),
    }


def _iso(day: dt.date | None) -> str:
    return day.isoformat() if day else ""
