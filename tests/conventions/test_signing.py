"""The signature in the browser, step by step, and the record of paper originals."""

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from arml.models import Delegation
from conventions.guards.signing import signing_document
from conventions.models import Party, Signature, SigningAttempt
from conventions.services.signing import browser
from conventions.services.signing.browser import StepRefused
from conventions.services.signing.scan import Original, OriginalMismatch, record_original
from cpo.lib.files import stored
from cpo.lib.models import CountedTry, JournalEntry, OutboxMessage
from cpo.lib.workflow import Refused
from reporting.todo.national import national_tasks
from tests.factories import scenarios
from tests.factories.arml import PASSWORD, make_user
from tests.factories.conventions import PDF, blank_pdf
from tests.factories.scenarios import Scene, in_signature, last_code

pytestmark = pytest.mark.django_db


def begin(scene: Scene, role: str = "president") -> SigningAttempt:
    """Do the first step as the president (or the signatory)."""
    user = getattr(scene, role)
    user.set_password(PASSWORD)
    user.save()
    party = scene.party("beneficiary" if role == "president" else "lead")
    return browser.begin(scene.act, party, by=user, password=PASSWORD)


def with_code(scene: Scene, role: str = "president") -> SigningAttempt:
    attempt = begin(scene, role)
    browser.open_document(attempt)
    attempt.refresh_from_db()
    browser.send_code(attempt)
    return attempt


def sha256(scene: Scene) -> str:
    return signing_document(scene.act).file.sha256


def wrong_code(attempt: SigningAttempt) -> str:
    return "000000" if last_code(attempt.user) != "000000" else "111111"


# -- In the browser --------------------------------------------------------------------------------------------------


def test_a_signature_records_person_capacity_time_and_hash_and_is_called_simple() -> None:
    scene = in_signature()
    attempt = with_code(scene)
    browser.confirm(attempt, last_code(attempt.user), shown_sha256=sha256(scene))

    signature = Signature.objects.get()
    assert signature.signatory_name == str(scene.president)
    assert (signature.capacity, signature.mode) == ("présidente", "browser")
    assert signature.signed_on == dt.date(2026, 10, 15)
    assert signature.file_sha256 == sha256(scene)
    assert set(signature.proof) == {
        "wording", "account", "organisation", "role", "signed_in_again_at", "document_opened_at", "code_sent_at",
        "code_sent_to", "confirmed_at", "file_sha256", "content_sha256", "version",
    }  # fmt: skip
    assert signature.proof["wording"] == "signature simple"
    assert signature.proof["role"] == "president"


def test_the_code_is_sent_by_email_and_only_its_hash_is_kept_on_the_attempt() -> None:
    scene = in_signature()
    attempt = with_code(scene)
    code = last_code(attempt.user)
    assert len(code) == 6
    assert code not in attempt.code_hash
    message = OutboxMessage.objects.get(template="code_signature")
    assert message.to == scene.president.email
    assert "10 minutes" in message.body
    assert message.secrets == [code], "the code is erased from the message once it is sent"


def test_a_wrong_password_starts_nothing() -> None:
    scene = in_signature()
    with pytest.raises(StepRefused, match="mot de passe") as refusal:
        browser.begin(scene.act, scene.party("beneficiary"), by=scene.president, password="faux")
    assert refusal.value.field == "password"
    assert not SigningAttempt.objects.exists()


def test_the_password_of_somebody_else_is_refused() -> None:
    scene = in_signature()
    director = scene.director
    director.set_password("celui de la directrice")
    director.save()
    with pytest.raises(StepRefused):
        browser.begin(scene.act, scene.party("beneficiary"), by=scene.president, password="celui de la directrice")


def test_the_demo_password_signs_in_again_a_demo_account_alone() -> None:
    scene = in_signature()
    president = scene.president
    with pytest.raises(StepRefused):
        browser.begin(scene.act, scene.party("beneficiary"), by=president, password="demo-cpo-2025")
    president.is_demo = True
    president.save()
    assert browser.begin(scene.act, scene.party("beneficiary"), by=president, password="demo-cpo-2025").pk


