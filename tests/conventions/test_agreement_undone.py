"""An edit cancels acceptances: a message, the journal, the box of the page and an e-mail say so."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from cpo.lib.models import JournalEntry, OutboxMessage
from tests.access.html import form_data
from tests.factories import scenarios
from tests.factories.scenarios import Scene

pytestmark = pytest.mark.django_db
CANCELLED = "La version 1 n’est plus acceptée\u00a0: les deux parties sont prévenues."


def url(scene: Scene, page: str, /, **kwargs: Any) -> str:
    return reverse(page, kwargs={"number": scene.number, **kwargs})


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page_text(client: Client, address: str) -> str:
    return client.get(address).content.decode().replace("\u00a0", " ")


def flash_messages(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


PAGES = {
    "convention-article": ("body", {"body": "Un autre préambule.", "reason": "Plus court."}),
    "sheet-edit": ("description", {"description": "Autre chose."}),
    "convention-values": ("arml_objet_statutaire", {"arml_objet_statutaire": "Un autre objet."}),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_that_is_saved_as_it_was_undoes_nothing(name: str) -> None:
    scene = scenarios.accepted_by_both()
    more = {
        "convention-article": {"key": "preambule"},
        "sheet-edit": {"key": scene.act.programme.sheets.first().key},
    }
    address = url(scene, name, **more.get(name, {}))
    client = signed_in(scene.manager)
    messages = OutboxMessage.objects.count()
    response = client.post(address, form_data(page_text(client, address), PAGES[name][0]))
    assert response.status_code == 302
    assert scene.act.versions.get(number=1).acceptances.filter(cancelled_at=None).count() == 2
    assert OutboxMessage.objects.count() == messages
    assert CANCELLED not in flash_messages(response)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("agreed", ["before", "after"])
def test_who_saves_is_told_that_the_version_is_no_longer_accepted(name: str, agreed: str) -> None:
    """The message appears even when the page was opened before the acceptance, and showed no warning."""
    scene = scenarios.in_negotiation()
    scene.do("propose", scene.director)
    if agreed == "before":
        scene.do("accept", scene.officer)
    field, values = PAGES[name]
    more = {
        "convention-article": {"key": "preambule"},
        "sheet-edit": {"key": scene.act.programme.sheets.first().key},
    }
    address = url(scene, name, **more.get(name, {}))
    client = signed_in(scene.manager)
    form = form_data(page_text(client, address), field)
    if agreed == "after":
        scene.do("accept", scene.officer)
    response = client.post(address, form | values)
    assert response.status_code == 302
    assert flash_messages(response)[1:] == [CANCELLED], "it follows the message of the page itself"
    response = client.post(address, form_data(page_text(client, address), field, **{field: "Encore."}))
    assert CANCELLED not in flash_messages(response), "no acceptance was left to cancel"


def test_the_box_above_a_form_says_whose_acceptance_is_at_stake() -> None:
    scene = scenarios.proposed()
    address = url(scene, "convention-article", key="preambule")
    client = signed_in(scene.officer)
    page = page_text(client, address)
    name = scene.act.dossier.beneficiary.in_sentence
    assert f"{name[:1].upper()}{name[1:]} a accepté la version 1" in page and "annule cette acceptation" in page
    scene.do("accept", scene.officer)
    page = page_text(client, address)
    assert "Les deux parties ont accepté la version 1" in page and "annule les deux acceptations" in page
    scene.edit()
    assert "accepté la version 1" not in page_text(client, address)


def test_an_edit_of_the_text_that_cancels_acceptances_makes_one_line_of_the_journal() -> None:
    scene = scenarios.accepted_by_both()
    client, address = signed_in(scene.officer), url(scene, "convention-article", key="preambule")
    client.post(address, form_data(page_text(client, address), "body", body="Autre.", reason="Bref."))
    lines = JournalEntry.objects.filter(sentence__contains="modifie l’article").values_list("sentence", flat=True)
    assert [line.partition("modifie ")[2] for line in lines] == [
        "l’article «\u00a0Préambule\u00a0»\u00a0: la version 1 n’est plus acceptée."
    ]


def test_the_e_mail_of_a_cancelled_agreement_leads_to_what_changed_whoever_reads_it() -> None:
    scene = scenarios.accepted_by_both()
    scene.edit()
    link = f"{url(scene, 'convention-versions')}?de=1&a=actuel"
    bodies = OutboxMessage.objects.filter(template="acceptations_annulees").values_list("body", flat=True)
    assert bodies and all(link in body for body in bodies)
    officer, director = signed_in(scene.officer), signed_in(scene.director)
    assert officer.get(link)["Location"] == url(scene, "convention-compare", a=1, b="actuel")
    assert officer.get(link, follow=True).status_code == 200
    waits = director.get(link, follow=True)
    assert "n’est pas encore proposé" in waits.content.decode()
    scene.do("propose", scene.officer)
    for client in (officer, director):
        page = client.get(link, follow=True)
        assert page.status_code == 200
    assert officer.get(link)["Location"] == url(scene, "convention-compare", a=1, b=2)


def test_the_box_says_that_an_edit_cancelled_the_agreement_and_by_whom() -> None:
    scene = scenarios.accepted_by_both()
    client, address = signed_in(scene.officer), url(scene, "convention-detail")
    scene.edit()
    page = page_text(client, address)
    assert "Répondre à la version 1" not in page
    assert "que les deux parties avaient acceptée, ne l’est plus depuis le 15 octobre 2026" in page
    assert f"({scene.officer}, la fiche 1-A)" in page


def test_the_version_that_one_answers_comes_with_its_message_and_what_it_changes() -> None:
    scene = scenarios.in_negotiation()
    scene.do("propose", scene.director, comment="Nos premières fiches.")
    client = signed_in(scene.officer)
    pages = [url(scene, "convention-detail"), url(scene, "convention-transition", name="accept")]
    for page in pages:
        text = page_text(client, page)
        assert "Nos premières fiches." in text and "Voir ce qui change depuis la version 0" in text
    scene.edit()
    scene.do("propose", scene.officer, comment="La description est précisée.")
    client = signed_in(scene.director)
    for page in pages:
        text = page_text(client, page)
        assert "La description est précisée." in text and "Voir ce qui change depuis la version 1" in text
        assert url(scene, "convention-compare", a=1, b=2) in text


def test_once_both_accepted_the_association_reads_how_to_come_back_on_it() -> None:
    scene = scenarios.accepted_by_both()
    for user, expected in ((scene.director, True), (scene.president, True), (scene.officer, False)):
        page = page_text(signed_in(user), url(scene, "convention-detail"))
        assert ("Un point à revoir" in page) is expected
        assert (f"{url(scene, 'convention-versions')}#echanger" in page) is expected
