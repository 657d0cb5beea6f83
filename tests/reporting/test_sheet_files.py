"""The files of a fiche: joined while it is written, checked by content, named by a sending, read by who reads it."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from cpo.lib.files.hashing import content_hash
from reporting.content import freeze
from reporting.content.comparison import compare
from reporting.models import Report, SheetFile
from reporting.services import late_acts, sheet_files
from tests.factories.arml import OrganisationFactory, make_user
from tests.factories.conventions import PDF
from tests.factories.reporting import admissible, amended, fill, make_active, make_report, person, sent_back, submitted
from tests.reporting.test_reports import as_, text, url

pytestmark = pytest.mark.django_db
OTHER = PDF + b"% autre\n"


def upload(content=PDF, name="emargement.pdf"):
    return SimpleUploadedFile(name, content)


def join(report, role="director", content=PDF, name="emargement.pdf"):
    file = upload(content, name)
    part = report.sheets.first()
    return sheet_files.join(part=part, by=person(report, role), upload=file, name=name, size=file.size)


def key(report):
    return report.sheets.first().sheet.key


def of_sheet(report, name="report-sheet", **more):
    return url(report, name, key=key(report), **more)


# -- Who joins and takes away ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["director", "president", "accountant"])
def test_the_association_joins_a_file_and_the_report_is_begun(role):
    report = make_report()
    if role == "accountant":
        make_user(role, report.dossier.beneficiary)
    join(report, role)
    assert SheetFile.objects.get().name == "emargement.pdf"
    assert Report.objects.get(pk=report.pk).state == "in_progress"


@pytest.mark.parametrize("role", ["officer", "manager", "signatory"])
def test_the_state_joins_and_takes_away_nothing(role):
    report = make_report()
    row = join(report)
    with pytest.raises(PermissionDenied):
        join(report, role)
    with pytest.raises(PermissionDenied):
        sheet_files.remove(file=row, by=person(report, role))
    assert SheetFile.objects.current().count() == 1


def test_once_sent_nothing_is_joined_nor_taken_away_until_the_fiche_is_open_again():
    report = fill(make_report())
    row = join(report)
    report = submitted(report)
    for act in (lambda: join(report), lambda: sheet_files.remove(file=row, by=person(report, "director"))):
        with pytest.raises(PermissionDenied):
            act()
    report = sent_back(report, f"sheet/{key(report)}")
    join(report, name="suite.pdf")
    assert SheetFile.objects.current().count() == 2


def test_an_admissible_report_keeps_its_files_in_the_database_too():
    report = fill(make_report())
    row = join(report)
    report = admissible(submitted(report))
    for change in (
        lambda: SheetFile.objects.filter(pk=row.pk).update(name="autre.pdf"),
        lambda: SheetFile.objects.filter(pk=row.pk).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [(b"", "vide.pdf", "vide"), (b"MZ\x90\x00" * 40, "outil.pdf", "type"), (b"<html></html>", "page.pdf", "type")],
)
def test_a_file_is_checked_by_its_content_and_nothing_is_kept_of_a_bad_one(content, name, words, client):
    report = make_report()
    with pytest.raises(ValidationError):
        join(report, content=content, name=name)
    as_(client, report, "director")
    page = client.post(of_sheet(report, "report-sheet-file-add"), {"upload": upload(content, name)})
    assert page.status_code == 200
    assert "fr-error-text" in page.content.decode()
    assert not SheetFile.objects.exists()
    assert Report.objects.get(pk=report.pk).state == "open"


def test_a_fiche_has_twenty_files_at_most():
    report = make_report()
    for rank in range(sheet_files.MOST):
        join(report, name=f"{rank}.pdf")
    with pytest.raises(ValidationError) as error:
        join(report, name="de-trop.pdf")
    assert set(error.value.message_dict) == {"upload"}
    sheet_files.remove(file=SheetFile.objects.first(), by=person(report, "director"))
    join(report, name="a-la-place.pdf")
    assert SheetFile.objects.current().count() == 20


# -- What was sent -----------------------------------------------------------------------------------------------------


def test_a_sending_names_each_file_with_its_hash_and_one_without_file_is_as_before():
    report = fill(make_report(make_active(sheets=2)))
    row = join(report)
    report = submitted(report)
    first, second = report.versions.get(number=1).content["sheets"]
    assert first["files"] == [{"id": row.pk, "name": "emargement.pdf", "sha256": row.file.sha256}]
    assert "files" not in second


def test_a_file_that_is_joined_changes_the_substance_and_stands_in_the_comparison():
    report = submitted()
    report = sent_back(report, f"sheet/{key(report)}")
    before = report.versions.get(number=1).content
    row = join(report, content=OTHER, name="preuve.pdf")
    report = Report.objects.get(pk=report.pk)
    after = freeze.build(report)
    assert not freeze.same_substance(before, after)
    (change,) = [one for one in compare(before, after) if one.key.startswith("sheet/")]
    assert [field.label for field in change.fields] == ["Fichier joint «\u00a0preuve.pdf\u00a0»"]
    sheet_files.remove(file=row, by=person(report, "director"))
    assert freeze.same_substance(before, freeze.build(Report.objects.get(pk=report.pk)))


def test_a_file_taken_away_after_a_sending_is_still_read_there_and_the_sending_is_unchanged(client):
    report = fill(make_report())
    row = join(report)
    report = submitted(report)
    digest = report.versions.get(number=1).content_sha256
    report = sent_back(report, f"sheet/{key(report)}")
    sheet_files.remove(file=row, by=person(report, "director"))
    never = join(report, content=OTHER, name="retire-avant-envoi.pdf")
    sheet_files.remove(file=never, by=person(report, "director"))
    version = report.versions.get(number=1)
    assert content_hash(version.content) == version.content_sha256 == digest
    for role in ("director", "officer"):
        as_(client, report, role)
        assert "emargement.pdf" in text(client.get(url(report, "report-version", sending=1)))
        assert client.get(of_sheet(report, "report-sheet-file", pk=row.pk)).status_code == 200
    as_(client, report, "director")
    assert client.get(of_sheet(report, "report-sheet-file", pk=never.pk)).status_code == 404
    assert "emargement.pdf" not in text(client.get(of_sheet(report)))


def test_the_content_takes_as_many_queries_for_one_file_as_for_three():
    report = fill(make_report())

    def queries():
        fresh = Report.objects.get(pk=report.pk)
        with CaptureQueriesContext(connection) as captured:
            freeze.build(fresh)
        return len(captured)

    join(report)
    one = queries()
    join(report, name="b.pdf")
    join(report, name="c.pdf")
    assert queries() == one


def test_a_fiche_in_force_on_no_day_of_the_year_stays_with_the_file_that_was_joined_to_it():
    act = make_active(sheets=2)
    report = make_report(act)
    part = report.sheets.get(sheet__code="2-A")
    file = upload()
    director = person(report, "director")
    sheet_files.join(part=part, by=director, upload=file, name=file.name, size=file.size)
    amended(act, on=dt.date(2025, 1, 1), drop="2-A")
    late_acts.take_over(Report.objects.get(pk=report.pk), by=director)
    assert report.sheets.get(sheet__code="2-A").files.count() == 1


# -- Pages -------------------------------------------------------------------------------------------------------------


def test_a_file_is_joined_read_and_taken_away_on_the_page_of_the_fiche(client):
    report = make_report()
    as_(client, report, "director")
    page = client.post(of_sheet(report, "report-sheet-file-add"), {"upload": upload()}, follow=True)
    assert "emargement.pdf" in text(page)
    row = SheetFile.objects.get()
    answer = client.get(of_sheet(report, "report-sheet-file", pk=row.pk))
    assert b"".join(answer.streaming_content) == PDF
    page = client.post(of_sheet(report, "report-sheet-file-remove", pk=row.pk), follow=True)
    assert "Aucun fichier n’est joint" in text(page)


def test_the_file_of_what_is_not_sent_is_closed_to_the_state_and_that_of_what_is_admissible_to_observers(client):
    report = fill(make_report())
    row = join(report)
    address = of_sheet(report, "report-sheet-file", pk=row.pk)
    as_(client, report, "officer")
    assert client.get(address).status_code == 403
    report = submitted(report)
    assert client.get(address).status_code == 200
    report = admissible(report)
    assert client.get(address).status_code == 200
    client.force_login(make_user("reader", OrganisationFactory(kind="other", national_scope=True)))
    page = client.get(of_sheet(report))
    assert (page.status_code, "emargement.pdf" in text(page)) == (200, False)
    assert client.get(address).status_code == 403
    assert "emargement.pdf" not in text(client.get(url(report, "report-version", sending=1)))


def test_a_file_of_another_fiche_is_not_found_here(client):
    report = make_report(make_active(sheets=2))
    row = join(report)
    as_(client, report, "director")
    other = report.sheets.last().sheet.key
    for name, ask in (("report-sheet-file", client.get), ("report-sheet-file-remove", client.post)):
        assert ask(url(report, name, key=other, pk=row.pk)).status_code == 404
    assert SheetFile.objects.current().count() == 1