def test_no_code_before_the_document_was_opened() -> None:
    attempt = begin(in_signature())
    with pytest.raises(StepRefused, match="Ouvrez d’abord"):
        browser.send_code(attempt)


def test_a_second_code_waits_a_minute(clock: Any) -> None:
    attempt = with_code(in_signature())
    first = last_code(attempt.user)
    with pytest.raises(StepRefused, match="secondes"):
        browser.send_code(attempt)
    clock.shift(61)
    browser.send_code(attempt)
    assert OutboxMessage.objects.filter(template="code_signature").count() == 2
    if first != last_code(attempt.user):
        with pytest.raises(StepRefused, match="dernier courriel"):
            browser.confirm(attempt, first, shown_sha256=attempt.document.file.sha256)


def test_a_wrong_code_is_counted_and_the_fifth_ends_the_attempt() -> None:
    scene = in_signature()
    attempt = with_code(scene)
    code = wrong_code(attempt)
    for message in ("4 essais", "3 essais", "2 essais", "un essai"):
        with pytest.raises(StepRefused, match=message):
            browser.confirm(attempt, code, shown_sha256=sha256(scene))
    with pytest.raises(StepRefused, match="Trop d’essais"):
        browser.confirm(attempt, code, shown_sha256=sha256(scene))
    with pytest.raises(StepRefused, match="Trop d’essais"):
        browser.confirm(attempt, last_code(attempt.user), shown_sha256=sha256(scene))
    assert not Signature.objects.exists()


def try_wrong(scene: Scene, attempt: SigningAttempt) -> str:
    with pytest.raises(StepRefused) as refusal:
        browser.confirm(attempt, wrong_code(attempt), shown_sha256=sha256(scene))
    return refusal.value.message.replace("\u00a0", " ")


def test_beginning_again_gives_ten_tries_an_hour_in_all(at: Any) -> None:
    scene = in_signature()
    for _ in range(2):
        attempt = with_code(scene)
        assert "Recommencez depuis l’étape 1" in [try_wrong(scene, attempt) for _ in range(5)][-1]
    attempt = with_code(scene)
    assert "Vous pourrez reprendre la signature à partir de 10 h 01" in try_wrong(scene, attempt)
    with pytest.raises(StepRefused, match="Trop de codes erronés"):
        browser.confirm(attempt, last_code(attempt.user), shown_sha256=sha256(scene))
    assert not Signature.objects.exists()
    at("2026-10-15 10:01")
    attempt = with_code(scene)
    browser.confirm(attempt, last_code(attempt.user), shown_sha256=sha256(scene))
    assert Signature.objects.count() == 1


def test_five_codes_an_hour_reach_a_mailbox_however_often_one_begins_again(at: Any) -> None:
    scene = in_signature()
    for _ in range(5):
        with_code(scene)
    with pytest.raises(StepRefused, match="Trop de codes vous ont été envoyés") as refusal:
        with_code(scene)
    assert refusal.value.field == "code"
    assert OutboxMessage.objects.filter(template="code_signature").count() == 5
    at("2026-10-15 10:01")
    with_code(scene)


def test_one_signatory_who_reaches_the_ceiling_stops_no_other() -> None:
    scene = in_signature()
    for _ in range(5):
        with_code(scene)
    assert with_code(scene, "signatory").code_hash


def test_a_signature_that_succeeds_is_counted_against_nobody() -> None:
    """A prefect signs fifteen acts in a morning."""
    scene = in_signature()
    for _ in range(4):
        attempt = with_code(scene)
    try_wrong(scene, attempt)
    browser.confirm(attempt, last_code(attempt.user), shown_sha256=sha256(scene))
    browser.CODES.check(attempt.user_id)
    assert not CountedTry.objects.exists()


def test_a_code_expires_after_ten_minutes(clock: Any) -> None:
    scene = in_signature()
    attempt = with_code(scene)
    clock.shift(dt.timedelta(minutes=10, seconds=5))
    with pytest.raises(StepRefused, match="expiré"):
        browser.confirm(attempt, last_code(attempt.user), shown_sha256=sha256(scene))


