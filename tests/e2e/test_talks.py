"""Two people in two browsers: a comment on a field, a wording accepted in one click, a request for the turn."""

import datetime as dt
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from conventions.models import DossierVisit, Thread
from cpo.lib.models import OutboxMessage
from tests.factories import scenarios
from tests.factories.scenarios import Scene

NEW = "Quatre rencontres par an, ouvertes aux partenaires."


@pytest.fixture
def scene() -> Scene:
    """The association proposed version 1, and the State must answer."""
    return scenarios.proposed()


@pytest.mark.slow
def test_a_wording_is_proposed_on_a_field_and_accepted_in_one_click(
    scene: Scene, browser_of: Callable[..., Page], axe: Callable[[Page], None]
) -> None:
    sheet = scene.act.programme.sheets.first()
    director, officer = scene.director, scene.officer

    page = browser_of(director, viewport={"width": 390, "height": 844})
    page.goto(f"/conventions/{scene.number}/programme/{sheet.key}/")
    page.get_by_role("link", name="Échanger – Description").click()
    page.get_by_role("textbox", name="Message").fill("Pouvons-nous préciser ?")
    page.get_by_label("Prévenir par courriel").last.select_option(label=str(officer))
    page.get_by_role("button", name="Envoyer le message").click()
    page.get_by_role("link", name="Proposer une rédaction").click()
    expect(page.get_by_label("Rédaction proposée")).to_have_value(sheet.description)
    page.get_by_label("Rédaction proposée").fill(NEW)
    page.get_by_label("Pourquoi cette rédaction").fill("Comme convenu au comité.")
    page.get_by_role("button", name="Proposer la rédaction").click()
    expect(page.get_by_text("La rédaction est proposée à l’autre partie")).to_be_visible()
    expect(page.get_by_role("button", name="Accepter cette rédaction")).to_have_count(0)
    axe(page)
    assert OutboxMessage.objects.get(template="mention").recipient == officer

    page = browser_of(officer)
    page.goto(f"/conventions/{scene.number}/versions/")
    expect(page.locator("ins").filter(has_text="Quatre rencontres")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Accepter cette rédaction").click()
    expect(page.get_by_text("La rédaction est acceptée")).to_be_visible()
    sheet.refresh_from_db()
    assert sheet.description == NEW
    assert Thread.objects.get().resolved_by == officer
    assert not scene.version.acceptances.filter(cancelled_at=None).exists()


def test_a_double_click_sends_one_message_and_a_wording_is_proposed_from_its_article_in_one_step(
    scene: Scene, browser_of: Callable[..., Page], axe: Callable[[Page], None]
) -> None:
    page = browser_of(scene.director)
    page.goto(f"/conventions/{scene.number}/versions/")
    page.get_by_role("textbox", name="Message").fill("Une seule fois.")
    page.get_by_role("button", name="Envoyer le message").dblclick()
    expect(page.get_by_text("Une seule fois.")).to_be_visible()
    article = scene.act.articles.filter(model_article__status="free", included=True).first()
    page.goto(f"/conventions/{scene.number}/articles/{article.model_article.key}/")
    page.get_by_role("link", name="Proposer une rédaction").click()
    page.get_by_label("Rédaction proposée").fill(NEW)
    page.get_by_label("Pourquoi cette rédaction").fill("Comme convenu au comité.")
    axe(page)
    page.get_by_role("button", name="Proposer la rédaction").dblclick()
    expect(page.get_by_text("La rédaction est proposée à l’autre partie")).to_be_visible()
    assert [thread.path for thread in Thread.objects.order_by("pk")] == [
        "general",
        f"article/{article.model_article.key}",
    ]


@pytest.mark.slow
def test_the_turn_is_asked_for_given_back_and_the_news_are_marked(
    scene: Scene, browser_of: Callable[..., Page], axe: Callable[[Page], None]
) -> None:
    home = f"/conventions/{scene.number}/"
    officer = browser_of(scene.officer)
    with officer.expect_response(lambda answer: answer.url.endswith("/visite/")) as visit_response:
        officer.goto(home)
    assert visit_response.value.status == 204
    visit = DossierVisit.objects.get(user=scene.officer)
    DossierVisit.objects.filter(pk=visit.pk).update(seen_at=visit.seen_at - dt.timedelta(hours=2))

    director = browser_of(scene.director)
    director.goto(home)
    director.get_by_role("link", name="Redemander la main").click()
    director.get_by_label("Message à l’autre partie").fill("Un montant est faux.")
    director.get_by_role("button", name="Redemander la main").click()
    expect(director.get_by_text("La main est redemandée")).to_be_visible()

    officer.goto(home)
    expect(officer.get_by_text("depuis votre visite du")).to_be_visible()
    expect(officer.get_by_text("Un montant est faux.")).to_be_visible()
    axe(officer)
    officer.get_by_role("button", name="Rendre la main").click()
    expect(officer.get_by_text("La main est rendue")).to_be_visible()
    assert scene.act.turn == "beneficiary"
