"""Meetings of a convention, by the services where the steps matter.

meeting = dialogue(report)                   # held in the past, its minutes written but not recorded
report = reviewed(admissible())              # recorded: the report is « revu »
concluded(report)                            # and the year concluded, without opening an act
"""

import datetime as dt
from typing import Any

from reporting import workflow
from reporting.models import Meeting, Report
from reporting.services import conclusion, minutes
from reporting.services.meetings import Plan, plan
from reporting.services.minutes import DecisionInput
from tests.factories.reporting import admissible, person

DAY = dt.date(2026, 9, 15)
WRITTEN = {"attendees": "Les deux parties", "opinion": "satisfaisant", "summary": ""}


def dialogue(
    report: Report, *, day: dt.date = DAY, decisions: tuple[DecisionInput, ...] = (), **fields: Any
) -> Meeting:
    """The dialogue de gestion of a report, with its minutes."""
    officer = person(report, "officer")
    meeting = plan(convention=report.convention, kind="dialogue", year=report.year, plan=Plan(day), by=officer)
    return minutes.save_minutes(
        meeting, fields=WRITTEN | fields, attendance={}, decisions=decisions, by=officer, expected_revision=None
    )


def reviewed(report: Report | None = None, **fields: Any) -> Report:
    report = report or admissible()
    dialogue(report, **fields)
    return workflow.apply("review", Report.objects.get(pk=report.pk), by=person(report, "officer"))


def concluded(report: Report | None = None, *, opens: str = "", **fields: Any) -> Report:
    report = report or reviewed()
    conclusion.write(
        report.dialogue,
        report,
        fields={"conclusion": "Le programme se poursuit."} | fields,
        by=person(report, "manager"),
        expected_revision=None,
        concludes=True,
        opens=opens,
    )
    return Report.objects.get(pk=report.pk)
