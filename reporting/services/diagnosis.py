"""The shared diagnosis of a year: both sides write its text, join documents, bring forward the year before."""

from typing import BinaryIO

from django.core.exceptions import PermissionDenied
from django.db import transaction

from arml.models import User
from arml.permissions import capacities
from conventions.enums import ConventionState
from conventions.later.term import covered_years
from conventions.models import Convention
from cpo.lib import clock, journal
from cpo.lib.actor import Actor
from cpo.lib.editing.lock import check_revision
from cpo.lib.files.stored import check_upload, store_upload
from cpo.lib.workflow import Refused
from reporting import permissions as may
from reporting.models import Diagnosis, DiagnosisFile

NOT_YOURS = "Le diagnostic partagé est écrit par les deux parties. Votre rôle le lit."
NOT_RUNNING = "La convention n’est pas en exécution : son diagnostic ne se modifie plus."
NOTHING = "Aucun diagnostic d’une année précédente n’est à reprendre."
WRITTEN = "Cette année a déjà son diagnostic : il se modifie, sans être repris."


def years_of(convention: Convention) -> list[int]:
    return covered_years(convention, clock.today(convention.dossier.time_zone))


def present_year(convention: Convention) -> int | None:
    """The year whose diagnosis is worked on: the present one, else the last one covered; None before the signature."""
    if not convention.act.is_active:
        return None
    return min(clock.today(convention.dossier.time_zone).year, years_of(convention)[-1])


def writer(user: User, convention: Convention) -> Actor | None:
    """The capacity in which the person writes it: the spokespeople of both sides."""
    return next((one for one in capacities(user, convention.dossier) if may.spokesperson(one)), None)


def closed(convention: Convention) -> str:
    return "" if convention.state == ConventionState.ACTIVE else NOT_RUNNING


def before(convention: Convention, year: int) -> Diagnosis | None:
    """The last diagnosis of a former year: what may be brought forward."""
    return convention.diagnoses.filter(year__lt=year).order_by("-year").first()


def _writing(convention: Convention, by: User) -> tuple[Convention, Actor]:
    actor = writer(by, convention)
    if actor is None:
        raise PermissionDenied(NOT_YOURS)
    locked = Convention.objects.select_for_update().select_related("dossier", "cycle").get(pk=convention.pk)
    if reason := closed(locked):
        raise Refused(reason)
    return locked, actor


def _record(row: Diagnosis, actor: Actor, verb: str, words: str) -> None:
    sentence = f"{actor.name} {words} {row.year}."
    journal.record(row, root=row.dossier, by=actor, verb=verb, sentence=sentence)


def _save(row: Diagnosis, by: User) -> None:
    row.revision, row.updated_by, row.updated_at = row.revision + 1, by, clock.now()
    row.save()


@transaction.atomic
def save(convention: Convention, year: int, *, text: str, by: User, expected_revision: int | None) -> Diagnosis:
    """Write the text of a year. Raises PermissionDenied, Refused, StaleRevision."""
    locked, actor = _writing(convention, by)
    row = locked.diagnoses.filter(year=year).first() or Diagnosis(convention=locked, year=year)
    check_revision(row, expected_revision)
    if row.text == text:
        return row
    row.text = text
    _save(row, by)
    _record(row, actor, "diagnosis_written", "écrit le diagnostic partagé")
    return row


@transaction.atomic
def bring_forward(convention: Convention, year: int, *, by: User) -> Diagnosis:
    """Begin the year with the text and the documents of the last one. Raises PermissionDenied, Refused."""
    locked, actor = _writing(convention, by)
    former = before(locked, year)
    if former is None:
        raise Refused(NOTHING)
    row = locked.diagnoses.filter(year=year).first() or Diagnosis(convention=locked, year=year)
    if row.text.strip() or (row.pk and row.files.exists()):
        raise Refused(WRITTEN)
    row.text = former.text
    _save(row, by)
    for one in former.files.all():
        fields = {"file_id": one.file_id, "name": one.name, "added_by_id": one.added_by_id, "added_at": one.added_at}
        DiagnosisFile.objects.create(diagnosis=row, **fields)
    _record(row, actor, "diagnosis_brought", f"reprend le diagnostic partagé de {former.year} pour")
    return row


@transaction.atomic
def add_file(convention: Convention, year: int, *, by: User, upload: BinaryIO, name: str, size: int) -> DiagnosisFile:
    """Join a document to the year. Raises PermissionDenied, Refused, ValidationError on `upload`."""
    locked, actor = _writing(convention, by)
    data, media_type = check_upload(upload, name=name, size=size)
    row = locked.diagnoses.filter(year=year).first() or Diagnosis(convention=locked, year=year)
    _save(row, by)
    file = DiagnosisFile.objects.create(
        diagnosis=row,
        file=store_upload(data, media_type, field="upload"),
        name=name[:200],
        added_by=by,
        added_at=clock.now(),
    )
    _record(row, actor, "diagnosis_file", f"joint « {file.name} » au diagnostic partagé")
    return file
