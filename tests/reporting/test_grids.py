"""National grids: versions that never change once published; answers that block, are locked, stay internal."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from arml.models import User
from cpo.lib.editing.lock import StaleRevision
from cpo.lib.models import JournalEntry
from cpo.lib.workflow import Refused
from reporting.content import grids as engine
from reporting.enums import GridMoment
from reporting.guards import grids_allow
from reporting.models import FilledGrid, GridVersion, Report
from reporting.services import grids as services
from tests.factories import reporting as reports
from tests.factories.arml import make_user
from tests.factories.reporting import make_active, person

pytestmark = pytest.mark.django_db
INTERNAL, SHOWN = GridMoment.EXAMINATION, GridMoment.ADMISSIBILITY
SECRET = "Méfiance sur les clés de répartition."


@pytest.fixture
def report() -> Report:
    return reports.submitted(reports.fill(reports.make_report(make_active(sheets=1))))


def fill(report: Report, moment: str, *, by: User | None = None, lock: bool = False, **answers: Any) -> FilledGrid:
    """Answer « oui », 3 or a word to every question, but for what `answers` says: q1=("non", "Il manque…")."""
    fresh = Report.objects.get(pk=report.pk)
    grid = services.grid_of(fresh, moment)
    assert grid is not None
    usual = {engine.YES_NO: "oui", engine.MARK: "3", engine.TEXT: "Rien."}
    given = {row.key: {"value": usual[row.kind], "note": ""} for row in engine.questions(grid.version.text)}
    given |= {key: {"value": value, "note": note} for key, (value, note) in answers.items()}
    who = by or person(report, "manager" if lock else "officer")
    return services.fill(fresh, moment=moment, answers=given, by=who, expected_revision=grid.revision, lock=lock)


# -- The versions -----------------------------------------------------------------------------------------------------


def test_the_text_of_a_grid_is_read_line_by_line_and_a_bad_line_is_told() -> None:
    rows = engine.questions("# A\n[oui-non !] Un ?\n[note] Deux\n\n# B\n[texte] Trois")
    assert [(r.key, r.kind, r.heading, r.blocking) for r in rows] == [
        ("q1", "oui-non", "A", True),
        ("q2", "note", "A", False),
        ("q3", "texte", "B", False),
    ]
    assert [line[:7] for line in engine.faults("[oui-non] Un ?\nDeux\n[note !] Trois")] == ["Ligne 2", "Ligne 3"]
    assert engine.faults("# Rien") and engine.faults("[note] n\n" * 81) and not engine.faults("[note] n\n" * 80)


def test_each_moment_has_its_national_grid() -> None:
    rows = GridVersion.objects.filter(published_on__isnull=False)
    assert {row.moment for row in rows} == set(GridMoment.values)
    assert not [fault for row in rows for fault in engine.faults(row.text)]


def test_a_published_version_never_changes_and_a_new_one_follows_it() -> None:
    admin, text = make_user("national_admin"), "[oui-non !] Une seule question ?"
    first = services.published(SHOWN)
    assert first is not None
    row = services.save_draft(moment=SHOWN, text=text, shown=True, by=admin, expected_revision=0)
    assert (row.number, services.published(SHOWN)) == (2, first)
    with pytest.raises(StaleRevision):
        services.save_draft(moment=SHOWN, text=text, shown=True, by=admin, expected_revision=0)
    with pytest.raises(ValidationError, match="Ligne 1"):
        services.save_draft(moment=SHOWN, text="Une question", shown=True, by=admin, expected_revision=1)
    row = services.save_draft(moment=SHOWN, text=text, shown=False, by=admin, expected_revision=1, publish=True)
    assert services.published(SHOWN) == row and services.draft(SHOWN).number == 3
    for sql in ("UPDATE reporting_gridversion SET text = 'x'", "DELETE FROM reporting_gridversion"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


def test_only_the_national_administration_writes_a_version(report: Report) -> None:
    with pytest.raises(PermissionDenied):
        services.save_draft(
            moment=SHOWN, text="[note] n", shown=True, by=person(report, "manager"), expected_revision=0
        )


# -- The answers ------------------------------------------------------------------------------------------------------


def test_a_blocking_no_prevents_admissible_and_another_no_does_not(report: Report) -> None:
    fill(report, SHOWN, q1=("non", "Le mandat manque."), q2=("non", ""))
    with pytest.raises(Refused) as refusal:
        reports.admissible(Report.objects.get(pk=report.pk))
    [line] = refusal.value.missing
    assert "habilitée" in line.text and line.url.endswith("/grilles/recevabilite/#id_q1")
    blocking, warning = grids_allow(report)
    assert (blocking.severity, warning.severity) == ("error", "warning") and "délai" in warning.text
    fill(report, SHOWN, q2=("non", ""))
    assert [line.severity for line in grids_allow(report)] == ["warning"]
    action = {"number": report.convention.number, "year": report.year, "name": "declare_admissible"}
    page = as_(report, "manager").get(reverse("report-transition", kwargs=action)).content.decode()
    assert "délai de la convention" in page and "répondu non" in page
    assert reports.admissible(Report.objects.get(pk=report.pk)).state == "admissible"


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({"q1": ("non", " ")}, "q1-note"),
        ({"q2": ("sans_objet", "")}, "q2-note"),
        ({"q2": ("peut-être", "")}, "q2"),
    ],
)
def test_an_answer_that_needs_words_has_them(report: Report, answers: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as error:
        fill(report, SHOWN, **answers)
    assert list(error.value.message_dict) == [field]


def test_a_mark_goes_from_zero_to_four(report: Report) -> None:
    with pytest.raises(ValidationError):
        fill(report, INTERNAL, q1=("5", ""))
    fill(report, INTERNAL, q1=("4", ""), q2=("0", ""))


def test_the_manager_locks_what_is_answered_and_nothing_changes_then(report: Report) -> None:
    with pytest.raises(PermissionDenied):
        fill(report, SHOWN, lock=True, by=person(report, "officer"))
    with pytest.raises(ValidationError, match="avant de verrouiller"):
        fill(report, SHOWN, lock=True, q3=("", ""))
    assert fill(report, SHOWN, lock=True).locked_by == person(report, "manager")
    with pytest.raises(Refused):
        fill(report, SHOWN)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE reporting_filledgrid SET answers = '{}'")


def test_a_new_sending_begins_a_new_grid_with_the_former_answers(report: Report) -> None:
    fill(report, SHOWN, lock=True, q2=("non", "Trois jours de retard."))
    reports.sent_back(Report.objects.get(pk=report.pk), "general")
    again = reports.submitted(Report.objects.get(pk=report.pk))
    grid = services.grid_of(again, SHOWN)
    assert grid is not None and grid.pk is None and grid.answers["q2"]["value"] == "non"


def test_a_blocking_no_stands_at_the_next_sending_until_it_is_answered_again(report: Report) -> None:
    fill(report, SHOWN, q1=("non", "Le mandat manque."))
    reports.sent_back(Report.objects.get(pk=report.pk), "general")
    again = reports.submitted(Report.objects.get(pk=report.pk))
    assert not again.grids.filter(round=again.round).exists()
    with pytest.raises(Refused) as refusal:
        reports.admissible(again)
    assert ["habilitée" in line.text for line in refusal.value.missing] == [True]
    fill(again, SHOWN)
    assert reports.admissible(Report.objects.get(pk=report.pk)).state == "admissible"


# -- Who reads --------------------------------------------------------------------------------------------------------


def as_(report: Report, role: str) -> Client:
    client = Client()
    client.force_login(person(report, role))
    return client


def test_the_association_never_reads_an_internal_grid_and_reads_a_shown_one_once_admissible(report: Report) -> None:
    fill(report, INTERNAL, lock=True, q9=(SECRET, ""))
    fill(report, SHOWN, lock=True, q8=("Tout est là.", ""))
    of_report = {"number": report.convention.number, "year": report.year}
    director = as_(report, "director")

    def status(moment: str) -> int:
        return director.get(reverse("report-grid", kwargs=of_report | {"moment": moment})).status_code

    assert (status(INTERNAL), status(SHOWN)) == (403, 403)
    reports.admissible(Report.objects.get(pk=report.pk))
    assert (status(INTERNAL), status(SHOWN)) == (403, 200)
    examination = director.get(reverse("report-examination", kwargs=of_report)).content.decode()
    assert "grilles/recevabilite" in examination and "grilles/instruction" not in examination
    channels = [
        examination,
        *(director.get(reverse(name, kwargs=of_report)).content.decode() for name in ("report-detail",)),
        *(
            b"".join(director.get(reverse(name, args=[report.convention.number]))).decode(errors="ignore")
            for name in ("convention-journal", "convention-journal-csv", "convention-documents")
        ),
        director.get(reverse("search"), {"q": "Méfiance"}).content.decode(),
        director.get(reverse("home")).content.decode(),
    ]
    for text in channels:
        assert SECRET not in text and "grille « instruction" not in text.replace("\xa0", " ")
    assert JournalEntry.objects.filter(verb="grid_locked").count() == 2


def test_the_pages_keep_what_is_typed_and_tell_what_is_missing(report: Report) -> None:
    officer = as_(report, "officer")
    url = reverse("report-grid", kwargs={"number": report.convention.number, "year": report.year, "moment": SHOWN})
    answer = officer.post(url, {"revision": 0, "q1": "non", "q1-note": "", "q8": "Un mot."})
    assert list(answer.context["form"].errors) == ["q1-note"] and "Un mot." in answer.content.decode()
    assert officer.post(url, {"revision": 0, "q1": "oui", "verrouiller": "1"}).status_code == 403
    assert officer.post(url, {"revision": 0, "q1": "oui"}).status_code == 302
    assert FilledGrid.objects.get().answers == {"q1": {"value": "oui", "note": ""}}
