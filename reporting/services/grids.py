"""The DGEFP writes and publishes the grids; an officer fills them about a report, the manager locks them."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from arml.models import User
from arml.permissions import acting_nationally
from cpo.lib import clock, journal
from cpo.lib.actor import Actor
from cpo.lib.clock import PARIS
from cpo.lib.editing.lock import check_revision
from cpo.lib.enums import Audience
from cpo.lib.wording import french
from cpo.lib.workflow import Refused
from reporting import permissions as may
from reporting.content import grids as engine
from reporting.enums import GridMoment
from reporting.models import Evaluation, FilledGrid, GridVersion, Report

Answers = Mapping[str, Mapping[str, str]]
MANAGER_LOCKS = "La personne responsable du service verrouille une grille remplie."
NO_GRID = "Aucune grille n’est publiée pour ce moment."
LOCKED = "Cette grille est verrouillée : elle ne se modifie plus."


def published(moment: str) -> GridVersion | None:
    return GridVersion.objects.filter(moment=moment, published_on__isnull=False).order_by("-number").first()


def draft(moment: str) -> GridVersion:
    """The version in preparation; unsaved, a copy of the last published one."""
    last = GridVersion.objects.filter(moment=moment).order_by("-number").first()
    if last is None:
        return GridVersion(moment=moment, number=1)
    if last.published_on is None:
        return last
    return GridVersion(moment=moment, number=last.number + 1, text=last.text, shown=last.shown)


@transaction.atomic
def save_draft(
    *, moment: str, text: str, shown: bool, by: User | Actor, expected_revision: int, publish: bool = False
) -> GridVersion:
    """Write the version in preparation, and publish it. Raises PermissionDenied, StaleRevision, ValidationError."""
    actor = acting_nationally(by)
    GridVersion.objects.select_for_update().filter(moment=moment).first()
    row = draft(moment)
    check_revision(row, expected_revision)
    if wrong := engine.faults(text):
        raise ValidationError({"text": wrong})
    if not publish and (row.text.strip(), row.shown) == (text.strip(), shown):
        return row  # saved as it was: nothing to write
    row.text, row.shown, row.revision = text, shown, row.revision + 1
    row.published_on = clock.today(PARIS) if publish else None
    row.save()
    verb = "publie" if publish else "prépare"
    sentence = (
        f"{actor.name} {verb} la grille « {french.lower_first(GridMoment(moment).label)} », version {row.number}."
    )
    name = "grid_published" if publish else "grid_drafted"
    journal.record(row, root=actor.organisation, by=actor, verb=name, sentence=sentence, audience=Audience.NATIONAL)
    return row


def grid_of(report: Report, moment: str) -> FilledGrid | None:
    """The grid of this sending, filled or to fill with the last published version; None when there is none.

    A new sending begins with the answers about the one before, where the version is the same.
    """
    own = report.grids.filter(moment=moment, round=report.round).select_related("version", "filled_by", "locked_by")
    if row := own.first():
        row.report = report
        return row
    version = published(moment)
    if version is None:
        return None
    before = report.grids.filter(version=version).order_by("-round").first()
    answers = dict(before.answers) if before else {}
    return FilledGrid(report=report, round=report.round, version=version, moment=moment, answers=answers)


@transaction.atomic
def fill(
    report: Report, *, moment: str, answers: Answers, by: User, expected_revision: int, lock: bool = False
) -> FilledGrid:
    """Write the answers; `lock`: the manager closes them. Raises PermissionDenied, Refused, StaleRevision."""
    locked = Report.objects.select_for_update(of=("self",)).select_related("convention__dossier").get(pk=report.pk)
    actor = may.grid_locker(by, locked) if lock else may.examiner(by, locked)
    if actor is None:
        raise PermissionDenied(MANAGER_LOCKS if lock else may.why_not_examine(by, locked))
    row = grid_of(locked, moment)
    if row is None:
        raise Refused(NO_GRID)
    if not write(row, answers, by=by, expected_revision=expected_revision, lock=lock):
        return row
    verb, words = ("grid_locked", "verrouille") if lock else ("grid_filled", "remplit")
    label = french.lower_first(row.get_moment_display())
    journal.record(
        locked,
        root=locked.dossier,
        by=actor,
        verb=verb,
        sentence=f"{actor.name} {words} la grille « {label} » du compte rendu {locked.year}.",
        parameters={"year": locked.year},
        audience=Audience.STATE,
    )
    return row


def of_evaluation(evaluation: Evaluation) -> FilledGrid | None:
    """The grid of the final evaluation, filled or to fill with the last published version; None when there is none."""
    if row := evaluation.grids.select_related("version", "filled_by", "locked_by").first():
        return row
    version = published(GridMoment.EVALUATION)
    if version is None:
        return None
    return FilledGrid(evaluation=evaluation, version=version, moment=GridMoment.EVALUATION)


def write(row: FilledGrid, answers: Answers, *, by: User, expected_revision: int, lock: bool) -> bool:
    """Write the answers, and lock them; False when there is nothing to write. Who may is asked before.

    Raises Refused, StaleRevision, ValidationError by field.
    """
    if row.locked_at:
        raise Refused(LOCKED)
    check_revision(row, expected_revision)
    kept = {key: dict(one) for key, one in answers.items() if any(one.values())}
    if not lock and kept == (row.answers if row.pk else {}):
        return False  # saved as it was
    if wrong := (unanswered(row.version, answers) if lock else {}) or answer_faults(row.version, answers):
        raise ValidationError(wrong)
    if lock and row.report_id is None and (wrong := blocked(row.version, answers)):
        raise ValidationError(wrong)
    row.answers, row.filled_by, row.filled_at, row.revision = kept, by, clock.now(), row.revision + 1
    if lock:
        row.locked_by, row.locked_at = by, clock.now()
    row.save()
    return True


def answer_faults(version: GridVersion, answers: Answers) -> dict[str, str]:
    """By field (`q1`, `q1-note`), what is wrong: « sans objet » says why, and so does a « non » that blocks."""
    wrong: dict[str, str] = {}
    for question in engine.questions(version.text):
        given = answers.get(question.key, {})
        value, note = given.get("value", ""), given.get("note", "").strip()
        allowed: dict[str, tuple[str, ...]] = {
            engine.YES_NO: (engine.YES, engine.NO, engine.NOT_APPLICABLE),
            engine.MARK: engine.MARKS,
        }
        if value and value not in allowed.get(question.kind, (value,)):
            wrong[question.key] = "Choisissez une des réponses."
        elif value == engine.NOT_APPLICABLE and question.kind == engine.YES_NO and not note:
            wrong[f"{question.key}-note"] = "Sans objet : dites pourquoi."
        elif value == engine.NO and question.blocking and not note:
            wrong[f"{question.key}-note"] = "Cette réponse bloque : dites ce qui manque."
    return wrong


def blocked(version: GridVersion, answers: Answers) -> dict[str, str]:
    """By field, what blocks. A report is sent back and asked again; a control or an evaluation would wait for ever."""
    return {
        row.key: "Cette réponse bloque : la grille se verrouille une fois la question levée."
        for row in engine.questions(version.text)
        if row.blocking and answers.get(row.key, {}).get("value") == engine.NO
    }


def unanswered(version: GridVersion, answers: Answers) -> dict[str, Any]:
    """By field, the questions that must be answered before the grid is locked; words are optional."""
    rows: list[engine.Question] = engine.questions(version.text)
    return {
        row.key: "Répondez avant de verrouiller."
        for row in rows
        if row.kind != engine.TEXT and not answers.get(row.key, {}).get("value")
    }