def test_a_code_typed_with_a_space_is_read() -> None:
    scene = in_signature()
    attempt = with_code(scene)
    code = last_code(attempt.user)
    browser.confirm(attempt, f"{code[:3]} {code[3:]} ", shown_sha256=sha256(scene))
    assert Signature.objects.count() == 1


def test_a_code_serves_once() -> None:
    scene = in_signature()
    attempt = with_code(scene)
    code = last_code(attempt.user)
    browser.confirm(attempt, code, shown_sha256=sha256(scene))
    with pytest.raises(Refused, match="déjà enregistrée"):
        browser.confirm(attempt, code, shown_sha256=sha256(scene))
    assert Signature.objects.count() == 1


def test_the_identification_lasts_thirty_minutes(clock: Any) -> None:
    scene = in_signature()
    attempt = begin(scene)
    assert browser.current_attempt(attempt.pk, scene.act, scene.president) == attempt
    assert browser.current_attempt(attempt.pk, scene.act, scene.signatory) is None
    clock.shift(dt.timedelta(minutes=31))
    assert browser.current_attempt(attempt.pk, scene.act, scene.president) is None


def test_a_document_that_changed_meanwhile_is_not_signed() -> None:
    scene = in_signature()
    attempt = with_code(scene)
    code = last_code(attempt.user)
    scene.do("reopen", scene.manager, "Une erreur.")
    with pytest.raises(Refused, match="a changé"):
        browser.confirm(attempt, code, shown_sha256=attempt.document.file.sha256)
    scene.do("accept", scene.officer)
    scene.do("accept", scene.director)
    scene.do("open_signature", scene.manager)
    scene.store_document()
    with pytest.raises(Refused, match="a changé"):
        browser.confirm(attempt, code, shown_sha256=attempt.document.file.sha256)
    assert not Signature.objects.exists()


def test_the_file_that_the_page_showed_is_the_one_signed() -> None:
    attempt = with_code(in_signature())
    with pytest.raises(Refused, match="a changé"):
        browser.confirm(attempt, last_code(attempt.user), shown_sha256="0" * 64)


def test_a_delegation_that_ended_or_whose_ceiling_is_passed_does_not_sign() -> None:
    scene = in_signature()
    attempt = with_code(scene, "signatory")
    code = last_code(attempt.user)
    delegation = Delegation.objects.filter(pk=scene.party("lead").delegation_id)
    delegation.update(valid_until=dt.date(2026, 10, 14))
    with pytest.raises(Refused, match="pas en vigueur"):
        browser.confirm(attempt, code, shown_sha256=sha256(scene))
    delegation.update(valid_until=None, ceiling=119_999)
    with pytest.raises(Refused, match="plafond"):
        browser.confirm(attempt, code, shown_sha256=sha256(scene))
    # The refusals did not use up the code: it signs once the delegation is valid.
    delegation.update(ceiling=120_000)
    browser.confirm(attempt, code, shown_sha256=sha256(scene))
    assert Signature.objects.get().capacity == "directrice régionale"


def test_who_is_not_the_named_signatory_does_not_sign() -> None:
    scene = in_signature()
    with pytest.raises(Refused):
        scene.do("sign", scene.director)
    with pytest.raises(PermissionDenied):
        scene.do("sign", scene.officer)


# -- The pages -------------------------------------------------------------------------------------------------------


def as_president(client: Client, scene: Scene) -> str:
    """Log the president in; return the address of the page where they sign."""
    president = scene.president
    president.set_password(PASSWORD)
    president.save()
    client.force_login(president)
    return reverse("convention-sign", kwargs={"number": scene.number})


@pytest.fixture
def signer(client: Client) -> tuple[Client, Scene, str]:
    scene = in_signature()
    return client, scene, as_president(client, scene)


