"""PDFs signed with certificates: how one hands them in, the order of signatures, and how one takes a signature back."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from arml.models import Delegation, User
from conventions import workflow
from conventions.documents import recognition
from conventions.documents.parts.parties import signature_blocks
from conventions.guards.signing import next_to_sign, recordable_parties, signing_document
from conventions.models import Party, Signature, SignedDeposit
from conventions.pages.todo import Hats
from conventions.pages.todo_acts import act_todo
from conventions.services.signing import certificate
from conventions.services.signing.browser import StepRefused
from conventions.views import negotiation
from cpo.lib import clock
from cpo.lib.files import stored
from cpo.lib.models import JournalEntry, OutboxMessage
from cpo.lib.workflow import Refused
from reporting.todo.national import national_tasks
from tests import pki
from tests.factories.arml import make_user
from tests.factories.scenarios import Scene, in_signature
from tests.factories.signed_files import (
    AUTHORITY,
    NotAccepted,
    checked,
    deposit_signed,
    signed_by,
    store,
    to_sign_with_certificates,
    trusted,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _authority(settings: Any, tmp_path: Path) -> None:
    trusted(settings, tmp_path)


@pytest.fixture
def scene() -> Scene:
    return to_sign_with_certificates()


def hand_in(scene: Scene, role: str, data: bytes, by: Any = None, **fields: Any) -> Signature:
    document = signing_document(scene.act)
    sha256 = fields.pop("shown_sha256", document.signed_file.sha256)
    party = scene.party(role)
    by = by or (scene.president if role == "beneficiary" else scene.signatory)
    deposit = deposit_signed(scene.act, party, data, by=by, document=document, shown_sha256=sha256, **fields)
    assert deposit.signature is not None
    return deposit.signature


def name(scene: Scene, role: str) -> str:
    return scene.party(role).signatory_name


# -- Recording ---------------------------------------------------------------------------------------------------------


def test_a_verified_file_is_kept_with_who_when_and_the_whole_verification(scene: Scene) -> None:
    data = signed_by(scene, name(scene, "beneficiary"))
    signature = hand_in(scene, "beneficiary", data)
    document = signing_document(scene.act)
    assert (signature.mode, signature.signatory_name) == ("pades", name(scene, "beneficiary"))
    assert signature.signed_on == dt.date(2026, 10, 15)
    assert signature.file_sha256 == document.file.sha256
    assert stored.read(signature.signed_file) == data
    assert signature.proof["wording"] == "signature électronique avec certificat vérifié, au format PAdES"
    assert signature.proof["verification"]["valid"] is True
    assert signature.proof["signed_sha256"] == signature.signed_file.sha256
    entry = JournalEntry.objects.filter(verb="deposit_signature").get()
    assert "dépose le PDF signé avec un certificat" in entry.sentence


def test_the_second_party_signs_the_file_that_the_first_one_signed(scene: Scene) -> None:
    original = stored.read(signing_document(scene.act).file)
    first = signed_by(scene, name(scene, "beneficiary"))
    hand_in(scene, "beneficiary", first)
    assert stored.read(signing_document(scene.act).signed_file) == first

    beside = signed_by(scene, name(scene, "lead"), field="signature-2", data=original)
    with pytest.raises(NotAccepted, match="avant que l’autre partie le signe"):
        hand_in(scene, "lead", beside)

    second = signed_by(scene, name(scene, "lead"), field="signature-2")
    signature = hand_in(scene, "lead", second)
    assert [entry["new"] for entry in signature.proof["verification"]["signatures"]] == [False, True]
    act = scene.act
    assert act.signed_on == dt.date(2026, 10, 15)
    scene.do("notify", scene.officer)
    assert scene.act.state == "active"
    finding = recognition.identify(signature.signed_file.sha256)
    assert finding is not None
    assert (finding.verdict, finding.reference) == ("signed", scene.number)


def test_a_file_signed_by_both_at_once_is_asked_one_after_the_other(scene: Scene) -> None:
    first = signed_by(scene, name(scene, "beneficiary"))
    both = signed_by(scene, name(scene, "lead"), field="signature-2", data=first)
    with pytest.raises(StepRefused, match="2\u00a0signatures nouvelles"):
        hand_in(scene, "beneficiary", both)


def test_one_party_signs_in_the_browser_and_the_other_with_a_certificate(scene: Scene) -> None:
    scene.sign(scene.president)
    hand_in(scene, "lead", signed_by(scene, name(scene, "lead"), field="signature-2"))
    assert sorted(Signature.objects.values_list("mode", flat=True)) == ["browser", "pades"]
    assert scene.act.signed_on


def test_the_manager_hands_in_the_file_of_a_signatory_without_account(scene: Scene) -> None:
    Party.objects.filter(pk=scene.party("lead").pk).update(signatory=None, signatory_name="Sacha Fictif")
    data = signed_by(scene, "FICTIF Sacha", field="signature-2")
    signature = hand_in(scene, "lead", data, by=scene.manager)
    assert (signature.signatory_name, signature.recorded_by) == ("Sacha Fictif", scene.manager)


# -- Refusals ----------------------------------------------------------------------------------------------------------


def test_the_certificate_of_somebody_else_is_refused_unless_a_reason_is_given_that_the_dgefp_reads(
    scene: Scene,
) -> None:
    data = signed_by(scene, "Quelqu’un D’autre")
    with pytest.raises(StepRefused, match="au nom de Quelqu’un D’autre") as refusal:
        hand_in(scene, "beneficiary", data)
    assert refusal.value.field == "override_reason"
    signature = hand_in(scene, "beneficiary", data, override_reason="Nom de naissance sur le certificat.")
    assert signature.signatory_name == "Quelqu’un D’autre"
    assert signature.proof["name_announced"] == name(scene, "beneficiary")
    entry = JournalEntry.objects.get(verb="deposit_signature")
    assert entry.comment == "Nom de naissance sur le certificat."
    tasks = [task for task in national_tasks(make_user("national_admin")) if "malgré une différence" in task.title]
    assert [task.verb for task in tasks] == ["Lire le motif"]


def test_a_signature_in_the_place_of_another_party_is_refused_and_one_in_a_field_of_its_own_is_not(
    scene: Scene,
) -> None:
    data = signed_by(scene, name(scene, "beneficiary"), field="signature-2")
    with pytest.raises(StepRefused, match="est dans le cadre") as refusal:
        hand_in(scene, "beneficiary", data)
    assert scene.party("lead").organisation.in_sentence in refusal.value.message
    assert not Signature.objects.exists()
    hand_in(scene, "beneficiary", signed_by(scene, name(scene, "beneficiary"), field="Outil"))
    hand_in(scene, "lead", signed_by(scene, name(scene, "lead"), field="signature-2"))


def test_the_places_to_sign_are_those_of_the_document(scene: Scene) -> None:
    blocks = signature_blocks(scene.version.content)
    places = certificate.parties_by_field(scene.act)
    assert [block.anchor for block in blocks] == list(places)
    for block, party in zip(blocks, places.values(), strict=True):
        assert party.signatory_name in block.field


def test_a_reason_that_was_not_needed_is_not_kept(scene: Scene) -> None:
    data = signed_by(scene, name(scene, "beneficiary"))
    assert hand_in(scene, "beneficiary", data, override_reason="Au cas où.").override_reason == ""


def test_a_file_that_does_not_verify_is_refused_with_its_report_and_nothing_is_signed(scene: Scene) -> None:
    other = pki.Authority("Autorité inconnue")
    document = signing_document(scene.act)
    data = pki.sign(stored.read(document.file), other.person(name(scene, "beneficiary")), other)
    with pytest.raises(NotAccepted) as refusal:
        hand_in(scene, "beneficiary", data)
    assert refusal.value.code == "unknown_authority"
    assert "RÉSULTAT\u00a0: non valable" in refusal.value.report
    assert not Signature.objects.exists()


def test_the_document_of_another_convention_or_of_a_voided_version_is_told(scene: Scene) -> None:
    elsewhere = to_sign_with_certificates()
    data = signed_by(elsewhere, name(scene, "beneficiary"))
    with pytest.raises(NotAccepted, match="autre convention") as refusal:
        hand_in(scene, "beneficiary", data)
    assert elsewhere.number not in refusal.value.message
    both = make_user("director", elsewhere.act.dossier.beneficiary, user=scene.president)
    with pytest.raises(NotAccepted, match=elsewhere.number):
        hand_in(scene, "beneficiary", data, by=User.objects.get(pk=both.pk))

    old = signed_by(scene, name(scene, "beneficiary"))
    reopen(scene)
    with pytest.raises(NotAccepted, match="version 1, à signer \\(annulée\\)"):
        hand_in(scene, "beneficiary", old)


def reopen(scene: Scene) -> None:
    """Go back to negotiation, propose another version, and open the signature again."""
    scene.do("reopen", scene.manager, "Une erreur.")
    scene.edit()
    scene.do("propose", scene.officer)
    scene.do("accept", scene.director)
    scene.do("give_visa", scene.manager)
    scene.do("open_signature", scene.manager)
    store(scene)


def test_a_page_that_showed_another_file_refuses_and_explains(scene: Scene) -> None:
    data = signed_by(scene, name(scene, "beneficiary"))
    with pytest.raises(StepRefused, match="a changé depuis l’ouverture"):
        hand_in(scene, "beneficiary", data, shown_sha256="0" * 64)


def test_a_signature_dated_before_the_document_or_ahead_of_time_is_refused(scene: Scene, clock: Any) -> None:
    clock.shift(-dt.timedelta(days=2))
    early = signed_by(scene, name(scene, "beneficiary"))
    clock.shift(dt.timedelta(days=4))
    late = signed_by(scene, name(scene, "beneficiary"))
    clock.shift(-dt.timedelta(days=2))
    with pytest.raises(StepRefused, match="avant que le document ne soit produit"):
        hand_in(scene, "beneficiary", early)
    with pytest.raises(StepRefused, match="dans le futur"):
        hand_in(scene, "beneficiary", late)


def test_the_delegation_is_checked_on_the_day_of_the_certificate_and_kept_in_the_evidence(scene: Scene) -> None:
    delegation = Delegation.objects.filter(pk=scene.party("lead").delegation_id)
    data = signed_by(scene, name(scene, "lead"), field="signature-2")
    delegation.update(valid_until=dt.date(2026, 10, 14))
    with pytest.raises(Refused, match="pas en vigueur"):
        hand_in(scene, "lead", data)
    delegation.update(valid_until=dt.date(2026, 10, 15), ceiling=119_999)
    with pytest.raises(Refused, match="plafond"):
        hand_in(scene, "lead", data)
    delegation.update(ceiling=120_000)
    facts = hand_in(scene, "lead", data).proof["delegation"]
    row = delegation.get()
    assert facts == {
        "holder": f"{row.holder_name}, {row.holder_capacity}",
        "reference": row.reference,
        "dated": row.dated.isoformat(),
        "published": row.raa,
        "ceiling": "120000.00",
        "valid_until": "2026-10-15",
        "checked_for": "2026-10-15",
        "amount": "120000.00",
    }


def test_the_signature_in_the_browser_keeps_the_delegation_too() -> None:
    scene = in_signature()
    scene.sign(scene.signatory)
    assert Signature.objects.get().proof["delegation"]["checked_for"] == "2026-10-15"
    scene.sign(scene.president)
    assert "delegation" not in Signature.objects.get(party__role="beneficiary").proof


def test_who_is_not_concerned_hands_in_nothing(scene: Scene) -> None:
    data = signed_by(scene, name(scene, "lead"), field="signature-2")
    with pytest.raises(PermissionDenied):
        hand_in(scene, "lead", data, by=scene.officer)
    with pytest.raises(Refused):
        hand_in(scene, "lead", data, by=scene.president)


def test_a_signature_never_changes_even_by_raw_writing(scene: Scene) -> None:
    signature = hand_in(scene, "beneficiary", signed_by(scene, name(scene, "beneficiary")))
    changes = [{"proof": {}}, {"override_reason": "Autre"}, {"signed_file": None}, {"mode": "scan"}]
    changes += [{"recorded_at": clock.now()}, {"recorded_by": scene.manager}]
    for change in changes:
        with pytest.raises(DatabaseError), transaction.atomic():
            Signature.objects.filter(pk=signature.pk).update(**change)
    scene.do("reopen", scene.manager, "Une erreur.")
    with pytest.raises(DatabaseError), transaction.atomic():
        Signature.objects.filter(pk=signature.pk).update(voided_at=None)


# -- Modes and order of the act ----------------------------------------------------------------------------------------


def test_an_act_that_does_not_admit_certificates_or_a_site_without_authority_refuses_and_says_so(
    scene: Scene, settings: Any
) -> None:
    data = signed_by(scene, name(scene, "beneficiary"))
    scene.admit(pades_signature=False)
    with pytest.raises(Refused, match="pas admis pour cet acte"):
        hand_in(scene, "beneficiary", data)
    scene.admit(pades_signature=True)
    settings.SIGNATURE_TRUST_ROOTS = ""
    with pytest.raises(Refused, match="Aucune autorité de certification"):
        scene.do("deposit_signature", scene.president)


@pytest.mark.parametrize(
    ("order", "first", "second"),
    [("beneficiary", "president", "signatory"), ("state", "signatory", "president")],
)
def test_the_order_of_the_act_holds_for_every_way_of_signing(order: str, first: str, second: str) -> None:
    scene = to_sign_with_certificates()
    scene.admit(signing_order=order)
    late, role = getattr(scene, second), {"signatory": "lead", "president": "beneficiary"}[second]
    with pytest.raises(Refused, match="ont un ordre"):
        scene.do("sign", late)
    place = {"lead": "signature-2", "beneficiary": "signature-1"}[role]
    with pytest.raises(Refused, match="ont un ordre"):
        hand_in(scene, role, signed_by(scene, name(scene, role), field=place), by=late)
    recorders = {"lead": scene.manager, "beneficiary": scene.president}
    assert scene.party(role) not in recordable_parties(scene.act, _capacity(scene, recorders[role]))
    scene.sign(getattr(scene, first))
    scene.sign(late)
    assert scene.act.signed_on


def _capacity(scene: Scene, user: Any) -> Any:
    return workflow.capacities(user, scene.act)[0]


def test_in_the_free_order_anyone_begins(scene: Scene) -> None:
    assert len(next_to_sign(scene.act)) == 2


def test_what_is_to_do_follows_the_order_and_the_ways_of_the_act(scene: Scene) -> None:
    def verbs(user: Any) -> list[str]:
        return [task.verb for task in act_todo(Hats.of(user)).mine]

    assert (verbs(scene.president), verbs(scene.signatory)) == (["Signer"], ["Signer"])
    scene.admit(browser_signature=False, signing_order="state")
    assert (verbs(scene.president), verbs(scene.signatory)) == ([], ["Déposer"])


# -- Withdrawing a signature -------------------------------------------------------------------------------------------


def test_a_party_takes_its_signature_back_with_a_reason_before_the_other_has_signed(scene: Scene) -> None:
    hand_in(scene, "beneficiary", signed_by(scene, name(scene, "beneficiary")))
    with pytest.raises(Refused, match="motif"):
        scene.do("withdraw_signature", scene.president, "")
    with pytest.raises(Refused, match="n’a pas encore signé"):
        scene.do("withdraw_signature", scene.signatory, "Une erreur.")
    with pytest.raises(PermissionDenied):
        scene.do("withdraw_signature", scene.director, "Une erreur.")
    document = signing_document(scene.act)
    scene.do("withdraw_signature", scene.president, "Le budget de 2026 est faux.")
    act = scene.act
    document.refresh_from_db()
    assert (act.state, act.turn) == ("negotiation", "state")
    assert document.voided_at
    assert Signature.objects.get().voided_at
    assert signing_document(act) is None


def test_a_signature_is_taken_back_from_its_page(client: Client, scene: Scene) -> None:
    hand_in(scene, "beneficiary", signed_by(scene, name(scene, "beneficiary")))
    client.force_login(scene.president)
    page = reverse("convention-transition", kwargs={"number": scene.number, "name": "withdraw_signature"})
    answer = client.post(page, {"comment": "Le budget de 2026 est faux."}, follow=True)
    assert answer.status_code == 200
    assert "Votre signature est retirée" in answer.content.decode()
    assert scene.act.state == "negotiation"


def test_what_was_done_is_told_after_every_action_of_the_general_page() -> None:
    own = {*workflow.OWN_PAGES, "end_with_convention"}  # only the end of the convention makes this transition
    assert set(negotiation.DONE) == {transition.name for transition in workflow.ACT.transitions.values()} - own


def test_nothing_is_taken_back_reopened_nor_abandoned_once_everybody_has_signed() -> None:
    scene = in_signature()
    scene.sign(scene.president)
    scene.sign(scene.signatory)
    with pytest.raises(Refused, match="Toutes les parties ont signé"):
        scene.do("withdraw_signature", scene.president, "Trop tard.")
    with pytest.raises(Refused, match="Toutes les parties ont signé"):
        scene.do("reopen", scene.manager, "Trop tard.")
    with pytest.raises(Refused, match="Toutes les parties ont signé"):
        scene.do("abandon", scene.manager, "Trop tard.")


# -- The page ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def president(client: Client, scene: Scene) -> tuple[Client, Scene, str]:
    client.force_login(scene.president)
    return client, scene, reverse("convention-deposit-signature", kwargs={"number": scene.number})


def send(client: Client, url: str, data: bytes, **fields: Any) -> Any:
    page = client.get(url)
    hidden_fields = {"sha256": page.context["base"].sha256, "party": page.context["form"]["party"].initial or ""}
    form = page.context["form"].initial
    values = hidden_fields | {"party": form.get("party", "")} | fields
    return client.post(url, values | {"file": SimpleUploadedFile("signe.pdf", data)})


def answered(client: Client, answer: Any) -> str:
    """The page of the deposit to which a post leads, once a worker answered."""
    assert answer.status_code == 302, answer.context["form"].errors
    checked(SignedDeposit.objects.latest("pk"))
    return text(client, answer["Location"])


def text(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().replace("\u00a0", " ").replace("&nbsp;", " ").split())


def test_authorities_that_can_t_be_read_are_said_to_be_the_fault_of_the_site(
    president: tuple[Client, Scene, str], settings: Any, tmp_path: Path
) -> None:
    client, scene, url = president
    settings.SIGNATURE_TRUST_ROOTS = str(tmp_path / "absent")
    answer = send(client, url, signed_by(scene, name(scene, "beneficiary")))
    assert answer.status_code == 200
    assert "Votre fichier n’est pas en cause" in answer.content.decode()
    assert not Signature.objects.exists()


def test_the_file_is_handed_in_from_the_page(president: tuple[Client, Scene, str]) -> None:
    client, scene, url = president
    page = answered(client, send(client, url, signed_by(scene, name(scene, "beneficiary"))))
    assert "Le PDF signé est vérifié et enregistré" in page and "Il reste à signer" in page
    page = client.get(reverse("convention-documents", kwargs={"number": scene.number})).content.decode()
    assert "Signature électronique avec certificat vérifié, au format PAdES" in page
    assert "Lire le PDF signé" in page
    served = client.get(reverse("convention-document", kwargs={"number": scene.number}))
    assert b"".join(served.streaming_content) == stored.read(Signature.objects.get().signed_file)


def test_the_refusal_says_what_was_found_and_goes_to_who_handed_the_file_in(
    president: tuple[Client, Scene, str],
) -> None:
    client, scene, url = president
    page = answered(client, send(client, url, stored.read(signing_document(scene.act).file)))
    message = OutboxMessage.objects.get(template="pdf_signe_refuse")
    assert message.recipient == scene.president and "ne porte aucune signature" in message.body
    assert "ne porte aucune signature électronique nouvelle" in page
    assert "Ce qui a été constaté dans le fichier" in page
    assert "RÉSULTAT" in page


def test_the_reason_is_asked_once_the_name_differs(president: tuple[Client, Scene, str]) -> None:
    client, scene, url = president
    assert "La DGEFP lira ce motif" not in client.get(url).content.decode()
    data = signed_by(scene, "Quelqu’un D’autre")
    page = answered(client, send(client, url, data))
    assert "Le certificat est au nom de Quelqu’un D’autre" in page and "Dire pourquoi" in page
    assert "RÉSULTAT : valable" in page, "what was found is told, whatever the reason of the refusal"
    again = f"{url}?depot={SignedDeposit.objects.get().pk}"
    assert "Le fichier que vous avez déposé est gardé" in text(client, again)
    values = {"party": scene.party("beneficiary").pk, "sha256": signing_document(scene.act).signed_file.sha256}
    empty = client.post(again, values)
    assert empty.status_code == 200 and "Dites pourquoi" in empty.content.decode()
    page = answered(client, client.post(again, values | {"override_reason": "Nom d’usage."}))
    assert "est vérifié et enregistré" in page
    assert stored.read(Signature.objects.get().signed_file) == data
    assert "Nom d’usage." in text(client, reverse("convention-documents", kwargs={"number": scene.number}))


def test_a_file_too_big_is_refused_on_its_size(president: tuple[Client, Scene, str], settings: Any) -> None:
    client, scene, url = president
    settings.UPLOAD_MAX_BYTES = 1000
    page = send(client, url, signed_by(scene, name(scene, "beneficiary"))).content.decode()
    assert "Il n’a pas été lu." in page


def test_a_stale_page_of_each_way_of_signing_refuses_and_explains(client: Client, scene: Scene) -> None:
    client.force_login(scene.manager)
    deposit = reverse("convention-deposit-signature", kwargs={"number": scene.number})
    record = reverse("convention-record-signature", kwargs={"number": scene.number})
    sha256 = signing_document(scene.act).file.sha256
    data, short = signed_by(scene, name(scene, "lead"), field="signature-2"), scene.version.short_hash
    reopen(scene)
    party = scene.party("lead")
    answer = client.post(
        deposit, {"party": party.pk, "sha256": sha256, "file": SimpleUploadedFile("signe.pdf", data)}
    ).content.decode()
    assert "a changé depuis l’ouverture de la page" in answer
    answer = client.post(
        record,
        {
            "party": party.pk, "signatory_name": "Sacha Fictif", "capacity": "préfet", "signed_on": "15/10/2026",
            "reference": scene.number, "short_hash": short, "file": SimpleUploadedFile("scan.pdf", data),
        },
    ).content.decode()  # fmt: skip
    assert "porte peut-être sur une autre version" in answer
    scene.do("reopen", scene.manager, "Encore.")
    assert client.post(deposit, {"party": party.pk}).status_code == 409
    assert not Signature.objects.filter(voided_at=None).exists()


def test_the_person_who_may_not_is_told_why(client: Client, scene: Scene) -> None:
    url = reverse("convention-deposit-signature", kwargs={"number": scene.number})
    client.force_login(scene.officer)
    assert client.get(url).status_code == 403
    scene.admit(pades_signature=False)
    client.force_login(scene.president)
    answer = client.get(url)
    assert answer.status_code == 409
    assert "pas admis pour cet acte" in answer.content.decode()


def test_the_authority_of_the_tests_signs_for_both(scene: Scene) -> None:
    signature = hand_in(scene, "beneficiary", signed_by(scene, name(scene, "beneficiary")))
    assert signature.proof["verification"]["signatures"][0]["issuer"] == AUTHORITY.name


def test_one_document_stands_to_be_signed_and_a_voided_one_does_not(scene: Scene) -> None:
    before = signing_document(scene.act)
    assert list(scene.act.documents.to_sign()) == [before]
    scene.act.documents.filter(pk=before.pk).update(voided_at=clock.now())
    assert not scene.act.documents.to_sign().exists()
    assert signing_document(scene.act) is None
