"""A signed file is compared with the stored one; each reason to refuse it has its own answer."""

import datetime as dt
import hashlib
import io
import json
from functools import cache
from pathlib import Path

import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import PageObject
from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec, MDPPerm, SigFieldSpec, append_signature_field

from conventions import evidence
from conventions.documents.render import render_version
from conventions.evidence import KnownFile, Trust, same_person
from conventions.evidence.answers import REFUSALS
from tests import pki, shared
from tests.factories.conventions import PDF
from tests.lib.test_pdf import assert_conformant

pytestmark = pytest.mark.pdf

AT = dt.datetime(2026, 10, 15, 7, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
SAMPLE = Path(__file__).parent / "data" / "convention_bretagne.json"


@cache
def document(version: int = 1) -> bytes:
    """Return a short document to sign: a verification takes longer with more paragraphs and cells."""
    content = json.loads(SAMPLE.read_text())
    content["sheets"] = []
    content["articles"] = [
        row for row in content["articles"] if row["key"] in ("titre", "parties", "objet", "signatures")
    ]
    fields = {"version_number": version, "content_sha256": "a" * 64, "purpose": "a_signer"}
    return shared.once(f"evidence {version}", lambda: render_version(content, **fields))


@cache
def authority(name: str = "Autorité d’essai") -> pki.Authority:
    return pki.Authority(name)


@cache
def person(name: str = "EXEMPLE Camille", **fields: object) -> pki.Identity:
    return authority().person(name, **fields)


def trust(**fields: object) -> Trust:
    root = authority().identity.asn1
    return Trust(**{"roots": (root,), "timestamp_roots": (root,)} | fields)


def signed_pdf(data: bytes | None = None, identity: pki.Identity | None = None, **fields: object) -> bytes:
    return pki.sign(data or document(), identity or person(), authority(), **fields)


def verify(data: bytes, stored: bytes | None = None, **fields: object) -> evidence.Report:
    arguments = {"trust": trust(), "at": AT} | fields
    return evidence.verify(data, stored or document(), **arguments)


def append(data: bytes, change: object) -> bytes:
    """Append an incremental update, as an editor that keeps the signatures does."""
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def assert_refused(report: evidence.Report, code: str) -> str:
    """Check that this is the only refusal and that the report gives its message; return the message."""
    assert not report.valid
    assert [refusal.code for refusal in report.refusals] == [code]
    assert f"- {report.message}" in report.as_text()
    assert "non valable" in report.as_text()
    return report.message


# -- Accepted files ----------------------------------------------------------------------------------------------------


def test_two_signatures_one_after_the_other_are_accepted_each_on_the_file_of_the_one_before() -> None:
    first = signed_pdf()
    report = verify(first)
    assert report.valid, report.message
    assert report.changes == "signing"
    (signature,) = report.signatures
    assert (signature.name, signature.organisation) == ("EXEMPLE Camille", "Association d’exemple")
    assert signature.intact
    assert signature.chain == ("Autorité d’essai", "EXEMPLE Camille")

    other = person("Dominique Fictif", organisation="Préfecture")
    second = signed_pdf(first, other, field="signature-2", stamp=pki.timestamper(authority(), AT))
    report = verify(second, first)
    assert report.valid, report.message
    assert [(item.name, item.new) for item in report.signatures] == [
        ("EXEMPLE Camille", False),
        ("Dominique Fictif", True),
    ]
    assert [item.name for item in report.new_signatures] == ["Dominique Fictif"]
    assert verify(second).valid, "the file is also valid against the first document"


def test_the_time_is_said_to_be_attested_or_only_claimed() -> None:
    attested_signature = verify(signed_pdf(stamp=pki.timestamper(authority(), AT))).signatures[0]
    assert attested_signature.timestamp_by == "Horodatage d’essai"
    assert attested_signature.signed_at == AT
    assert "attestée par Horodatage d’essai" in attested_signature.time_words
    report = verify(signed_pdf())
    assert report.signatures[0].timestamp_by == ""
    assert "déclarée par le poste du signataire" in report.signatures[0].time_words
    assert any("aucun tiers ne l’atteste" in warning for warning in report.warnings)


def test_a_certificate_that_expired_since_is_accepted_if_a_timestamp_proves_that_it_signed_before() -> None:
    identity = person("BREF Alix", until=AT + DAY)
    stamp = pki.timestamper(authority(), AT)
    assert verify(signed_pdf(identity=identity, stamp=stamp), at=AT + 2 * DAY).valid
    assert_refused(verify(signed_pdf(identity=identity), at=AT + 2 * DAY), "expired")


def test_the_level_is_never_called_more_than_what_was_checked() -> None:
    plain_signature = verify(signed_pdf(pades=False)).signatures[0]
    assert plain_signature.level_words == "signature électronique avec certificat vérifié"
    advanced_signature = verify(signed_pdf()).signatures[0]
    assert advanced_signature.level_words == "signature électronique avec certificat vérifié, au format PAdES"

    qualified_person = person("QUALIFIÉ Camille", statements=pki.QC_COMPLIANCE)
    signature = verify(signed_pdf(identity=qualified_person)).signatures[0]
    assert signature.level == "pades", "the certificate alone does not prove its level"
    qualified_trust = trust(qualified=frozenset([authority().identity.asn1.sha256]))
    assert (
        verify(signed_pdf(identity=qualified_person), trust=qualified_trust).signatures[0].level
        == "qualified_certificate"
    )
    assert verify(signed_pdf(), trust=qualified_trust).signatures[0].level == "pades", "a qualified root is not enough"
    device = person("DISPOSITIF Camille", statements=pki.QC_WITH_DEVICE)
    assert verify(signed_pdf(identity=device), trust=qualified_trust).signatures[0].level == "qualified_device"


def test_the_revocation_is_said_to_be_checked_only_when_a_list_was_read() -> None:
    assert verify(signed_pdf()).signatures[0].revocation == "unknown"
    crl = authority().revocation_list(since=AT - DAY, until=AT + DAY)
    assert verify(signed_pdf(), trust=trust(revocation_lists=(crl,))).signatures[0].revocation == "checked"
    message = assert_refused(verify(signed_pdf(), trust=trust(strict=True)), "revocation_unknown")
    assert "le réglage de ce site l’exige" in message
    assert verify(signed_pdf(), trust=trust(strict=True, revocation_lists=(crl,))).valid


def test_the_report_is_json_for_the_evidence_and_text_for_people() -> None:
    report = verify(signed_pdf())
    stored_report = json.loads(json.dumps(report.as_dict()))
    assert stored_report["valid"] is True
    assert stored_report["signatures"][0]["certificate_sha256"] == person().asn1.sha256.hex()
    text = report.as_text()
    for words in ("EXEMPLE Camille (Association d’exemple)", "intacte", "Autorité d’essai", "RÉSULTAT\u00a0: valable"):
        assert words in text


def test_a_signature_drawn_outside_the_places_offered_is_said() -> None:
    def add(writer: IncrementalPdfFileWriter) -> None:
        writer._update_meta = lambda: None
        append_signature_field(writer, SigFieldSpec("Ailleurs", on_page=0, box=(50, 50, 250, 120)))

    report = verify(signed_pdf(append(document(), add), field="Ailleurs"))
    assert report.valid, report.message
    assert any("ailleurs que dans le cadre prévu" in warning for warning in report.warnings)
    assert not any("ailleurs" in warning for warning in verify(signed_pdf()).warnings)


# -- Certificates that are not trusted ---------------------------------------------------------------------------------


def test_an_expired_certificate_is_refused() -> None:
    identity = person("PÉRIMÉ Camille", until=AT - DAY)
    message = assert_refused(verify(signed_pdf(identity=identity)), "expired")
    assert "PÉRIMÉ Camille" in message
    assert "14/10/2026" in message


def test_a_certificate_that_does_not_hold_yet_is_refused() -> None:
    identity = person("FUTUR Camille", since=AT + DAY)
    assert "16/10/2026" in assert_refused(verify(signed_pdf(identity=identity)), "not_yet_valid")


@pytest.mark.parametrize("current", [True, False])
def test_a_revoked_certificate_is_refused_even_on_a_list_that_is_out_of_date(current: bool) -> None:
    until = AT + DAY if current else AT - DAY
    crl = authority().revocation_list(person(), on=AT - 10 * DAY, since=AT - 9 * DAY, until=until)
    report = verify(signed_pdf(), trust=trust(revocation_lists=(crl,)))
    assert "05/10/2026" in assert_refused(report, "revoked")
    assert report.signatures[0].revocation == "revoked"


def test_a_certificate_revoked_after_an_attested_time_is_accepted() -> None:
    crl = authority().revocation_list(person(), on=AT + DAY, since=AT + 2 * DAY, until=AT + 9 * DAY)
    later = {"trust": trust(revocation_lists=(crl,)), "at": AT + 3 * DAY}
    assert verify(signed_pdf(stamp=pki.timestamper(authority(), AT)), **later).valid
    assert_refused(verify(signed_pdf(), **later), "revoked")


def test_a_certificate_of_an_unknown_authority_is_refused() -> None:
    other = authority("Autorité inconnue")
    data = pki.sign(document(), other.person("EXEMPLE Camille"), other)
    assert "Autorité inconnue" in assert_refused(verify(data), "unknown_authority")


def test_a_certificate_that_is_not_for_signing_is_refused() -> None:
    identity = person("CHIFFRE Camille", usage="key_encipherment")
    assert_refused(verify(signed_pdf(identity=identity)), "bad_certificate")


def test_a_timestamp_of_an_unknown_authority_is_refused() -> None:
    stamp = pki.timestamper(authority("Autorité inconnue"), AT)
    assert_refused(verify(signed_pdf(stamp=stamp)), "bad_timestamp")


def test_without_any_configured_authority_nothing_is_trusted() -> None:
    assert_refused(verify(signed_pdf(), trust=Trust()), "no_roots")
    two = signed_pdf(signed_pdf(), person("Dominique Fictif"), field="signature-2")
    assert assert_refused(verify(two, trust=Trust()), "no_roots").count("Aucune autorité") == 1


@pytest.mark.parametrize(
    ("announced", "certified", "same"),
    [
        ("Camille Exemple", "EXEMPLE Camille", True),
        ("Mme Camille Exemple", "Camille Léa EXEMPLE", True),
        ("Hélène Mélusine-Fictif", "FICTIF MELUSINE Helene", True),
        ("Camille Exemple", "Dominique EXEMPLE", False),
        ("Camille Exemple", "Camille", False),
        ("Exemple", "Camille EXEMPLE", False),
        ("", "Camille EXEMPLE", False),
    ],
)
def test_a_person_is_told_by_the_words_of_the_name(announced: str, certified: str, same: bool) -> None:
    assert same_person(announced, certified) is same


# -- Files that are not the document -----------------------------------------------------------------------------------


def test_the_document_itself_is_not_signed() -> None:
    assert_refused(verify(document()), "not_signed")
    edited_pdf = append(document(), lambda writer: None)
    assert_refused(verify(edited_pdf), "not_signed")


def test_a_byte_changed_in_the_document_is_refused() -> None:
    data = bytearray(signed_pdf())
    data[5000] ^= 1
    assert "différence\u00a0: un octet" in assert_refused(verify(bytes(data)), "altered")


def test_a_byte_changed_after_the_document_breaks_the_signature() -> None:
    data = signed_pdf()
    place = data.index(b"/Type /Sig", len(document()))
    changed_data = data[:place] + b"/Type\t/Sig" + data[place + 10 :]
    message = assert_refused(verify(changed_data), "broken")
    assert "n’est pas intacte" in message


def test_a_page_added_after_the_signature_is_refused() -> None:
    def add(writer: IncrementalPdfFileWriter) -> None:
        writer.insert_page(PageObject(contents=writer.add_object(_stream()), media_box=(0, 0, 595, 842)))

    message = assert_refused(verify(append(signed_pdf(), add)), "page_added")
    assert "page a été ajoutée" in message
    assert_refused(verify(signed_pdf(append(document(), add))), "page_added")


def test_an_annotation_added_before_or_after_the_signature_is_refused() -> None:
    def add(writer: IncrementalPdfFileWriter) -> None:
        writer.register_annotation(writer.find_page_for_modification(0)[0], writer.add_object(_note()))

    assert "annotation" in assert_refused(verify(append(signed_pdf(), add)), "annotation_added")
    assert_refused(verify(signed_pdf(append(document(), add))), "annotation_added")


def test_a_place_to_sign_added_to_a_page_and_left_unsigned_is_refused() -> None:
    """It may cover the text. A signing tool that adds a field also signs in it."""

    def add(writer: IncrementalPdfFileWriter) -> None:
        writer._update_meta = lambda: None
        append_signature_field(writer, SigFieldSpec("Ailleurs", on_page=0, box=(0, 0, 595, 842)))

    assert_refused(verify(append(signed_pdf(), add)), "annotation_added")
    assert_refused(verify(signed_pdf(append(document(), add))), "annotation_added")


@pytest.mark.parametrize("rest", [b"abc", b"\n"])
def test_bytes_after_the_last_signature_are_refused(rest: bytes) -> None:
    report = verify(signed_pdf() + rest)
    assert "ajoutés après la dernière signature" in assert_refused(report, "trailing")
    assert report.signatures[0].intact, "the report still lists whose signature it is"
    again = signed_pdf() + rest[:-1] + b"\nstartxref\n" + signed_pdf().rsplit(b"startxref")[-1].lstrip()
    assert_refused(verify(again), "trailing")
    assert_refused(verify(append(signed_pdf(), _touch) + rest), "trailing")


def test_bytes_after_a_document_that_nobody_signed_are_no_signature() -> None:
    assert_refused(verify(document() + b"abc"), "not_signed")


def test_a_revision_without_signature_after_the_last_one_is_told() -> None:
    """Signing tools append the proof that the certificates were valid; no signature covers that proof."""
    report = verify(append(signed_pdf(), _touch))
    assert report.valid, report.message
    assert any("complété après la dernière signature" in warning for warning in report.warnings)
    assert not any("complété" in warning for warning in verify(signed_pdf()).warnings)


def test_what_a_page_shows_changed_by_an_update_is_refused_even_signed_afterwards() -> None:
    def change(writer: IncrementalPdfFileWriter) -> None:
        page = writer.find_page_for_modification(0)[0].get_object()
        page["/Contents"] = writer.add_object(_stream())
        writer.update_container(page)

    assert_refused(verify(signed_pdf(append(document(), change))), "changed")


def test_a_second_document_laid_after_the_first_is_refused() -> None:
    """The file begins with the document, but its last table of objects makes a reader show the second one."""
    other = pikepdf.new()
    other.add_blank_page()
    out = io.BytesIO()
    other.save(out)
    assert_refused(verify(_append_pdf(document(), out.getvalue())), "hidden_document")


def test_a_certification_that_closes_the_document_to_the_next_signatory_is_refused() -> None:
    locked_pdf = signed_pdf(certify=True, docmdp_permissions=MDPPerm.NO_CHANGES)
    assert "certifié" in assert_refused(verify(locked_pdf), "certified")


def test_a_signature_that_locks_the_document_to_the_next_signatory_is_refused() -> None:
    spec = SigFieldSpec("Verrou", on_page=0, field_mdp_spec=FieldMDPSpec(FieldMDPAction.ALL))

    def add(writer: IncrementalPdfFileWriter) -> None:
        writer._update_meta = lambda: None
        append_signature_field(writer, spec)

    assert "verrouillé" in assert_refused(verify(signed_pdf(append(document(), add), field="Verrou")), "certified")


def test_a_file_of_another_convention_or_an_older_version_is_told() -> None:
    elsewhere = document(2)
    digest = hashlib.sha256(elsewhere).hexdigest()

    def lookup(code: str, what: str):
        return lambda hashes: KnownFile(code, what) if digest in hashes else None

    data = signed_pdf(elsewhere)
    other = lookup("other_convention", "CPO-2025-NOR-001, version 2")
    assert "CPO-2025-NOR-001" in assert_refused(verify(data, lookup=other), "other_convention")
    older = lookup("other_version", "la version 2 de cette convention")
    assert "la version 2 de cette convention" in assert_refused(verify(data, lookup=older), "other_version")
    avenant = lookup("other_act", "CPO-2025-BRE-001-A1, version 1")
    assert "autre acte de la même convention" in assert_refused(verify(data, lookup=avenant), "other_act")
    assert verify(data).code in ("unknown", "rewritten", "altered")


def test_a_file_cut_short_is_said_to_be_incomplete() -> None:
    data = signed_pdf()
    assert_refused(verify(data[: len(data) // 2]), "truncated")
    assert_refused(verify(data[:-600]), "truncated")
    assert_refused(verify(document()[:-600]), "truncated")


def test_an_encrypted_file_is_said_to_be_protected() -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(signed_pdf())) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(owner="secret", user="secret"))
    assert "mot de passe" in assert_refused(verify(out.getvalue()), "encrypted")


def test_a_copy_saved_again_by_another_program_is_told_from_an_unknown_file() -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(document())) as pdf:
        pdf.save(out)
    assert_refused(verify(out.getvalue()), "rewritten")
    blank = io.BytesIO()
    pikepdf.new().save(blank)
    assert_refused(verify(blank.getvalue()), "unreadable")
    assert_refused(verify(PDF), "unknown")


def test_what_is_no_pdf_or_a_broken_one_is_told() -> None:
    assert_refused(verify(b"PK\x03\x04 an archive"), "not_pdf")
    assert_refused(verify(document() + b"\ngarbage\nstartxref\n12\n%%EOF\n"), "unreadable")


def test_200_megabytes_are_refused_on_their_size_without_being_read() -> None:
    refusal = evidence.too_big(200_000_000)
    assert refusal is not None
    assert refusal.code == "too_big"
    assert "200\u00a0Mo" in refusal.message
    assert "40\u00a0Mo" in refusal.message

    class Unread(bytes):
        def __len__(self) -> int:
            return 200_000_000

        def __getitem__(self, *args: object) -> bytes:
            raise AssertionError("read")

    report = verify(Unread(b"%PDF-"))
    assert_refused(report, "too_big")
    assert report.sha256 == ""


def test_each_answer_has_its_own_words() -> None:
    beginnings = {text[:45] for text in REFUSALS.values()}
    assert len(beginnings) == len(REFUSALS)


# -- The fields that the document offers -------------------------------------------------------------------------------


def test_the_document_to_sign_offers_a_field_per_party_and_keeps_both_profiles_when_signed(tmp_path: Path) -> None:
    with pikepdf.open(io.BytesIO(document())) as pdf:
        fields = [(str(field.T), str(field.FT), str(field.TU)) for field in pdf.Root.AcroForm.Fields]
    assert [name for name, _, _ in fields] == ["signature-1", "signature-2"]
    assert {kind for _, kind, _ in fields} == {"/Sig"}
    assert all(tooltip.startswith("Signature pour l’") for _, _, tooltip in fields)
    assert_conformant(document(), tmp_path)
    assert_conformant(signed_pdf(), tmp_path)


# -- The configured authorities ----------------------------------------------------------------------------------------


def test_the_authorities_are_read_from_the_folder(tmp_path: Path) -> None:
    root, qualified, stamps = authority(), authority("Autorité qualifiée"), authority("Horodateurs")
    for folder in ("qualifiees", "horodatage", "intermediaires", "revocation"):
        (tmp_path / folder).mkdir()
    (tmp_path / "racines.pem").write_bytes(root.identity.pem + authority("Autre").identity.pem)
    (tmp_path / "lisez-moi.txt").write_text("ignoré")
    (tmp_path / "qualifiees" / "q.crt").write_bytes(qualified.identity.der)
    (tmp_path / "horodatage" / "h.cer").write_bytes(stamps.identity.pem)
    crl = root.revocation_list(person(), since=AT, until=AT + DAY)
    (tmp_path / "revocation" / "r.crl").write_bytes(crl.dump())

    loaded_trust = evidence.load_trust(tmp_path)
    assert {item.subject.native["common_name"] for item in loaded_trust.roots} == {
        "Autorité d’essai", "Autre", "Autorité qualifiée",
    }  # fmt: skip
    assert loaded_trust.qualified == {qualified.identity.asn1.sha256}
    assert [item.subject.native["common_name"] for item in loaded_trust.timestamp_roots] == ["Horodateurs"]
    assert len(loaded_trust.revocation_lists) == 1
    assert evidence.load_trust(tmp_path) is loaded_trust, "the folder is read once until it changes"
    assert evidence.load_trust("") == Trust()
    assert_refused(verify(signed_pdf(), trust=loaded_trust), "revoked")


def test_a_folder_or_a_certificate_that_can_t_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="n’existe pas"):
        evidence.load_trust(tmp_path / "rien")
    (tmp_path / "revocation").mkdir()
    (tmp_path / "revocation" / "autorite.crl").write_bytes(b"<html>Service indisponible</html>")
    with pytest.raises(ValueError, match=r"autorite\.crl"):
        evidence.load_trust(tmp_path)
    (tmp_path / "faux.pem").write_bytes(b"pas un certificat")
    with pytest.raises(ValueError, match=r"faux\.pem"):
        evidence.load_trust(tmp_path)


# -- Files made on purpose ---------------------------------------------------------------------------------------------


def _touch(writer: IncrementalPdfFileWriter) -> None:
    writer._update_meta = lambda: None
    writer.update_root()


def _stream():
    return generic.StreamObject(stream_data=b"0 0 100 100 re f")


def _note():
    note = generic.DictionaryObject()
    note["/Type"], note["/Subtype"] = generic.NameObject("/Annot"), generic.NameObject("/Square")
    note["/Rect"] = generic.ArrayObject(generic.NumberObject(side) for side in (100, 100, 300, 300))
    return note


def _append_pdf(first: bytes, second: bytes) -> bytes:
    """Return the second file written after the first, with its offsets moved by the length of the first."""
    with pikepdf.open(io.BytesIO(second)) as pdf:
        objects = [pdf.get_object(rank, 0).unparse(resolved=True) for rank in range(1, len(pdf.objects) + 1)]
        root = pdf.trailer.Root.objgen[0]
    body, places = bytearray(first), []
    for rank, text in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (rank, text)
    start = len(body)
    body += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    body += b"".join(b"%010d 00000 n \n" % place for place in places)
    body += b"trailer\n<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, root, start)
    return bytes(body)
