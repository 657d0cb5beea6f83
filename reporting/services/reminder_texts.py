"""The variables of a reminder about its deadline: progress, what is missing, address of the page."""

from typing import Any

from conventions.notifications.common import link as link_of_act
from conventions.waits import since_words
from cpo.lib.mail.emails import absolute
from cpo.lib.wording import french
from reporting.deadlines import waiting
from reporting.deadlines.addresses import link, report_of
from reporting.guards import report_complete
from reporting.guards.payments import effects
from reporting.models import Deadline, Report

LINE_LIMIT = 4


def context_of(deadline: Deadline) -> dict[str, Any]:
    """The variables of the texts that depend on the deadline only."""
    if deadline.about and (wait := waiting.of_deadline(deadline)):
        return {
            "acte_nom": wait.act.name_in_sentence,
            "attente_libelle": wait.what,
            "attente_depuis": since_words(wait.days),
            "organisation_attendue": wait.organisation.in_sentence,
            "lien": link_of_act(wait.act, wait.page),
        }
    working = deadline.working_day
    dossier = deadline.convention.dossier
    report = report_of(deadline)
    return {
        "avancement": progress(deadline, report),
        "elements_manquants": missing(deadline, report),
        "report_jour_ouvre": ""
        if working == deadline.due_on
        else f"Ce jour n’est pas ouvré : le premier jour ouvré est le {french.date(working)}.",
        "lien": absolute(link(deadline)),
        "echeance_effet": effects([deadline])[deadline.pk],
        "contact_nom": str(dossier.officer or dossier.lead),
    }


def progress(deadline: Deadline, report: Report | None) -> str:
    """« 6 actions sur 10 renseignées », for a report to send."""
    if report is None or deadline.rule.met_by != "rapport_soumis":
        return ""
    parts = list(report.sheets.values_list("progress", flat=True))
    done = sum(bool(part) for part in parts)
    plural = "s" if done > 1 else ""
    return f"{done} action{plural} sur {len(parts)} renseignée{plural}"


def missing(deadline: Deadline, report: Report | None) -> str:
    """A short list of what is missing."""
    if report is None or deadline.rule.met_by != "rapport_soumis":
        return ""
    lines = [line.text for line in report_complete(report)]
    if not lines:
        return "rien ; il reste à envoyer le compte rendu"
    more_count = len(lines) - LINE_LIMIT
    if more_count > 1:
        lines = [*lines[:LINE_LIMIT], f"et {more_count} autres points"]
    return "\u00a0; ".join(lines)
