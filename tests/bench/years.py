"""Create in bulk the rows that follow a signature: reports of the first year, deadlines, journal."""

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import models

from actions.models import Sheet
from arml.models import User
from conventions.enums import ConventionState
from conventions.models import Act
from cpo.lib import clock
from cpo.lib.enums import Side
from cpo.lib.models import JournalEntry
from reporting.enums import ReportState
from reporting.models import Deadline, DeadlineRule, Report, SheetReport

REPORTS = (
    ReportState.CONCLUDED,
    ReportState.ADMISSIBLE,
    ReportState.SUBMITTED,
    ReportState.OPEN,
    ReportState.TO_COMPLETE,
    ReportState.IN_PROGRESS,
    ReportState.REVIEWED,
)
DONE = "L’association a réuni les missions locales et formé leurs équipes. " * 4
SIGNED = dt.date(2025, 6, 30)
BEFORE = dt.datetime(2025, 1, 10, 9, tzinfo=dt.UTC)


def save(model: type[models.Model], rows: Iterable[models.Model]) -> list[Any]:
    return model._default_manager.bulk_create(list(rows), batch_size=2000)


def follow(
    both: list[tuple[int, Act]], sheets: list[Sheet], *, officers: dict[int, User], rules: list[DeadlineRule]
) -> None:
    """Create reports of the first year and deadlines for active conventions, and a journal for all."""
    active = [(n, act) for n, act in both if act.state == ConventionState.ACTIVE]
    reports = {act.programme_id: report(n, act, officers) for n, act in active}
    save(Report, reports.values())
    report_sheets = [(reports[s.programme_id], s) for s in sheets if s.programme_id in reports]
    save(SheetReport, (SheetReport(report=report, sheet=sheet, narrative=DONE) for report, sheet in report_sheets))
    save(Deadline, itertools.chain.from_iterable(deadlines(n, act, rules) for n, act in active))
    save(JournalEntry, itertools.chain.from_iterable(journal(n, act, officers) for n, act in both))


def report(n: int, act: Act, officers: dict[int, User]) -> Report:
    state = REPORTS[n % len(REPORTS)]
    submission = (
        {}
        if state in (ReportState.OPEN, ReportState.IN_PROGRESS)
        else {
            "submitted_at": BEFORE + dt.timedelta(days=500),
            "submitted_by": officers[act.convention.dossier.lead_id],
        }
    )
    return Report(
        convention=act.convention,
        year=act.effective_on.year,
        act=act,
        state=state,
        state_since=BEFORE + dt.timedelta(days=400),
        due_on=dt.date(act.effective_on.year + 1, 6, 30),
        opened_at=BEFORE + dt.timedelta(days=365),
        **submission,
    )


def deadlines(n: int, act: Act, rules: list[DeadlineRule]) -> Iterator[Deadline]:
    """One deadline per rule: most are met, one in twenty is overdue, the last ones are to come."""
    today = clock.today(clock.PARIS)
    for rank, rule in enumerate(rules):
        ahead = rank >= 3
        late = not ahead and (n + rank) % 20 == 0
        due = today + dt.timedelta(days=(1 if ahead else -1) * (10 + (n * 7 + rank * 13) % 120))
        met = None if ahead or late else due
        yield Deadline(
            convention=act.convention, rule=rule, year=act.effective_on.year, due_on=due, created_on=SIGNED, met_on=met
        )


def journal(n: int, act: Act, officers: dict[int, User]) -> Iterator[JournalEntry]:
    for rank in range(4):
        yield JournalEntry(
            root=f"dossier:{act.convention.dossier_id}",
            subject=f"act:{act.pk}",
            verb="proposed",
            sentence=f"La version {rank + 1} a été proposée.",
            at=BEFORE + dt.timedelta(days=rank),
            actor=officers[act.convention.dossier.lead_id],
            actor_name="Camille Exemple",
            side=Side.STATE,
        )
