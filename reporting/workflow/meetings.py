"""THE transition table of a meeting: planned, held, or cancelled; its minutes are then signed by both sides.

A dialogue de gestion is recorded by the transition `review` of its report: a meeting of another kind, by `record`.
Lock order: the report, then the meeting.
"""

from typing import Any

from arml.permissions import capacities as dossier_capacities
from conventions.models import Signature
from cpo.lib.actor import Actor
from cpo.lib.workflow import Transition, Workflow
from reporting import permissions as may
from reporting.effects import meetings as effects
from reporting.enums import MeetingState as State
from reporting.enums import ReportState
from reporting.guards import meetings as guards
from reporting.models import Meeting

OF_ANOTHER = "Cette réunion est tenue par l’autre partie : elle l’annule, et en enregistre le relevé."
BY_ITS_REPORT = "Le dialogue de gestion s’enregistre depuis le compte rendu, une fois celui-ci recevable."


def lock(meeting: Meeting) -> Meeting:
    dossier = "convention__dossier"
    related = (f"{dossier}__lead", f"{dossier}__beneficiary", "organiser", "minutes")
    return Meeting.objects.select_for_update(of=("self",)).select_related(*related).get(pk=meeting.pk)


def capacities(user: Any, meeting: Meeting) -> list[Actor]:
    return dossier_capacities(user, meeting.convention.dossier)


def signed_sides(meeting: Meeting) -> set[int]:
    """The organisations that signed the minutes."""
    rows = Signature.objects.filter(document=meeting.minutes_id, voided_at=None) if meeting.minutes_id else None
    return set(rows.values_list("party__organisation", flat=True)) if rows is not None else set()


def _is_own(meeting: Meeting, actor: Actor) -> bool:
    return may.keeps_meeting(actor, meeting)


def _may_record(meeting: Meeting, actor: Actor) -> bool:
    return _is_own(meeting, actor) and not meeting.is_dialogue


def _not_to_record(meeting: Meeting, actor: Actor) -> str:
    return BY_ITS_REPORT if meeting.is_dialogue else OF_ANOTHER


def _may_sign(meeting: Meeting, actor: Actor) -> bool:
    return actor.organisation is not None and actor.organisation.pk not in signed_sides(meeting)


def _may_take_back(meeting: Meeting, actor: Actor) -> bool:
    return _is_own(meeting, actor) and bool(signed_sides(meeting)) and not _concluded(meeting)


def _concluded(meeting: Meeting) -> bool:
    report = meeting.report
    return report is not None and report.state == ReportState.CONCLUDED


def _not_to_take_back(meeting: Meeting, actor: Actor) -> str:
    if _concluded(meeting):
        return "L’année est conclue : le relevé ne se reprend plus."
    return OF_ANOTHER if not _is_own(meeting, actor) else "Le relevé n’est pas signé : il se modifie sans être repris."


MEETING = Workflow(
    [
        Transition(
            name="record",
            label="Enregistrer le relevé",
            sources=frozenset({State.PLANNED}),
            target=State.HELD,
            who=may.spokesperson,
            when=_may_record,
            not_now=_not_to_record,
            guards=(guards.minutes_complete,),
            effect=effects.record,
            sentence=lambda meeting, actor, data: f"{actor.name} enregistre le relevé : {meeting.title}.",
            consequence="Le relevé est porté à la connaissance des deux parties, produit en PDF et proposé à leur "
            "signature.",
            rank=10,
        ),
        Transition(
            name="sign",
            label="Signer le relevé",
            sources=frozenset({State.HELD}),
            target=None,
            who=may.signs_minutes,
            when=_may_sign,
            not_now=lambda meeting, actor: "Votre partie a déjà signé ce relevé.",
            guards=(guards.minutes_printed,),
            effect=effects.sign,
            sentence=lambda meeting, actor, data: (
                f"{data['signature'].signatory_name} signe le relevé : {meeting.title}."
            ),
            comment="optional",
            rank=10,
            own_page=True,
        ),
        Transition(
            name="take_back",
            label="Reprendre le relevé",
            sources=frozenset({State.HELD}),
            target=None,
            who=may.spokesperson,
            when=_may_take_back,
            not_now=_not_to_take_back,
            effect=effects.take_back,
            sentence=lambda meeting, actor, data: f"{actor.name} reprend le relevé : {meeting.title}.",
            comment="required",
            comment_label="Motif, lu par l’autre partie",
            consequence="Les signatures déjà données sont annulées. Le relevé se corrige, puis se signe de nouveau.",
            dangerous=True,
            rank=80,
        ),
        Transition(
            name="cancel",
            label="Annuler la réunion",
            sources=frozenset({State.PLANNED}),
            target=State.CANCELLED,
            who=may.spokesperson,
            when=_is_own,
            not_now=lambda meeting, actor: OF_ANOTHER,
            effect=effects.cancel,
            sentence=lambda meeting, actor, data: f"{actor.name} annule la réunion : {meeting.title}.",
            comment="required",
            comment_label="Motif, lu par les personnes invitées",
            consequence="Les personnes invitées en sont informées par courriel, et leur agenda est mis à jour.",
            dangerous=True,
            rank=90,
        ),
    ],
    root=lambda meeting: meeting.convention.dossier,
    capacities=capacities,
    lock=lock,
)


def apply(name: str, meeting: Meeting, *, by: Any, comment: str = "", data: dict[str, Any] | None = None) -> Meeting:
    """Do a transition of a meeting; see cpo.lib.workflow.Workflow.apply."""
    return MEETING.apply(name, meeting, by=by, comment=comment, data=data)  # type: ignore[no-any-return]
