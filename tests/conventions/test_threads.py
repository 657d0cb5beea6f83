"""Exchanges: who reads them, who writes, on which page, and until when."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from arml.permissions import capacities
from conventions.models import Thread
from conventions.services import threads
from cpo.lib.models import JournalEntry
from cpo.lib.workflow import Refused
from tests.factories import scenarios
from tests.factories.arml import make_user
from tests.factories.scenarios import Scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return scenarios.in_negotiation(cosigners=1)


def read_by(scene: Scene, user: Any) -> list[str]:
    act = scene.act
    return [thread.comments.first().text for thread in threads.readable(act, capacities(user, act.dossier))]


def url(scene: Scene, name: str = "convention-versions", **kwargs: Any) -> str:
    return reverse(name, kwargs={"number": scene.number, **kwargs})


def test_a_shared_exchange_is_read_by_both_sides_and_the_national_level(scene: Scene) -> None:
    threads.start(scene.act, by=scene.director, path="general", text="Une question.")
    for user in (scene.officer, scene.director, make_user("national_reader")):
        assert read_by(scene, user) == ["Une question."]


def test_an_internal_exchange_stays_on_its_side(scene: Scene) -> None:
    threads.start(scene.act, by=scene.officer, path="general", text="Entre nous.", internal=True)
    cosigner = make_user("officer", scene.party("cosigner").organisation)
    assert read_by(scene, scene.manager) == ["Entre nous."]
    assert read_by(scene, cosigner) == ["Entre nous."]
    for user in (scene.director, scene.president, make_user("national_admin")):
        assert read_by(scene, user) == []
    entry = JournalEntry.objects.get(verb="thread_started")
    assert entry.audience == "state"


def test_observers_read_no_exchange() -> None:
    scene = scenarios.in_negotiation()
    threads.start(scene.act, by=scene.director, path="general", text="Une question.")
    reader = make_user("reader")
    assert read_by(scene, reader) == []


def test_the_place_of_an_exchange_is_named_from_the_content(scene: Scene) -> None:
    sheet = scene.act.programme.sheets.first()
    on_sheet = threads.start(scene.act, by=scene.director, path=f"sheet/{sheet.key}", text="Titre ?")
    assert on_sheet.label == f"Fiche {sheet.code} – {sheet.title}"
    article = scene.act.articles.filter(included=True, model_article__number="4").get().model_article
    on_article = threads.start(scene.act, by=scene.director, path=f"article/{article.key}", text="Montant ?")
    assert on_article.label == f"Article\u00a04 – {article.title}"
    with pytest.raises(ValueError):
        threads.start(scene.act, by=scene.director, path="article/inconnu", text="?")


def test_an_exchange_survives_the_fiche_that_it_is_about(scene: Scene) -> None:
    sheet = scene.act.programme.sheets.first()
    threads.start(scene.act, by=scene.director, path=f"sheet/{sheet.key}", text="Titre ?")
    sheet.delete()
    assert read_by(scene, scene.officer) == ["Titre ?"]


def test_both_sides_answer_and_a_resolved_exchange_has_to_be_reopened_first(scene: Scene) -> None:
    thread = threads.start(scene.act, by=scene.director, path="general", text="Une question.")
    threads.reply(thread, by=scene.officer, text="Une réponse.")
    threads.resolve(thread, by=scene.officer)
    thread.refresh_from_db()
    assert thread.resolved_by == scene.officer
    with pytest.raises(Refused, match="Rouvrez-le"):
        threads.reply(thread, by=scene.director, text="Encore.")
    threads.reopen(thread, by=scene.director)
    thread.refresh_from_db()
    threads.reply(thread, by=scene.director, text="Encore.")
    assert thread.comments.count() == 3


@pytest.mark.parametrize("role", ["national_admin", "reader"])
def test_who_is_on_no_side_does_not_write(scene: Scene, role: str) -> None:
    with pytest.raises(PermissionDenied, match="pas d’écrire"):
        threads.start(scene.act, by=make_user(role), path="general", text="Bonjour.")


def test_exchanges_are_closed_with_the_negotiation() -> None:
    scene = scenarios.active_convention()
    with pytest.raises(Refused, match="clos"):
        threads.start(scene.act, by=scene.director, path="general", text="Trop tard.")


def test_an_open_exchange_is_a_warning_before_the_signature_and_blocks_nothing() -> None:
    scene = scenarios.in_negotiation()
    threads.start(scene.act, by=scene.director, path="general", text="Une question.")
    scene.do("propose", scene.director)
    scene.do("accept", scene.officer)
    assert scene.version.acceptances.filter(cancelled_at=None).count() == 2


# -- The pages -------------------------------------------------------------------------------------------------------


def test_one_writes_answers_and_resolves_in_the_page(client: Client, scene: Scene) -> None:
    client.force_login(scene.director)
    data = {"path": "general", "audience": "both", "text": "Bonjour,\nune question."}
    answer = client.post(url(scene, "thread-create"), data, follow=True)
    assert "une question." in answer.content.decode()
    thread = Thread.objects.get()

    client.force_login(scene.officer)
    client.post(url(scene, "thread-reply", pk=thread.pk), {"text": "Une réponse."})
    assert client.post(url(scene, "thread-resolve", pk=thread.pk))["Location"] == url(scene), (
        "a closed exchange is folded, so there is no anchor"
    )
    page = client.get(url(scene)).content.decode()
    assert "Une réponse." in page
    assert "L’échange est résolu\u00a0: L’ensemble de la convention." in page, "the top of the page says it"
    assert "Résolu le 15/10/2026" in page
    client.post(url(scene, "thread-resolve", pk=thread.pk), {"rouvrir": "1"})
    thread.refresh_from_db()
    assert thread.resolved_at is None


def test_an_empty_message_is_refused_beside_the_field_and_the_rest_is_kept(client: Client, scene: Scene) -> None:
    client.force_login(scene.director)
    answer = client.post(url(scene, "thread-create"), {"path": "general", "audience": "own", "text": " "})
    page = answer.content.decode()
    assert "Écrivez votre message." in page
    assert 'value="own"' in page
    thread = threads.start(scene.act, by=scene.director, path="general", text="Une question.")
    page = client.post(url(scene, "thread-reply", pk=thread.pk), {"text": ""}).content.decode()
    assert "Écrivez votre réponse." in page
    assert Thread.objects.count() == 1


def test_the_exchanges_of_the_other_side_do_not_exist_for_me(client: Client, scene: Scene) -> None:
    internal = threads.start(scene.act, by=scene.officer, path="general", text="Entre nous.", internal=True)
    client.force_login(scene.director)
    assert "Entre nous." not in client.get(url(scene)).content.decode()
    for name in ("thread-reply", "thread-resolve"):
        assert client.post(url(scene, name, pk=internal.pk), {"text": "Coucou"}).status_code == 404


def test_one_goes_back_to_the_page_that_the_message_was_written_on_and_nowhere_else(
    client: Client, scene: Scene
) -> None:
    client.force_login(scene.director)
    data = {"path": "general", "audience": "both", "text": "Bonjour."}
    own = f"/conventions/{scene.number}/articles/"
    assert client.post(url(scene, "thread-create"), {**data, "next": own})["Location"] == own
    for elsewhere in ("https://exemple.example/", "//exemple.example/"):
        answer = client.post(url(scene, "thread-create"), {**data, "next": elsewhere})
        assert answer["Location"].startswith(f"/conventions/{scene.number}/versions/")


def queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_the_page_costs_as_many_queries_with_two_versions_as_with_four(client: Client) -> None:
    scene = scenarios.proposed()
    add_version(scene, "officer")
    client.force_login(scene.director)
    two = queries(client, url(scene))
    add_version(scene, "director")
    add_version(scene, "officer")
    four = queries(client, url(scene))
    assert four == two
    assert two < 60


def add_version(scene: Scene, role: str) -> None:
    scene.edit()
    scene.do("propose", getattr(scene, role))
    thread = threads.start(scene.act, by=scene.director, path="general", text="Une question.")
    threads.reply(thread, by=scene.officer, text="Une réponse.")


def test_an_exchange_on_a_withdrawn_fiche_says_so(client: Client, scene: Scene) -> None:
    sheet = scene.act.programme.sheets.first()
    threads.start(scene.act, by=scene.director, path="general", text="En général.")
    threads.start(scene.act, by=scene.director, path=f"sheet/{sheet.key}/description", text="Une question.")
    client.force_login(scene.director)
    assert "(fiche retirée)" not in client.get(url(scene)).content.decode()
    sheet.delete()
    places = {thread.anchor_label for thread in client.get(url(scene)).context["open_threads"]}
    assert len([place for place in places if place.endswith("(fiche retirée)")]) == 1
