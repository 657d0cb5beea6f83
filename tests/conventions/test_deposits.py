"""A signed PDF counts for nothing until a worker accepted it, whatever happens meanwhile; an authority dates it."""

import datetime as dt
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from pyhanko.sign.fields import SigFieldSpec

from arml.models import Membership
from conventions.documents import signed_copy
from conventions.documents.journal import filtered
from conventions.enums import DepositAnswer
from conventions.evidence import timestamps
from conventions.guards.signing import signing_document, unsigned_parties
from conventions.models import DepositTimestamp, Party, Signature, SignedDeposit
from conventions.pages.signatures import certificate as certificate_facts
from conventions.services.signature_words import signatures_of, stamp_words
from conventions.services.signing import certificate, copy, deposits
from cpo.lib.files import stored
from cpo.lib.models import Job, JournalEntry, OutboxMessage
from cpo.lib.work import jobs
from tests import pki
from tests.factories.scenarios import Scene
from tests.factories.signed_files import AUTHORITY, checked, signed_by, to_sign_with_certificates, trusted

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 10, 15, 8, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _authority(settings: Any, tmp_path: Path) -> None:
    trusted(settings, tmp_path)


@pytest.fixture
def scene() -> Scene:
    return to_sign_with_certificates()


def signed(scene: Scene, role: str = "beneficiary", **how: Any) -> bytes:
    field = {"beneficiary": "signature-1", "lead": "signature-2"}[role]
    return signed_by(scene, scene.party(role).signatory_name, field=field, **how)


def receive(scene: Scene, role: str = "beneficiary", data: bytes | None = None) -> SignedDeposit:
    document = signing_document(scene.act)
    by = {"beneficiary": scene.president, "lead": scene.signatory}[role]
    shown = document.signed_file.sha256
    data = signed(scene, role) if data is None else data
    return deposits.receive(scene.act, scene.party(role), data, by=by, document=document, shown_sha256=shown)


def run(deposit: SignedDeposit) -> bool:
    job = deposits.last_job(deposit)
    assert job is not None
    return jobs.run(job.pk)


def page(client: Client, scene: Scene, deposit: SignedDeposit, user: Any) -> Any:
    client.force_login(user)
    return client.get(reverse("convention-signed-deposit", args=[scene.number, deposit.pk]))


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().replace("\u00a0", " ").replace("&nbsp;", " ").split())


# -- States ------------------------------------------------------------------------------------------------------------


def test_what_is_being_checked_signs_nothing_and_says_how_far_it_is(client: Client, scene: Scene) -> None:
    deposit = receive(scene)
    assert (deposit.answer, Signature.objects.count(), len(unsigned_parties(scene.act))) == ("pending", 0, 2)
    answer = page(client, scene, deposit, scene.president)
    assert "Le fichier est en cours de vérification" in text(answer)
    documents = text(client.get(reverse("convention-documents", args=[scene.number])))
    assert "Un PDF signé est en cours de vérification" in documents
    Job.objects.filter(kind=deposits.KIND).update(done_steps=1, total_steps=3)
    path = reverse("convention-signed-deposit", args=[scene.number, deposit.pk])
    progress = client.get(path, headers={"accept": "application/json"}).json()
    assert (progress["percent"], progress["done"]) == (33, False)
    assert checked(deposit).signature == Signature.objects.get()
    progress = client.get(path, headers={"accept": "application/json"}).json()
    assert (progress["done"], progress["url"]) == (True, path)
    assert [entry.verb for entry in JournalEntry.objects.order_by("-pk")[:2]] == [
        "deposit_signature",
        "receive_signed_file",
    ]


def test_the_same_file_again_is_one_deposit_and_another_file_replaces_it(client: Client, scene: Scene) -> None:
    data = signed(scene)
    first = receive(scene, data=data)
    assert receive(scene, data=data) == first
    second = receive(scene, data=signed(scene))
    first.refresh_from_db()
    assert first.answer == DepositAnswer.REPLACED
    assert "Un autre fichier a été déposé depuis" in text(page(client, scene, first, scene.president))
    assert run(first) and not Signature.objects.exists()
    assert checked(second).answer == DepositAnswer.ACCEPTED


