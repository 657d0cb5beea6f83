"""The register stores each document once, with the hash of its content; nobody changes or deletes an entry."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.db import InternalError, ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from arml.permissions import capacities
from conventions.documents import production, register
from conventions.documents.journal import pdf_job
from conventions.enums import DocumentPurpose
from conventions.models import Document
from cpo.lib import clock as the_clock
from cpo.lib import journal, retention
from cpo.lib.models import Job, StoredFile
from cpo.lib.work import jobs
from tests.factories import scenarios
from tests.factories.arml import OrganisationFactory, make_user
from tests.factories.conventions import PDF

ROOT = Path(__file__).resolve().parent.parent.parent
pytestmark = pytest.mark.django_db
DATABASE_ERRORS = (InternalError, ProgrammingError)


def enter(scene: Any, data: bytes = PDF, **more: Any) -> Document:
    fields = {"purpose": DocumentPurpose.JOURNAL, "label": "Journal, 1 événement", "content_sha256": "a" * 64}
    return register.enter(data + b"%%EOF", act=scene.act, **(fields | more))


def assert_refused(sql: str, *values: Any) -> None:
    with pytest.raises(DATABASE_ERRORS, match="Cannot"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_what_was_produced_is_entered_once_with_what_it_renders() -> None:
    scene = scenarios.proposed()
    first = enter(scene)
    assert enter(scene) == first
    assert (first.name, first.status_words, first.content_sha256) == ("Journal, 1 événement", "Conservé", "a" * 64)
    draft = production.produce(scene.version.pk, "projet")
    assert draft is not None
    assert draft.content_sha256 == scene.version.content_sha256


def test_the_database_refuses_to_change_or_delete_an_entry_and_its_file() -> None:
    document = enter(scenarios.proposed())
    for column, value in (
        ("file_id", 0), ("version_id", 0), ("content_sha256", "b" * 64), ("label", "Autre"), ("act_id", 0),
        ("created_at", "2020-01-01"), ("audience", "state"), ("pages", 3), ("purpose", "copie"),
    ):  # fmt: skip
        assert_refused(f"UPDATE conventions_document SET {column} = %s WHERE id = %s", value, document.pk)
    assert_refused("DELETE FROM conventions_document WHERE id = %s", document.pk)
    assert_refused("UPDATE lib_storedfile SET path = 'x' WHERE id = %s", document.file_id)
    assert_refused("DELETE FROM lib_storedfile WHERE id = %s", document.file_id)


def test_an_entry_is_voided_once_and_for_ever() -> None:
    document = enter(scenarios.proposed())
    Document.objects.filter(pk=document.pk).update(voided_at=the_clock.now())
    for sql in ("voided_at = NULL", "voided_at = voided_at + interval '1 day'"):
        assert_refused(f"UPDATE conventions_document SET {sql} WHERE id = %s", document.pk)


def test_only_the_retention_rules_may_delete_and_only_inside_their_block() -> None:
    scene = scenarios.proposed()
    document = enter(scene)
    with retention.disposing():
        Document.objects.filter(pk=document.pk).delete()
        StoredFile.objects.filter(pk=document.file_id).delete()
    assert not Document.objects.filter(pk=document.pk).exists()
    second = enter(scene, PDF + b"2")
    assert_refused("DELETE FROM conventions_document WHERE id = %s", second.pk)
    with pytest.raises(ValueError, match="stop"), retention.disposing():
        raise ValueError("stop")
    assert_refused("DELETE FROM conventions_document WHERE id = %s", second.pk)
    with retention.disposing(), pytest.raises(DATABASE_ERRORS), transaction.atomic():
        Document.objects.filter(pk=second.pk).update(label="Autre")


def test_nothing_else_in_the_code_disposes_of_what_is_kept() -> None:
    users = {
        str(path.relative_to(ROOT))
        for app in ("cpo", "arml", "actions", "conventions", "reporting")
        for path in (ROOT / app).rglob("*.py")
        if "migrations" not in path.parts and re.search(r"disposing|cpo\.retention", path.read_text())
    }
    assert users == {"cpo/lib/retention.py"}


def test_the_page_lists_every_document_with_its_whole_hash_its_size_and_its_state(client: Any) -> None:
    scene = scenarios.in_signature()
    production.produce(scene.version.pk, "projet")
    scene.do("reopen", scene.manager, "Une erreur.")
    enter(scene)
    client.force_login(scene.director)
    page = client.get(reverse("convention-documents", kwargs={"number": scene.number})).content.decode()
    for document in Document.objects.select_related("file"):
        assert document.file.sha256 in page
        assert document.name in page
    assert Document.objects.count() == 3
    assert page.count("Annulé") == 1
    assert page.count("Conservé") == 2


def test_a_long_register_is_read_by_pages(client: Any) -> None:
    scene = scenarios.proposed()
    for number in range(31):
        enter(scene, PDF + str(number).encode(), label=f"Journal {number}")
    client.force_login(scene.director)
    page = client.get(reverse("convention-documents", kwargs={"number": scene.number}), {"page": 2}).content.decode()
    assert "Journal 0<" in page
    assert "Journal 30<" not in page


def test_the_journal_that_was_printed_is_entered_for_those_who_read_its_lines(client: Any) -> None:
    scene = scenarios.proposed()
    audiences = ["both", "national", "state"]
    dossier = scene.act.dossier
    lines = journal.entries(dossier, capacities(scene.officer, dossier))
    key, arguments = pdf_job(lines, dossier, audiences, {})
    jobs.run(jobs.enqueue("print_journal", key, **arguments).pk)
    document = Document.objects.get(purpose=DocumentPurpose.JOURNAL)
    assert Job.objects.get(kind="print_journal").result == {"file": document.file_id}
    assert document.audience == "state"
    assert document.label.startswith("Journal, ")
    address = reverse("document-file", kwargs={"number": scene.number, "pk": document.pk})
    for person, status in ((scene.officer, 200), (scene.director, 404)):
        client.force_login(person)
        assert client.get(address).status_code == status
    page = client.get(reverse("convention-documents", kwargs={"number": scene.number})).content.decode()
    assert document.file.sha256 not in page


def test_a_file_bears_the_reference_of_its_own_act_whichever_act_it_is_read_from(client: Any) -> None:
    first = scenarios.active_convention()
    act = scenarios.later(first).act
    document = enter(first, PDF, label="Relevé")
    client.force_login(first.officer)
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(reverse("document-file", kwargs={"number": act.reference, "pk": document.pk}))
    assert f"{first.number}-releve.pdf" in answer["Content-Disposition"]
    assert len(queries) <= 5, "the five queries read session, person, roles, act, entry"


@pytest.mark.parametrize(
    ("audiences", "audience"),
    [(["both"], "both"), (["both", "national"], "national"), (["beneficiary", "both"], "beneficiary")],
)
def test_a_print_is_read_by_those_who_read_each_of_its_lines(audiences: list[str], audience: str) -> None:
    assert register.audience_of(audiences) == audience


def test_an_observer_does_not_reach_the_document_of_an_unsigned_act_through_the_signed_one(client: Any) -> None:
    """The register is that of the whole convention: the address of act 0 served the avenant, sixty pages of it."""
    scene = scenarios.active_convention()
    signed = scene.act.documents.get(purpose=DocumentPurpose.TO_SIGN)
    avenant = scenarios.later(scene).act
    document = enter(scenarios.Scene(scene.convention, avenant.number), purpose=DocumentPurpose.TO_SIGN, label="")
    client.force_login(make_user("reader", OrganisationFactory(national_scope=True)))
    for one, status in ((signed, 200), (document, 404)):
        address = reverse("document-file", kwargs={"number": scene.number, "pk": one.pk})
        assert client.get(address).status_code == status


def test_a_journal_that_the_lead_service_printed_is_not_that_of_the_other_services() -> None:
    scene = scenarios.proposed(cosigners=1)
    document = enter(scene, audience="state")
    cosigner = make_user("officer", scene.act.dossier.services.get())
    readers = {
        user: register.entry(scene.act, capacities(user, scene.act.dossier), document.pk) is not None
        for user in (scene.officer, cosigner, scene.director)
    }
    assert readers == {scene.officer: True, cosigner: False, scene.director: False}
