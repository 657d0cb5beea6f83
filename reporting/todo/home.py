"""« À faire »: what a person must do, in order of urgency; what they wait for; the next deadlines.

The number of queries does not depend on the number of dossiers. A task gives no right: the page that it opens checks.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q

from arml.enums import Role
from arml.models import Dossier, Organisation, User, zone_of
from arml.permissions import is_national
from conventions.models import Convention
from conventions.pages.todo import Hats, Task, Todo
from conventions.pages.todo_acts import act_todo
from conventions.pages.todo_ending import notice_todo
from cpo.lib import clock
from cpo.lib.clock import PARIS
from reporting.deadlines.addresses import todo_page
from reporting.deadlines.before import PAYMENTS
from reporting.deadlines.facts import FORECAST
from reporting.deadlines.rules import REPORT_FACTS
from reporting.enums import ReportState
from reporting.guards.payments import effects
from reporting.models import Deadline, Report, SheetReport
from reporting.permissions import WRITABLE

from .controls import control_tasks
from .evaluation import evaluation_tasks
from .letters import letter_tasks
from .meetings import meeting_todo
from .national import national_tasks
from .paper import records_to_confirm
from .payments import payment_todo
from .people import role_tasks, unreachable_tasks
from .reports import TO_JUDGE, TO_SIGN, ReportDesk, other_party
from .start import start_tasks

SOON = 30  # days: a later deadline is only announced
MOST = 200
NOTICE = "mise_en_demeure_satisfaite"


@dataclass
class Agenda(Todo):
    """Tasks and waits of a person; `following`: the next deadlines, with nothing to do yet."""

    following: list[Deadline] = field(default_factory=list)

    @property
    def late(self) -> int:
        return sum(is_late(task) for task in self.mine)


def is_late(task: Task) -> bool:
    return task.due is not None and task.due < task.day


def urgency(task: Task) -> tuple[dt.date, str]:
    """Sort key: the due date; a task without date counts as due in a week, as the other side waits for it."""
    return (task.due or task.day + dt.timedelta(days=7), task.title)


def agenda(user: User, hats: Hats | None = None) -> Agenda:
    """Everything for one person."""
    hats = hats or Hats.of(user)
    result = Agenda()
    if hats.engaged:
        _add_dossiers(hats, result)
        result.mine += start_tasks(hats)
    result.mine += role_tasks(user) + unreachable_tasks(user)
    if is_national(user):
        result.mine += national_tasks(user)
    result.mine.sort(key=urgency)
    return result


def _add_dossiers(hats: Hats, agenda: Agenda) -> None:
    """Add the acts, reports and deadlines of the person's dossiers."""
    for todo in (act_todo(hats), notice_todo(hats), meeting_todo(hats)):
        agenda.mine += todo.mine
        agenda.others += todo.others
    agenda.mine += records_to_confirm(hats)
    agenda.mine += control_tasks(hats) + evaluation_tasks(hats) + letter_tasks(hats)
    payments, paid_years = payment_todo(hats)
    agenda.mine += payments.mine
    agenda.others += payments.others
    deadlines = _deadlines(hats)
    reports = _reports(hats)
    _attach_conventions([*deadlines, *reports])
    desk = ReportDesk(hats, deadlines)
    for report in reports:
        desk.add(report, agenda)
    open_reports = {(report.convention_id, report.year) for report in reports}
    to_review = {report.convention_id for report in reports if report.state == ReportState.ADMISSIBLE}
    own = [
        deadline
        for deadline in deadlines
        if not (
            _has_own_line(deadline, open_reports)
            or desk.carries(deadline, to_review)
            or _is_of_payment(deadline, paid_years)
        )
    ]
    told = effects(deadline for deadline in own if deadline.due_on < deadline.local_day)  # type: ignore[attr-defined]
    for deadline in own:
        _add_deadline(deadline, hats, agenda, told.get(deadline.pk, ""))