def test_the_three_steps_in_the_page(signer: tuple[Client, Scene, str]) -> None:
    client, scene, url = signer
    page = client.get(url).content.decode()
    assert "signature simple" in page
    assert sha256(scene) in page

    identity_answer = client.post(url, {"etape": "identite", "password": "faux"})
    assert "n’est pas celui de votre compte" in identity_answer.content.decode()
    assert client.post(url, {"etape": "identite", "password": PASSWORD}).status_code == 302

    code_answer = client.post(url, {"etape": "code"})
    assert "Ouvrez d’abord le document" in code_answer.content.decode()
    document_answer = client.post(url, {"etape": "ouvrir"})
    assert document_answer["Content-Type"] == "application/pdf"
    assert b"".join(document_answer.streaming_content).startswith(b"%PDF")

    assert client.post(url, {"etape": "code"}).status_code == 302
    attempt = SigningAttempt.objects.get()
    data = {"etape": "signer", "sha256": sha256(scene)}
    wrong_code_page = client.post(url, {**data, "code": wrong_code(attempt), "agree": "on"}).content.decode()
    assert "Il vous reste 4 essais" in wrong_code_page
    unticked_page = client.post(url, {**data, "code": last_code(scene.president)}).content.decode()
    assert "Confirmez que vous signez ce document." in unticked_page

    final_answer = client.post(url, {**data, "code": last_code(scene.president), "agree": "on"}, follow=True)
    assert "Votre signature est enregistrée" in final_answer.content.decode()
    assert Signature.objects.get().party.role == "beneficiary"


def test_the_signatory_of_an_avenant_consents_to_the_avenant(client: Client) -> None:
    scene = scenarios.with_later_act()
    scene.edit()
    scenarios.to_signature(scene)
    url = as_president(client, scene)
    client.post(url, {"etape": "identite", "password": PASSWORD})
    client.post(url, {"etape": "ouvrir"})
    client.post(url, {"etape": "code"})
    page = client.get(url).content.decode().replace("\u00a0", " ")
    assert f"je signe l’avenant n° 1 ({scene.number})" in page


def test_reading_the_signature_page_writes_nothing(signer: tuple[Client, Scene, str]) -> None:
    client, _, url = signer
    client.get(url)
    assert not SigningAttempt.objects.exists()


def test_another_session_does_not_go_on_with_an_attempt(signer: tuple[Client, Scene, str]) -> None:
    client, scene, url = signer
    client.post(url, {"etape": "identite", "password": PASSWORD})
    other = Client()
    other.force_login(scene.president)
    answer = other.post(url, {"etape": "ouvrir"})
    assert answer.status_code == 409
    assert "identifiez-vous à nouveau" in answer.content.decode()


def test_who_may_not_sign_is_told_why(client: Client) -> None:
    scene = in_signature()
    url = reverse("convention-sign", kwargs={"number": scene.number})
    client.force_login(scene.officer)
    assert client.get(url).status_code == 403
    client.force_login(scene.director)
    answer = client.get(url)
    assert answer.status_code == 409
    assert "pas le signataire désigné" in answer.content.decode()
    stranger = scenarios.complete_draft()
    client.force_login(stranger.officer)
    assert client.get(url).status_code == 404


# -- The paper original ----------------------------------------------------------------------------------------------


def original(scene: Scene, party: Party, **fields: Any) -> Original:
    values = {
        "scan": stored.store(PDF + b"% scan\n%%EOF", "application/pdf"),
        "signatory_name": party.signatory_name,
        "capacity": party.capacity,
        "signed_on": dt.date(2026, 10, 15),
        "reference": scene.number,
        "short_hash": scene.version.short_hash,
        "pages": 1,
    }
    return Original(**(values | fields))


def record(scene: Scene, role: str, by: Any, **fields: Any) -> Signature:
    party, by = scene.party(role), by or scene.president
    document = signing_document(scene.act)
    record_original(scene.act, party, original(scene, party, **fields), by=by, document=document)
    return Signature.objects.get(party=party)


