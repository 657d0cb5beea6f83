"""« À faire »: what a person has to do, in order of urgency; what they wait for; the deadlines that follow.

Constant queries whatever the number of dossiers. A hint, not a right: the page that a task opens decides.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse

from arml.enums import Role
from arml.models import Dossier, Organisation, User
from arml.permissions import is_national
from conventions.models import Convention
from conventions.pages.todo import Hats, Task, Todo, Waiting, act_todo
from conventions.pages.todo_ending import notice_todo
from cpo.lib import clock
from cpo.lib.wording import french
from reporting.deadlines.rules import REPORT_FACTS, SENT_BACK
from reporting.enums import ReportState
from reporting.models import Deadline, Report, SheetReport
from reporting.permissions import WRITABLE

from .national import national_tasks
from .people import role_tasks

SOON = 30  # days: what is due later is only announced
MOST = 200
DIALOGUE = "releve_dialogue_signe"
NOTICE = "mise_en_demeure_satisfaite"


@dataclass
class Agenda(Todo):
    """`following`: the next deadlines, for which nothing is to be done yet."""

    following: list[Deadline] = field(default_factory=list)

    @property
    def late(self) -> int:
        return sum(is_late(task) for task in self.mine)


def is_late(task: Task) -> bool:
    return task.due is not None and task.due < (task.today or clock.today())


def urgency(task: Task) -> tuple[dt.date, str]:
    """Due dates first come; what has none, but holds the other side up, counts as due in a week."""
    return (task.due or clock.today() + dt.timedelta(days=7), task.title)


def agenda(user: User, hats: Hats | None = None) -> Agenda:
    """Everything for one person."""
    hats = hats or Hats.of(user)
    found = Agenda()
    if hats.engaged:
        _add_dossiers(hats, found)
    found.mine += role_tasks(user)
    if is_national(user):
        found.mine += national_tasks(user)
    found.mine.sort(key=urgency)
    return found


def _add_dossiers(hats: Hats, found: Agenda) -> None:
    """Acts, reports and deadlines of the dossiers on which the person has a part."""
    for todo in (act_todo(hats), notice_todo(hats)):
        found.mine += todo.mine
        found.others += todo.others
    deadlines = _deadlines(hats)
    reports = _reports(hats)
    _attach_conventions([*deadlines, *reports])
    desk = ReportDesk(hats, deadlines)
    for report in reports:
        desk.add(report, found)
    known = {(report.convention_id, report.year) for report in reports}
    to_review = {report.convention_id for report in reports if report.state == ReportState.ADMISSIBLE}
    for deadline in deadlines:
        if not (_shown_elsewhere(deadline, known) or desk.carries(deadline, to_review)):
            _add_deadline(deadline, hats, found)


def _deadlines(hats: Hats) -> list[Deadline]:
    """The open deadlines of the person's dossiers, soonest first, with the local day of each."""
    within = clock.today() + dt.timedelta(days=400)
    return list(
        Deadline.objects.visible_to(hats.user)
        .pending()
        .filter(due_on__lte=within, convention__dossier__in=Dossier.objects.filter(hats.reach))
        .with_local_day()
        .prefetch_related("rule")
        .order_by("due_on", "id")[: 4 * MOST]
    )


def _reports(hats: Hats) -> list[Report]:
    reports = list(
        Report.objects.visible_to(hats.user)
        .filter(convention__dossier__in=Dossier.objects.filter(hats.reach))
        .exclude(state=ReportState.CONCLUDED)
        .select_related("review")
        .defer("highlights", "governance", "financial_comment")
        .order_by("due_on", "pk")[:MOST]
    )
    parts = SheetReport.objects.filter(report__pk__among=[r.pk for r in reports if r.state in WRITABLE]).order_by()
    counted = parts.values_list("report").annotate(parts=Count("pk"), done=Count("pk", filter=~Q(progress="")))
    counts = {report: (whole, done) for report, whole, done in counted}
    for report in reports:
        report.part_count, report.done_count = counts.get(report.pk, (0, 0))  # type: ignore[attr-defined]
    return reports


