"""A job seals the notified document with a key of the server; a failure of the seal stops nothing else."""

import datetime as dt
import io
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from conventions import evidence
from conventions.documents import recognition
from conventions.evidence import seal
from conventions.evidence.seal import SealError
from conventions.models import Document
from cpo.lib.files import stored
from cpo.lib.models import Job
from cpo.lib.work import jobs
from tests import pki
from tests.conventions.test_evidence import document
from tests.factories.scenarios import Scene
from tests.factories.signed_files import AUTHORITY, plain_document, to_sign_with_certificates
from tests.lib.test_pdf import assert_conformant


@pytest.fixture
def key(settings: Any, tmp_path: Path) -> pki.Identity:
    """Configure a seal with a key in a PKCS#12 file."""
    identity = AUTHORITY.person("Cachet d’exemple", "DREETS d’exemple")
    path = tmp_path / "cachet.p12"
    path.write_bytes(identity.pkcs12("une phrase", authority=AUTHORITY))
    settings.SIGNATURE_SEAL = settings.SIGNATURE_SEAL | {"pkcs12": str(path), "passphrase": "une phrase"}
    return identity


def signed_by_all() -> Scene:
    scene = to_sign_with_certificates()
    scene.sign(scene.president)
    scene.sign(scene.signatory)
    return scene


@pytest.mark.pdf
def test_a_sealed_document_keeps_both_profiles_and_its_seal_is_verified(key: pki.Identity, tmp_path: Path) -> None:
    sealed = seal.seal(document())
    assert_conformant(sealed, tmp_path)
    root = AUTHORITY.identity.asn1
    at = dt.datetime(2026, 10, 15, 8, tzinfo=dt.UTC)
    trust = evidence.Trust(roots=(root,), timestamp_roots=(root,))
    report = evidence.verify(sealed, document(), trust=trust, at=at)
    assert report.valid, report.message
    assert (report.signatures[0].name, report.signatures[0].organisation) == ("Cachet d’exemple", "DREETS d’exemple")
    with pikepdf.open(io.BytesIO(sealed)) as pdf, pikepdf.open(io.BytesIO(document())) as before:
        assert len(pdf.pages) == len(before.pages)


@pytest.mark.django_db
def test_the_document_is_sealed_once_as_it_is_notified(
    key: pki.Identity, django_capture_on_commit_callbacks: Any, client: Client
) -> None:
    scene = signed_by_all()
    with django_capture_on_commit_callbacks(execute=True):
        scene.do("notify", scene.officer)
    sealed = Document.objects.get(act=scene.act, purpose="cachet")
    original = scene.act.documents.get(purpose="a_signer")
    assert stored.read(sealed.file).startswith(stored.read(original.file))
    job = Job.objects.get(kind=seal.KIND)
    assert job.state == "done"
    jobs.HANDLERS[seal.KIND](jobs.Progress(job))
    assert Document.objects.filter(purpose="cachet").count() == 1

    finding = recognition.identify(sealed.file.sha256)
    assert finding is not None
    assert finding.verdict == "signed"

    client.force_login(scene.director)
    page = client.get(reverse("convention-documents", kwargs={"number": scene.number})).content.decode()
    assert "Exemplaire revêtu du cachet électronique" in page
    served = client.get(reverse("document-file", kwargs={"number": scene.number, "pk": sealed.pk}))
    assert b"".join(served.streaming_content) == stored.read(sealed.file)


@pytest.mark.django_db
def test_a_seal_that_fails_does_not_hold_up_the_notification_and_is_tried_again(
    key: pki.Identity, settings: Any, django_capture_on_commit_callbacks: Any, clock: Any
) -> None:
    seal_settings = settings.SIGNATURE_SEAL
    settings.SIGNATURE_SEAL = seal_settings | {"passphrase": "fausse"}
    scene = signed_by_all()
    with django_capture_on_commit_callbacks(execute=True):
        scene.do("notify", scene.officer)
    assert scene.act.state == "active"
    job = Job.objects.get(kind=seal.KIND)
    assert job.state == "waiting"
    assert "sa phrase est fausse" in job.error
    assert not Document.objects.filter(purpose="cachet").exists()
    settings.SIGNATURE_SEAL = seal_settings
    assert not jobs.run(job.pk), "it waits a little before the next try"
    clock.move_to(job.retry_at + dt.timedelta(seconds=1))
    assert jobs.run(job.pk), "beat runs the waiting jobs in the same way"
    assert Document.objects.filter(purpose="cachet").count() == 1


@pytest.mark.django_db
def test_the_command_seals_what_was_notified_without_a_seal_and_nothing_else(
    key: pki.Identity, settings: Any, capsys: Any
) -> None:
    seal_settings = settings.SIGNATURE_SEAL
    settings.SIGNATURE_SEAL = seal_settings | {"pkcs12": ""}
    scene, other = signed_by_all(), to_sign_with_certificates()
    scene.do("notify", scene.officer)
    with pytest.raises(CommandError, match="Aucune clé"):
        call_command("seal_documents")
    settings.SIGNATURE_SEAL = seal_settings | {"passphrase": "fausse"}
    with pytest.raises(CommandError, match="sa phrase est fausse"):
        call_command("seal_documents")
    settings.SIGNATURE_SEAL = seal_settings
    for _ in range(2):
        call_command("seal_documents")
    assert capsys.readouterr().out == f"{scene.number} : cachet posé\n"
    assert not other.act.documents.filter(purpose="cachet").exists()


@pytest.mark.django_db
def test_without_a_key_nothing_is_sealed() -> None:
    scene = signed_by_all()
    scene.do("notify", scene.officer)
    assert not Job.objects.filter(kind=seal.KIND).exists()


def test_a_device_whose_library_is_missing_says_so(settings: Any) -> None:
    settings.SIGNATURE_SEAL = settings.SIGNATURE_SEAL | {"library": "absente.so", "token": "t", "key": "k", "pin": "0"}
    with pytest.raises(SealError, match="SIGNATURE_SEAL_PKCS11_LIBRARY"):
        seal.seal(plain_document("essai"))
