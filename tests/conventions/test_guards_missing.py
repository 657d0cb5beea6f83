"""« Ce qui manque »: each line links to the place where one corrects it; some lines only warn before a decision."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from actions.models import Axis
from actions.models.programmes import Resource, Sheet, Target
from conventions import workflow
from conventions.guards.complete import nothing_missing
from conventions.services import threads
from conventions.services.texts import set_values
from tests.factories import scenarios
from tests.factories.conventions import make_act, member

pytestmark = pytest.mark.django_db


def test_each_line_leads_to_a_place_that_its_page_has(client: Client) -> None:
    faulty_act = scenarios.complete_draft().act
    Target.objects.filter(indicator__sheet__programme=faulty_act.programme, year=2026).delete()
    Resource.objects.filter(programme=faulty_act.programme, year=2027).update(amount=5)
    faulty_act.instalments.filter(year=2025).update(amount=5)
    faulty_act.instalments.filter(year=2026).delete()
    faulty_act.parties.update(signatory_name="", delegation=None)
    bare_act = make_act()
    axis = Axis.objects.filter(cycle=bare_act.programme.cycle).first()
    Sheet.objects.create(
        programme=bare_act.programme, axis=axis, code="1-A", title="Vide", first_year=2025, last_year=2027
    )
    texts = set()
    for act in (faulty_act, bare_act):
        client.force_login(member(act, "officer"))
        for line in nothing_missing(act):
            page, _, fragment = line.url.partition("#")
            answer = client.get(page)
            assert answer.status_code == 200, line
            assert not fragment or f'id="{fragment}"' in answer.content.decode(), line
            texts.add(re.sub(r"\d", "0", line.text))
    assert len(texts) > 12


def test_a_contribution_that_is_not_what_the_fiches_ask_leads_to_its_field() -> None:
    act = scenarios.complete_draft().act
    Resource.objects.filter(programme=act.programme, year=2027, account__code="74-ETAT").update(amount=5)
    (line,) = [line for line in nothing_missing(act) if "les fiches demandent" in line.text]
    assert f"#id_m-{act.dossier.lead_id}-" in line.url and line.url.endswith("-2027")


def test_content_that_changed_leads_to_the_next_proposal() -> None:
    scene = scenarios.proposed()
    scene.edit()
    (line, *_) = workflow.ACT.attempt("accept", scene.act, scene.officer).blocking
    assert line.url == reverse("convention-transition", args=[scene.number, "propose"])


def test_open_exchanges_of_ones_own_side_are_said_before_accepting_and_to_that_side_alone() -> None:
    scene = scenarios.proposed()
    threads.start(scene.act, by=scene.director, path="general", text="Entre nous.", internal=True)
    assert not [
        line for line in workflow.ACT.attempt("accept", scene.act, scene.officer).missing if "interne" in line.text
    ]
    threads.start(scene.act, by=scene.officer, path="general", text="À revoir ?", internal=True)
    option = workflow.ACT.attempt("accept", scene.act, scene.officer)
    assert "Un échange interne reste ouvert" in [line.text for line in option.missing]
    assert option.ready


def test_proposing_again_what_was_just_proposed_is_said(client: Client) -> None:
    scene = scenarios.proposed()
    client.force_login(scene.officer)
    address = reverse("convention-transition", args=[scene.number, "propose"])
    words = "Rien n’a changé depuis la version 1"
    assert words in client.get(address).content.decode()
    set_values(act=scene.act, values={"lieu_signature": "Quimper"}, by=scene.officer, expected_revision=None)
    assert words not in client.get(address).content.decode()
