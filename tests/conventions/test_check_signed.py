"""`manage.py check_signed NUMERO FICHIER`: its output and its exit status."""

import datetime as dt
import os
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from conventions.guards.signing import signing_document
from conventions.services.signing import seal
from cpo.lib.files import stored
from cpo.lib.wording import french
from tests.factories.scenarios import Scene, in_force, with_later_act
from tests.factories.signed_files import AUTHORITY, deposit_signed, signed_by, to_sign_with_certificates, trusted

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(settings: Any, tmp_path: Path) -> Scene:
    (tmp_path / "autorites").mkdir()
    trusted(settings, tmp_path / "autorites")
    return to_sign_with_certificates()


def check(scene: Scene, path: Path, data: bytes | None = None) -> int:
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(SystemExit) as end:
        call_command("check_signed", scene.number, str(path))
    return end.value.code


def deposit(scene: Scene, role: str, field: str) -> bytes:
    document, party = signing_document(scene.act), scene.party(role)
    data = signed_by(scene, party.signatory_name, field=field)
    by = scene.president if role == "beneficiary" else scene.signatory
    sha256 = document.signed_file.sha256
    deposit_signed(scene.act, party, data, by=by, document=document, shown_sha256=sha256)
    return data


def test_a_file_signed_by_both_is_valid(scene: Scene, tmp_path: Path, capsys: Any) -> None:
    deposit(scene, "beneficiary", "signature-1")
    data = deposit(scene, "lead", "signature-2")
    assert check(scene, tmp_path / "signe.pdf", data) == 0
    output = capsys.readouterr().out
    assert f"{scene.number}, version 1, document produit le 15 octobre 2026" in output.replace("\u00a0", " ")
    assert len(re.findall("^Signature ", output, re.MULTILINE)) == 2
    assert "RÉSULTAT\u00a0: valable" in output
    assert "POUR CETTE CONVENTION\u00a0: valable" in output


def test_a_signature_that_holds_of_somebody_who_signs_for_no_party_is_not_valid(
    scene: Scene, tmp_path: Path, capsys: Any
) -> None:
    data = signed_by(scene, "Passant Inconnu")
    scene.sign(scene.president)
    scene.sign(scene.signatory)
    assert check(scene, tmp_path / "signe.pdf", data) == 1
    assert "Passant Inconnu n’est le signataire d’aucune partie" in capsys.readouterr().out


def test_a_file_that_lacks_a_signature_is_not_the_signed_document(scene: Scene, tmp_path: Path, capsys: Any) -> None:
    first = deposit(scene, "beneficiary", "signature-1")
    assert check(scene, tmp_path / "signe.pdf", first) == 1
    assert "aucune signature n’est encore enregistrée" in capsys.readouterr().out
    deposit(scene, "lead", "signature-2")
    assert check(scene, tmp_path / "signe.pdf", first) == 1
    assert "le fichier signé par tous est un autre" in capsys.readouterr().out


def test_the_certificate_of_another_name_recorded_with_a_reason_and_the_seal_are_those_of_the_convention(
    scene: Scene, tmp_path: Path, settings: Any
) -> None:
    document, party = signing_document(scene.act), scene.party("beneficiary")
    data = signed_by(scene, "Nom D’usage")
    deposit_signed(
        scene.act,
        party,
        data,
        by=scene.president,
        document=document,
        shown_sha256=document.file.sha256,
        override_reason="Nom d’usage.",
    )
    scene.sign(scene.signatory)
    assert check(scene, tmp_path / "signe.pdf", data) == 0
    scene.do("notify", scene.officer)
    (tmp_path / "cachet.p12").write_bytes(AUTHORITY.person("Cachet").pkcs12("phrase", authority=AUTHORITY))
    key = {"pkcs12": str(tmp_path / "cachet.p12"), "passphrase": "phrase"}
    settings.SIGNATURE_SEAL = settings.SIGNATURE_SEAL | key
    sealed = seal.produce(document.pk)
    assert check(scene, tmp_path / "cachet.pdf", stored.read(sealed.file)) == 0


def test_signatures_each_in_the_place_of_the_other_party_are_not_valid(
    scene: Scene, tmp_path: Path, capsys: Any
) -> None:
    first = signed_by(scene, scene.party("lead").signatory_name, field="signature-1")
    both = signed_by(scene, scene.party("beneficiary").signatory_name, field="signature-2", data=first)
    assert check(scene, tmp_path / "signe.pdf", both) == 1
    output = capsys.readouterr().out
    assert output.count("et non dans celui de sa partie") == 2
    association = scene.party("beneficiary").organisation.in_sentence
    assert f"est dans le cadre {french.of(association)}" in output


