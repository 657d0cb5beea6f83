"""Files signed by the tools that people have, made by `data/signed/make.sh`, and certificates that may not sign."""

import datetime as dt
from pathlib import Path

import pytest
from asn1crypto import pem, x509

from conventions import evidence
from conventions.evidence import Trust, look_alikes, same_person
from tests import forged, pki

AT = dt.datetime(2026, 12, 1, 7, 0, tzinfo=dt.UTC)
FOLDER = Path(__file__).parent / "data" / "signed"
DOCUMENT = (FOLDER / "document.pdf").read_bytes()


ROOTS = tuple(x509.Certificate.load(pem.unarmor(path.read_bytes())[2]) for path in sorted(FOLDER.glob("root*.pem")))


def verify(added: bytes, stored: bytes = DOCUMENT, root: x509.Certificate | None = None) -> evidence.Report:
    roots = (root,) if root else ROOTS
    report = evidence.verify(stored + added, stored, trust=Trust(roots=roots, timestamp_roots=roots), at=AT)
    return evidence.check_pages(report, stored + added, stored)


@pytest.mark.parametrize(
    "tool",
    [
        "pdfbox",
        "pdfbox-field",
        "pdfsig",
        "itext",
        "itext-field",
        "endesive",
        "libreoffice",
        "pyhanko",
        "pyhanko-field",
    ],
)
def test_a_file_signed_by_a_usual_tool_is_accepted(tool: str) -> None:
    report = verify((FOLDER / f"{tool}.added").read_bytes())
    assert report.valid, report.message
    assert [signature.name for signature in report.signatures] == ["EXEMPLE Camille"]
    assert len(report.drawn) == (tool in ("itext", "pyhanko")), "drawn in a field of its own"


def test_a_default_value_that_is_not_the_signature_itself_is_refused() -> None:
    added = (FOLDER / "libreoffice.added").read_bytes()
    assert added.count(b"/DV ") == 1
    number = added[added.index(b"/DV ") + 4 :].split()[0]
    other = b"7".zfill(len(number)).replace(b"0", b" ")
    assert verify(added.replace(b"/DV " + number, b"/DV " + other)).code == "field_key"


def test_a_tool_that_signs_with_a_broken_hash_is_told_so() -> None:
    report = verify((FOLDER / "mutool.added").read_bytes())
    assert report.code == "weak_hash"
    assert "SHA-1" in report.message


@pytest.mark.parametrize(("digest", "name"), [("md5", "MD5"), ("sha1", "SHA-1")])
def test_a_signature_with_a_broken_hash_is_refused_by_the_name_of_the_hash(digest: str, name: str) -> None:
    authority, base = pki.Authority("Autorité d’essai"), forged.base()
    signed = pki.sign(base, authority.person("EXEMPLE Camille"), authority, digest=digest)
    report = verify(signed[len(base) :], base, authority.identity.asn1)
    assert report.code == "weak_hash"
    assert f"emploie {name}, une empreinte que l’on sait falsifier" in report.message


def test_a_sound_hash_is_accepted() -> None:
    authority, base = pki.Authority("Autorité d’essai"), forged.base()
    signed = pki.sign(base, authority.person("EXEMPLE Camille"), authority, digest="sha512")
    assert verify(signed[len(base) :], base, authority.identity.asn1).code == ""


@pytest.mark.parametrize(("digest", "name"), [("md5", "MD5"), ("sha1", "SHA-1")])
def test_a_certificate_issued_with_a_broken_hash_is_refused_by_its_name(digest: str, name: str) -> None:
    authority, base = pki.Authority("Autorité d’essai"), forged.base()
    person = authority.reissued(authority.person("EXEMPLE Camille"), digest)
    report = verify(pki.sign(base, person, authority)[len(base) :], base, authority.identity.asn1)
    assert report.code == "weak_certificate"
    assert f"signé avec {name}," in report.message


@pytest.mark.parametrize(
    ("usages", "code"),
    [
        (["server_auth"], "other_usage"),
        (["client_auth", "code_signing"], "other_usage"),
        (["client_auth", "email_protection"], ""),
        ([], ""),
    ],
)
def test_a_certificate_for_something_else_than_documents_is_refused(usages: list[str], code: str) -> None:
    authority = pki.Authority("Autorité d’essai")
    person = authority.person("EXEMPLE Camille", extended=usages)
    base = forged.base()
    report = verify(pki.sign(base, person, authority)[len(base) :], base, authority.identity.asn1)
    assert report.code == code, report.message


def test_the_certificate_of_an_authority_and_a_short_key_are_refused() -> None:
    authority = pki.Authority("Autorité d’essai")
    base, root = forged.base(), authority.identity.asn1
    own = pki.sign(base, authority.identity, authority)
    assert verify(own[len(base) :], base, root).code == "is_authority"
    short = pki.sign(base, authority.person("EXEMPLE Court", bits=1024), authority)
    assert verify(short[len(base) :], base, root).code == "weak_key"


@pytest.mark.parametrize(
    ("announced", "certified", "same"),
    [
        ("Loïc Œuvrard", "OEUVRARD Loic", True),
        ("Lætitia Groß", "GROSS Laetitia", True),
        ("Camille Exemple", "Саmille Exemple", False),
    ],
)
def test_a_name_is_compared_as_people_read_it(announced: str, certified: str, same: bool) -> None:
    assert same_person(announced, certified) is same


def test_the_letters_of_another_alphabet_are_named() -> None:
    assert look_alikes("Саmille Exemple") == ["«\u00a0С\u00a0» (cyrillique)", "«\u00a0а\u00a0» (cyrillique)"]
    assert look_alikes("Hélène Mélusine-Fictif") == []