def test_a_file_replaced_while_a_worker_checks_it_is_not_accepted(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = receive(scene)
    verified = certificate.signature_of

    def replaced(*args: Any, **kwargs: Any) -> Any:
        found = verified(*args, **kwargs)
        receive(scene, data=signed(scene))
        return found

    monkeypatch.setattr(certificate, "signature_of", replaced)
    run(first)
    first.refresh_from_db()
    assert (first.answer, Signature.objects.count()) == (DepositAnswer.REPLACED, 0)


def test_of_two_parties_at_once_the_second_is_refused_and_told_to_sign_the_file_of_the_first(scene: Scene) -> None:
    first, second = receive(scene), receive(scene, "lead")
    assert checked(first).answer == DepositAnswer.ACCEPTED
    second = checked(second)
    assert second.answer == DepositAnswer.REFUSED and "Une autre partie vient de signer" in second.refusal
    assert OutboxMessage.objects.get(template="pdf_signe_refuse").recipient == scene.signatory
    assert checked(receive(scene, "lead")).answer == DepositAnswer.ACCEPTED
    assert scene.act.signed_on


def test_a_worker_that_dies_or_fails_leaves_the_deposit_to_the_next_one(
    client: Client, scene: Scene, monkeypatch: pytest.MonkeyPatch, clock: Any
) -> None:
    deposit = receive(scene)
    with monkeypatch.context() as broken:
        broken.setattr(certificate, "signature_of", lambda *args, **kwargs: 1 / 0)
        assert not run(deposit)
    deposit.refresh_from_db()
    assert deposit.answer == DepositAnswer.PENDING
    said = text(page(client, scene, deposit, scene.president))
    assert "La vérification s’est arrêtée" in said and "Elle reprendra d’elle-même" in said
    clock.shift(dt.timedelta(minutes=2))
    assert jobs.take_up() >= 1
    deposit.refresh_from_db()
    assert deposit.answer == DepositAnswer.ACCEPTED
    assert deposits.check(jobs.Progress(deposits.last_job(deposit))) == {"deposit": deposit.pk}  # type: ignore[arg-type]
    assert Signature.objects.count() == 1


@pytest.mark.parametrize("what", ["right", "reopened", "signed"])
def test_what_changed_before_the_answer_refuses_the_deposit(what: str, scene: Scene) -> None:
    deposit = receive(scene)
    if what == "right":
        Party.objects.filter(pk=scene.party("beneficiary").pk).update(signatory=None)
        Membership.objects.filter(user=scene.president).delete()
    elif what == "reopened":
        scene.do("reopen", scene.manager, "Une erreur.")
    else:
        scene.sign(scene.president)
    deposit = checked(deposit)
    assert deposit.answer == DepositAnswer.REFUSED and deposit.refusal
    assert not Signature.objects.filter(mode="pades").exists()


def test_a_refused_file_is_kept_and_read_by_those_who_may_hand_it_in(client: Client, scene: Scene) -> None:
    base = stored.read(signing_document(scene.act).file)
    deposit = checked(receive(scene, data=base))
    assert stored.read(deposit.file) == base
    for user in (scene.president, scene.manager):
        assert "ne porte aucune signature électronique nouvelle" in text(page(client, scene, deposit, user))
    assert "Le PDF signé n’est pas accepté" in text(client.get(reverse("convention-documents", args=[scene.number])))
    refused = page(client, scene, deposit, scene.officer)
    assert refused.status_code == 403
    assert "pas accepté" not in text(client.get(reverse("convention-documents", args=[scene.number])))
    entry = JournalEntry.objects.filter(verb="refuse_signed_file").get()
    assert entry.actor is None
    entries, dossier = JournalEntry.objects.filter(pk=entry.pk), scene.act.dossier
    assert filtered(entries, dossier, {"nature": "negociation"}) and not filtered(entries, dossier, {"nature": "suivi"})


def test_an_answer_never_changes_even_by_raw_writing(scene: Scene) -> None:
    pending = receive(scene, "lead")
    with pytest.raises(IntegrityError), transaction.atomic():
        SignedDeposit.objects.filter(pk=pending.pk).update(answer="accepted", answered_at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        SignedDeposit.objects.filter(pk=pending.pk).update(answer="refused", answered_at=AT)
    with pytest.raises(DatabaseError), transaction.atomic():
        SignedDeposit.objects.filter(pk=pending.pk).update(by=scene.president)
    deposit = checked(receive(scene))
    for change in ({"answer": "pending"}, {"report": ""}, {"refusal": "Non."}):
        with pytest.raises(DatabaseError), transaction.atomic():
            SignedDeposit.objects.filter(pk=deposit.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        SignedDeposit.objects.filter(pk=deposit.pk).delete()


def test_the_next_signatory_sees_what_was_drawn_outside_the_frames(client: Client, scene: Scene) -> None:
    own = SigFieldSpec("Outil", on_page=0, box=(320, 600, 500, 650))
    data = stored.read(signing_document(scene.act).file)
    data = pki.sign(data, AUTHORITY.person(scene.party("beneficiary").signatory_name), AUTHORITY, own=own)
    assert checked(receive(scene, data=data)).answer == DepositAnswer.ACCEPTED
    client.force_login(scene.signatory)
    for name in ("convention-deposit-signature", "convention-sign"):
        said = text(client.get(reverse(name, args=[scene.number])))
        assert "Dessiné par l’outil du signataire, page 1, hors des cadres" in said
        assert said.count("data:image/png;base64,") == 1


RAW = """
    INSERT INTO conventions_signature (document_id, party_id, mode, signatory_name, capacity, signed_on, recorded_at,
        recorded_by_id, file_sha256, signed_file_id, override_reason, proof)
    VALUES (%s, %s, %s, 'Alex Exemple', 'présidente', '2026-10-15', now(), %s, '', %s, '', '{}') RETURNING id
"""


def insert(scene: Scene, role: str, mode: str, file: Any, deposit: SignedDeposit | None = None) -> None:
    """Write a signature by raw SQL, give it the deposit, and end the transaction as a commit would."""
    document = signing_document(scene.act)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute(RAW, [document.pk, scene.party(role).pk, mode, scene.president.pk, file.pk])
        (key,) = cursor.fetchone()
        if deposit:
            cursor.execute(
                "UPDATE conventions_signeddeposit SET answer = 'accepted', answered_at = now(), signature_id = %s"
                " WHERE id = %s",
                [key, deposit.pk],
            )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_database_refuses_a_signature_by_certificate_without_its_accepted_deposit(scene: Scene) -> None:
    deposit = receive(scene)
    for wrong in (
        {"role": "beneficiary", "file": deposit.file},  # nothing was accepted
        {"role": "lead", "file": deposit.file, "deposit": deposit},  # of another party
        {"role": "beneficiary", "file": deposit.document.file, "deposit": deposit},  # of another file
    ):
        with pytest.raises(IntegrityError, match="pades_signature_has_its_deposit"), transaction.atomic():
            insert(scene, mode="pades", **wrong)
    assert not Signature.objects.exists()
    insert(scene, role="lead", mode="browser", file=deposit.file)
    insert(scene, role="beneficiary", mode="pades", file=deposit.file, deposit=deposit)
    assert sorted(Signature.objects.values_list("mode", flat=True)) == ["browser", "pades"]


# -- The timestamp of the site -----------------------------------------------------------------------------------------


@pytest.fixture
def stamping(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SIGNATURE_TIMESTAMP_URL = "https://horodatage.exemple/"
    stamp = pki.timestamper(AUTHORITY, AT)
    monkeypatch.setattr(timestamps, "authority", lambda: stamp)


def stamp_job() -> Job:
    return Job.objects.get(kind=timestamps.KIND)


def test_an_authority_dates_what_was_received_without_changing_it(
    client: Client, stamping: None, scene: Scene, tmp_path: Path
) -> None:
    data = signed(scene)
    deposit = checked(receive(scene, data=data))
    assert signing_document(scene.act).signed_file == deposit.file
    assert stored.read(deposit.file) == data
    client.force_login(scene.president)
    documents = reverse("convention-documents", args=[scene.number])
    assert "demandé à l’autorité, qui n’a pas encore répondu" in text(client.get(documents))
    assert jobs.run(stamp_job().pk)
    row = DepositTimestamp.objects.get()
    assert row.at == AT and f"attesté le 15 octobre 2026 à 10 h 00 par {row.authority}" in text(client.get(documents))
    (tmp_path / "jeton.tst").write_bytes(bytes(row.token))
    (tmp_path / "recu.pdf").write_bytes(data)
    (tmp_path / "autre.pdf").write_bytes(data + b"\n")
    for name, expected in (("recu", 0), ("autre", 1)):
        command = ["openssl", "ts", "-verify", "-token_in", "-in", "jeton.tst", "-data", f"{name}.pdf"]
        command += ["-CAfile", "racine.pem", "-attime", str(int(AT.timestamp()))]
        assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == expected
    with pytest.raises(DatabaseError), transaction.atomic():
        DepositTimestamp.objects.update(authority="")
    assert deposits.add_timestamp(deposit.pk) == row.pk


def test_an_authority_that_fails_leaves_the_signature_and_is_asked_again(
    client: Client, settings: Any, stamping: None, scene: Scene, monkeypatch: pytest.MonkeyPatch, clock: Any
) -> None:
    deposit = checked(receive(scene))

    def fails() -> Any:
        raise timestamps.TimestampError("L’autorité ne répond pas.")

    with monkeypatch.context() as away:
        away.setattr(timestamps, "authority", fails)
        assert not jobs.run(stamp_job().pk)
    assert deposit.answer == DepositAnswer.ACCEPTED and Signature.objects.count() == 1
    client.force_login(scene.president)
    assert "n’a pas encore répondu" in text(client.get(reverse("convention-documents", args=[scene.number])))
    clock.shift(dt.timedelta(minutes=2))
    jobs.take_up()
    assert DepositTimestamp.objects.filter(deposit=deposit).exists()


def both_signed(scene: Scene, *, stamped: bool) -> list[str]:
    """The president signs with a certificate, then the State in the application; what the copy says of the times."""
    deposit = checked(receive(scene))
    if stamped:
        jobs.run(stamp_job().pk)
    scene.sign(scene.signatory)
    assert deposit.signature
    rows = copy._facts(scene.act.documents.to_sign().get(), signatures_of(scene.act), {}, [{}])["signatures"]
    return [line.replace("\u00a0", " ") for row in rows for line in row["stamps"]]


def test_the_signed_copy_says_who_attested_the_file_and_when_and_of_the_others_that_nobody_did(
    stamping: None, scene: Scene
) -> None:
    lead, association = sorted(both_signed(scene, stamped=True))
    assert lead.startswith("Aucun jeton d’une autorité d’horodatage. L’application a enregistré la signature le")
    authority = DepositTimestamp.objects.get().authority
    assert authority and association == f"Jeton du fichier reçu : {authority}, le 15/10/2026 à 08:00:00 UTC"


def test_the_signed_copy_says_that_there_is_no_token_where_this_site_asks_no_authority(scene: Scene) -> None:
    lines = both_signed(scene, stamped=False)
    assert len(lines) == 2 and all(line.startswith("Aucun jeton d’une autorité d’horodatage.") for line in lines)
    assert all(line.endswith("UTC") for line in lines)


def test_the_token_inside_a_signature_is_told_with_its_authority(scene: Scene) -> None:
    signature = checked(receive(scene)).signature
    assert signature is not None
    facts = certificate_facts(signature)
    facts |= {"timestamp_by": "TSA Exemple", "signed_at": "2026-10-15T10:12:30+02:00"}
    assert stamp_words(signature, None) == ["Jeton dans la signature : TSA Exemple, le 15/10/2026 à 08:12:30 UTC"]


def test_a_copy_that_is_printed_before_the_token_came_asks_for_it_and_waits_while_none_comes(
    stamping: None, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    deposit = checked(receive(scene))
    scene.sign(scene.signatory)
    document = scene.act.documents.to_sign().get()

    def fails() -> Any:
        raise timestamps.TimestampError("L’autorité ne répond pas.")

    with monkeypatch.context() as away:
        away.setattr(timestamps, "authority", fails)
        with pytest.raises(timestamps.TimestampError):
            copy.produce(document.pk)
    assert not DepositTimestamp.objects.exists() and signed_copy.current(scene.act) is None
    copy.produce(document.pk)
    assert DepositTimestamp.objects.get().deposit == deposit and signed_copy.current(scene.act)


def test_without_an_authority_nothing_is_asked_nor_announced(client: Client, scene: Scene) -> None:
    checked(receive(scene))
    assert not Job.objects.filter(kind=timestamps.KIND).exists()
    client.force_login(scene.president)
    said = text(client.get(reverse("convention-documents", args=[scene.number])))
    assert "Horodatage du fichier reçu" not in said
