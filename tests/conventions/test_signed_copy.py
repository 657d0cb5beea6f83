"""The signed copy: one PDF that tells who signed, when and how, and embeds what was signed and what is joined."""

import hashlib
import io
from pathlib import Path

import outloud
import pdfua
import pikepdf
import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from conventions.documents import recognition, register, signed_copy
from conventions.enums import DocumentPurpose
from conventions.models import Document
from conventions.services.signing import copy
from cpo.lib.files import stored
from cpo.lib.files.fingerprints import fingerprint
from cpo.lib.models import Job
from tests.factories import scenarios
from tests.factories.scenarios import Scene, in_signature
from tests.lib.test_pdf import assert_conformant, read
from tests.reporting.test_documents_spoken import EXPLAINED

pytestmark = pytest.mark.django_db


def signed() -> Scene:
    scene = in_signature()
    scene.sign(scene.president)
    scene.sign(scene.signatory)
    return scene


def produced(scene: Scene) -> tuple[Document, bytes]:
    document = copy.produce(scene.act.documents.to_sign().get().pk)
    return document, stored.read(document.file)


def test_it_is_asked_for_once_by_the_last_signature_and_by_no_other() -> None:
    scene = in_signature()
    scene.sign(scene.president)
    assert not Job.objects.filter(kind=signed_copy.KIND).exists()
    scene.sign(scene.signatory)
    assert Job.objects.filter(kind=signed_copy.KIND).count() == 1
    first, _ = produced(scene)
    assert copy.produce(scene.act.documents.to_sign().get().pk) == first
    assert scene.act.documents.filter(purpose=DocumentPurpose.SIGNED_COPY).count() == 1


@pytest.mark.pdf
def test_it_says_who_signed_when_and_how_and_embeds_the_signed_file_and_the_pieces(tmp_path: Path) -> None:
    scene = signed()
    _, data = produced(scene)
    assert_conformant(data, tmp_path)
    # What two checkers that the application does not use say of it (docs/signature.md explains).
    assert [finding.rule_id for finding in pdfua.validate(tmp_path / "checked.pdf").findings] == []
    assert {finding.rule for finding in outloud.check(tmp_path / "checked.pdf").sorted_findings()} <= EXPLAINED
    original = scene.act.documents.to_sign().get()
    text = " ".join(read(data, tmp_path).replace("\u00a0", " ").split())
    for words in (
        "EXEMPLAIRE SIGNÉ", "Page de signature",
        str(scene.president), str(scene.signatory), "(heure de Paris), soit le",
        "Signature simple dans l’application", "L’identité de la personne au-delà de son compte",
        "Aucun jeton d’une autorité d’horodatage. L’application a enregistré la signature le 15/10/2026 à",
        original.file.sha256, original.content_sha256, "voir la page de signature", "Délibération du",
    ):  # fmt: skip
        assert words in text, words
    with pikepdf.open(io.BytesIO(data)) as pdf:
        files = {name: pdf.attachments[name].get_file().read_bytes() for name in pdf.attachments}
        assert "/AcroForm" not in pdf.Root, "nobody signs a copy"
    assert files[f"{scene.number}-signe.pdf"] == stored.read(original.file)
    joined = {hashlib.sha256(file).hexdigest() for name, file in files.items() if "-piece-" in name}
    announced = {row["sha256"] for row in scene.version.content["attachments"]}
    assert announced and joined == announced


def test_verification_tells_the_copy_from_the_signed_file_and_says_how_each_party_signed(client: Client) -> None:
    scene = signed()
    _, data = produced(scene)
    finding = recognition.identify_file(fingerprint(io.BytesIO(data)))
    assert finding.verdict == recognition.Verdict.SIGNED_COPY
    original = stored.read(scene.act.documents.to_sign().get().file)
    assert recognition.identify_file(fingerprint(io.BytesIO(original))).verdict == recognition.Verdict.SIGNED
    assert [mode for _, mode in finding.signatures] == ["signature simple dans le navigateur"] * 2
    page = client.post(reverse("verify"), {"file": io.BytesIO(data)}).content.decode()
    assert "C’est l’exemplaire signé" in page
    assert "le fichier que les parties ont signé y est joint" in page
    assert page.count("signature simple dans le navigateur") == 2


def test_who_reads_the_pieces_reads_the_copy_and_an_observer_does_not(client: Client) -> None:
    scene = signed()
    document, _ = produced(scene)
    client.force_login(scene.director)
    address = reverse("document-file", args=[scene.number, document.pk])
    assert client.get(address).status_code == 200
    assert (
        "Exemplaire signé, avec sa page de signature"
        in client.get(reverse("convention-documents", args=[scene.number])).content.decode()
    )
    scene.do("notify", scene.officer)
    assert document not in register.readable(scene.act, [])


def test_a_later_act_is_told_of_the_copy_too() -> None:
    avenant = scenarios.with_later_act()
    first = Scene(avenant.convention)
    _, data = produced(first)
    assert recognition.identify_file(fingerprint(io.BytesIO(data))).changes == ()
    avenant.edit()
    scenarios.in_force(avenant)
    finding = recognition.identify_file(fingerprint(io.BytesIO(data)))
    assert [name for name, _ in finding.changes] == [avenant.act.name_in_sentence]


def test_the_command_makes_the_copies_that_are_missing_once_and_one_that_fails_fails_alone(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, waiting, unsigned = signed(), signed(), in_signature()
    produce = copy.produce

    def fails(pk: int) -> Document:
        if pk == broken.act.documents.to_sign().get().pk:
            raise OSError("fichier absent")
        return produce(pk)

    monkeypatch.setattr(copy, "produce", fails)
    with pytest.raises(CommandError, match="fichier absent"):
        call_command("make_signed_copies")
    assert capsys.readouterr().out == f"{waiting.number} : exemplaire signé produit\n"
    monkeypatch.setattr(copy, "produce", produce)
    for _ in range(2):
        call_command("make_signed_copies")
    assert capsys.readouterr().out == f"{broken.number} : exemplaire signé produit\n"
    made = Document.objects.filter(purpose=DocumentPurpose.SIGNED_COPY)
    assert {document.act_id for document in made} == {broken.act.pk, waiting.act.pk}
    assert not unsigned.act.documents.filter(purpose=DocumentPurpose.SIGNED_COPY).exists()
