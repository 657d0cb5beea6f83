"""Scans deposited in disorder are read by a worker, completed by hand, and recorded without typing anything."""

import io
from typing import Any

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from conventions.enums import DocumentPurpose
from conventions.models import Document, ReceivedScan, Signature
from conventions.services.signing import reading
from cpo.lib import clock
from cpo.lib.files import stored
from cpo.lib.models import Job
from cpo.lib.work import jobs
from tests.conventions.test_scans import original
from tests.factories.scenarios import Scene, in_signature

pytestmark = pytest.mark.django_db
PAGES = 3


def to_sign() -> tuple[Scene, bytes]:
    """A scene whose document to sign has three pages with their codes, and that document."""
    scene = in_signature(document=False)
    version = scene.version
    data = original(PAGES, reference=scene.act.reference, sha256=version.content_sha256)
    Document.objects.create(
        act=scene.act, version=version, purpose=DocumentPurpose.TO_SIGN, content_sha256=version.content_sha256,
        file=stored.store(data, "application/pdf"), renderer="stand-in", pages=PAGES, created_at=clock.now(),
    )  # fmt: skip
    return scene, data


def pages_of(data: bytes, *numbers: int | None) -> bytes:
    """A PDF of these pages; a blank one for None."""
    with pikepdf.open(io.BytesIO(data)) as source, pikepdf.new() as pdf:
        for number in numbers:
            if number is None:
                pdf.add_blank_page()
            else:
                pdf.pages.append(source.pages[number - 1])
        out = io.BytesIO()
        pdf.save(out)
    return out.getvalue()


def deposit(client: Client, scene: Scene, *files: bytes) -> str:
    """Send the files as the lead's manager; return the address of the reading, done."""
    client.force_login(scene.manager)
    uploads = [SimpleUploadedFile(f"scan-{rank}.pdf", data, "application/pdf") for rank, data in enumerate(files)]
    answer = client.post(reverse("convention-scans", args=[scene.number]), {"files": uploads})
    assert answer.status_code == 302, answer.content.decode()
    assert jobs.run(Job.objects.filter(kind=reading.KIND).latest("pk").pk)
    return answer["Location"]


def text(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().replace("\u00a0", " ").replace("&nbsp;", " ").split())


def record(client: Client, scene: Scene, address: str) -> Any:
    party = scene.party("beneficiary")
    return client.post(
        f"{reverse('convention-record-signature', args=[scene.number])}?{address.partition('?')[2]}",
        {"party": party.pk, "signatory_name": party.signatory_name, "capacity": party.capacity,
         "signed_on": "15/10/2026"},
    )  # fmt: skip


def test_two_files_in_disorder_become_one_original_and_what_was_received_is_kept(client: Client) -> None:
    scene, data = to_sign()
    files = [pages_of(data, 3, 1), pages_of(data, 2)]
    address = deposit(client, scene, *files)
    page = text(client, address)
    assert "L’original est complet" in page and "Dire qui a signé cet original" in page
    assert record(client, scene, address).status_code == 302
    signature = Signature.objects.get()
    assert signature.proof["read_on_each_page"] and signature.proof["differences"] == []
    assert [stored.read(row.file) for row in ReceivedScan.objects.filter(signature=signature)] == files
    assert stored.pdf_pages(stored.read(signature.scan)) == PAGES


def test_one_file_in_order_is_the_scan_itself(client: Client) -> None:
    scene, data = to_sign()
    file = pages_of(data, 1, 2, 3)
    assert record(client, scene, deposit(client, scene, file)).status_code == 302
    assert stored.read(Signature.objects.get().scan) == file
    assert not ReceivedScan.objects.exists()


def test_an_unreadable_page_is_placed_by_hand_or_put_aside(client: Client) -> None:
    scene, data = to_sign()
    address = deposit(client, scene, pages_of(data, 1, None, 3, None, 1))
    page = text(client, address)
    assert "2 pages sur 3" in page and "Il manque : 2" in page
    assert "Numérisées deux fois, la première est gardée : page 5" in page
    assert page.count("data:image/png;base64,") == 2
    assert "Dire qui a signé" not in page
    for places, words in (({"place-1": "2"}, "Dites où va"), ({"place-1": "2", "place-3": "2"}, "la même place")):
        assert words in client.post(address, places).content.decode()
    answer = client.post(address, {"place-1": "2", "place-3": "0"})
    assert jobs.run(Job.objects.filter(kind=reading.KIND).latest("pk").pk)
    assert "L’original est complet" in text(client, answer["Location"])
    assert record(client, scene, answer["Location"]).status_code == 302


def test_pages_of_an_annulled_document_are_refused_with_the_reason(client: Client) -> None:
    scene, old = to_sign()
    scene.do("reopen", scene.manager, "Une erreur.")
    assert scene.act.documents.get().voided_at
    other, data = to_sign()
    page = text(client, deposit(client, other, pages_of(data, 1, 3), pages_of(old, 2)))
    assert f"La page 3 : référence {scene.number}" in page
    assert "Refusé : ce document a été annulé, il ne se signe plus." in page


def test_pages_of_a_document_that_is_not_known_are_refused(client: Client) -> None:
    scene, data = to_sign()
    stranger = original(PAGES, reference=scene.act.reference, sha256="f" * 64)
    address = deposit(client, scene, pages_of(data, 1, 2, 3), pages_of(stranger, 2))
    page = text(client, address)
    assert "La page 4 : référence" in page and "ce document n’est pas connu ici" in page
    assert "Dire qui a signé" not in page
    form = client.get(f"{reverse('convention-record-signature', args=[scene.number])}?{address.partition('?')[2]}")
    assert b"id_short_hash" in form.content, "an incomplete reading dispenses from nothing"


def test_the_page_shows_how_many_pages_are_read(client: Client) -> None:
    scene, data = to_sign()
    client.force_login(scene.manager)
    upload = SimpleUploadedFile("scan.pdf", pages_of(data, 1), "application/pdf")
    address = client.post(reverse("convention-scans", args=[scene.number]), {"files": [upload]})["Location"]
    assert "Les pages sont en cours de lecture" in text(client, address)
    Job.objects.filter(kind=reading.KIND).update(done_steps=1, total_steps=4)
    answer = client.get(address, headers={"accept": "application/json"}).json()
    assert (answer["title"], answer["percent"], answer["done"]) == ("Pages lues : 1 sur 4", 25, False)


def test_a_reading_of_another_act_is_not_shown_and_a_file_that_is_no_pdf_is_refused(client: Client) -> None:
    scene, data = to_sign()
    other, _ = to_sign()
    address = deposit(client, scene, pages_of(data, 1))
    client.force_login(other.manager)
    assert client.get(address.replace(scene.number, other.number)).status_code == 404
    upload = SimpleUploadedFile("scan.pdf", b"rien", "application/pdf")
    answer = client.post(reverse("convention-scans", args=[other.number]), {"files": [upload]})
    assert "n’est pas un PDF" in answer.content.decode()
