"""The public page that identifies a document: its answers, and what it never reveals."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from conventions.documents import production, recognition, register
from conventions.documents.recognition import Verdict
from conventions.models import Document
from cpo.lib.files import stored as stored_files
from cpo.lib.files.fingerprints import fingerprint
from cpo.lib.files.hashing import canonical
from cpo.lib.models import StoredFile
from tests.dom.tree import packed
from tests.factories import scenarios
from tests.factories.conventions import PDF
from tests.factories.signed_files import deposit_signed, signed_by, to_sign_with_certificates, trusted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quiet() -> None:
    cache.clear()


def to_sign(scene: Any) -> Document:
    return Document.objects.select_related("file").get(act=scene.act, purpose="a_signer")


def draft(scene: Any) -> Document:
    document = production.produce(scene.version.pk, "projet")
    assert document is not None
    return document


def drop(data: bytes, client: Client | None = None, **extra: Any) -> str:
    anybody = client or Client()
    answer = anybody.post(reverse("verify"), {"file": SimpleUploadedFile("recu.pdf", data)}, **extra)
    assert answer.status_code == 200
    return packed(answer.content.decode())


def ask(reference: str, sha256: str) -> str:
    answer = Client().get(reverse("verify"), {"reference": reference, "empreinte": sha256})
    assert answer.status_code == 200
    return answer.content.decode()


def test_anybody_reads_the_page_and_its_link_stands_at_the_foot_of_the_site() -> None:
    page = Client().get(reverse("verify")).content.decode()
    assert "Déposer le fichier" in page
    assert f'href="{reverse("verify")}"' in Client().get(reverse("login")).content.decode()


def test_the_file_that_was_signed_is_the_signed_convention_whatever_its_name() -> None:
    scene = scenarios.active_convention()
    page = drop(stored_files.read(to_sign(scene).file))
    assert "C’est la convention signée" in page
    assert f"Référence {scene.number}, version 1." in page
    assert "Signé le 15 octobre 2026." in page.replace("\u00a0", " ")


def test_the_file_of_the_first_party_that_signed_is_not_said_to_be_the_one_that_all_signed(
    settings: Any, tmp_path: Path
) -> None:
    trusted(settings, tmp_path)
    scene = to_sign_with_certificates()
    document = to_sign(scene)
    files = [stored_files.read(document.file)]
    for rank, role in enumerate(("beneficiary", "lead"), start=1):
        party, by = scene.party(role), scene.president if role == "beneficiary" else scene.signatory
        files.append(signed_by(scene, party.signatory_name, field=f"signature-{rank}"))
        sha256 = document.signed_file.sha256
        deposit_signed(scene.act, party, files[-1], by=by, document=document, shown_sha256=sha256)
    for data in files[:2]:
        assert "ne porte pas toutes les signatures par certificat" in drop(data)
    assert "à l’octet près, celui que les parties ont signé" in drop(files[2])


def test_one_byte_changed_and_the_file_is_not_known() -> None:
    data = bytearray(stored_files.read(to_sign(scenarios.active_convention()).file))
    data[20] ^= 1
    page = drop(bytes(data))
    assert "Ce fichier n’est pas connu" in page
    assert "Référence CPO" not in page


def test_what_is_added_to_a_known_file_is_said_and_not_vouched_for() -> None:
    scene = scenarios.active_convention()
    data = stored_files.read(to_sign(scene).file)
    page = drop(data + b"\n1 0 obj\n<< >>\nendobj\nstartxref\n0\n%%EOF\n")
    assert "complété depuis" in page
    assert "Cette page ne vérifie pas ce qui a été ajouté" in page
    assert "C’est la convention signée" not in page


def test_what_was_completed_bears_the_day_when_it_was_produced_not_that_of_the_signature(clock: Any) -> None:
    scene = scenarios.in_signature()
    clock.shift(dt.timedelta(days=11))
    scene.sign(scene.president)
    scene.sign(scene.signatory)
    scene.do("notify", scene.officer)
    data = stored_files.read(to_sign(scene).file)
    assert "Signé le 26 octobre 2026" in drop(data).replace("\u00a0", " ")
    page = drop(data + b"\nune ligne\n").replace("\u00a0", " ")
    assert "Produit le 15 octobre 2026" in page
    assert "26 octobre" not in page


@pytest.mark.parametrize("suffix", [b"abcd", b"\n1 0 obj\n<< >>\nendobj\nstartxref\n0\n%%EOF\n"])
def test_what_is_added_to_an_annulled_document_or_to_an_older_version_hides_neither(suffix: bytes) -> None:
    scene = scenarios.in_signature()
    older, data = stored_files.read(draft(scene).file), stored_files.read(to_sign(scene).file)
    page = drop(older + suffix)
    assert "C’est une version antérieure" in page
    assert "quelque chose a été ajouté" in page
    scene.do("reopen", scene.manager, "Une erreur.")
    page = drop(data + suffix)
    assert "Ce document a été annulé" in page
    assert "quelque chose a été ajouté" in page
    assert "complété depuis" not in page


def test_the_content_of_a_version_is_recognised_by_its_file_as_data_and_not_as_the_document() -> None:
    scene = scenarios.active_convention()
    page = drop(canonical(scene.version.content))
    assert "C’est le texte que les parties ont signé" in page
    assert "c’est le contenu de cette version, en données" in page
    assert f"Référence {scene.number}, version 1." in page
    assert "à l’octet près" not in page
    party = scene.act.parties.first()
    for secret in (str(scene.act.dossier.beneficiary), party.signatory_name):
        assert secret not in page


def test_an_empty_file_is_said_to_be_empty() -> None:
    page = drop(b"")
    assert "Ce fichier est vide" in page
    assert "n’est pas connu" not in page


def test_while_it_is_signed_the_document_says_so() -> None:
    scene = scenarios.in_signature()
    assert "présenté à la signature" in drop(stored_files.read(to_sign(scene).file))
    assert "présenté à la signature" in ask(scene.number, scene.version.short_hash)


def test_a_voided_document_is_said_void() -> None:
    scene = scenarios.in_signature()
    data = stored_files.read(to_sign(scene).file)
    scene.do("reopen", scene.manager, "Une erreur.")
    assert "Ce document a été annulé" in drop(data)
    assert "Ce document a été annulé" in ask(scene.number, scene.version.short_hash)


def test_a_draft_is_a_working_version_then_an_older_one() -> None:
    scene = scenarios.proposed()
    first = draft(scene)
    data = stored_files.read(first.file)
    assert "C’est une version de travail" in drop(data)
    scene = scenarios.three_versions()
    older = scene.act.versions.get(number=1)
    assert "C’est une version antérieure" in ask(scene.number, older.content_sha256)
    assert "C’est une version de travail" in ask(scene.number, scene.version.content_sha256)


def test_the_draft_of_what_was_signed_since_is_not_the_signed_document() -> None:
    scene = scenarios.active_convention()
    page = drop(stored_files.read(draft(scene).file))
    assert "C’est une version antérieure" in page
    assert "ce n’est pas le document signé" in page


def test_reference_and_short_hash_name_the_signed_convention() -> None:
    scene = scenarios.active_convention()
    spaced_hash = f" {scene.version.short_hash[:6].upper()} {scene.version.short_hash[6:]}… "
    for sha256 in (scene.version.short_hash, spaced_hash, scene.version.content_sha256, to_sign(scene).file.sha256):
        assert "C’est la convention signée" in ask(f" {scene.number.lower()} ", sha256)
    for reference in (scene.number.lower().replace("-", " "), scene.number.replace("-", ""), f"{scene.number} – "):
        assert "C’est la convention signée" in ask(reference, scene.version.short_hash)
    dashed_hash = "-".join((scene.version.short_hash[:4], scene.version.short_hash[4:]))
    assert "C’est la convention signée" in ask(scene.number, dashed_hash)


def test_a_short_hash_never_tells_of_a_draft_and_says_how_to_have_it_recognised() -> None:
    scene = scenarios.proposed()
    draft(scene)
    unknown_page = ask("CPO-1999-XXX-001", "0" * 12).replace("CPO-1999-XXX-001", "").replace("0" * 12, "")
    page = ask(scene.number, scene.version.short_hash)
    assert "ne sont pas connues ensemble" in page
    assert "version de travail n’est reconnue que par son fichier" in page
    page = page.replace(scene.number, "").replace(scene.version.short_hash, "")
    assert page == unknown_page, "the answer does not reveal that the reference exists"


def test_a_hash_under_another_reference_is_not_known() -> None:
    scene = scenarios.active_convention()
    other = scenarios.in_signature()
    for sha256 in (scene.version.short_hash, scene.version.content_sha256, to_sign(scene).file.sha256):
        assert "ne sont pas connues ensemble" in ask(other.number, sha256) or scene.version == other.version


def test_the_answer_tells_nothing_but_reference_version_and_date() -> None:
    scene = scenarios.active_convention()
    page = drop(stored_files.read(to_sign(scene).file))
    party = scene.act.parties.first()
    for secret in (str(scene.act.dossier.beneficiary), str(scene.act.dossier.lead), party.signatory_name):
        assert secret not in page


def test_another_document_of_the_convention_is_recognised_and_restricted_ones_by_their_file_alone() -> None:
    scene = scenarios.active_convention()
    for purpose in ("accuse", "journal"):
        register.enter(
            PDF + purpose.encode() + b"%%EOF",
            act=scene.act,
            purpose=purpose,
            label=purpose,
            content_sha256=purpose[0] * 64,
        )
        assert "Ce document a été produit par cette application" in drop(PDF + purpose.encode() + b"%%EOF")
    assert "Ce document a été produit" in ask(scene.number, "a" * 12)
    assert recognition.identify_typed(scene.number, "j" * 12) is None


def test_the_paper_original_is_the_signed_convention() -> None:
    scene = scenarios.active_convention()
    stored = stored_files.store(PDF + b"original%%EOF", "application/pdf")
    Document.objects.create(act=scene.act, purpose="a_signer", file=stored, created_at=dt.datetime.now(dt.UTC))
    finding = recognition.identify(stored.sha256)
    assert finding is not None
    assert (finding.verdict, finding.version) == (Verdict.SIGNED, None)


def test_nothing_of_what_is_dropped_is_kept(settings: Any, tmp_path: Path) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    before = StoredFile.objects.count()
    assert "n’est pas connu" in drop(b"%PDF-1.4\n" + b"x" * 6_000_000)
    assert StoredFile.objects.count() == before
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_too_big_is_refused_before_it_is_read(settings: Any) -> None:
    settings.VERIFY_MAX_BYTES = 1_000_000
    answer = Client().post(reverse("verify"), {"file": SimpleUploadedFile("gros.pdf", b"x" * 1_200_000)})
    assert answer.status_code == 413
    assert "trop volumineux" in answer.content.decode()


@pytest.mark.parametrize(
    ("reference", "sha256", "message"),
    [
        ("", "a" * 12, "Recopiez la référence"),
        ("CPO-2025-BRE-001", "", "Recopiez l’empreinte"),
        ("CPO-2025-BRE-001", "abc", "de 12 à 64 caractères"),
        ("CPO-2025-BRE-001", "g" * 12, "de 12 à 64 caractères"),
        ("CPO-2025-BRE-001", "a" * 65, "de 12 à 64 caractères"),
    ],
)
def test_what_cannot_be_a_reference_and_a_hash_is_said_beside_the_field(
    reference: str, sha256: str, message: str
) -> None:
    assert message in ask(reference, sha256)


def test_a_post_without_file_asks_for_one() -> None:
    assert "Choisissez le fichier à vérifier" in Client().post(reverse("verify")).content.decode()


def test_a_machine_that_asks_too_often_waits_a_minute_and_the_others_do_not(settings: Any, clock: Any) -> None:
    settings.VERIFY_PER_MINUTE = 3
    settings.PROXIES = 1
    address = reverse("verify")
    query = {"reference": "CPO-2025-BRE-001", "empreinte": "a" * 12}
    client = Client(headers={"x-forwarded-for": "203.0.113.9, 198.51.100.1"})
    assert [client.get(address, query).status_code for _ in range(5)] == [200, 200, 200, 429, 429]
    answer = client.get(address, query)
    assert answer["Retry-After"] == "60"
    assert "Attendez une minute" in answer.content.decode()
    assert client.post(address, {"file": SimpleUploadedFile("a.pdf", b"a")}).status_code == 429
    assert client.get(address).status_code == 200, "reading the page is free"
    # The proxy tells the machines apart: a forged address changes nothing, and another machine gets an answer.
    assert Client(headers={"x-forwarded-for": "192.0.2.7, 198.51.100.1"}).get(address, query).status_code == 429
    assert Client(headers={"x-forwarded-for": "198.51.100.2"}).get(address, query).status_code == 200
    clock.move_to(dt.datetime.now(dt.UTC) + dt.timedelta(minutes=2))
    assert client.get(address, query).status_code == 200


def test_the_qr_code_of_a_document_leads_to_the_answer() -> None:
    from cpo.lib.printing import marks

    scene = scenarios.active_convention()
    address = marks.foot(scene.number, "version 1", scene.version.content_sha256)["verify_address"]
    page = Client().get(address.partition("://")[2].partition("/")[2].join(["/", ""])).content.decode()
    assert "C’est la convention signée" in page
    assert f'value="{scene.number}"' in page


def test_both_doors_agree_on_the_bytes_and_on_their_hash() -> None:
    data = stored_files.read(to_sign(scenarios.in_signature()).file)
    file_fingerprint = fingerprint([data])
    assert recognition.identify_file(file_fingerprint) == recognition.identify(file_fingerprint.sha256)
    assert recognition.identify("0" * 64) is None


def test_an_avenant_is_told_from_the_convention_and_the_consolidated_text_from_both() -> None:
    first = scenarios.active_convention()
    scene = scenarios.later(first)
    scene.edit()
    scenarios.in_force(scene)
    page = drop(stored_files.read(to_sign(scene).file))
    assert "C’est l’avenant signé" in page
    assert f"Référence {first.number}-A1, version 1." in page
    assert "C’est l’avenant signé" in ask(f"{first.number}-A1", scene.version.short_hash)
    assert "ne sont pas connues ensemble" in ask(first.number, scene.version.short_hash)
    assert "modifié depuis" not in page
    old = drop(stored_files.read(to_sign(first).file)).replace("\u00a0", " ")
    assert "C’est la convention signée" in old and "Ce texte a été modifié depuis" in old
    assert "par l’avenant n° 1, avec effet au 15 octobre 2026" in old
    consolidated = production.produce(scene.version.pk, "consolidee")
    assert consolidated is not None
    assert "C’est une version consolidée" in drop(stored_files.read(consolidated.file))


def test_an_adaptation_notice_is_notified_and_never_said_signed() -> None:
    scene = scenarios.with_later_act(kind="notice", year=2026)
    scene.adapt(Decimal(1000))
    scene.do("declare", scene.director, "Un achat groupé.")
    scene.store_document()
    page = drop(stored_files.read(to_sign(scene).file))
    assert "C’est l’information d’adaptation notifiée" in page
    assert "Notifié le" in page
    assert "ont signé" not in page
