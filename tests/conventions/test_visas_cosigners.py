"""A co-signing service gives its visa or refuses it, with a reason that the lead service reads and must answer."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from conventions import workflow
from conventions.models import Visa
from conventions.pages.todo import Hats
from conventions.pages.todo_acts import act_todo
from cpo.lib.models import JournalEntry, OutboxMessage
from cpo.lib.workflow import Refused
from tests.factories import scenarios
from tests.factories.scenarios import Scene, accepted_by_both, cosigning_manager

pytestmark = pytest.mark.django_db
REASON = "Le budget de Mayotte manque."


def agreed() -> tuple[Scene, Any]:
    scene = accepted_by_both(cosigners=1)
    return scene, cosigning_manager(scene.party("cosigner").organisation)


def refused() -> tuple[Scene, Any]:
    scene, manager = agreed()
    scene.do("refuse_cosigner_visa", manager, REASON)
    return scene, manager


def names(scene: Scene, user: Any) -> set[str]:
    return {option.transition.name for option in workflow.ACT.available(scene.act, user)}


def todo(user: Any) -> tuple[list[str], list[str]]:
    tasks = act_todo(Hats.of(user))
    return [task.title for task in tasks.mine], [item.title for item in tasks.others]


def why_not(scene: Scene, name: str, user: Any) -> str:
    with pytest.raises(Refused) as caught:
        workflow.ACT.attempt(name, scene.act, user)
    return caught.value.message


def test_a_refusal_needs_its_reason_and_stops_the_signature() -> None:
    scene, manager = agreed()
    with pytest.raises(Refused, match="motif est obligatoire"):
        scene.do("refuse_cosigner_visa", manager, " \n")
    assert not Visa.objects.exists()
    scene.do("refuse_cosigner_visa", manager, REASON)
    visa = Visa.objects.get()
    assert (visa.organisation, visa.decision, visa.comment) == (scene.party("cosigner").organisation, "refused", REASON)
    scene.do("give_visa", scene.manager)
    option = workflow.ACT.option(scene.act, scene.manager, "open_signature")
    assert [line.text for line in option.blocking] == [
        f"Visa de {visa.organisation} sur la version acceptée, refusé le 15\u00a0octobre\u00a0: «\u00a0{REASON}\u00a0»"
    ]


def test_the_lead_service_is_told_with_the_reason_and_has_to_answer() -> None:
    scene, manager = refused()
    mails = OutboxMessage.objects.filter(template="visa_refuse")
    assert set(mails.values_list("to", flat=True)) == {scene.officer.email, scene.manager.email}
    assert all(REASON in mail.body and str(manager) in mail.body for mail in mails)
    cosigner = scene.party("cosigner").organisation
    assert f"Répondre au refus du visa de {cosigner}" in todo(scene.officer)[0]
    assert "Réponse à votre refus de visa" in todo(manager)[1]
    assert not [title for title in todo(manager)[0] if "visa" in title]


def test_the_association_reads_nothing_of_it(client: Client) -> None:
    scene, _ = refused()
    entry = JournalEntry.objects.get(verb="refuse_cosigner_visa")
    assert entry.audience == "state"
    client.force_login(scene.director)
    for name in ("convention-detail", "convention-versions", "convention-journal"):
        assert REASON not in client.get(reverse(name, args=[scene.number])).content.decode()
    client.force_login(scene.officer)
    for name in ("convention-versions", "convention-journal"):
        assert REASON in client.get(reverse(name, args=[scene.number])).content.decode()


def test_a_refused_visa_may_be_given_and_a_given_one_is_no_longer_refused() -> None:
    scene, manager = refused()
    assert "cosigner_visa" in names(scene, manager) and "refuse_cosigner_visa" not in names(scene, manager)
    assert why_not(scene, "refuse_cosigner_visa", manager) == "Le visa de votre service est déjà refusé."
    scene.do("cosigner_visa", manager)
    assert not {"cosigner_visa", "refuse_cosigner_visa"} & names(scene, manager)
    for name in ("cosigner_visa", "refuse_cosigner_visa"):
        assert why_not(scene, name, manager) == "Le visa de votre service est déjà donné."
    scene.do("give_visa", scene.manager)
    scene.do("open_signature", scene.manager)


def test_another_version_asks_the_service_again() -> None:
    scene, manager = refused()
    scene.edit()
    scene.do("propose", scene.officer)
    assert why_not(scene, "refuse_cosigner_visa", manager) == (
        "Le visa porte sur une version que les deux parties ont acceptée."
    )
    scene.do("accept", scene.director)
    assert {"cosigner_visa", "refuse_cosigner_visa"} <= names(scene, manager)
    assert any("Donner ou refuser le visa" in title for title in todo(manager)[0])


def test_only_the_co_signing_service_refuses_it() -> None:
    scene, _ = agreed()
    for user in (scene.manager, scene.officer, scene.signatory, scene.director, scene.president):
        with pytest.raises(PermissionDenied):
            scene.do("refuse_cosigner_visa", user, REASON)


def test_the_officer_is_told_that_the_lead_service_refuses_and_who_refuses_gets_no_mail() -> None:
    scene = scenarios.accepted_by_both()
    scene.do("refuse_visa", scene.manager, "Le plan est à revoir.")
    mail = OutboxMessage.objects.get(template="visa_refuse")
    assert mail.to == scene.officer.email and "Le plan est à revoir." in mail.body
    option = workflow.ACT.option(scene.act, scene.manager, "open_signature")
    assert "refusé le 15\u00a0octobre\u00a0: «\u00a0Le plan est à revoir.\u00a0»" in option.blocking[0].text
