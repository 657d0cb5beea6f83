"""Ask for details on a sent report, answer, judge the answer. Nothing of the report opens again."""

import datetime as dt
from typing import Any, BinaryIO

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max

from arml.models import User
from conventions.models import Convention
from cpo.lib import clock, journal
from cpo.lib.actor import Actor
from cpo.lib.files import stored
from cpo.lib.models import StoredFile
from cpo.lib.workflow import Refused
from reporting import notifications
from reporting import permissions as may
from reporting.models import Clarification, ClarificationAnswer, Report
from reporting.services.deadlines import sync

Upload = tuple[BinaryIO, str, int]  # the file, its name, its size
FARTHEST = 365  # days


@transaction.atomic
def ask(
    report: Report, *, path: str, label: str, question: str, due_on: dt.date, by: User, file: Upload | None = None
) -> Clarification:
    """Ask for details on a part. Raises PermissionDenied, Refused, ValidationError by field."""
    locked = _locked(report)
    actor = may.examiner(by, locked)
    if actor is None:
        raise PermissionDenied(may.why_not_examine(by, locked))
    if faults := question_faults(locked, question, due_on):
        raise ValidationError(faults)
    last = locked.clarifications.aggregate(last=Max("number"))["last"] or 0
    saved, name = _store(file)
    row = Clarification.objects.create(
        report=locked,
        number=last + 1,
        path=path,
        label=label,
        question=question.strip(),
        due_on=due_on,
        file=saved,
        file_name=name,
        asked_by=by,
        asked_at=clock.now(),
    )
    _record(row, actor, "clarification_asked", f"{actor.name} demande des précisions (n° {row.number}) sur « {label} »")
    notifications.clarification_asked(row, actor)
    return row


def question_faults(report: Report, question: str, due_on: dt.date | None) -> dict[str, str]:
    faults, today = {}, clock.today(report.dossier.time_zone)
    if not question.strip():
        faults["question"] = "Dites ce que vous demandez."
    if due_on and not today <= due_on <= today + dt.timedelta(days=FARTHEST):
        faults["due_on"] = "Donnez une date entre aujourd’hui et un an."
    return faults


@transaction.atomic
def answer(row: Clarification, *, text: str, by: User, file: Upload | None = None) -> ClarificationAnswer:
    """Answer, as often as needed until the request is judged. Raises PermissionDenied, Refused, ValidationError."""
    locked = _locked(row.report)
    row = locked.clarifications.get(pk=row.pk)
    _check_open(row)
    actor = may.clarifier(by, locked, row)
    if actor is None:
        raise PermissionDenied(may.WHO_CLARIFIES)
    if not text.strip():
        raise ValidationError({"text": "Écrivez votre réponse."})
    saved, name = _store(file)
    given = ClarificationAnswer.objects.create(
        clarification=row, text=text.strip(), file=saved, file_name=name, author=by, at=clock.now()
    )
    _record(row, actor, "clarification_answered", f"{actor.name} répond à la demande de précisions n° {row.number}")
    notifications.clarification_answered(row, actor)
    return given


@transaction.atomic
def judge(row: Clarification, *, satisfactory: bool, judgment: str, by: User) -> Clarification:
    """Say whether the answer satisfies, or close a request without answer. Raises PermissionDenied, Refused."""
    locked = _locked(row.report)
    row = locked.clarifications.get(pk=row.pk)
    actor = may.judge(by, locked)
    if actor is None:
        raise PermissionDenied(may.why_not_examine(by, locked))
    _check_open(row)
    if faults := judgment_faults(row, satisfactory, judgment):
        raise ValidationError(faults)
    row.satisfactory, row.judgment = satisfactory, " ".join(judgment.split())[:500]
    row.judged_by, row.judged_at = by, clock.now()
    row.save(update_fields=["satisfactory", "judgment", "judged_by", "judged_at"])
    verb = "juge satisfaisante" if satisfactory else "juge insuffisante"
    sentence = f"{actor.name} {verb} la réponse à la demande de précisions n° {row.number}"
    _record(row, actor, "clarification_judged", sentence, row.judgment)
    return row


def judgment_faults(row: Clarification, satisfactory: bool | None, judgment: str) -> dict[str, str]:
    if satisfactory and not row.answers.exists():
        return {"satisfactory": "Aucune réponse n’est donnée : elle ne peut pas être satisfaisante."}
    if satisfactory is False and not judgment.strip():
        return {"judgment": "Dites en quoi la réponse ne suffit pas."}
    return {}


def _locked(report: Report) -> Report:
    rows = Report.objects.select_for_update(of=("self",))
    return rows.select_related("convention__dossier__lead", "convention__dossier__beneficiary", "act").get(pk=report.pk)


def _check_open(row: Clarification) -> None:
    if not row.is_open:
        raise Refused("Cette demande de précisions est close.")


def _store(upload: Upload | None) -> tuple[StoredFile | None, str]:
    if upload is None:
        return None, ""
    try:
        data, media_type = stored.check_upload(upload[0], name=upload[1], size=upload[2])
    except ValidationError as error:
        raise ValidationError({"file": error}) from error
    return stored.store_upload(data, media_type, field="file"), upload[1][:200]


def _record(row: Clarification, actor: Actor, verb: str, sentence: str, comment: str = "") -> None:
    """The line of the journal; the deadlines of both sides follow."""
    report: Any = row.report
    journal.record(
        report,
        root=report.dossier,
        by=actor,
        verb=verb,
        sentence=f"{sentence}, compte rendu {report.year}.",
        comment=comment,
        parameters={"year": report.year},
    )
    sync(Convention.objects.select_related("cycle", "dossier__lead").get(pk=report.convention_id))
