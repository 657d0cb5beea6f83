"""Form drafts: only the author gets them back, and they disappear once saved or discarded."""

import datetime as dt
import json
import re

import pytest
from django.test import Client
from django.urls import reverse

from actions import services
from conventions.models import Acceptance
from conventions.services import threads
from cpo.lib import clock
from cpo.lib.editing import drafts
from cpo.lib.models import FormDraft, PageVisit
from tests.access.html import form_data
from tests.factories import scenarios
from tests.factories.conventions import make_act, member

pytestmark = pytest.mark.django_db
ADDRESS = "/saisies/"


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def scene():
    return scenarios.in_negotiation()


@pytest.fixture
def page(scene):
    sheet = scene.act.programme.sheets.first()
    return reverse("sheet-edit", kwargs={"number": scene.number, "key": sheet.key})


def token_of(client, page):
    return re.search(r'name="saisie" value="([^"]+)"', client.get(page).content.decode()).group(1)


def keep(client, page, *pairs, title="Fiche"):
    return client.post(
        ADDRESS, {"saisie": token_of(client, page), "raw": json.dumps([list(pair) for pair in pairs]), "title": title}
    )


def test_what_is_typed_is_offered_back_to_its_author_alone(scene, page):
    client = signed_in(scene.director)
    answer = keep(client, page, ("title", "Un titre à moitié"), title="Fiche 1-A, modifier")
    assert answer.status_code == 200 and re.fullmatch(r"9 h \d\d", answer.json()["at"].replace("\xa0", " "))
    content = client.get(page).content.decode()
    assert "Une saisie non enregistrée vous attend" in content and "Un titre \\u00e0 moiti\\u00e9" in content
    assert "Fiche 1-A, modifier" in client.get("/").content.decode()
    for other in (scene.president, scene.officer):
        assert "à moiti" not in signed_in(other).get(page).content.decode()
        assert "Saisies à reprendre" not in signed_in(other).get("/").content.decode()


def test_a_draft_is_erased_from_the_list_without_its_page(scene, page):
    client = signed_in(scene.director)
    keep(client, page, ("title", "Un titre à moitié"), title="Fiche 1-A, modifier")
    home = client.get("/").content.decode()
    token = re.search(r'name="saisie" value="([^"]+)"', home).group(1)
    data = {"saisie": token, "action": "effacer", "liste": "1"}
    assert signed_in(scene.officer).post(ADDRESS, data).status_code == 400 and FormDraft.objects.count() == 1
    answer = client.post(ADDRESS, data, follow=True)
    assert answer.redirect_chain == [("/", 302)] and "La saisie est effacée." in answer.content.decode()
    assert not FormDraft.objects.exists()
    assert "Saisies à reprendre" not in answer.content.decode()


def test_a_draft_changes_no_content_and_cancels_no_acceptance(scene):
    scene = scenarios.accepted_by_both()
    valid_acceptances = Acceptance.objects.filter(version__act=scene.act, cancelled_at=None).count()
    sheet = scene.act.programme.sheets.first()
    page = reverse("sheet-edit", kwargs={"number": scene.number, "key": sheet.key})
    editor = scene.officer if 'name="saisie"' in signed_in(scene.officer).get(page).content.decode() else scene.director
    revision = scene.act.programme.revision
    assert keep(signed_in(editor), page, ("title", "Autre titre")).status_code == 200
    assert valid_acceptances == 2 == Acceptance.objects.filter(version__act=scene.act, cancelled_at=None).count()
    assert scene.act.programme.revision == revision


def test_saving_ends_the_draft_and_a_refused_saving_does_not(scene, page):
    client = signed_in(scene.director)
    keep(client, page, ("title", "Essai"))
    values = form_data(client.get(page).content.decode(), "title")
    assert client.post(page, values | {"title": ""}).status_code == 200
    assert FormDraft.objects.count() == 1
    response = client.post(page, values | {"title": "Un nouveau titre"})
    assert response.status_code == 302
    assert not FormDraft.objects.exists()
    assert response.cookies["saisie_enregistree"].value


