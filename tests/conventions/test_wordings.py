"""Wordings proposed in an exchange: who proposes, who accepts, and the effect; mentions of people in an exchange."""

import re
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actions.models import Sheet
from arml.models import User
from conventions.models import Proposal, Thread
from conventions.services import threads, wordings
from conventions.services.articles import set_article
from cpo.lib.models import JournalEntry, OutboxMessage
from cpo.lib.workflow import Refused
from tests.factories import scenarios
from tests.factories.arml import make_user
from tests.factories.scenarios import Scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    """The association has proposed version 1, and the State has the turn."""
    return scenarios.proposed(cosigners=1)


def sheet_of(scene: Scene) -> Sheet:
    return scene.act.programme.sheets.first()


def on_field(scene: Scene, by: Any, name: str = "description", **more: Any) -> Thread:
    return threads.start(scene.act, by=by, path=f"sheet/{sheet_of(scene).key}/{name}", text="Une remarque.", **more)


def article(scene: Scene, status: str) -> Any:
    return (
        scene.act.articles.filter(included=True, model_article__status=status).select_related("model_article").first()
    )


def accept(thread: Thread, by: Any, digest: str | None = None) -> None:
    fresh = Thread.objects.get(pk=thread.pk)
    present = wordings.present_text(fresh.act, fresh.path, by) or ""
    number = wordings.pending_proposal(fresh).pk if wordings.pending_proposal(fresh) else 0
    wordings.accept(fresh, by=by, number=number, shown_digest=wordings.digest(present) if digest is None else digest)


def url(scene: Scene, name: str, **kwargs: Any) -> str:
    return reverse(name, kwargs={"number": scene.number, **kwargs})


# -- Exchanges on a field --------------------------------------------------------------------------------------------


def test_an_exchange_may_be_about_one_field_of_a_fiche(scene: Scene) -> None:
    sheet = sheet_of(scene)
    thread = on_field(scene, scene.director)
    assert thread.label == f"Fiche {sheet.code}, description"
    for path in (f"sheet/{sheet.key}/inconnu", f"sheet/{sheet.key}/last_year", "sheet/x/description"):
        with pytest.raises(ValueError):
            threads.start(scene.act, by=scene.director, path=path, text="?")


def test_the_fiche_links_each_field_to_its_exchanges_and_counts_those_that_one_reads(
    client: Client, scene: Scene
) -> None:
    on_field(scene, scene.director)
    on_field(scene, scene.director, internal=True)
    page = url(scene, "sheet-detail", key=sheet_of(scene).key)
    for user, count in ((scene.director, 2), (scene.officer, 1)):
        client.force_login(user)
        text = client.get(page).content.decode()
        link = re.search(r'<a[^>]*a-propos=sheet/[^"]*/description#echanges"[^>]*>([^<]*)<', text)
        assert link and link[1].replace("\xa0", " ").strip().startswith(f"{count} échange"), user
    client.force_login(make_user("national_reader"))
    assert "a-propos=" not in client.get(page).content.decode()


def test_the_form_offers_the_fields_of_the_fiche_that_one_comes_from(client: Client, scene: Scene) -> None:
    client.force_login(scene.director)
    path = f"sheet/{sheet_of(scene).key}/partners"
    text = client.get(url(scene, "convention-versions") + f"?a-propos={path}").content.decode()
    assert re.search(rf'value="{path}" selected', text)
    client.post(url(scene, "thread-create"), {"path": path, "audience": "both", "text": "Lesquels ?"})
    assert Thread.objects.get(path=path).label.endswith("partenaires")


def test_an_exchange_may_be_about_the_indicators_or_the_budget_of_a_fiche_and_about_a_blank_field(
    client: Client, scene: Scene
) -> None:
    sheet = sheet_of(scene)
    Sheet.objects.filter(pk=sheet.pk).update(partners="")
    client.force_login(scene.director)
    page = client.get(url(scene, "sheet-detail", key=sheet.key)).content.decode()
    for name in ("indicators", "budget", "partners"):
        path = f"sheet/{sheet.key}/{name}"
        assert f'a-propos={path}#echanger"' in page, name
        text = client.get(url(scene, "convention-versions") + f"?a-propos={path}").content.decode()
        assert re.search(rf'value="{path}" selected', text), name
    client.post(url(scene, "thread-create"), {"path": f"sheet/{sheet.key}/budget", "audience": "both", "text": "Cher."})
    assert Thread.objects.get().label == f"Fiche {sheet.code}, budget"
    assert "1 échange ouvert" in client.get(url(scene, "sheet-detail", key=sheet.key)).content.decode()


