"""The evidence file: its content, how standard tools verify it, who may download it."""

import hashlib
import io
import json
import re
import subprocess
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse

from arml.models import Delegation
from conventions.documents import recognition, register
from conventions.documents.ending import KIND
from conventions.evidence import archive
from conventions.guards.signing import signing_document
from conventions.models import Document
from conventions.services import evidence_file
from conventions.services.deliveries import record_delivery
from cpo.lib.files import stored
from cpo.lib.files.fingerprints import fingerprint
from cpo.lib.files.hashing import canonical
from cpo.lib.models import Job
from cpo.lib.wording import french
from cpo.lib.work import jobs
from tests.factories import endings, scenarios
from tests.factories.conventions import PDF
from tests.factories.scenarios import Scene, active_convention, in_force, later, with_later_act
from tests.factories.signed_files import (
    AUTHORITY,
    deposit_signed,
    plain_document,
    signed_by,
    to_sign_with_certificates,
    trusted,
)

DATED = datetime(2026, 10, 15, 12, 0, tzinfo=UTC)


def produce(scene: Scene) -> tuple[Document, bytes]:
    job = evidence_file.ask(scene.convention)
    assert jobs.run(job.pk), Job.objects.get(pk=job.pk).error
    document = Document.objects.get(pk=Job.objects.get(pk=job.pk).result["document"])
    return document, stored.read(document.file)


