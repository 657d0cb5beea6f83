"""« À faire »: what a person must do, in order of urgency; what they wait for; the next deadlines.

The number of queries does not depend on the number of dossiers. A task gives no right: the page that it opens checks.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse

from arml.enums import Role
from arml.models import Dossier, Organisation, User, zone_of
from arml.permissions import is_national
from conventions.models import Convention
from conventions.pages.todo import Hats, Task, Todo, Waiting
from conventions.pages.todo_acts import act_todo
from conventions.pages.todo_ending import notice_todo
from cpo.lib import clock, zones
from cpo.lib.clock import PARIS
from cpo.lib.wording import french
from reporting.deadlines.addresses import todo_page
from reporting.deadlines.before import PAYMENTS
from reporting.deadlines.facts import FORECAST
from reporting.deadlines.rules import REPORT_FACTS, SENT_BACK
from reporting.enums import MeetingKind, ReportState
from reporting.guards.meetings import address
from reporting.guards.payments import effects
from reporting.models import Deadline, Report, SheetReport
from reporting.permissions import WRITABLE

from .controls import control_tasks
from .evaluation import evaluation_tasks
from .meetings import meeting_todo
from .national import national_tasks
from .paper import records_to_confirm
from .payments import payment_todo
from .people import role_tasks, unreachable_tasks
from .start import start_tasks

SOON = 30  # days: a later deadline is only announced
MOST = 200
TO_JUDGE = Count(  # the answers to requests for details that the service has not judged
    "clarifications", filter=Q(clarifications__judged_at=None, clarifications__answers__isnull=False), distinct=True
)
DIALOGUE = "releve_dialogue_signe"
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
    agenda.mine += control_tasks(hats) + evaluation_tasks(hats)
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
        .annotate(zone=zone_of("convention__dossier"), to_judge=TO_JUDGE)
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


def other_party(dossier: Dossier, hats: Hats) -> object:
    """The other party of the dossier for this person."""
    return dossier.lead if dossier.beneficiary_id in hats.roles else dossier.beneficiary


class ReportDesk:
    """Turns the reports into tasks and waits of one person."""

    def __init__(self, hats: Hats, deadlines: list[Deadline]) -> None:
        self.hats = hats
        self.due: dict[tuple[int, int | None, str], Deadline] = {}
        for deadline in deadlines:  # the soonest one of two rules that a same fact puts out
            if deadline.rule.met_by in REPORT_FACTS:
                self.due.setdefault((deadline.convention_id, deadline.year, self._fact(deadline)), deadline)
        self.dialogues: dict[int, Deadline] = {}
        for deadline in deadlines:
            if deadline.rule.met_by == DIALOGUE:
                self.dialogues.setdefault(deadline.convention_id, deadline)

    def carries(self, deadline: Deadline, to_review: set[int]) -> bool:
        """Whether the line of an admissible report already tells this deadline, that of the next dialogue."""
        convention = deadline.convention_id
        return convention in to_review and self.dialogues.get(convention) == deadline

    @staticmethod
    def _fact(deadline: Deadline) -> str:
        return SENT_BACK if deadline.rule.base_event == SENT_BACK else deadline.rule.met_by

    def add(self, report: Any, agenda: Agenda) -> None:
        if report.state in (ReportState.OPEN, ReportState.IN_PROGRESS, ReportState.TO_COMPLETE):
            self._writing(report, agenda)
        else:
            self._examination(report, agenda)

    def _task(self, report: Any, title: str, verb: str, fact: str, detail: str = "", page: str = "") -> Task:
        convention = report.convention_id
        deadline: Any = self.dialogues.get(convention) if fact == DIALOGUE else None
        deadline = deadline or self.due.get((convention, report.year, fact))
        about = f"{report.convention.number} · {other_party(report.convention.dossier, self.hats)}"
        return Task(
            title=title,
            url=page or _url(report),
            verb=verb,
            detail=f"{about} · {detail}" if detail else about,
            due=deadline.due_on if deadline else (report.due_on if fact == "rapport_soumis" else None),
            since=zones.at(report.state_since, report.zone),
            today=clock.today(report.zone),
        )

    def _writing(self, report: Any, agenda: Agenda) -> None:
        dossier, year = report.convention.dossier, report.year
        sent_back = report.state == ReportState.TO_COMPLETE
        fact = SENT_BACK if sent_back else "rapport_soumis"
        filled = report.part_count and report.part_count == report.done_count
        if self.hats.on(dossier.beneficiary_id, Role.PRESIDENT) and filled and not sent_back:
            agenda.mine.append(self._task(report, f"Envoyer le compte rendu {year}", "Relire et envoyer", fact))
        elif self.hats.on(dossier.beneficiary_id, Role.DIRECTOR, Role.ACCOUNTANT):
            finances = not self.hats.on(dossier.beneficiary_id, Role.DIRECTOR)
            title = f"Compléter le compte rendu {'financier ' if finances else ''}{year}"
            verb, detail = "Compléter", self._progress(report)
            if sent_back:
                sent_back_at = zones.at(report.state_since, report.zone)
                detail = f"renvoyé le {french.date(sent_back_at, 'jour')} avec des demandes"
            elif report.state == ReportState.OPEN:
                title, verb = title.replace("Compléter", "Commencer"), "Commencer"
            agenda.mine.append(
                self._task(report, title, verb, fact, detail, _url(report, "report-finance") if finances else "")
            )
        elif self.hats.on(dossier.beneficiary_id, Role.PRESIDENT) and (task := self._late(report, fact)):
            agenda.mine.append(task)
        elif self.hats.on(dossier.beneficiary_id, Role.PRESIDENT):
            agenda.others.append(self._wait(report, f"Compte rendu {year}", "la direction de l’association"))
        elif self._follows(dossier):
            agenda.others.append(self._wait(report, f"Compte rendu {year}", dossier.beneficiary))

    def _late(self, report: Any, fact: str) -> Task | None:
        """The line of a president whose association is late: the report leaves in the president's name."""
        task = self._task(report, f"Faire envoyer le compte rendu {report.year}", "Voir", fact, self._progress(report))
        return task if task.due and task.due < task.day else None

    def _progress(self, report: Any) -> str:
        done, count = report.done_count, report.part_count
        return f"{done} action{'s' if done > 1 else ''} sur {count} renseignée{'s' if done > 1 else ''}"

    def _wait(self, report: Any, title: str, who: object) -> Waiting:
        note = report.convention.number
        if report.state in (ReportState.OPEN, ReportState.IN_PROGRESS):
            note = f"{note} · {self._progress(report)}"
        return Waiting(title, str(who), _url(report), zones.at(report.state_since, report.zone), note)

    def _follows(self, dossier: Dossier) -> bool:
        """The officer who follows the dossier, any of them if none is named, and the manager."""
        if self.hats.on(dossier.lead_id, Role.MANAGER):
            return True
        return self.hats.on(dossier.lead_id, Role.OFFICER) and dossier.officer_id in (None, self.hats.user.pk)

    def _examination(self, report: Any, agenda: Agenda) -> None:
        dossier, year = report.convention.dossier, report.year
        manager, fact = self.hats.on(dossier.lead_id, Role.MANAGER), "rapport_recevable"
        if not self._follows(dossier):
            if dossier.beneficiary_id in self.hats.roles:
                title = {
                    ReportState.SUBMITTED: f"Examen du compte rendu {year}",
                    ReportState.ADMISSIBLE: f"Dialogue de gestion sur {year}",
                }.get(report.state, f"Conclusion de l’année {year}")
                agenda.others.append(self._wait(report, title, dossier.lead))
        elif report.state == ReportState.SUBMITTED:
            title = "Décider de la recevabilité du" if manager else "Examiner le"
            detail = f"envoyé le {french.date(zones.at(report.submitted_at, report.zone), 'jour')}"
            if report.to_judge:
                ending = "s" if report.to_judge > 1 else ""
                detail += f" · {report.to_judge} réponse{ending} à lire"
            agenda.mine.append(self._task(report, f"{title} compte rendu {year}", "Examiner", fact, detail))
        elif report.state == ReportState.ADMISSIBLE:
            dialogue = report.dialogue
            is_held = dialogue and dialogue.day and dialogue.day <= clock.today(report.zone)
            title = f"{'Enregistrer' if is_held else 'Tenir'} le dialogue de gestion sur {year}"
            agenda.mine.append(
                self._task(report, title, "Enregistrer" if is_held else "Préparer", DIALOGUE, page=_dialogue(report))
            )
        elif manager:
            agenda.mine.append(self._task(report, f"Conclure l’année {year}", "Conclure", "", page=_conclusion(report)))
        else:
            agenda.others.append(self._wait(report, f"Conclusion de l’année {year}", "la personne responsable"))


def _dialogue(report: Report) -> str:
    """The page of the dialogue de gestion, or the one that convenes it."""
    if report.dialogue is not None:
        return address(report.dialogue)
    page = reverse("meeting-add", args=[report.convention.number])
    return f"{page}?nature={MeetingKind.DIALOGUE}&annee={report.year}"


def _conclusion(report: Report) -> str:
    return address(report.dialogue, "meeting-conclusion") if report.dialogue else _url(report)


def _url(report: Report, page: str = "report-detail") -> str:
    return reverse(page, kwargs={"number": report.convention.number, "year": report.year})