@pytest.mark.parametrize("path", ["contribution", "payments", "budget", "funding"])
def test_an_exchange_may_be_about_the_money_of_the_act_where_no_wording_is_proposed(scene: Scene, path: str) -> None:
    thread = threads.start(scene.act, by=scene.director, path=path, text="Trop peu.")
    assert wordings.present_text(scene.act, thread.path, scene.officer) is None


# -- Proposing -------------------------------------------------------------------------------------------------------


def test_a_wording_is_proposed_by_either_side_where_both_read_on_a_text_that_may_change(scene: Scene) -> None:
    for by in (scene.director, scene.officer):
        thread = on_field(scene, by)
        wordings.propose(thread, by=by, wording="Un texte neuf.", text="Plus clair.")
        assert wordings.pending_proposal(thread).text == "Un texte neuf."
    assert JournalEntry.objects.filter(verb="wording_proposed", audience="both").count() == 2


@pytest.mark.parametrize("path", ["general", "sheet", "axis", "locked", "optional", "internal"])
def test_no_wording_is_proposed_elsewhere(scene: Scene, path: str) -> None:
    key = sheet_of(scene).key
    places = {"general": "general", "sheet": f"sheet/{key}", "axis": f"sheet/{key}/axis"}
    if path in ("locked", "optional"):
        place = f"article/{article(scene, path).model_article.key}"
    else:
        place = places.get(path, f"sheet/{key}/description")
    thread = threads.start(scene.act, by=scene.director, path=place, text="?", internal=path == "internal")
    with pytest.raises(Refused, match="adaptable"):
        wordings.propose(thread, by=scene.director, wording="Un texte neuf.", text="Plus clair.")


def test_a_wording_has_to_change_something_fit_its_field_and_name_known_variables(scene: Scene) -> None:
    thread = on_field(scene, scene.director)
    title = on_field(scene, scene.director, "title")
    free = article(scene, "free")
    clause = threads.start(scene.act, by=scene.director, path=f"article/{free.model_article.key}", text="?")
    for about, wording, message in (
        (thread, f" {sheet_of(scene).description}\r\n", "texte actuel"),
        (title, "x" * 201, "200 caractères"),
        (clause, "Voir {{ variable_inconnue }}.", "n’existe pas"),
        (thread, " ", "Écrivez"),
    ):
        with pytest.raises(ValidationError, match=message):
            wordings.propose(about, by=scene.director, wording=wording, text="Plus clair.")
    assert not Proposal.objects.exists()


def test_a_wording_opens_its_exchange_in_one_step_from_the_text_that_it_is_about(client: Client, scene: Scene) -> None:
    free = article(scene, "free")
    field = f"sheet/{sheet_of(scene).key}/description"
    client.force_login(scene.director)
    article_page = client.get(url(scene, "convention-article", key=free.model_article.key)).content.decode()
    assert url(scene, "thread-wording", about=f"article/{free.model_article.key}") in article_page
    assert f'a-propos=article/{free.model_article.key}#echanger"' in article_page, (
        "without an exchange, the link opens the form"
    )
    page = url(scene, "thread-wording", about=field)
    assert page in client.get(url(scene, "convention-versions") + f"?a-propos={field}").content.decode()
    assert "Dites pourquoi" in client.post(page, {"wording": "Un texte neuf."}).content.decode()
    assert "texte actuel" in client.post(page, {"wording": sheet_of(scene).description, "text": "?"}).content.decode()
    assert not Thread.objects.exists(), "a refused wording opens nothing"
    assert client.post(page, {"wording": "Un texte neuf.", "text": "Plus clair."}).status_code == 302
    thread = Thread.objects.get()
    assert (thread.path, thread.audience, thread.comments.get().text) == (field, "both", "Plus clair.")
    accept(thread, scene.officer)
    assert sheet_of(scene).description == "Un texte neuf."


