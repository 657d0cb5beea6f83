"""The whole text is read, printed and annotated from the draft on, by who reads what is written, and by nobody else."""

import io
import subprocess
from pathlib import Path
from typing import Any

import docx
import pytest
from django.test import Client
from django.urls import reverse

from conventions.content.retained import changes
from conventions.documents import drafts
from conventions.enums import DocumentPurpose
from conventions.models import Act, Document, Version
from conventions.services.retained import take_values
from cpo.lib.models import Job
from cpo.lib.work import jobs
from tests.factories import scenarios
from tests.factories.conventions import make_act

pytestmark = pytest.mark.django_db
PAPER = {"origin": "paper"}


def address(act: Act, purpose: str = "") -> str:
    return reverse("draft-file", args=[act.reference]) + (f"?usage={purpose}" if purpose else "")


def as_(client: Client, user: Any) -> Client:
    client.force_login(user)
    return client


def produced(client: Client, act: Act, purpose: str = "") -> Any:
    """Ask for the file as the person does, let a worker make it, and return what the address then serves."""
    assert client.post(address(act, purpose)).status_code == 302
    jobs.take_up()
    return client.get(address(act, purpose))


@pytest.mark.pdf
def test_the_draft_is_read_as_a_pdf_that_says_it_is_one(client: Client, tmp_path: Path) -> None:
    scene = scenarios.complete_draft()
    answer = produced(as_(client, scene.officer), scene.act)
    path = tmp_path / "projet.pdf"
    path.write_bytes(b"".join(answer))
    text = subprocess.run(["pdftotext", "-layout", path, "-"], check=True, capture_output=True, text=True).stdout
    assert answer["Content-Type"] == "application/pdf"
    assert "PROJET, ne pas signer" in text
    assert f"projet, révision {scene.act.programme.revision} · empreinte du contenu" in text
    assert "Vérifier ce document" not in text, "no register knows it"
    assert "Article 1" in text and "Action 1-A" in text


@pytest.mark.pdf
def test_the_draft_is_annotated_as_a_docx(client: Client) -> None:
    scene = scenarios.complete_draft()
    answer = produced(as_(client, scene.officer), scene.act, "travail")
    document = docx.Document(io.BytesIO(b"".join(answer)))
    assert any(paragraph.text.replace("\u00a0", " ").startswith("Article 1") for paragraph in document.paragraphs)
    assert "copie-de-travail.docx" in answer["Content-Disposition"]
    assert f"projet, révision {scene.act.programme.revision}" in document.sections[0].footer._element.xpath("string()")


def test_a_worker_makes_it_and_the_page_says_how_far_it_is(client: Client) -> None:
    scene = scenarios.complete_draft()
    as_(client, scene.officer)
    assert "Produire le document" in client.get(address(scene.act)).content.decode()
    assert not Job.objects.filter(kind=drafts.KIND).exists(), "nothing is made when a page is read"
    client.post(address(scene.act))
    assert "Le document attend d’être produit" in client.get(address(scene.act)).content.decode()
    waiting = client.get(address(scene.act), headers={"accept": "application/json"}).json()
    jobs.take_up()
    done = client.get(address(scene.act), headers={"accept": "application/json"}).json()
    assert (waiting["done"], done["done"], done["url"]) == (False, True, address(scene.act))


def test_it_is_no_version_and_no_document_of_the_register(client: Client) -> None:
    scene = scenarios.complete_draft()
    produced(as_(client, scene.officer), scene.act)
    assert (Version.objects.count(), Document.objects.count()) == (0, 0)


def test_each_revision_has_its_own_file(client: Client) -> None:
    scene = scenarios.complete_draft()
    first = produced(as_(client, scene.officer), scene.act)
    scene.edit()
    assert "Produire le document" in client.get(address(scene.act)).content.decode(), "the former file is out of date"
    second = produced(client, scene.act)
    assert first["Content-Disposition"] != second["Content-Disposition"]


def test_a_value_of_the_reference_data_that_is_taken_into_account_asks_for_a_new_file(client: Client) -> None:
    scene = scenarios.complete_draft()
    produced(as_(client, scene.officer), scene.act)
    type(scene.act.dossier.lead).objects.filter(pk=scene.act.dossier.lead_id).update(address="au 9, rue Neuve")
    (change,) = changes(scene.act)
    take_values(act=scene.act, keys=[change.key], by=scene.officer, expected_revision=None)
    assert "Produire le document" in client.get(address(scene.act)).content.decode()


