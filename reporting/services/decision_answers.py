"""What a report says of the decisions of earlier years, at its head."""

from collections.abc import Mapping
from dataclasses import dataclass

from arml.models import User
from reporting import permissions as may
from reporting.content.decisions import to_answer
from reporting.effects.decisions import set_state
from reporting.models import Decision, DecisionAnswer, Report

from .reports import writing


@dataclass(frozen=True)
class Answer:
    text: str
    state: str


def answer_decisions(
    report: Report, *, answers: Mapping[int, Answer], by: User, expected_revision: int | None
) -> Report:
    """Write the answers by key of their decision; a key that is none of the report's is left out.

    Raises PermissionDenied, StaleRevision.
    """
    element = "la suite donnée aux décisions"
    with writing(report, may.GENERAL, by=by, expected_revision=expected_revision, element=element) as (locked, _):
        for decision in to_answer(locked).select_for_update(of=("self",)):
            if decision.pk in answers:
                _write(locked, decision, answers[decision.pk])
    report.refresh_from_db()
    return report


def _write(report: Report, decision: Decision, answer: Answer) -> None:
    if answer.text.strip():
        DecisionAnswer.objects.update_or_create(
            report=report, decision=decision, defaults={"text": answer.text.strip()}
        )
    else:
        DecisionAnswer.objects.filter(report=report, decision=decision).delete()
    if answer.state != decision.state:
        set_state(decision, answer.state)
        decision.revision += 1
        decision.save()
