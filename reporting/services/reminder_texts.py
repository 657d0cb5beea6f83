"""The variables of a reminder: what is missing, whom to call, who must act; for each reader."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.conf import settings

from arml.enums import AttachmentMoment, Role
from arml.models import User
from arml.permissions import BENEFICIARY_ROLES
from conventions.guards.pieces import checklist
from conventions.notifications.common import link as link_of_act
from conventions.waits import Wait, since_words
from cpo.lib import clock
from cpo.lib.dates import add_months
from cpo.lib.mail.emails import absolute
from cpo.lib.wording import french
from reporting import notifications
from reporting.deadlines import waiting
from reporting.deadlines.addresses import link, report_of
from reporting.deadlines.rules import REPORT_FACTS
from reporting.enums import ReportState
from reporting.guards import report_complete, requests_answered
from reporting.guards.payments import effects
from reporting.models import Deadline, Report
from reporting.permissions import UNSUBMITTED

LINE_LIMIT = 4
NBSP = "\u00a0"


class ReminderTexts:
    """The texts of one deadline. `acting`: those of its recipients who must act."""

    def __init__(self, deadline: Deadline, acting: Sequence[User]) -> None:
        self.deadline, self.acting = deadline, acting
        self.report = report_of(deadline)

    def context(self, reader: User) -> dict[str, Any]:
        """The variables of the message of one reader."""
        acts = reader in self.acting
        answer_by = french.date(add_months(clock.today(self.deadline.convention.dossier.time_zone), 1))
        values = {
            "contact_nom": self.contact(reader),
            "contact_courriel": person.email if (person := self._person(reader)) else settings.SUPPORT_EMAIL,
            "pour_information": "" if acts else self._to_know,
            "date_reponse": answer_by if acts else "",
        }
        if self._wait:
            return values | self._of_wait(self._wait)
        inside = reader in self._association
        progress = progress_of(self.deadline, self.report) if inside else ""
        return values | self._common | {"avancement": progress, "elements_manquants": self.missing(inside=inside)}

    def contact(self, reader: User) -> str:
        """A person other than the reader: who must act, else who follows the dossier; else the service itself."""
        person = self._person(reader)
        return str(person) if person else self.deadline.convention.dossier.lead.in_sentence

    def _person(self, reader: User) -> User | None:
        people = [*(() if reader in self.acting else self.acting), *self._service]
        return next((user for user in people if user != reader), None)

    def missing(self, *, inside: bool) -> str:
        """A short list of what is missing; "" where the deadline itself says it.

        `inside`: for the association. The service reads no text of a report before it is sent.
        """
        return self._missing_inside if inside else self._missing_outside

    @cached_property
    def _missing_inside(self) -> str:
        report, met_by = self.report, self.deadline.rule.met_by
        if met_by == "dossier_complet":
            return self._pieces
        if report is None or met_by != "rapport_soumis":
            return ""
        if report.is_to_complete:
            unanswered = any(line.severity == "error" for line in requests_answered(report))
            to_send = "" if unanswered else f"{NBSP}; il reste à envoyer le compte rendu"
            return requested(report) + to_send
        lines = [line.text for line in report_complete(report)]
        return listed(lines) or "l’envoi du compte rendu, qui est complet"

    @cached_property
    def _missing_outside(self) -> str:
        report, met_by = self.report, self.deadline.rule.met_by
        if met_by == "dossier_complet":
            return self._pieces
        if report is None or met_by not in REPORT_FACTS:
            return ""
        if report.is_to_complete:
            return requested(report)
        if report.state in UNSUBMITTED:
            return "le compte rendu, que l’association n’a pas envoyé"
        if report.state == ReportState.SUBMITTED and report.submitted_at:
            day = clock.local_day(report.submitted_at, report.dossier.time_zone)
            return f"la décision du service sur le compte rendu envoyé le {french.date(day)}"
        return ""

    @cached_property
    def _pieces(self) -> str:
        lines = checklist(self.deadline.convention.act, (AttachmentMoment.REQUEST,))
        return listed([line.kind.label for line in lines if line.missing])

    @cached_property
    def _common(self) -> dict[str, Any]:
        deadline = self.deadline
        working = deadline.working_day
        moved = f"Ce jour n’est pas ouvré : le premier jour ouvré est le {french.date(working)}."
        return {
            "report_jour_ouvre": "" if working == deadline.due_on else moved,
            "lien": absolute(link(deadline)),
            "echeance_effet": effects([deadline])[deadline.pk],
        }

    @cached_property
    def _wait(self) -> Wait | None:
        return waiting.of_deadline(self.deadline) if self.deadline.about else None

    def _of_wait(self, wait: Wait) -> dict[str, Any]:
        return {
            "acte_nom": wait.act.name_in_sentence,
            "attente_libelle": wait.what,
            "attente_depuis": since_words(wait.days),
            "organisation_attendue": wait.organisation.in_sentence,
            "lien": link_of_act(wait.act, wait.page),
        }

    @cached_property
    def _service(self) -> list[User]:
        """Who follows the dossier in the lead service: its officer, then its managers."""
        return [
            user for role in (Role.OFFICER, Role.MANAGER) for user in notifications.users_in_role(self.deadline, role)
        ]

    @cached_property
    def _association(self) -> set[User]:
        return {user for role in BENEFICIARY_ROLES for user in notifications.users_in_role(self.deadline, role)}

    @cached_property
    def _to_know(self) -> str:
        """Who must act, for those who are only told."""
        names = ", ".join(map(str, self.acting))
        return f"Ce message vous informe{NBSP}: l’échéance est à la charge de {names}." if names else ""


def requested(report: Report) -> str:
    """« 2 compléments demandés (Faits marquants ; Fiche 1-A) »: the requests of the last round."""
    labels = [request.label for request in report.send_backs.all() if request.round == report.round]
    plural = "s" if len(labels) > 1 else ""
    return f"{len(labels)}{NBSP}complément{plural} demandé{plural} ({listed(labels)})"


def listed(lines: Sequence[str]) -> str:
    """The first lines, and how many more there are."""
    more_count = len(lines) - LINE_LIMIT
    if more_count > 1:
        lines = [*lines[:LINE_LIMIT], f"et {more_count} autres points"]
    return f"{NBSP}; ".join(lines)


def progress_of(deadline: Deadline, report: Report | None) -> str:
    """« 6 actions sur 10 renseignées », for a report to send."""
    if report is None or deadline.rule.met_by != "rapport_soumis":
        return ""
    parts = list(report.sheets.values_list("progress", flat=True))
    done = sum(bool(part) for part in parts)
    plural = "s" if done > 1 else ""
    return f"{done} action{plural} sur {len(parts)} renseignée{plural}"