def test_a_token_opens_nothing_to_another_person(scene, page):
    stolen = token_of(signed_in(scene.director), page)
    thief = signed_in(scene.officer)
    assert thief.post(ADDRESS, {"saisie": stolen, "raw": "[]"}).status_code == 400
    assert thief.post(ADDRESS, {"saisie": stolen, "action": "effacer"}).status_code == 400
    assert thief.post(ADDRESS, {"saisie": "inventé", "raw": "[]"}).status_code == 400
    assert not FormDraft.objects.exists()


def test_a_session_that_is_over_is_told_as_such(scene, page):
    client = signed_in(scene.director)
    token = token_of(client, page)
    client.logout()
    assert client.post(ADDRESS, {"saisie": token, "raw": "[]"}).status_code == 401


@pytest.mark.parametrize(
    "raw", ["", "{}", "[[1, 2]]", '[["a"]]', '[["a", "\\u0000"]]', "[" * 2000, '"' + "a" * 600_000]
)
def test_what_is_no_form_is_not_kept(scene, page, raw):
    client = signed_in(scene.director)
    assert client.post(ADDRESS, {"saisie": token_of(client, page), "raw": raw}).status_code == 400
    assert not FormDraft.objects.exists()


def test_secrets_are_not_kept(scene, page):
    client = signed_in(scene.director)
    keep(client, page, ("csrfmiddlewaretoken", "x"), ("saisie", "y"), ("title", "z"))
    assert FormDraft.objects.get().raw == [["title", "z"]]


def test_a_draft_is_erased_on_demand(scene, page):
    client = signed_in(scene.director)
    keep(client, page, ("title", "Essai"))
    answer = client.post(ADDRESS, {"saisie": token_of(client, page), "action": "effacer"})
    assert answer.status_code == 200
    assert not FormDraft.objects.exists()


def test_who_else_is_on_the_page_is_told_for_as_long_as_they_are(scene, page, clock):
    director, president = signed_in(scene.director), signed_in(scene.president)
    there = {"saisie": token_of(director, page)}
    assert director.post(ADDRESS, there).json()["others"] == []
    here = {"saisie": token_of(president, page)}
    assert president.post(ADDRESS, here).json()["others"] == [str(scene.director)]
    clock.shift(dt.timedelta(minutes=2))
    assert president.post(ADDRESS, here).json()["others"] == []


def test_who_creates_a_convention_is_shown_to_nobody(scene):
    """All services use this page, and no convention exists yet, so nobody else may be named on it."""
    page = reverse("convention-create")
    elsewhere = scenarios.in_negotiation()
    for person in (scene.officer, elsewhere.officer):
        client = signed_in(person)
        answer = client.post(ADDRESS, {"saisie": token_of(client, page)})
        assert answer.json()["others"] == []
    assert not PageVisit.objects.exists()


@pytest.mark.parametrize("name", ["notice-prepare", "convention-dissolve"])
def test_who_prepares_an_end_is_not_told_to_the_other_side(name):
    """Both heads use the same address, but the preparation is secret: « Votre partie seule en a connaissance »."""
    scene = scenarios.active_convention()
    page = reverse(name, args=[scene.number])
    for person in (scene.manager, scene.president, scene.manager):
        client = signed_in(person)
        assert client.post(ADDRESS, {"saisie": token_of(client, page)}).json()["others"] == []
    assert not PageVisit.objects.exists()


def test_a_message_is_kept_until_it_is_sent_and_a_refused_one_stays_with_its_page(scene):
    client = signed_in(scene.director)
    page = reverse("convention-versions", args=[scene.number])
    keep(client, page, ("text", "Une question à moitié"))
    token = token_of(client, page)
    address = reverse("thread-create", args=[scene.number])
    response = client.post(address, {"saisie": token, "path": "", "text": "", "audience": "both"})
    page_token = re.search(r'name="saisie" value="([^"]+)"', response.content.decode()).group(1)
    assert drafts.read_token(page_token, scene.director).path == page
    assert FormDraft.objects.get().path == page
    sent_to = {"saisie": token, "path": "general", "text": "Une question", "audience": "both"}
    assert client.post(address, sent_to).status_code == 302
    assert not FormDraft.objects.exists()


