"""What a dialogue de gestion leaves to later years: decisions that their reports answer, a year that it prepares."""

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from conventions.later.term import term
from cpo.lib import clock
from reporting.enums import DecisionState, MeetingState
from reporting.models import Decision, DecisionAnswer, Meeting, Report


def prepared_year(dialogue: Meeting) -> int | None:
    """The year that a dialogue prepares (article 9.2); None when it is held after the term: none follows."""
    day = dialogue.day or clock.today(dialogue.dossier.time_zone)
    return dialogue.next_year if day <= term(dialogue.convention, day) else None


def to_answer(report: Report) -> QuerySet[Decision]:
    """The decisions of earlier years that this report answers: still open, or answered here already."""
    past = Q(meeting__convention=report.convention_id, meeting__year__lt=report.year, meeting__state=MeetingState.HELD)
    answered = Exists(DecisionAnswer.objects.filter(report=report, decision=OuterRef("pk")))
    waits = Q(state__in=(DecisionState.TODO, DecisionState.IN_PROGRESS)) | answered
    rows = Decision.objects.filter(past & waits)
    answers = Prefetch("answers", DecisionAnswer.objects.filter(report=report), to_attr="own_answers")
    return rows.select_related("owner", "meeting").prefetch_related(answers).order_by("due_on", "pk")


def answer_of(decision: Decision) -> str:
    """The answer of the report that `to_answer` was asked for."""
    rows: list[DecisionAnswer] = decision.own_answers  # type: ignore[attr-defined]
    return rows[0].text if rows else ""
