"""What the site adds to attest a file: its seal, dated by an authority if there is one, or a timestamp alone."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from conventions import evidence
from conventions.evidence import manifest, seal, timestamps
from conventions.evidence.names import bare_hash, same_hash
from tests import pki
from tests.conventions.test_evidence import document
from tests.factories.signed_files import AUTHORITY, plain_document
from tests.lib.test_pdf import assert_conformant

AT = dt.datetime(2026, 10, 15, 8, tzinfo=dt.UTC)


@pytest.fixture
def authority(monkeypatch: pytest.MonkeyPatch) -> None:
    stamp = pki.timestamper(AUTHORITY, AT)
    monkeypatch.setattr(timestamps, "authority", lambda: stamp)


def test_without_a_key_and_without_an_authority_nothing_is_added() -> None:
    assert seal.attest(b"un fichier") == b"un fichier"
    assert manifest.attest(b"une liste") == {}


@pytest.mark.pdf
def test_a_timestamp_alone_keeps_both_profiles_and_is_no_signature_of_a_person(authority: None, tmp_path: Path) -> None:
    stamped = seal.attest(document())
    assert stamped.startswith(document())
    assert_conformant(stamped, tmp_path)
    root = AUTHORITY.identity.asn1
    trust = evidence.Trust(roots=(root,), timestamp_roots=(root,))
    report = evidence.verify(stamped, document(), trust=trust, at=AT)
    assert [signature.person for signature in report.signatures] == [False]


def test_a_manifest_is_timestamped_where_there_is_no_key(authority: None) -> None:
    assert list(manifest.attest(b"une liste")) == ["tst"]


def test_an_authority_that_does_not_answer_says_so_and_its_address_must_be_one_of_the_web(settings: Any) -> None:
    for url in ("http://127.0.0.1:1/", "ftp://exemple.example/"):
        settings.SIGNATURE_TIMESTAMP_URL = url
        with pytest.raises(timestamps.TimestampError, match="SIGNATURE_TIMESTAMP_URL"):
            seal.attest(plain_document("essai"))


@pytest.mark.parametrize("typed", ["0123456789AB", "O123 4567 89ab", "0l23-4567-89ab", "oI23456789ab"])
def test_letters_that_no_hash_holds_are_read_as_the_digits_that_they_look_like(typed: str) -> None:
    assert bare_hash(typed) == "0123456789ab"
    assert same_hash(typed, "0123456789ab")
    assert not same_hash(typed, "0123456789ac") and not same_hash(typed, "")