def test_the_manager_records_the_original_signed_by_a_prefet_who_has_no_account() -> None:
    scene = in_signature()
    fields = {"signatory": None, "signatory_name": "Le préfet Exemple"}
    Party.objects.filter(pk=scene.party("lead").pk).update(**fields)
    signature = record(scene, "lead", scene.manager, signatory_name="Le préfet Exemple", capacity="préfet de région")
    assert (signature.mode, signature.signatory_name) == ("scan", "Le préfet Exemple")
    assert signature.recorded_by == scene.manager
    assert signature.file_sha256 == sha256(scene)
    assert signature.scan.sha256 == signature.proof["scan_sha256"] != signature.file_sha256


def test_what_is_typed_from_the_paper_is_compared_without_case_or_spaces() -> None:
    scene = in_signature()
    short = scene.version.short_hash
    record(
        scene,
        "beneficiary",
        scene.president,
        reference=f" {scene.number.lower().replace('-', ' - ')} ",
        short_hash=f"{short[:6].upper()} {short[6:]}",
    )
    assert Signature.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [("reference", "CPO-2025-XXX-001"), ("short_hash", "0123456789ab"), ("signatory_name", "Quelqu’un d’autre")],
)
def test_a_paper_that_bears_something_else_is_refused_beside_the_field(field: str, value: str) -> None:
    scene = in_signature()
    with pytest.raises(OriginalMismatch) as refusal:
        record(scene, "beneficiary", scene.president, **{field: value})
    assert [one.field for one in refusal.value.differences] == [field]
    assert not Signature.objects.exists()


def test_a_scan_with_another_number_of_pages_is_refused_unless_a_reason_is_given_that_the_dgefp_reads() -> None:
    scene = in_signature()
    with pytest.raises(OriginalMismatch, match="compte 3\u00a0pages, le document à signer 1"):
        record(scene, "beneficiary", scene.president, pages=3)
    signature = record(scene, "beneficiary", scene.president, pages=3, override_reason="Versos blancs numérisés.")
    assert signature.override_reason == "Versos blancs numérisés."
    assert [text[:13] for text in signature.proof["differences"]] == ["Ce fichier co"]
    assert (signature.proof["pages"], signature.proof["pages_of_document"]) == (3, 1)
    titles = [task.title for task in national_tasks(make_user("national_admin"))]
    assert f"Signature enregistrée malgré une différence ({signature.party.organisation})" in titles


def test_the_document_to_sign_itself_is_no_scan_of_an_original() -> None:
    scene = in_signature()
    with pytest.raises(OriginalMismatch, match="est le document à signer"):
        record(scene, "beneficiary", scene.president, scan=signing_document(scene.act).file)


def test_all_that_differs_is_told_and_kept_with_the_reason() -> None:
    scene = in_signature()
    announced_name = scene.party("beneficiary").signatory_name
    differences = {"signatory_name": "Jean Inconnu", "short_hash": "0123456789ab", "pages": 2}
    with pytest.raises(OriginalMismatch) as refusal:
        record(scene, "beneficiary", scene.president, **differences)
    assert [one.field for one in refusal.value.differences] == ["signatory_name", "short_hash", "file"]
    signature = record(
        scene, "beneficiary", scene.president, **differences, override_reason="Vice-président, page perdue."
    )
    assert len(signature.proof["differences"]) == 3 and announced_name in signature.proof["differences"][0]
    comment = JournalEntry.objects.get(verb="record_signature").comment
    assert "Vice-président, page perdue." in comment and "compte 2\u00a0pages" in comment and announced_name in comment


def test_an_accent_is_no_difference_of_name() -> None:
    scene = in_signature()
    Party.objects.filter(pk=scene.party("beneficiary").pk).update(signatory_name="Léo Ébauche")
    record(scene, "beneficiary", scene.president, signatory_name="LEO EBAUCHE")
    assert Signature.objects.get().proof["differences"] == []


def test_who_comes_to_sign_after_a_withdrawal_reads_why_the_document_is_void(client: Client) -> None:
    scene = in_signature()
    scene.sign(scene.president)
    scene.do("withdraw_signature", scene.president, "Une erreur de montant.")
    client.force_login(scene.signatory)
    answer = client.get(reverse("convention-sign", kwargs={"number": scene.number}))
    page = answer.content.decode()
    assert answer.status_code == 409 and "Le document à signer a été annulé le" in page
    assert "Une erreur de montant." in page
    client.force_login(scene.officer)
    page = client.get(reverse("convention-documents", kwargs={"number": scene.number})).content.decode()
    assert "Signatures annulées" in page and str(scene.president) in page


