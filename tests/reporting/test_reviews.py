"""The dialogue de gestion: the lead service writes it, then both sides and the DGEFP read it once recorded."""

import pytest
from django.urls import reverse

from conventions.models import Document
from cpo.lib.files import stored
from cpo.lib.work import jobs
from reporting import workflow
from reporting.models import Report, Review
from reporting.services import reviews
from tests.factories.arml import make_user
from tests.factories.reporting import admissible, make_report, person, submitted
from tests.lib.test_pdf import assert_conformant, read

pytestmark = pytest.mark.django_db
HELD = {
    "held_on": "2026-10-01",
    "attendees": "Les deux parties",
    "opinion": "partiel",
    "decisions": "",
    "conclusion": "",
}


def address(report):
    return reverse("review", kwargs={"number": report.convention.number, "year": report.year})


def post(client, report, role, **changes):
    client.force_login(person(report, role))
    revision = Review.objects.filter(report=report).values_list("revision", flat=True).first() or 0
    return client.post(address(report), HELD | {"revision": str(revision)} | changes)


def reviewed(report=None):
    report = report or admissible()
    officer = person(report, "officer")
    reviews.save_review(report, fields=HELD | {"held_on": "2026-10-01"}, by=officer, expected_revision=None)
    return workflow.apply("review", Report.objects.get(pk=report.pk), by=officer)


def test_the_lead_service_writes_the_review_of_an_admissible_report(client):
    report = admissible()
    assert post(client, report, "officer").status_code == 302
    assert Review.objects.get().opinion == "partiel"
    page = client.get(address(report))
    assert "Enregistrer le dialogue de gestion" in page.content.decode()


@pytest.mark.parametrize("role", ["director", "president", "signatory"])
def test_nobody_else_writes_it(client, role):
    report = admissible()
    assert post(client, report, role).status_code == 403
    assert not Review.objects.exists()


def test_it_is_closed_before_the_report_is_admissible_and_after_the_year_is_concluded(client):
    for report in (make_report(), submitted()):
        assert post(client, report, "officer").status_code == 403
        assert client.get(address(report)).status_code == 403
    report = reviewed()
    reviews.save_review(report, fields={"conclusion": "Fin."}, by=person(report, "manager"), expected_revision=None)
    workflow.apply("conclude", Report.objects.get(pk=report.pk), by=person(report, "manager"))
    assert post(client, report, "officer", conclusion="Autre").status_code == 403
    assert Review.objects.get().conclusion == "Fin."


def test_the_association_and_the_dgefp_read_it_once_recorded_and_the_conclusion_at_the_end(client):
    report = admissible()
    post(client, report, "officer", decisions="Suivre les effectifs", conclusion="Brouillon de conclusion")
    readers = [person(report, "director"), make_user("national_reader")]
    for reader in readers:
        client.force_login(reader)
        assert client.get(address(report)).status_code == 403
    workflow.apply("review", Report.objects.get(pk=report.pk), by=person(report, "officer"))
    for reader in readers:
        client.force_login(reader)
        page = client.get(address(report)).content.decode()
        assert "Suivre les effectifs" in page
        assert "Brouillon" not in page
    workflow.apply("conclude", Report.objects.get(pk=report.pk), by=person(report, "manager"))
    for reader in readers:
        client.force_login(reader)
        assert "Brouillon de conclusion" in client.get(address(report)).content.decode()


def test_a_wrong_date_is_refused_beside_its_field_and_the_text_stays(client):
    report = admissible()
    page = post(client, report, "officer", held_on="31/02/2026", decisions="Une décision tapée")
    assert "n’est pas une date" in page.content.decode()
    assert "Une décision tapée" in page.content.decode()
    page = post(client, report, "officer", held_on="2027-01-01")
    assert "dans le futur" in page.content.decode()


def minutes() -> list[Document]:
    """Run the waiting jobs as a worker does, and return the minutes."""
    jobs.take_up()
    return list(Document.objects.filter(purpose="releve").order_by("pk"))


@pytest.mark.pdf
def test_the_minutes_are_printed_when_recorded_and_again_when_corrected_and_concluded(tmp_path):
    report = reviewed()
    officer = person(report, "officer")
    first = minutes()
    assert [document.status_words for document in first] == ["Conservé"]
    reviews.save_review(report, fields={"decisions": "Suivre."}, by=officer, expected_revision=None)
    reviews.save_review(report, fields={"conclusion": "Fin."}, by=officer, expected_revision=None)
    second = minutes()
    assert [document.status_words for document in second] == ["Remplacé", "Conservé"], "only the last correction"
    words = read(stored.read(second[-1].file), tmp_path)
    assert "Suivre." in words
    assert "Fin." not in words, "the conclusion is read once the year is concluded"
    workflow.apply("conclude", Report.objects.get(pk=report.pk), by=person(report, "manager"))
    third = minutes()
    assert [document.status_words for document in third] == ["Remplacé", "Remplacé", "Conservé"]
    assert "Fin." in read(stored.read(third[-1].file), tmp_path)
    assert Review.objects.get().minutes == third[-1].file
    assert_conformant(stored.read(third[-1].file), tmp_path)


def test_nothing_is_printed_before_the_review_is_recorded():
    report = admissible()
    reviews.save_review(report, fields=HELD, by=person(report, "officer"), expected_revision=None)
    assert minutes() == []


def test_both_sides_and_the_dgefp_read_the_minutes_and_observers_do_not(client):
    report = reviewed()
    document = minutes()[0]
    address = reverse("document-file", kwargs={"number": report.convention.number, "pk": document.pk})
    reader = make_user("reader")
    reader.roles[0].organisation.national_scope = True
    reader.roles[0].organisation.save()
    readers = [(person(report, "director"), 200), (make_user("national_reader"), 200), (reader, 404)]
    for user, status in readers:
        client.force_login(user)
        assert client.get(address).status_code == status