def test_a_message_that_is_taken_up_again_is_still_about_its_field(scene):
    client = signed_in(scene.director)
    page = reverse("convention-versions", args=[scene.number])
    about = f"sheet/{scene.act.programme.sheets.first().key}/context"
    assert f'value="{about}"' not in client.get(page).content.decode()
    keep(client, page, ("path", about), ("text", "Une remarque à moitié"))
    assert f'<option value="{about}">' in client.get(page).content.decode()
    assert f'<option value="{about}">' in client.get(f"{page}?a-propos=general").content.decode()


def test_the_note_that_goes_with_a_proposal_is_kept(scene):
    person = scene.officer if scene.act.turn == "state" else scene.director
    client = signed_in(person)
    page = reverse("convention-transition", args=[scene.number, "propose"])
    keep(client, page, ("comment", "Nous avons revu"))
    assert "Une saisie non enregistrée vous attend" in client.get(page).content.decode()


def test_what_one_writes_while_a_colleague_gives_the_turn_away_stays_readable(scene, page):
    client = signed_in(scene.president)
    token = token_of(client, page)
    text = "Un long texte de la présidence"
    keep(client, page, ("context", text), ("revision", "3"))
    scene.do("propose", scene.director, "Voici notre projet.")
    for answer in (client.post(page, {"saisie": token, "context": text}), client.get(page)):
        assert answer.status_code == 403
        assert text in answer.content.decode() and "Ce que vous aviez écrit" in answer.content.decode()
    assert text not in signed_in(scene.director).get(page).content.decode()


def test_what_one_writes_in_a_fiche_that_a_colleague_removes_stays_readable(scene, page):
    client, text = signed_in(scene.president), "Un long texte de la présidence"
    token = token_of(client, page)
    keep(client, page, ("context", text))
    services.delete_sheet(sheet=scene.act.programme.sheets.first(), by=scene.director, expected_revision=None)
    for answer in (client.post(page, {"saisie": token, "context": text}), client.get(page)):
        assert answer.status_code == 404
        assert text in answer.content.decode() and "Ce que vous aviez écrit" in answer.content.decode()
    assert text not in signed_in(scene.director).get(page).content.decode()


def test_the_answer_to_an_exchange_that_a_colleague_resolved_stays_readable(scene):
    client = signed_in(scene.director)
    thread = threads.start(scene.act, by=scene.director, path="general", text="Une question ?")
    token = token_of(client, reverse("convention-versions", args=[scene.number]))
    threads.resolve(thread, by=scene.officer)
    answer = client.post(
        reverse("thread-reply", args=[scene.number, thread.pk]), {"saisie": token, "text": "Une longue réponse"}
    )
    assert answer.status_code == 409 and "Une longue réponse" in answer.content.decode()


def test_an_abandoned_draft_expires(scene, page, settings):
    client = signed_in(scene.director)
    keep(client, page, ("title", "Vieil essai"))
    FormDraft.objects.update(updated_at=clock.now() - dt.timedelta(days=settings.FORM_DRAFT_DAYS, minutes=1))
    assert "non enregistrée" not in client.get(page).content.decode()
    assert drafts.purge() == 1
    assert not FormDraft.objects.exists()


def test_a_form_that_is_refused_leaves_the_drafts_of_the_others_on_its_page():
    act = make_act()
    client = signed_in(member(act, "officer"))
    page = reverse("convention-contribution", args=[act.convention.number])
    contribution, payments = re.findall(r'name="saisie" value="([^"]+)"', client.get(page).content.decode())
    raw = json.dumps([["versement-0-label", "Avance"]])
    client.post(ADDRESS, {"saisie": payments, "raw": raw, "title": "Contribution"})
    wrong = f"m-{act.dossier.lead_id}-socle-2025"
    response = client.post(page, {"form": "contribution", "revision": "0", "saisie": contribution, wrong: "beaucoup"})
    assert response.status_code == 200
    assert response.content.decode().count("Une saisie non enregistrée vous attend") == 1
    assert response.content.decode().count("data-cpo-draft-typed") == 1