def test_a_reason_without_any_difference_is_not_kept() -> None:
    signature = record(in_signature(), "beneficiary", None, override_reason="Au cas où.")
    assert (signature.override_reason, signature.proof["differences"]) == ("", [])


def test_the_reason_is_asked_in_the_page_once_the_scan_differs(recorder: tuple[Client, Scene, dict[str, Any]]) -> None:
    two = blank_pdf(2)
    page = post(recorder, two).content.decode()
    assert "Ce fichier compte 2\u00a0pages" in page
    assert "La DGEFP lira ce motif" in page
    assert post(recorder, two, override_reason="Verso blanc.").status_code == 302


def test_the_president_records_for_the_association_only() -> None:
    scene = in_signature()
    with pytest.raises(Refused, match="ne pouvez pas déposer"):
        record(scene, "lead", scene.president)
    with pytest.raises(PermissionDenied):
        record(scene, "beneficiary", scene.officer)


@pytest.fixture
def recorder(client: Client) -> tuple[Client, Scene, dict[str, Any]]:
    scene = in_signature()
    client.force_login(scene.manager)
    party = scene.party("lead")
    form_data = {
        "party": party.pk,
        "signatory_name": party.signatory_name,
        "capacity": "préfet de région",
        "signed_on": "15/10/2026",
        "reference": scene.number,
        "short_hash": scene.version.short_hash,
    }
    return client, scene, form_data


def post(recorder: tuple[Client, Scene, dict[str, Any]], content: bytes | None = None, **fields: Any) -> Any:
    client, scene, form_data = recorder
    data = {**form_data, **fields}
    if content is not None:
        data["file"] = SimpleUploadedFile("original.pdf", content)
    return client.post(reverse("convention-record-signature", kwargs={"number": scene.number}), data)


def test_an_original_is_recorded_from_the_page(recorder: tuple[Client, Scene, dict[str, Any]]) -> None:
    assert post(recorder, PDF).status_code == 302
    assert Signature.objects.get().signatory_name == recorder[2]["signatory_name"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"signed_on": "16/10/2026"}, "est dans le futur"),
        ({"signed_on": "14/10/2026"}, "n’a pas pu être signé avant"),
        ({"signed_on": "31/02/2026"}, "n’est pas une date"),
        ({"reference": "CPO-2025-XXX-009"}, "n’est pas celle de ce document"),
        ({"short_hash": "zzz"}, "peut-être sur une autre version"),
        ({"signatory_name": ""}, "Indiquez qui a signé."),
        ({"party": ""}, "Choisissez la partie"),
    ],
)
def test_wrong_values_are_refused_beside_the_field_and_kept(
    recorder: tuple[Client, Scene, dict[str, Any]], fields: dict[str, str], message: str
) -> None:
    answer = post(recorder, PDF, **fields)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert message in page
    assert "préfet de région" in page
    for value in fields.values():
        assert value in page
    assert not Signature.objects.exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "Choisissez le fichier"),
        (b"", "Ce fichier est vide"),
        (b"\x89PNG\r\n\x1a\n....", "n’est pas un PDF"),
        (b"%PDF-1.7 tronqu\xc3\xa9", "incomplet"),
    ],
)
def test_a_bad_file_is_refused_with_the_reason(
    recorder: tuple[Client, Scene, dict[str, Any]], content: bytes | None, message: str
) -> None:
    page = post(recorder, content).content.decode()
    assert message in page
    assert recorder[2]["signatory_name"] in page
    assert not Signature.objects.exists()


def test_a_file_over_20_mb_is_refused(recorder: tuple[Client, Scene, dict[str, Any]], settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 100
    page = post(recorder, PDF + b"x" * 100 + b"%%EOF").content.decode()
    assert "pèse plus de" in page
    assert not Signature.objects.exists()
