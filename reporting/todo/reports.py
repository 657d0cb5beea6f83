"""The reports of a year in « À faire »: to write, to send, to sign, to examine, to talk about, to conclude."""

from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse

from arml.enums import Role
from arml.models import Dossier
from conventions.models import Signature
from conventions.pages.todo import Hats, Task, Todo, Waiting
from cpo.lib import clock, zones
from cpo.lib.wording import french
from reporting.deadlines.facts import DIALOGUE_HELD
from reporting.deadlines.rules import REPORT_FACTS, SENT_BACK
from reporting.enums import MeetingKind, ReportState
from reporting.guards.meetings import address
from reporting.models import Deadline, Report, ReportVersion
from reporting.permissions import sends_for

TO_JUDGE = Count(  # the answers to requests for details that the service has not judged
    "clarifications", filter=Q(clarifications__judged_at=None, clarifications__answers__isnull=False), distinct=True
)
TO_SIGN = Exists(
    ReportVersion.objects.filter(
        ~Exists(Signature.objects.filter(document=OuterRef("financial_document"), voided_at=None)),
        report=OuterRef("pk"),
        number=OuterRef("round"),
        financial_document__isnull=False,
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
            if deadline.rule.met_by == DIALOGUE_HELD:
                self.dialogues.setdefault(deadline.convention_id, deadline)

    def carries(self, deadline: Deadline, to_review: set[int]) -> bool:
        """Whether the line of an admissible report already tells this deadline, that of the next dialogue."""
        convention = deadline.convention_id
        return convention in to_review and self.dialogues.get(convention) == deadline

    @staticmethod
    def _fact(deadline: Deadline) -> str:
        return SENT_BACK if deadline.rule.base_event == SENT_BACK else deadline.rule.met_by

    def add(self, report: Any, agenda: Todo) -> None:
        if report.state in (ReportState.OPEN, ReportState.IN_PROGRESS, ReportState.TO_COMPLETE):
            self._writing(report, agenda)
        else:
            self._examination(report, agenda)

    def _task(self, report: Any, title: str, verb: str, fact: str, detail: str = "", page: str = "") -> Task:
        convention = report.convention_id
        deadline: Any = self.dialogues.get(convention) if fact == DIALOGUE_HELD else None
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

    def _writing(self, report: Any, agenda: Todo) -> None:
        dossier, year = report.convention.dossier, report.year
        sent_back = report.state == ReportState.TO_COMPLETE
        fact = SENT_BACK if sent_back else "rapport_soumis"
        filled = report.part_count and report.part_count == report.done_count
        if filled and not sent_back and sends_for(self.hats.user, dossier.beneficiary_id):
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

    def _signature(self, report: Any, agenda: Todo) -> None:
        """The compte rendu financier that was sent and waits for its signature (law of 12 April 2000, article 10)."""
        title = f"Signer le compte rendu financier {report.year}"
        agenda.mine.append(self._task(report, title, "Signer", "", page=_url(report, "report-sign")))

    def _examination(self, report: Any, agenda: Todo) -> None:
        unsigned = report.to_sign and report.state == ReportState.SUBMITTED
        if unsigned and sends_for(self.hats.user, report.convention.dossier.beneficiary_id):
            self._signature(report, agenda)
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
            if unsigned:
                detail += " · compte rendu financier à signer"
            agenda.mine.append(self._task(report, f"{title} compte rendu {year}", "Examiner", fact, detail))
        elif report.state == ReportState.ADMISSIBLE:
            dialogue = report.dialogue
            is_held = dialogue and dialogue.day and dialogue.day <= clock.today(report.zone)
            title = f"{'Enregistrer' if is_held else 'Tenir'} le dialogue de gestion sur {year}"
            agenda.mine.append(
                self._task(
                    report, title, "Enregistrer" if is_held else "Préparer", DIALOGUE_HELD, page=_dialogue(report)
                )
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