def _attach_conventions(rows: Sequence[Deadline | Report]) -> None:
    """Give each row its convention, its dossier and its parties: a service has hundreds of rows of few associations."""
    ids = {row.convention_id for row in rows}
    conventions = {c.pk: c for c in Convention.objects.filter(pk__among=ids).select_related("dossier")}
    dossiers = [convention.dossier for convention in conventions.values()]
    parties = Organisation.objects.in_bulk({pk for d in dossiers for pk in (d.lead_id, d.beneficiary_id)})
    for dossier in dossiers:
        dossier.lead, dossier.beneficiary = parties[dossier.lead_id], parties[dossier.beneficiary_id]
    for row in rows:
        row.convention = conventions[row.convention_id]


def _shown_elsewhere(deadline: Deadline, reports: set[tuple[int, int]]) -> bool:
    """A report that is open has its own line, which carries the date; so has a formal notice."""
    if deadline.rule.met_by == NOTICE:
        return True
    return deadline.rule.met_by in REPORT_FACTS and (deadline.convention_id, deadline.year or 0) in reports


def _responsible(deadline: Deadline, hats: Hats, days_late: int) -> bool:
    """Whether the rule names a role of the person, from the start or, by escalation, at that delay."""
    roles = {deadline.role}
    for day, added in deadline.rule.escalation:
        if days_late >= day:
            roles |= set(added)
    dossier = deadline.convention.dossier
    return hats.on(dossier.lead_id, *roles) or hats.on(dossier.beneficiary_id, *roles)


def _add_deadline(deadline: Any, hats: Hats, found: Agenda) -> None:
    days_late = (deadline.local_day - deadline.due_on).days
    if not _responsible(deadline, hats, days_late):
        if days_late <= 0:
            found.following.append(deadline)
        return
    if days_late < -SOON:
        found.following.append(deadline)
        return
    year = f" {deadline.year}" if deadline.year and str(deadline.year) not in deadline.rule.label else ""
    about = f"{deadline.convention.number} · {other_party(deadline.convention.dossier, hats)}"
    found.mine.append(
        Task(
            title=f"{deadline.rule.label}{year}",
            url=reverse("deadline-detail", kwargs={"pk": deadline.pk}),
            verb="Voir",
            detail=f"{about} · {deadline.rule.effect}" if deadline.rule.effect and days_late > 0 else about,
            due=deadline.due_on,
            today=deadline.local_day,
        )
    )


def other_party(dossier: Dossier, hats: Hats) -> object:
    """The party that the person has before them."""
    return dossier.lead if dossier.beneficiary_id in hats.roles else dossier.beneficiary