def test_no_exchange_is_opened_by_a_wording_for_what_has_none(client: Client, scene: Scene) -> None:
    locked = article(scene, "locked").model_article.key
    client.force_login(scene.director)
    for about, status in (("general", 409), (f"article/{locked}", 409), ("sheet/x/description", 404)):
        page = url(scene, "thread-wording", about=about)
        assert client.post(page, {"wording": "Un texte neuf.", "text": "?"}).status_code == status
        assert f'"{page}"' not in client.get(url(scene, "convention-versions") + f"?a-propos={about}").content.decode()
    assert url(scene, "thread-wording", about=f"article/{locked}") not in (
        client.get(url(scene, "convention-article", key=locked)).content.decode()
    )
    assert not Thread.objects.exists()


# -- Accepting -------------------------------------------------------------------------------------------------------


def test_accepting_writes_the_field_cancels_the_acceptance_and_resolves_the_exchange(scene: Scene) -> None:
    thread = on_field(scene, scene.director)
    wordings.propose(thread, by=scene.director, wording="Un texte neuf.", text="Plus clair.")
    revision = scene.act.programme.revision
    accept(thread, scene.officer)
    thread.refresh_from_db()
    assert sheet_of(scene).description == "Un texte neuf."
    assert scene.act.programme.revision == revision + 1
    assert thread.resolved_by == scene.officer
    assert not scene.version.acceptances.filter(cancelled_at=None).exists()
    verbs = set(JournalEntry.objects.values_list("verb", flat=True))
    assert {"wording_accepted", "sheet_updated", "acceptances_cancelled"} <= verbs
    with pytest.raises(Refused, match="Aucune rédaction"):
        accept(thread, scene.officer)


def test_an_article_takes_the_wording_with_the_reason_of_the_proposal(scene: Scene) -> None:
    free = article(scene, "free")
    thread = threads.start(scene.act, by=scene.director, path=f"article/{free.model_article.key}", text="?")
    wordings.propose(thread, by=scene.director, wording="Une autre clause.", text="Selon notre délibération.")
    accept(thread, scene.officer)
    free.refresh_from_db()
    assert (free.body, free.reason, free.included) == ("Une autre clause.", "Selon notre délibération.", True)
    assert free.changed_by == scene.officer


def test_the_reason_of_an_accepted_wording_is_added_to_that_of_the_departure(
    scene: Scene,
) -> None:
    free = article(scene, "free")
    set_article(
        act=scene.act,
        key=free.model_article.key,
        body="D’abord.",
        reason="Avant.",
        by=scene.officer,
        expected_revision=None,
    )
    thread = threads.start(scene.act, by=scene.director, path=f"article/{free.model_article.key}", text="?")
    wordings.propose(thread, by=scene.director, wording="Une autre clause.", text="Selon notre délibération.")
    accept(thread, scene.officer)
    free.refresh_from_db()
    assert (free.body, free.reason) == ("Une autre clause.", "Avant.\nSelon notre délibération.")


def test_only_the_other_side_accepts_and_only_with_the_turn(scene: Scene) -> None:
    thread = on_field(scene, scene.director)
    wordings.propose(thread, by=scene.director, wording="Un texte neuf.", text="Plus clair.")
    cosigner = make_user("officer", scene.party("cosigner").organisation)
    for user in (scene.director, scene.president, scene.signatory, cosigner, make_user("national_admin")):
        with pytest.raises(PermissionDenied):
            accept(thread, user)
    own = on_field(scene, scene.officer)
    wordings.propose(own, by=scene.officer, wording="Notre texte.", text="Plus clair.")
    with pytest.raises(PermissionDenied, match="La main est à"):
        accept(own, scene.director)
    scene.do("propose", scene.officer)
    accept(own, scene.director)
    with pytest.raises(PermissionDenied, match="La main est à"):
        accept(thread, scene.officer)
    assert sheet_of(scene).description == "Notre texte."


def test_a_later_wording_replaces_the_earlier_one(scene: Scene) -> None:
    thread = on_field(scene, scene.director)
    first = wordings.propose(thread, by=scene.director, wording="Premier.", text="Ainsi.")
    wordings.propose(thread, by=scene.director, wording="Second.", text="Mieux.")
    present = wordings.present_text(scene.act, thread.path, scene.officer)
    with pytest.raises(wordings.StaleWording):
        wordings.accept(thread, by=scene.officer, number=first.pk, shown_digest=wordings.digest(present))
    accept(thread, scene.officer)
    assert sheet_of(scene).description == "Second."