def _deadlines(hats: Hats) -> list[Deadline]:
    """The open deadlines of the person's dossiers, soonest first, with the local day of each."""
    latest_day = clock.today(PARIS) + dt.timedelta(days=400)  # far enough not to be exact
    return list(
        Deadline.objects.visible_to(hats.user)
        .pending()
        .filter(due_on__lte=latest_day, convention__dossier__in=Dossier.objects.filter(hats.reach))
        .with_local_day()
        .prefetch_related("rule")
        .order_by("due_on", "id")[: 4 * MOST]
    )


def _reports(hats: Hats) -> list[Report]:
    reports: list[Any] = list(
        Report.objects.visible_to(hats.user)
        .filter(convention__dossier__in=Dossier.objects.filter(hats.reach))
        .exclude(state=ReportState.CONCLUDED)
        .annotate(zone=zone_of("convention__dossier"), to_judge=TO_JUDGE, to_sign=TO_SIGN)
        .defer("highlights", "governance", "financial_comment")
        .order_by("due_on", "pk")[:MOST]
    )
    parts = SheetReport.objects.filter(report__pk__among=[r.pk for r in reports if r.state in WRITABLE]).order_by()
    rows = parts.values_list("report").annotate(parts=Count("pk"), done=Count("pk", filter=~Q(progress="")))
    counts = {report: (whole, done) for report, whole, done in rows}
    for report in reports:
        report.part_count, report.done_count = counts.get(report.pk, (0, 0))  # type: ignore[attr-defined]
    return reports


def _attach_conventions(rows: Sequence[Deadline | Report]) -> None:
    """Set the convention, dossier and parties of each row, read once: many rows share a few associations."""
    ids = {row.convention_id for row in rows}
    known = Convention.objects.filter(pk__among=ids).select_related("dossier", "cycle").prefetch_related("meetings")
    conventions = {convention.pk: convention for convention in known}
    dossiers = [convention.dossier for convention in conventions.values()]
    parties = Organisation.objects.in_bulk({pk for d in dossiers for pk in (d.lead_id, d.beneficiary_id)})
    for dossier in dossiers:
        dossier.lead, dossier.beneficiary = parties[dossier.lead_id], parties[dossier.beneficiary_id]
    for row in rows:
        row.convention = conventions[row.convention_id]


def _has_own_line(deadline: Deadline, reports: set[tuple[int, int]]) -> bool:
    """Whether another line already tells this date: that of an open report or of a formal notice."""
    if deadline.rule.met_by == NOTICE:
        return True
    return deadline.rule.met_by in REPORT_FACTS and (deadline.convention_id, deadline.year or 0) in reports


def _is_of_payment(deadline: Deadline, years: set[tuple[int, int]]) -> bool:
    """Whether a line of a payment already tells this deadline."""
    if deadline.rule.met_by not in PAYMENTS:
        return False
    return (deadline.convention_id, deadline.year or deadline.convention.cycle.first_year) in years


def _responsible(deadline: Deadline, hats: Hats, days_late: int) -> bool:
    """Whether the person has the responsible role, or a role that the escalation adds at this delay."""
    roles = {deadline.role}
    for day, added in deadline.rule.escalation:
        if days_late >= day:
            roles |= set(added)
    roles |= {Role.ACCOUNTANT} if deadline.rule.met_by == FORECAST else set()  # who types its amounts
    dossier = deadline.convention.dossier
    return hats.on(dossier.lead_id, *roles) or hats.on(dossier.beneficiary_id, *roles)


def _add_deadline(deadline: Any, hats: Hats, agenda: Agenda, effect: str) -> None:
    """`effect`: what its lateness brings; "" before it is late."""
    days_late = (deadline.local_day - deadline.due_on).days
    if not _responsible(deadline, hats, days_late):
        if days_late <= 0:
            agenda.following.append(deadline)
        return
    if days_late < -SOON:
        agenda.following.append(deadline)
        return
    year = f" {deadline.year}" if deadline.year and str(deadline.year) not in deadline.rule.label else ""
    about = f"{deadline.convention.number} · {other_party(deadline.convention.dossier, hats)}"
    agenda.mine.append(
        Task(
            title=f"{deadline.rule.label}{year}",
            url=todo_page(deadline),
            verb="Voir",
            detail=f"{about} · {effect}" if effect else about,
            due=deadline.due_on,
            today=deadline.local_day,
        )
    )