class ReportDesk:
    """The reports as one person sees them: whose turn, by state."""

    def __init__(self, hats: Hats, deadlines: list[Deadline]) -> None:
        self.hats = hats
        self.due = {
            (deadline.convention_id, deadline.year, self._what(deadline)): deadline
            for deadline in deadlines
            if deadline.rule.met_by in REPORT_FACTS
        }
        self.dialogues: dict[int, Deadline] = {}
        for deadline in deadlines:
            if deadline.rule.met_by == DIALOGUE:
                self.dialogues.setdefault(deadline.convention_id, deadline)

    def carries(self, deadline: Deadline, to_review: set[int]) -> bool:
        """Whether the line of an admissible report tells the date of the next dialogue."""
        convention = deadline.convention_id
        return convention in to_review and self.dialogues.get(convention) == deadline

    @staticmethod
    def _what(deadline: Deadline) -> str:
        return SENT_BACK if deadline.rule.base_event == SENT_BACK else deadline.rule.met_by

    def add(self, report: Any, found: Agenda) -> None:
        if report.state in (ReportState.OPEN, ReportState.IN_PROGRESS, ReportState.TO_COMPLETE):
            self._writing(report, found)
        else:
            self._examination(report, found)

    def _task(self, report: Any, title: str, verb: str, what: str, detail: str = "", page: str = "") -> Task:
        convention = report.convention_id
        deadline: Any = self.dialogues.get(convention) if what == DIALOGUE else None
        deadline = deadline or self.due.get((convention, report.year, what))
        about = f"{report.convention.number} · {other_party(report.convention.dossier, self.hats)}"
        return Task(
            title=title,
            url=_url(report, page or "report-detail"),
            verb=verb,
            detail=f"{about} · {detail}" if detail else about,
            due=deadline.due_on if deadline else (report.due_on if what == "rapport_soumis" else None),
            since=report.state_since,
            today=deadline.local_day if deadline else None,
        )

    def _writing(self, report: Any, found: Agenda) -> None:
        dossier, year = report.convention.dossier, report.year
        back = report.state == ReportState.TO_COMPLETE
        what = SENT_BACK if back else "rapport_soumis"
        filled = report.part_count and report.part_count == report.done_count
        if self.hats.on(dossier.beneficiary_id, Role.PRESIDENT) and filled and not back:
            found.mine.append(self._task(report, f"Envoyer le compte rendu {year}", "Relire et envoyer", what))
        elif self.hats.on(dossier.beneficiary_id, Role.DIRECTOR, Role.ACCOUNTANT):
            finances = not self.hats.on(dossier.beneficiary_id, Role.DIRECTOR)
            title = f"Compléter le compte rendu {'financier ' if finances else ''}{year}"
            verb, detail = "Compléter", self._progress(report)
            if back:
                detail = f"renvoyé le {french.date(report.state_since, 'jour')} avec des demandes"
            elif report.state == ReportState.OPEN:
                title, verb = title.replace("Compléter", "Commencer"), "Commencer"
            found.mine.append(self._task(report, title, verb, what, detail, "report-finance" if finances else ""))
        elif self.hats.on(dossier.beneficiary_id, Role.PRESIDENT):
            found.others.append(self._wait(report, f"Compte rendu {year}", "la direction de l’association"))
        elif self._follows(dossier):
            found.others.append(self._wait(report, f"Compte rendu {year}", dossier.beneficiary))

    def _progress(self, report: Any) -> str:
        done, count = report.done_count, report.part_count
        return f"{done} action{'s' if done > 1 else ''} sur {count} renseignée{'s' if done > 1 else ''}"

    def _wait(self, report: Any, title: str, who: object) -> Waiting:
        note = report.convention.number
        if report.state in (ReportState.OPEN, ReportState.IN_PROGRESS):
            note = f"{note} · {self._progress(report)}"
        return Waiting(title, str(who), _url(report), report.state_since, note)

    def _follows(self, dossier: Dossier) -> bool:
        """The officer who follows the dossier, any of them if none is named, and the manager."""
        if self.hats.on(dossier.lead_id, Role.MANAGER):
            return True
        return self.hats.on(dossier.lead_id, Role.OFFICER) and dossier.officer_id in (None, self.hats.user.pk)

    def _examination(self, report: Any, found: Agenda) -> None:
        dossier, year = report.convention.dossier, report.year
        manager, what = self.hats.on(dossier.lead_id, Role.MANAGER), "rapport_recevable"
        if not self._follows(dossier):
            if dossier.beneficiary_id in self.hats.roles:
                title = {
                    ReportState.SUBMITTED: f"Examen du compte rendu {year}",
                    ReportState.ADMISSIBLE: f"Dialogue de gestion sur {year}",
                }.get(report.state, f"Conclusion de l’année {year}")
                found.others.append(self._wait(report, title, dossier.lead))
        elif report.state == ReportState.SUBMITTED:
            title = "Décider de la recevabilité du" if manager else "Examiner le"
            sent = f"envoyé le {french.date(report.submitted_at, 'jour')}"
            found.mine.append(self._task(report, f"{title} compte rendu {year}", "Examiner", what, sent))
        elif report.state == ReportState.ADMISSIBLE:
            held = getattr(report, "review", None) and report.review.held_on
            title = f"{'Enregistrer' if held else 'Tenir'} le dialogue de gestion sur {year}"
            found.mine.append(self._task(report, title, "Enregistrer" if held else "Préparer", DIALOGUE, page="review"))
        elif manager:
            found.mine.append(self._task(report, f"Conclure l’année {year}", "Conclure", "", page="review"))
        else:
            found.others.append(self._wait(report, f"Conclusion de l’année {year}", "la personne responsable"))


def _url(report: Report, page: str = "report-detail") -> str:
    return reverse(page, kwargs={"number": report.convention.number, "year": report.year})