def extract(data: bytes, folder: Path) -> set[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as zip_file:
        assert zip_file.testzip() is None
        zip_file.extractall(folder)
        return set(zip_file.namelist())


def sha256sum(folder: Path) -> subprocess.CompletedProcess[str]:
    command = ["sha256sum", "-c", "empreintes.sha256"]
    return subprocess.run(command, check=False, cwd=folder, capture_output=True, text=True)


@pytest.mark.django_db
def test_it_holds_every_signed_act_and_is_verified_with_sha256sum(tmp_path: Path) -> None:
    avenant = with_later_act()
    first = Scene(avenant.convention)
    avenant.edit()
    in_force(avenant)
    document, data = produce(first)
    names = extract(data, tmp_path)
    for number in (first.number, avenant.number):
        assert {f"{number}/{number}.pdf", f"{number}/signatures/verifications.txt"} <= names
    assert {"LISEZMOI.txt", "empreintes.sha256", "journal/journal.pdf", "journal/journal.csv"} <= names
    check = sha256sum(tmp_path)
    assert check.returncode == 0, check.stdout
    assert check.stdout.count("OK") == len(names) - 1
    (tmp_path / "journal/journal.csv").write_bytes(b"autre chose")
    assert sha256sum(tmp_path).returncode
    version_json = (tmp_path / first.number / "versions" / "version-1.json").read_bytes()
    assert hashlib.sha256(version_json).hexdigest() == first.version.content_sha256 and version_json == canonical(
        first.version.content
    )
    records = json.loads((tmp_path / first.number / "signatures" / "verifications.json").read_text())
    assert {record["mode"] for record in records} == {"browser"}
    assert (
        records[0]["document_sha256"]
        == hashlib.sha256((tmp_path / first.number / f"{first.number}.pdf").read_bytes()).hexdigest()
    )
    assert "Avenant n°\u00a01" in (tmp_path / "LISEZMOI.txt").read_text()
    assert document.purpose == "preuve" and document.audience == "both"


@pytest.mark.django_db
def test_it_holds_the_letters_of_a_termination_and_its_decision(at: Callable[[str], None], tmp_path: Path) -> None:
    scene = active_convention()
    endings.terminated(scene, at)
    for job in Job.objects.filter(kind=KIND).order_by("pk"):
        assert jobs.run(job.pk)
    names = extract(produce(scene)[1], tmp_path)
    letters = {f"mises-en-demeure/1-{name}.pdf" for name in ("lettre", "observations-1", "decision")}
    assert letters | {f"{scene.number}/{scene.number}-resiliation.pdf"} <= names
    assert not any("projet" in name for name in names)
    assert sha256sum(tmp_path).returncode == 0


@pytest.mark.django_db
def test_what_stays_on_one_side_is_not_in_it(tmp_path: Path) -> None:
    from conventions.services import threads

    scene = scenarios.in_negotiation()
    threads.start(scene.act, by=scene.officer, path="general", text="Entre nous, service.", internal=True)
    scene.do("propose", scene.director)
    scene.do("accept", scene.officer)
    scene.do("give_visa", scene.manager)
    scene.do("open_signature", scene.manager)
    scene.store_document()
    scene.sign(scene.president)
    scene.sign(scene.signatory)
    scene.do("notify", scene.officer)
    extract(produce(scene)[1], tmp_path)
    whole = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"Entre nous, service." not in whole
    assert b"visa" not in (tmp_path / "journal/journal.csv").read_bytes().lower()


@pytest.mark.django_db
def test_the_same_events_give_the_same_file_and_a_new_one_another() -> None:
    scene = active_convention()
    first, data = produce(scene)
    Job.objects.filter(kind=evidence_file.KIND).delete()
    again, same = produce(scene)
    assert (again.pk, same) == (first.pk, data)
    later(scene)
    newer, other = produce(scene)
    assert other != data
    first.refresh_from_db()
    assert first.voided_at is not None and newer.voided_at is None


@pytest.mark.django_db
def test_a_document_that_came_after_the_last_event_makes_another_file() -> None:
    """A job adds the seal after the last event of the journal, the notification."""
    scene = active_convention()
    produce(scene)
    register.enter(plain_document("cachet"), act=scene.act, purpose="cachet", label="Cachet", content_sha256="")
    assert evidence_file.last_job(scene.convention) is None, "the page offers to prepare it again"


@pytest.mark.django_db
def test_the_commands_that_it_explains_name_files_that_it_holds(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "autorites").mkdir()
    trusted(settings, tmp_path / "autorites")
    scene = to_sign_with_certificates()
    scene.sign(scene.president)
    document, party = signing_document(scene.act), scene.party("lead")
    data = signed_by(scene, party.signatory_name, field="signature-2")
    deposit_signed(scene.act, party, data, by=scene.signatory, document=document, shown_sha256=document.file.sha256)
    scene.do("notify", scene.officer)
    folder = tmp_path / "preuve"
    names = extract(produce(scene)[1], folder)
    readme = (folder / "LISEZMOI.txt").read_text()
    paths = re.findall(r"^ {7}(?:pdfsig|sha256sum) (?!-)(\S+)$", readme, re.MULTILINE)
    assert len(paths) == 2 and set(paths) <= names
    assert subprocess.run(["pdfsig", folder / paths[0]], check=False, capture_output=True).returncode == 0
    assert scene.version.content_sha256 in readme
    verifications = (folder / scene.number / "signatures" / "verifications.txt").read_text()
    assert "compte qui l’a déposée\u00a0: " + scene.signatory.email in verifications
    assert "aucun tiers ne l’atteste" in verifications and hashlib.sha256(data).hexdigest() in verifications


@pytest.mark.django_db
def test_what_is_told_of_a_signature_has_its_time_its_account_and_the_delegation_with_its_ceiling(
    tmp_path: Path,
) -> None:
    scene = scenarios.in_signature()
    Delegation.objects.filter(pk=scene.party("lead").delegation_id).update(ceiling=150_000)
    scene.sign(scene.president)
    scene.sign(scene.signatory)
    scene.do("notify", scene.officer)
    extract(produce(scene)[1], tmp_path)
    path = tmp_path / scene.number / "signatures" / "verifications.txt"
    verifications = path.read_text().replace("\u00a0", " ")
    records = json.loads(path.with_suffix(".json").read_text())
    zone = scene.act.dossier.time_zone
    for record in records:
        at = datetime.fromisoformat(record["evidence"]["confirmed_at"]).astimezone(ZoneInfo(zone))
        assert f"signé le {at:%d/%m/%Y} à {at.hour} h {at:%M} (heure de Paris)" in verifications
        assert f"compte du signataire : {record['evidence']['account']}" in verifications
    facts = next(record["evidence"]["delegation"] for record in records if "delegation" in record["evidence"])
    dated = french.date(date.fromisoformat(facts["dated"])).replace("\u00a0", " ")
    assert f"par délégation : {facts['reference']} du {dated}" in verifications
    assert "plafond 150 000 €" in verifications
    assert "un engagement de l’État de 120 000 €" in verifications
    assert verifications.count("par délégation") == 1


@pytest.mark.django_db
def test_the_verification_page_knows_the_journal_the_versions_and_the_documents_taken_out_of_it(
    tmp_path: Path,
) -> None:
    scene = active_convention()
    document, data = produce(scene)
    extract(data, tmp_path)

    def verdict(path: str) -> str:
        finding = recognition.identify_file(fingerprint([(tmp_path / path).read_bytes()]))
        return f"{finding.verdict}{' content' if finding.content else ''}" if finding else ""

    assert verdict("journal/journal.pdf") == "recorded"
    assert verdict(f"{scene.number}/versions/version-1.json") == "signed content"
    assert verdict(f"{scene.number}/{scene.number}.pdf") == "signed"
    assert recognition.identify(document.file.sha256) is not None
    for path in ("journal/journal.csv", f"{scene.number}/signatures/verifications.txt"):
        assert verdict(path) == ""
    readme = (tmp_path / "LISEZMOI.txt").read_text()
    assert "reconnaît par leur fichier" in readme and "aucun autre fichier d’ici" in readme


@pytest.mark.django_db
def test_the_parties_ask_for_it_and_download_it(client: Client) -> None:
    scene = active_convention()
    page = reverse("convention-evidence", args=[scene.number])
    client.force_login(scene.director)
    assert "Préparer le dossier de preuve" in client.get(page).content.decode()
    client.post(page)
    assert "se prépare" in client.get(page).content.decode()
    assert client.get(page, headers={"accept": "application/json"}).json()["done"] is False
    jobs.take_up()
    text = client.get(page).content.decode()
    document = Document.objects.get(purpose="preuve")
    address = reverse("document-file", args=[scene.number, document.pk])
    assert address in text
    answer = client.get(address)
    assert answer["Content-Type"] == "application/zip"
    assert b"".join(answer.streaming_content)[:2] == b"PK"


def test_the_same_entries_give_the_same_bytes_in_any_order() -> None:
    entries = {"b.txt": b"2", "a/c.txt": b"1"}
    one = archive.build(entries, readme="Lisez.", dated=DATED)
    assert archive.build(dict(reversed(entries.items())), readme="Lisez.", dated=DATED) == one


@pytest.mark.parametrize("path", ["../a", "/a", "a/../../b", "LISEZMOI.txt", "empreintes.sha256", "a\\b"])
def test_a_path_that_leaves_the_folder_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="not a path"):
        archive.build({path: b""}, readme="", dated=DATED)


