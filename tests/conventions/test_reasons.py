"""A refusal gives its reason, and « ce qui manque » never counts a warning as a blocking point."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from conventions import workflow
from conventions.services import threads
from cpo.lib.workflow import Missing, Option, Refused
from tests.factories import scenarios
from tests.factories.kept import kept
from tests.factories.scenarios import Scene

pytestmark = pytest.mark.django_db


def refusal(scene: Scene, name: str, by: Any) -> str:
    with pytest.raises(Refused) as error:
        scene.do(name, by, "Une remarque.")
    return error.value.message


@kept
def received() -> Scene:
    """The State has proposed version 2, and the association has the turn."""
    scene = scenarios.proposed()
    scene.edit()
    scene.do("propose", scene.officer)
    return scene


def test_who_has_not_the_turn_reads_that_the_other_side_has_it() -> None:
    scene = scenarios.proposed()
    assert "L’autre partie a la main" in refusal(scene, "propose", scene.director)
    assert "Votre partie a déjà accepté la version 1" in refusal(scene, "accept", scene.director)
    assert "La main est déjà à vous" in refusal(scene, "ask_turn", scene.officer)
    assert "ne redemande pas la main" in refusal(scene, "give_turn", scene.officer)


def test_what_was_already_asked_says_since_when() -> None:
    scene = received()
    scene.do("ask_turn", scene.officer, "Un montant est faux.")
    assert refusal(scene, "ask_turn", scene.officer) == "La main est déjà redemandée, depuis le 15\u00a0octobre 2026."
    assert refusal(scene, "give_president_visa", scene.president).startswith("Aucun visa de la présidence")
    scene.do("ask_president_visa", scene.director)
    message = refusal(scene, "ask_president_visa", scene.director)
    assert message == "Le visa de la présidence est déjà demandé, depuis le 15\u00a0octobre 2026."
    scene.do("give_president_visa", scene.president)
    assert "a déjà donné son visa" in refusal(scene, "ask_president_visa", scene.director)


def test_the_visa_says_what_it_waits_for_and_when_it_was_given() -> None:
    scene = scenarios.proposed()
    assert "que les deux parties ont acceptée" in refusal(scene, "give_visa", scene.manager)
    assert "pas encore accepté la même version" in refusal(scene, "open_signature", scene.manager)
    scene = scenarios.accepted_by_both()
    assert refusal(scene, "propose", scene.officer) == "Les deux parties ont déjà accepté la version 1."
    scene.do("ask_visa", scene.officer)
    assert refusal(scene, "ask_visa", scene.officer).startswith("Le visa est déjà demandé, depuis le")
    scene.do("give_visa", scene.manager, "Vu.")
    assert refusal(scene, "give_visa", scene.manager) == "Le visa du service est déjà donné."


@pytest.mark.parametrize(
    ("severities", "title"),
    [
        ("error", "Il manque 1 point"),
        ("error error warning", "Il manque 2 points, 1 à vérifier"),
        ("later later", "Il manque 2 points avant la signature"),
        ("later warning warning", "Il manque 1 point avant la signature, 2 à vérifier"),
        ("warning warning", "2 points à vérifier"),
    ],
)
def test_the_title_of_what_is_missing_counts_apart_what_blocks_nothing(severities: str, title: str) -> None:
    scene = scenarios.proposed()
    option = workflow.ACT.option(scene.act, scene.officer, "propose")
    assert option is not None
    lines = [Missing("Une ligne", severity=severity) for severity in severities.split()]
    assert Option(option.transition, option.actor, lines).missing_title == title


def test_what_blocks_only_the_signature_is_told_apart_from_what_is_only_said() -> None:
    scene = scenarios.in_negotiation()
    scene.act.instalments.all().delete()
    threads.start(scene.act, by=scene.director, path="general", text="Une question.")
    option = workflow.ACT.option(scene.act, scene.director, "propose")
    assert option is not None and option.ready
    severities = {line.text: line.severity for line in option.missing}
    assert severities["Un échange reste ouvert"] == "warning"
    assert {severity for text, severity in severities.items() if "échéancier" in text} == {"later"}


def test_who_waits_for_a_visa_reads_what_is_awaited_and_the_association_reads_nothing_of_it(client: Client) -> None:
    scene = scenarios.accepted_by_both()
    scene.do("ask_visa", scene.officer)

    def next_step(user: Any) -> str:
        client.force_login(user)
        page = client.get(reverse("convention-detail", kwargs={"number": scene.number})).content.decode()
        box = re.search(r'id="t-suite">(.*?)</section>', page, re.S)[1]  # type: ignore[index]
        return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", box)

    assert "En attente du visa du service chef de file" in next_step(scene.officer)
    assert "depuis le 15\u00a0octobre 2026" in next_step(scene.officer)
    assert "Donner le visa" in next_step(scene.manager)
    director_text = next_step(scene.director)
    assert "En attente de l’ouverture de la signature" in director_text and "visa" not in director_text.lower()
    scene.do("give_visa", scene.manager, "Vu.")
    assert "ouvre la signature" in next_step(scene.officer)
    assert next_step(scene.director) == director_text


def test_once_both_sides_accepted_the_next_step_waits_for_the_lead_service_alone(client: Client) -> None:
    scene = scenarios.accepted_by_both()
    client.force_login(scene.director)
    address = reverse("convention-detail", args=[scene.number])
    assert "quand le service chef de file l’aura ouverte" in client.get(address).content.decode()
    scene.edit()
    assert "quand les deux parties auront accepté la même version" in client.get(address).content.decode()
