"""Prepare the final evaluation: open it, write what each side says of the convention, recommend, answer the grid.

Sharing and concluding are transitions (`workflow.evaluation`). Each write locks the evaluation first, so that nothing
slips in while it is concluded.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from arml.models import User
from arml.permissions import capacities
from conventions.enums import ConventionState
from conventions.models import Convention
from cpo.lib import clock, journal
from cpo.lib.actor import Actor
from cpo.lib.editing.lock import check_revision, set_changed
from cpo.lib.enums import Audience, Side
from cpo.lib.workflow import Refused
from reporting import notifications
from reporting import permissions as may
from reporting.models import Assessment, Evaluation, FilledGrid
from reporting.models.evaluation import ASSESSED
from reporting.workflow.evaluation import apply, lock

from . import grids

NOT_YOURS = "L’évaluation est préparée par le service chef de file. Votre rôle la lit une fois partagée."
NOT_YOUR_WORDS = (
    "Chaque partie écrit sa propre appréciation : direction ou présidence, chargé·e de mission ou responsable."
)
CONCLUDED = "L’évaluation est conclue : elle ne se modifie plus."
NOT_RUNNING = "L’évaluation porte sur une convention en exécution ou résiliée."
OPEN_IN = (ConventionState.ACTIVE, ConventionState.TERMINATED)
FIELDS = ("recommendation", "reasons", "funders")
ANSWER_DAYS = 30  # offered to the association


def preparer(user: User, convention: Convention) -> Actor | None:
    """The capacity in which the person prepares the evaluation."""
    return next((one for one in capacities(user, convention.dossier) if may.prepares_evaluation(one)), None)


def assessor(user: User, evaluation: Evaluation) -> Actor | None:
    """The capacity in which the person writes the assessment of their side."""
    return next((one for one in capacities(user, evaluation.dossier) if may.assesses(one, evaluation)), None)


def not_to_open(convention: Convention) -> str:
    """Why no evaluation opens now, in French; "" when it may."""
    return "" if convention.state in OPEN_IN else NOT_RUNNING


@transaction.atomic
def open_evaluation(*, convention: Convention, by: User) -> Evaluation:
    """Open the evaluation, or return the one that is open. Raises PermissionDenied, Refused."""
    actor = preparer(by, convention)
    if actor is None:
        raise PermissionDenied(NOT_YOURS)
    locked = Convention.objects.select_for_update().get(pk=convention.pk)
    if reason := not_to_open(locked):
        raise Refused(reason)
    if row := Evaluation.objects.filter(convention=locked).first():
        return row
    today = clock.today(convention.dossier.time_zone)
    row = Evaluation.objects.create(convention=convention, state_since=clock.now(), opened_by=by, opened_on=today)
    _record(row, actor, "evaluation_opened", "prépare l’évaluation conjointe")
    return row


def _record(row: Evaluation, actor: Actor, verb: str, words: str) -> None:
    """A draft is read by the State alone; what is written once it is shared, by both sides."""
    audience = Audience.STATE if row.is_draft else Audience.BOTH
    journal.record(row, root=row.dossier, by=actor, verb=verb, sentence=f"{actor.name} {words}.", audience=audience)


def _locked(evaluation: Evaluation) -> Evaluation:
    row = lock(evaluation)
    if row.is_concluded:
        raise Refused(CONCLUDED)
    return row


@transaction.atomic
def save_assessment(
    evaluation: Evaluation, *, fields: Mapping[str, str], by: User, expected_revision: int | None
) -> Assessment:
    """Write what the person's own side says. Raises PermissionDenied, Refused, StaleRevision."""
    actor = assessor(by, evaluation)
    if actor is None:
        raise PermissionDenied(NOT_YOUR_WORDS)
    locked = _locked(evaluation)
    row = locked.assessments.filter(side=actor.side).first() or Assessment(evaluation=locked, side=actor.side)
    check_revision(row, expected_revision)
    was_given = row.given
    if not set_changed(row, fields, ASSESSED):
        return row
    row.revision, row.updated_by, row.updated_at = row.revision + 1, by, clock.now()
    row.save()
    _record(locked, actor, "assessment_written", "écrit l’appréciation de sa partie dans l’évaluation conjointe")
    if row.given and not was_given and actor.side == Side.BENEFICIARY:
        notifications.evaluation_answered(locked, actor)
    return row


@transaction.atomic
def save_recommendation(
    evaluation: Evaluation, *, fields: Mapping[str, Any], by: User, expected_revision: int | None
) -> Evaluation:
    """Write what is recommended, with its reasons. Raises PermissionDenied, Refused, StaleRevision."""
    actor = preparer(by, evaluation.convention)
    if actor is None:
        raise PermissionDenied(NOT_YOURS)
    locked = _locked(evaluation)
    check_revision(locked, expected_revision)
    if not set_changed(locked, fields, FIELDS):
        return locked
    locked.revision += 1
    locked.save()
    _record(locked, actor, "recommendation_written", "écrit la recommandation de l’évaluation conjointe")
    return locked


@transaction.atomic
def fill_grid(
    evaluation: Evaluation, *, answers: grids.Answers, by: User, expected_revision: int, lock: bool = False
) -> FilledGrid:
    """Answer the grid; `lock`: the manager closes it. Raises PermissionDenied and what `grids.write` raises."""
    actors = capacities(by, evaluation.dossier)
    actor = next((one for one in actors if (may.manager if lock else may.prepares_evaluation)(one)), None)
    if actor is None:
        raise PermissionDenied(grids.MANAGER_LOCKS if lock else NOT_YOURS)
    locked = _locked(evaluation)
    row = grids.of_evaluation(locked)
    if row is None:
        raise Refused(grids.NO_GRID)
    if not grids.write(row, answers, by=by, expected_revision=expected_revision, lock=lock):
        return row
    verb, words = ("grid_locked", "verrouille") if lock else ("grid_filled", "remplit")
    sentence = f"{actor.name} {words} la grille de l’évaluation conjointe."
    journal.record(locked, root=locked.dossier, by=actor, verb=verb, sentence=sentence, audience=Audience.STATE)
    return row


def share_faults(convention: Convention, answer_by: dt.date | None) -> dict[str, str]:
    """What is wrong of the day until which the association answers, by field."""
    if answer_by and answer_by <= clock.today(convention.dossier.time_zone):
        return {"answer_by": "Laissez à l’association un délai : donnez une date à venir."}
    return {}


def share(evaluation: Evaluation, *, answer_by: dt.date, by: User) -> Evaluation:
    """Show the evaluation to the association. Raises PermissionDenied, Refused, ValidationError by field."""
    if faults := share_faults(evaluation.convention, answer_by):
        raise ValidationError(faults)
    return apply("share", evaluation, by=by, data={"answer_by": answer_by})
