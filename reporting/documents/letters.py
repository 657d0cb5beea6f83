"""What the letters of a service may say of the year: what is late or lacks, the next meeting, the conclusion."""

from decimal import Decimal

from arml.permissions import BENEFICIARY_ROLES
from conventions.documents.letters import Values, amount
from conventions.models import Convention
from cpo.lib import clock
from cpo.lib.wording import french
from reporting.content.decisions import prepared_year
from reporting.enums import MeetingState, ReportState
from reporting.guards.reports import missing_documents
from reporting.models import Deadline, Report

from .minutes import hours

EXAMINED = (ReportState.SUBMITTED, ReportState.TO_COMPLETE)


def facts_of_the_year(convention: Convention) -> Values:
    return {**_late(convention), **_lacking(convention), **_meeting(convention), **_conclusion(convention)}


def _late(convention: Convention) -> Values:
    """What the association owes and whose day has passed: « Compte rendu financier 2025, dû le 30 juin 2026 »."""
    rows = Deadline.objects.late().filter(convention=convention).select_related("rule").order_by("due_on", "pk")
    own = [row for row in rows if row.role in BENEFICIARY_ROLES]
    lines = [f"{row.rule.label}{f' ({row.year})' if row.year else ''}, dû le {french.date(row.due_on)}" for row in own]
    return {"liste_echeances_retard": lines}


def _lacking(convention: Convention) -> Values:
    """The documents that the oldest report in examination lacks, and the details that nobody gave."""
    report = convention.reports.filter(state__in=EXAMINED).order_by("year").first()
    if report is None:
        return {}
    asked = [row for row in report.clarifications.prefetch_related("answers") if row.is_open and not row.answers.all()]
    return {
        "annee_compte_rendu": str(report.year),
        "liste_pieces_manquantes": [line.text for line in missing_documents(report)],
        "liste_precisions": [f"{row.label}\u00a0: {row.question}" for row in asked],
    }


def _meeting(convention: Convention) -> Values:
    """The next meeting of the service that is planned, today included."""
    today = clock.today(convention.dossier.time_zone)
    rows = convention.meetings.filter(state=MeetingState.PLANNED, side="state", day__gte=today)
    meeting = rows.order_by("day", "begins_at", "pk").first()
    if meeting is None or meeting.day is None:
        return {}
    return {
        "reunion_titre": meeting.title,
        "reunion_date": french.date(meeting.day, "semaine"),
        "reunion_horaires": hours(meeting),
        "reunion_lieu": meeting.place,
        "reunion_ordre_du_jour": meeting.agenda,
    }


def _conclusion(convention: Convention) -> Values:
    """The last year that is concluded, as the dialogue de gestion concluded it."""
    report: Report | None = convention.reports.filter(state=ReportState.CONCLUDED).order_by("-year").first()
    dialogue = report.dialogue if report else None
    if report is None or dialogue is None:
        return {}
    return {
        "annee_conclue": str(report.year),
        "avis": dialogue.get_opinion_display(),
        "conclusion": dialogue.conclusion,
        "recommandations": dialogue.recommendations,
        "liste_decisions": [row.text for row in dialogue.decisions.all()],
        **_proposal(prepared_year(dialogue), dialogue.next_amount),
    }


def _proposal(year: int | None, proposed: Decimal | None) -> Values:
    """The year that follows and its amount; nothing after the term of the convention."""
    if year is None:
        return {}
    values = {"annee_suivante": str(year), **amount("montant_annee_suivante", proposed)}
    if proposed is None:
        return values
    figures, words = values["montant_annee_suivante"], values["montant_annee_suivante_lettres"]
    sentence = (
        f"Pour l’année {year}, la contribution de l’État proposée s’élève à {figures} ({words}), "
        "sous réserve de l’inscription des crédits en loi de finances."
    )
    return values | {"proposition_annee_suivante": sentence}