def test_a_date_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        archive.build({}, readme="", dated=datetime(2026, 1, 1))


@pytest.mark.django_db
def test_it_holds_the_joined_pieces_and_the_proof_of_notification(tmp_path: Path) -> None:
    scene = active_convention()
    delivery = record_delivery(
        act=scene.act, addressee=scene.act.dossier.beneficiary, means="recommande", sent_on=date(2026, 10, 15),
        received_on=date(2026, 10, 15), number="1A 234",
        proof=(io.BytesIO(PDF), "avis.pdf", len(PDF)), by=scene.officer,
    )  # fmt: skip
    names = extract(produce(scene)[1], tmp_path)
    folder = tmp_path / scene.number
    announced = {row["sha256"] for row in scene.version.content["attachments"]}
    assert announced == {hashlib.sha256(path.read_bytes()).hexdigest() for path in (folder / "pieces").iterdir()}
    assert (folder / "notification" / "2-preuve.pdf").read_bytes() == stored.read(delivery.proof)
    words = (folder / "notification" / "notification.txt").read_text().replace("\u00a0", " ")
    assert "n° 1A 234, envoyée le 15 octobre 2026, reçue le 15 octobre 2026" in words
    assert "réception non enregistrée" in words, "what the application itself sent"
    assert f"{scene.number}/signatures/refus.txt" not in names


@pytest.mark.django_db
def test_the_coverage_of_each_signature_the_authorities_and_the_signed_manifest_are_there(
    settings: Any, tmp_path: Path
) -> None:
    (tmp_path / "autorites").mkdir()
    trusted(settings, tmp_path / "autorites")
    key = tmp_path / "cachet.p12"
    key.write_bytes(AUTHORITY.person("Cachet d’exemple").pkcs12("une phrase", authority=AUTHORITY))
    settings.SIGNATURE_SEAL = settings.SIGNATURE_SEAL | {"pkcs12": str(key), "passphrase": "une phrase"}
    scene = to_sign_with_certificates()
    for role, person, field in (
        ("beneficiary", scene.president, "signature-1"),
        ("lead", scene.signatory, "signature-2"),
    ):
        signing, party = signing_document(scene.act), scene.party(role)
        file = signed_by(scene, party.signatory_name, field=field)
        deposit_signed(scene.act, party, file, by=person, document=signing, shown_sha256=signing.signed_file.sha256)
    scene.do("notify", scene.officer)
    document, data = produce(scene)
    names = extract(data, tmp_path / "zip")
    words = (tmp_path / "zip" / scene.number / "signatures" / "etendue.txt").read_text()
    assert "champ signature-1 : les octets 0 à" in words and "champ signature-2 : tout le fichier" in words
    assert "autorites/racine.pem" in names
    command = [
        *("openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "empreintes.sha256.p7s"),
        *("-content", "empreintes.sha256", "-CAfile", "autorites/racine.pem", "-purpose", "any", "-no_check_time"),
    ]
    check = subprocess.run(command, check=False, cwd=tmp_path / "zip", capture_output=True)
    assert check.returncode == 0, check.stderr
    assert check.stdout == (tmp_path / "zip" / "empreintes.sha256").read_bytes()
    assert evidence_file.produce(jobs.Progress(Job.objects.get(kind=evidence_file.KIND))) == document, "made once"


@pytest.mark.django_db
def test_it_says_who_refused_to_sign_why_and_what_followed(tmp_path: Path) -> None:
    scene = scenarios.in_signature()
    scene.do("decline_signature", scene.president, "Le montant de 2026 n’est pas celui du vote.")
    scene.sign(scene.president)
    scene.sign(scene.signatory)
    scene.do("notify", scene.officer)
    names = extract(produce(scene)[1], tmp_path)
    words = (tmp_path / scene.number / "signatures" / "refus.txt").read_text()
    assert str(scene.president) in words and "Le montant de 2026 n’est pas celui du vote." in words
    assert "levé le" in words and "non levé" not in words
    assert f"{scene.number}/signatures/refus.txt" in names and "refus" in (tmp_path / "LISEZMOI.txt").read_text()
    assert sha256sum(tmp_path).returncode == 0