def test_the_fiche_that_went_takes_its_proposal_with_it(scene: Scene) -> None:
    thread = on_field(scene, scene.director)
    wordings.propose(thread, by=scene.director, wording="Un texte neuf.", text="Plus clair.")
    sheet_of(scene).delete()
    with pytest.raises(Refused, match="n’existe plus"):
        accept(thread, scene.officer)


def test_one_click_accepts_and_a_text_that_changed_meanwhile_is_shown_anew_first(client: Client, scene: Scene) -> None:
    thread = on_field(scene, scene.director)
    client.force_login(scene.director)
    page = url(scene, "thread-propose", pk=thread.pk)
    before = sheet_of(scene).description
    assert before in client.get(page).content.decode()
    assert "Dites pourquoi" in client.post(page, {"wording": "Un texte neuf."}).content.decode()
    client.post(page, {"wording": f"{before} Chaque semaine.", "text": "Plus précis."})

    client.force_login(scene.officer)
    versions_page = client.get(url(scene, "convention-versions")).content.decode()
    assert re.search(r"<ins>.*Chaque semaine\.</ins>", versions_page)
    data = dict(re.findall(r'<input type="hidden" name="(proposal|seen)" value="(\w+)">', versions_page))
    scene.edit()
    answer = client.post(url(scene, "thread-accept", pk=thread.pk), data)
    text = answer.content.decode()
    assert answer.status_code == 409 and "nouvelle différence" in text
    assert re.search(r"<del>.*Et davantage</del>", text)
    assert sheet_of(scene).description == f"{before} Et davantage."

    data = dict(re.findall(r'<input type="hidden" name="(proposal|seen)" value="(\w+)">', text))
    assert client.post(url(scene, "thread-accept", pk=thread.pk), data).status_code == 302
    assert sheet_of(scene).description == f"{before} Chaque semaine."
    assert "acceptée le 15/10/2026" in client.get(url(scene, "convention-versions")).content.decode()


def test_who_may_not_accept_sees_why_instead_of_the_button(client: Client, scene: Scene) -> None:
    thread = on_field(scene, scene.officer)
    wordings.propose(thread, by=scene.officer, wording="Un texte neuf.", text="Plus clair.")
    for user, message in ((scene.director, "La main est à"), (scene.officer, "Rédaction proposée par")):
        client.force_login(user)
        text = client.get(url(scene, "convention-versions")).content.decode()
        assert message in text and "Accepter cette rédaction" not in text


# -- Mentions --------------------------------------------------------------------------------------------------------


def mention_recipients(template: str = "mention") -> list[str]:
    return list(OutboxMessage.objects.filter(template=template).order_by("id").values_list("to", flat=True))


def test_who_is_called_by_name_or_in_the_list_gets_an_e_mail_once(scene: Scene) -> None:
    officer, manager = scene.officer, scene.manager
    text = f"@{officer}, qu’en pensez-vous ? Écrire à contact@exemple.example."
    thread = threads.start(scene.act, by=scene.director, path="general", text=text, mention=[officer, manager])
    assert sorted(mention_recipients()) == sorted([officer.email, manager.email])
    body = OutboxMessage.objects.filter(template="mention").first().body
    assert f"#echange-{thread.pk}" in body and "qu’en pensez-vous" in body
    threads.reply(thread, by=officer, text=f"Voyez avec @{str(scene.president).upper()}.")
    assert mention_recipients()[-1] == scene.president.email


def test_an_internal_exchange_calls_its_own_side_alone(scene: Scene) -> None:
    cosigner = make_user("officer", scene.party("cosigner").organisation)
    director = scene.director
    internal = {"by": scene.officer, "path": "general", "internal": True}
    threads.start(scene.act, text="Bonjour.", mention=[cosigner], **internal)
    assert mention_recipients("mention_interne") == [cosigner.email]
    with pytest.raises(ValidationError, match="ne peut pas lire"):
        threads.start(scene.act, text="Bonjour.", mention=[director], **internal)
    with pytest.raises(ValidationError, match="interne"):
        threads.start(scene.act, text=f"Qu’en dira @{director} ?", **internal)
    assert mention_recipients("mention_interne") == [cosigner.email] and not mention_recipients()


