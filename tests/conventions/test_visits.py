"""A person sees marks on what others did on a convention since their previous visit."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from conventions.models import DossierVisit
from conventions.services import threads, visits
from cpo.lib import clock
from tests.dom.tree import packed
from tests.factories import scenarios
from tests.factories.scenarios import Scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return scenarios.proposed()


def url(scene: Scene, name: str = "convention-detail") -> str:
    return reverse(name, kwargs={"number": scene.number})


def page(client: Client, scene: Scene, name: str = "convention-detail") -> str:
    return packed(client.get(url(scene, name)).content.decode()).replace("\xa0", " ")


def visit(scene: Scene, user: Any, **ago: float) -> None:
    with clock.set_to(clock.now() - dt.timedelta(**ago)):
        visits.record_visit(user, scene.act.dossier)


def test_a_visit_lasts_as_long_as_the_browser_tells_that_the_page_is_open(scene: Scene) -> None:
    dossier, officer = scene.act.dossier, scene.officer
    start = clock.now()
    for minutes, before in ((0, None), (20, None), (40, None), (100, 40), (120, 40), (300, 120)):
        with clock.set_to(start + dt.timedelta(minutes=minutes)):
            expected = None if before is None else start + dt.timedelta(minutes=before)
            assert visits.previous_visit_end(officer, dossier) == expected, (
                f"page shown at {minutes}, before the visit is recorded"
            )
            visits.record_visit(officer, dossier)
            assert visits.previous_visit_end(officer, dossier) == expected, (
                f"page shown at {minutes}, after the visit is recorded"
            )
    assert DossierVisit.objects.count() == 1


def test_a_first_visit_marks_nothing(client: Client, scene: Scene) -> None:
    client.force_login(scene.officer)
    for name in ("convention-detail", "convention-journal", "convention-versions"):
        assert "votre visite" not in page(client, scene, name)


def test_what_others_did_since_is_marked_and_what_one_did_oneself_is_not(client: Client, scene: Scene) -> None:
    visit(scene, scene.officer)
    visit(scene, scene.director)
    with clock.set_to(clock.now() + dt.timedelta(days=2)):
        threads.start(scene.act, by=scene.officer, path="general", text="Ma question.")
        for user, is_marked in ((scene.officer, False), (scene.director, True)):
            client.force_login(user)
            text = page(client, scene)
            assert "depuis votre visite du 15 octobre 2026" in text
            place = text.index("ouvre un échange")
            assert ("Nouveau" in text[text.rindex("<li>", 0, place) : place]) is is_marked
            assert ("fr-badge--new" in page(client, scene, "convention-journal")) is is_marked


def test_a_version_proposed_since_is_marked_and_leads_to_what_changed(client: Client, scene: Scene) -> None:
    visit(scene, scene.director, seconds=0)
    with clock.set_to(clock.now() + dt.timedelta(days=2)):
        scene.edit()
        scene.do("propose", scene.officer)
        client.force_login(scene.director)
        compare = reverse("convention-compare", kwargs={"number": scene.number, "a": 1, "b": 2})
        assert compare in page(client, scene)
        text = page(client, scene, "convention-versions")
    assert text.count("Nouvelle depuis votre visite") == 1


def test_nothing_new_is_said_too(client: Client, scene: Scene) -> None:
    visit(scene, scene.officer, seconds=0)
    client.force_login(scene.officer)
    with clock.set_to(clock.now() + dt.timedelta(days=2)):
        assert "Rien de nouveau depuis votre visite" in page(client, scene)


def test_an_internal_event_of_the_other_side_counts_for_nobody_else(client: Client, scene: Scene) -> None:
    visit(scene, scene.director, seconds=0)
    with clock.set_to(clock.now() + dt.timedelta(days=2)):
        threads.start(scene.act, by=scene.officer, path="general", text="Entre nous.", internal=True)
        client.force_login(scene.director)
        assert "Rien de nouveau" in page(client, scene)


def test_the_browser_tells_and_reading_alone_writes_nothing(client: Client, scene: Scene) -> None:
    client.force_login(scene.officer)
    assert f'action="{url(scene, "convention-visit")}" data-cpo-visit' in page(client, scene)
    assert not DossierVisit.objects.exists()
    assert client.post(url(scene, "convention-visit")).status_code == 204
    assert DossierVisit.objects.get().user == scene.officer