def test_a_file_signed_after_the_notification_by_one_party_is_said_unregistered_incomplete_and_late(
    scene: Scene, tmp_path: Path, capsys: Any, clock: Any
) -> None:
    scene.sign(scene.president)
    scene.sign(scene.signatory)
    scene.do("notify", scene.officer)
    clock.shift(dt.timedelta(days=40))
    data = signed_by(scene, scene.party("lead").signatory_name, field="signature-2")
    assert check(scene, tmp_path / "signe.pdf", data) == 1
    output = capsys.readouterr().out.replace("\u00a0", " ")
    association = str(scene.party("beneficiary").organisation)
    assert "POUR CETTE CONVENTION : non valable" in output
    assert "ce fichier n’est pas au registre" in output
    assert f"{association} : ce fichier ne porte pas sa signature." in output
    assert "est datée du 24 novembre 2026, après la notification du 15 octobre 2026" in output
    assert output.count("Dans ce fichier : aucune signature de cette partie.") == 1, "each party is listed"
    assert output.count("Signature simple dans l’application") == 2, "each line gives the signature of the register"


def test_bytes_added_after_the_last_signature_are_not_valid(scene: Scene, tmp_path: Path, capsys: Any) -> None:
    deposit(scene, "beneficiary", "signature-1")
    data = deposit(scene, "lead", "signature-2")
    assert check(scene, tmp_path / "signe.pdf", data + b"abc") == 1
    assert "octets ont été ajoutés après la dernière signature" in capsys.readouterr().out


def test_an_annulled_document_is_said_annulled_and_is_not_a_bad_usage(
    scene: Scene, tmp_path: Path, capsys: Any
) -> None:
    data = signed_by(scene, scene.party("beneficiary").signatory_name)
    scene.do("reopen", scene.manager, "Une erreur.")
    for content, words in ((data, "Ce document a été annulé le"), (b"%PDF-", "Le document à signer a été annulé le")):
        assert check(scene, tmp_path / "signe.pdf", content) == 1
        output = capsys.readouterr().out
        assert "non valable" in output and words in output


def test_the_document_of_an_avenant_is_said_to_be_another_act_of_the_same_convention(
    tmp_path: Path, capsys: Any
) -> None:
    avenant = with_later_act()
    first = Scene(avenant.convention)
    avenant.edit()
    in_force(avenant)
    data = stored.read(signing_document(avenant.act).file)
    assert check(first, tmp_path / "avenant.pdf", data + b"%%EOF\n") == 1
    output = capsys.readouterr().out
    assert f"un autre acte de la même convention\u00a0: {avenant.number}" in output


def test_a_file_that_was_changed_is_not_valid_and_the_reason_is_printed(
    scene: Scene, tmp_path: Path, capsys: Any
) -> None:
    data = bytearray(signed_by(scene, "Camille Exemple"))
    data[200] ^= 1
    assert check(scene, tmp_path / "signe.pdf", bytes(data)) == 1
    assert "a été modifié" in capsys.readouterr().out


def test_the_document_signed_in_the_application_is_valid_once_all_signed(
    scene: Scene, tmp_path: Path, capsys: Any
) -> None:
    data = stored.read(signing_document(scene.act).file)
    scene.sign(scene.president)
    assert check(scene, tmp_path / "document.pdf", data) == 1
    assert "n’a pas signé" in capsys.readouterr().out
    scene.sign(scene.signatory)
    assert check(scene, tmp_path / "document.pdf", data) == 0
    output = capsys.readouterr().out
    assert "exactement le document produit" in output
    assert "Signature simple dans l’application" in output


def test_the_document_produced_is_not_the_one_that_certificates_signed(
    scene: Scene, tmp_path: Path, capsys: Any
) -> None:
    data = stored.read(signing_document(scene.act).file)
    deposit(scene, "beneficiary", "signature-1")
    scene.sign(scene.signatory)
    assert check(scene, tmp_path / "document.pdf", data) == 1
    assert "vérifiez celui-là" in capsys.readouterr().out


def test_a_file_of_200_megabytes_is_refused_without_being_read(scene: Scene, tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "gros.pdf"
    with path.open("wb") as file:
        os.truncate(file.fileno(), 200_000_000)
    assert check(scene, path) == 1
    assert "Il n’a pas été lu." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("number", "name", "message"),
    [
        ("CPO-0000-XXX-000", "signe.pdf", "Aucune convention ne porte le numéro"),
        (None, "absent.pdf", "ne peut pas être lu\u00a0: ce fichier n’existe pas"),
        (None, ".", "ne peut pas être lu\u00a0: c’est un dossier"),
        (None, "signe.pdf/x", "ne peut pas être lu\u00a0: une partie de ce chemin"),
    ],
)
def test_a_bad_usage_has_its_own_status(
    scene: Scene, tmp_path: Path, number: str | None, name: str, message: str
) -> None:
    (tmp_path / "signe.pdf").write_bytes(b"%PDF-")
    with pytest.raises(CommandError, match=message) as error:
        call_command("check_signed", number or scene.number, str(tmp_path / name))
    assert error.value.returncode == 2


def test_a_folder_of_authorities_that_is_wrong_is_a_bad_usage(scene: Scene, tmp_path: Path, settings: Any) -> None:
    path = tmp_path / "signe.pdf"
    path.write_bytes(signed_by(scene, "Camille Exemple"))
    settings.SIGNATURE_TRUST_ROOTS = str(tmp_path / "rien")
    with pytest.raises(CommandError, match="n’existe pas") as error:
        call_command("check_signed", scene.number, str(path))
    assert error.value.returncode == 2