def test_what_is_internal_to_a_side_leaves_as_a_link_marked_internal(scene: Scene) -> None:
    thread = threads.start(
        scene.act, by=scene.officer, path="general", text="Ils n’ont rien.", internal=True, mention=[scene.manager]
    )
    threads.reply(thread, by=scene.manager, text="Leur trésorerie est à sec.", mention=[scene.officer])
    messages = OutboxMessage.objects.filter(template="mention_interne")
    assert len(messages) == 2
    for message in messages:
        assert message.subject.startswith("[Interne] ") and f"#echange-{thread.pk}" in message.body
        assert not re.search("n’ont rien|trésorerie", message.body + message.subject)


def test_a_name_is_found_without_its_accents_and_with_another_hyphen(scene: Scene) -> None:
    User.objects.filter(pk=scene.officer.pk).update(first_name="Anne‑Éloïse", last_name="Lefèbvre d’Œuvre")
    for name in ("anne-eloise lefebvre d'oeuvre", "Anne-Éloïse Lefèbvre d’Œuvre", "ANNE-ELOISE  LEFEBVRE D’OEUVRE"):
        threads.start(scene.act, by=scene.director, path="general", text=f"Bonjour @{name}, une question.")
    assert mention_recipients() == [scene.officer.email] * 3


@pytest.mark.parametrize(
    "text", ["Merci @tous !", "@MissionLocale sur les réseaux", "Voir @Personne Inconnue.", "@2026"]
)
def test_a_word_after_an_at_sign_that_names_nobody_is_a_word(scene: Scene, text: str) -> None:
    thread = threads.start(scene.act, by=scene.director, path="general", text=text)
    assert thread.comments.get().text == text and not mention_recipients()


def test_half_of_a_name_is_asked_about_since_its_author_believes_that_the_person_is_told(scene: Scene) -> None:
    with pytest.raises(ValidationError, match="@Prénom Nom"):
        threads.start(scene.act, by=scene.director, path="general", text=f"@{scene.officer.first_name}, merci.")


def test_nobody_is_called_who_does_not_read_here(scene: Scene) -> None:
    stranger = make_user("officer", first_name="Personne", last_name="Inconnue")
    threads.start(scene.act, by=scene.director, path="general", text=f"@{stranger} ?")
    assert not mention_recipients()
    with pytest.raises(ValidationError, match="ne peut pas lire"):
        threads.start(scene.act, by=scene.director, path="general", text="?", mention=[stranger])


def test_the_association_is_not_called_before_the_negotiation_is_open() -> None:
    scene = scenarios.complete_draft()
    with pytest.raises(ValidationError):
        threads.start(scene.act, by=scene.officer, path="general", text="?", mention=[scene.director])


def test_the_page_refuses_a_wrong_call_beside_its_field_and_keeps_the_rest(client: Client, scene: Scene) -> None:
    client.force_login(scene.officer)
    data = {"path": "general", "audience": "own", "text": "Entre nous.", "mention": str(scene.director.pk)}
    text = client.post(url(scene, "thread-create"), data).content.decode()
    assert "ne peut pas lire cet échange" in text and "Entre nous." in text
    thread = threads.start(scene.act, by=scene.officer, path="general", text="Une question.")
    text = client.post(url(scene, "thread-reply", pk=thread.pk), {"text": "@camille ?"}).content.decode()
    assert "@camille\xa0»" in text
    assert client.post(url(scene, "thread-reply", pk=thread.pk), {"text": "Oui.", "mention": scene.director.pk})
    assert mention_recipients() == [scene.director.email]
    page = client.get(url(scene, "convention-versions")).content.decode()
    assert f"Prévenu par courriel&nbsp;: {scene.director}" in page


def queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_the_page_costs_as_many_queries_with_one_wording_as_with_three(client: Client, scene: Scene) -> None:
    def add(name: str) -> None:
        thread = on_field(scene, scene.director, name, mention=[scene.officer, scene.manager])
        wordings.propose(thread, by=scene.director, wording="Un texte neuf.", text="Plus clair.")

    add("description")
    client.force_login(scene.officer)
    one = queries(client, url(scene, "convention-versions"))
    for name in ("context", "partners"):
        add(name)
    assert queries(client, url(scene, "convention-versions")) == one