def test_a_text_written_again_before_the_worker_came_is_not_printed() -> None:
    scene = scenarios.complete_draft()
    job = drafts.ask(scene.act, DocumentPurpose.DRAFT)
    scene.edit()
    assert jobs.run(job.pk)
    job.refresh_from_db()
    assert job.result == {"file": None}


def test_what_the_other_side_writes_is_not_printed_for_who_asked_before_it_had_the_turn() -> None:
    scene = scenarios.complete_draft()
    job = drafts.ask(scene.act, DocumentPurpose.DRAFT)
    scene.do("share", scene.officer)
    scene.edit(scene.director)
    assert jobs.run(job.pk)
    job.refresh_from_db()
    assert job.result == {"file": None}


def test_who_has_not_the_turn_gets_the_text_handed_over(client: Client) -> None:
    scene = scenarios.in_negotiation()  # the association writes
    answer = as_(client, scene.officer).get(address(scene.act))
    assert answer["Location"] == reverse("render-progress", args=[scene.number, 0]) + "?usage=projet"
    assert as_(client, scene.director).get(address(scene.act)).status_code == 200


def test_a_file_made_for_one_side_is_not_served_to_the_other(client: Client) -> None:
    scene = scenarios.in_negotiation()
    produced(as_(client, scene.director), scene.act)
    assert as_(client, scene.officer).get(address(scene.act)).status_code == 302
    assert as_(client, scene.manager).get(address(scene.act, "travail")).status_code == 302


def test_the_association_does_not_read_a_draft_that_was_not_shared(client: Client) -> None:
    scene = scenarios.complete_draft()
    assert as_(client, scene.director).get(address(scene.act)).status_code == 404
    assert client.post(address(scene.act)).status_code == 404


def test_a_signed_text_has_no_draft(client: Client) -> None:
    scene = scenarios.active_convention()
    assert as_(client, scene.officer).get(address(scene.act)).status_code == 302, "its version is read"


def test_a_later_act_is_printed_with_its_differences(client: Client) -> None:
    scene = scenarios.with_later_act()
    assert scene.act.number == 1
    answer = produced(as_(client, scene.officer), scene.act)
    assert (answer["Content-Type"], answer.status_code) == ("application/pdf", 200)


def test_what_was_signed_on_paper_has_no_text_of_ours(client: Client) -> None:
    act = make_act(**PAPER)
    officer = act.dossier.officer
    assert as_(client, officer).get(address(act)).status_code == 404
    assert "Texte entier" not in client.get(reverse("convention-documents", args=[act.reference])).content.decode()


@pytest.mark.parametrize("page", ["convention-documents", "convention-articles", "convention-document"])
def test_the_pages_of_a_draft_lead_to_the_whole_text(client: Client, page: str) -> None:
    scene = scenarios.complete_draft()
    html = as_(client, scene.officer).get(reverse(page, args=[scene.number])).content.decode()
    assert "texte entier" in html.lower()


def test_an_unknown_kind_of_file_is_not_found(client: Client) -> None:
    scene = scenarios.complete_draft()
    assert as_(client, scene.officer).get(address(scene.act, "a_signer")).status_code == 404


@pytest.mark.parametrize("role", ["officer", "director"])
def test_the_first_round_is_compared_with_the_text_handed_over(client: Client, role: str) -> None:
    scene = scenarios.in_negotiation()
    scene.edit(scene.director)
    scene.do("propose", scene.director)
    as_(client, getattr(scene, role))
    versions = client.get(reverse("convention-versions", args=[scene.number])).content.decode()
    address = reverse("convention-compare", args=[scene.number, "0", "1"])
    assert address in versions
    page = client.get(address)
    assert page.context["comparison"].count == 1
    assert "la version 0" in page.content.decode().lower()
    sheet = scene.act.programme.sheets.get()
    assert sheet.description.split(maxsplit=1)[0] in page.content.decode()


def test_who_writes_compares_the_first_round_before_it_is_proposed(client: Client) -> None:
    scene = scenarios.in_negotiation()
    scene.edit(scene.director)
    address = reverse("convention-compare", args=[scene.number, "0", "actuel"])
    assert as_(client, scene.director).get(address).context["comparison"].count == 1
    assert as_(client, scene.officer).get(address).status_code == 404, "what is not proposed is not read"
