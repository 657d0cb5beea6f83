"""A signatory declines to sign, with a reason: the signature is suspended, both sides are told, the lead decides."""

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from conventions.guards.signing import next_to_sign, standing_refusal
from conventions.models import SigningRefusal
from conventions.pages.todo import Hats
from conventions.pages.todo_acts import act_todo
from conventions.waits import waits_of
from conventions.workflow import ACT
from cpo.lib.models import JournalEntry, OutboxMessage
from cpo.lib.workflow import Refused
from tests.factories import scenarios
from tests.factories.arml import make_user
from tests.factories.scenarios import Scene

pytestmark = pytest.mark.django_db
REASON = "Le montant de 2027 n’est pas celui que le conseil a voté."


def refused(**fields) -> Scene:
    scene = scenarios.in_signature(**fields)
    scene.do("decline_signature", scene.president, REASON)
    return scene


def names(scene, user):
    return {option.transition.name for option in ACT.available(scene.act, user)}


def test_a_refusal_needs_its_reason():
    scene = scenarios.in_signature()
    with pytest.raises(Refused, match="motif"):
        scene.do("decline_signature", scene.president, " ")
    assert not SigningRefusal.objects.exists()


def test_both_sides_are_told_with_the_reason_and_the_journal_keeps_it():
    scene = scenarios.in_signature(cosigners=1)
    cosigner = scene.party("cosigner").signatory
    OutboxMessage.objects.all().delete()
    scene.do("decline_signature", scene.president, REASON)
    messages = OutboxMessage.objects.filter(template="signature_refusee")
    told = {message.recipient for message in messages}
    assert {scene.officer, scene.manager, scene.signatory, scene.director, scene.president, cosigner} <= told
    assert all(REASON in message.body for message in messages)
    entry = JournalEntry.objects.get(verb="decline_signature")
    assert (entry.comment, entry.audience, entry.from_state, entry.to_state) == (
        REASON,
        "both",
        "signature",
        "signature",
    )


def test_nobody_else_signs_while_the_refusal_stands():
    scene = refused()
    assert [party.role for party in next_to_sign(scene.act)] == ["beneficiary"]
    assert "sign" not in names(scene, scene.signatory)
    with pytest.raises(Refused, match="La signature est suspendue"):
        ACT.attempt("sign", scene.act, scene.signatory)
    with pytest.raises(Refused, match="La signature est suspendue"):
        scene.do("decline_signature", scene.signatory, REASON)


def test_the_refusal_is_recorded_once_and_lifted_by_the_signature():
    scene = refused()
    with pytest.raises(Refused, match="déjà enregistré"):
        scene.do("decline_signature", scene.president, REASON)
    scene.sign(scene.president)
    assert standing_refusal(scene.act) is None
    assert SigningRefusal.objects.get().lifted_at is not None
    assert [party.role for party in next_to_sign(scene.act)] == ["lead"]
    assert "sign" in names(scene, scene.signatory)


def test_the_manager_reopens_the_negotiation_and_the_next_document_is_free():
    scene = refused()
    scene.do("reopen", scene.manager, "Le montant est à revoir.")
    assert standing_refusal(scene.act) is None
    scenarios.to_signature(scene)
    assert standing_refusal(scene.act) is None
    assert len(next_to_sign(scene.act)) == 2


def test_only_the_signatory_of_a_party_declines():
    scene = scenarios.in_signature()
    for user in (scene.officer, scene.director):
        with pytest.raises((PermissionDenied, Refused)):
            scene.do("decline_signature", user, REASON)
    with pytest.raises(PermissionDenied):
        scene.do("decline_signature", make_user("reader"), REASON)
    scene.sign(scene.president)
    with pytest.raises(Refused):
        scene.do("decline_signature", scene.president, REASON)


def test_the_manager_is_asked_to_decide_and_is_waited_for():
    scene = refused()
    assert [task.verb for task in act_todo(Hats.of(scene.manager)).mine] == ["Lire le motif"]
    assert act_todo(Hats.of(scene.signatory)).mine == []
    (wait,) = waits_of(scene.act)
    assert (wait.what, wait.people) == ("la suite à donner au refus de signer", [scene.manager])


def test_the_page_of_signatures_says_who_refused_and_why():
    scene = refused()
    client = Client()
    client.force_login(scene.officer)
    html = client.get(reverse("convention-documents", args=[scene.number])).content.decode()
    assert "a refusé de signer" in html
    assert REASON in html
    assert "Refusé" in html


def test_declining_from_the_page_of_the_act():
    scene = scenarios.in_signature()
    client = Client()
    client.force_login(scene.president)
    address = reverse("convention-transition", args=[scene.number, "decline_signature"])
    assert client.get(address).status_code == 200
    response = client.post(address, {"comment": REASON}, follow=True)
    assert "Votre refus est enregistré avec son motif" in response.content.decode()
    assert SigningRefusal.objects.get().reason == REASON
