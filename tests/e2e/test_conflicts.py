"""Two people edit one page, each in a browser. The second chooses for each field, and nothing is lost."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect

from actions.models import ExampleSheet, Sheet
from actions.services import take_examples
from conventions.models import Act
from tests.factories.arml import make_user
from tests.factories.conventions import make_act, member

THEIRS, MINE = "Garder la version enregistrée", "Garder ma saisie"
PHONE = {"viewport": {"width": 390, "height": 844}}


@pytest.fixture
def page_of(new_context: Callable[..., BrowserContext], live_server: Any) -> Callable[..., Page]:
    def opened(user: Any, path: str, **options: Any) -> Page:
        context, client = new_context(**options), Client()
        client.force_login(user)
        context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
        page = context.new_page()
        page.goto(path)
        return page

    return opened


def question(page: Page, label: str) -> Any:
    return page.locator("#conflit fieldset").filter(has=page.locator("legend").get_by_text(label, exact=True))


def choose(page: Page, label: str, choice: str) -> None:
    question(page, label).locator("label").filter(has_text=choice).click()


def save(page: Page, name: str = "Enregistrer") -> None:
    page.get_by_role("button", name=name, exact=True).click()


@pytest.mark.slow
def test_two_officers_on_one_article(page_of: Callable[..., Page], axe: Callable[..., None]) -> None:
    act = make_act()
    first, second = member(act, "officer"), make_user("officer", act.dossier.lead)
    path = f"/conventions/{act.convention.number}/articles/preambule/"
    a, b = page_of(first, path), page_of(second, path)
    text = a.get_by_label("Texte de l’article").input_value()
    for page, words in ((a, "Le service ajoute ceci."), (b, "Le collègue préfère cela.")):
        page.get_by_label("Texte de l’article").fill(f"{text} {words}")
        page.get_by_label("Motif de l’écart").fill("Adapté à la région")
    save(a, "Enregistrer l’article")
    expect(a.get_by_role("status").filter(has_text="L’article est enregistré")).to_be_visible()

    save(b, "Enregistrer l’article")
    expect(b.get_by_role("alert").first).to_contain_text(f"{first} a enregistré le")
    expect(b.get_by_role("alert").first).to_be_focused()
    both = question(b, "Texte de l’article")
    for words in ("Avant", f"Version enregistrée par {first}", "Ma saisie"):
        expect(both.get_by_text(words, exact=words == "Avant").first).to_be_visible()
    expect(both.locator(".cpo-diff ins").first).to_contain_text("Le service ajoute ceci")
    expect(both.locator(".cpo-diff ins").last).to_contain_text("Le collègue préfère cela")
    expect(question(b, "Motif de l’écart")).to_have_count(0)
    axe(b)
    assert "Le collègue" not in act.articles.get(model_article__key="preambule").body

    save(b, "Enregistrer avec ces choix")
    expect(b.get_by_text("Choisissez la version enregistrée ou votre saisie.")).to_be_visible()
    axe(b)
    choose(b, "Texte de l’article", MINE)
    save(b, "Enregistrer avec ces choix")
    expect(b.get_by_role("status").filter(has_text="L’article est enregistré")).to_be_visible()
    assert "Le collègue préfère cela." in act.articles.get(model_article__key="preambule").body


@pytest.fixture
def sheet() -> Sheet:
    act = make_act(state="negotiation", side="beneficiary")
    examples = ExampleSheet.objects.filter(cycle=act.programme.cycle, code="3-A")
    return take_examples(programme=act.programme, by=member(act, "director"), examples=examples)[0]


def home(sheet: Sheet) -> str:
    return f"/conventions/{sheet.programme.act.convention.number}/programme/{sheet.key}/"


def people(sheet: Sheet) -> tuple[Any, Any]:
    act: Act = sheet.programme.act
    return member(act, "president"), member(act, "director")


@pytest.mark.parametrize(
    "script", [pytest.param(True, id="script"), pytest.param(False, id="without script", marks=pytest.mark.slow)]
)
def test_the_director_and_the_president_on_one_fiche(
    sheet: Sheet, page_of: Callable[..., Page], axe: Callable[..., None], script: bool
) -> None:
    """Texts, then indicators, on a phone, with the keyboard, with and without scripts."""
    president, director = people(sheet)
    a = page_of(president, home(sheet) + "modifier/")
    b = page_of(director, home(sheet) + "modifier/", **PHONE, java_script_enabled=script)
    a.get_by_label("Intitulé").fill("Titre de la présidence")
    a.get_by_label("Contexte").fill("Constat de la présidence")
    save(a)
    expect(a.get_by_role("heading", level=1)).to_contain_text("Titre de la présidence")
    b.get_by_label("Intitulé").fill("Titre de la direction")
    b.get_by_label("Étapes").fill("Étapes de la direction")
    save(b)
    expect(b.get_by_text("Déjà repris dans le formulaire")).to_contain_text(str(president))
    if script:
        axe(b)
        width = b.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, f"the page is {width} px wide"
    question(b, "Intitulé").get_by_role("radio", name=THEIRS).focus()
    b.keyboard.press("Space")
    save(b, "Enregistrer avec ces choix")
    expect(b.get_by_role("heading", level=1)).to_contain_text("Titre de la présidence")
    sheet.refresh_from_db()
    assert sheet.context == "Constat de la présidence" and sheet.steps == "Étapes de la direction"

    for page in (a, b):
        page.goto(home(sheet) + "indicateurs/")
    label = a.locator("[data-cpo-row] legend").first.inner_text().split(" (")[0]
    for page, value in ((a, "11"), (b, "12")):
        page.get_by_label("Cible 2025").first.fill(value)
    a.get_by_label("Référence").first.fill("5")
    save(a)
    expect(a.get_by_role("status").filter(has_text="sont enregistrés").first).to_be_visible()
    save(b)
    target_question = b.get_by_role("group", name="Cible 2025").filter(has_text="Ma saisie")
    expect(target_question).to_contain_text(label)
    target_question.get_by_role("radio", name=MINE).focus()
    b.keyboard.press("Space")
    save(b, "Enregistrer avec ces choix")
    expect(b.get_by_role("status").filter(has_text="sont enregistrés").first).to_be_visible()
    row = sheet.indicators.order_by("rank").first()
    assert row is not None and row.baseline == "5"
    assert row.targets.get(year=2025).number == 12


@pytest.mark.slow
def test_a_draft_taken_up_after_a_colleague_saved_asks_and_loses_nothing(
    sheet: Sheet, page_of: Callable[..., Page]
) -> None:
    president, director = people(sheet)
    b = page_of(director, home(sheet) + "modifier/")
    b.get_by_label("Intitulé").fill("Titre de la direction")
    expect(b.locator("[data-cpo-save]").first).to_contain_text("Brouillon gardé")
    context = b.context
    b.close()
    a = page_of(president, home(sheet) + "modifier/")
    a.get_by_label("Intitulé").fill("Titre de la présidence")
    save(a)
    expect(a.get_by_role("heading", level=1)).to_contain_text("Titre de la présidence")

    b = context.new_page()
    b.goto(home(sheet) + "modifier/")
    b.get_by_role("button", name="Reprendre ma saisie").click()
    save(b)
    expect(question(b, "Intitulé")).to_contain_text("Titre de la présidence")
    # The draft of this page is stored too, so that closing it loses nothing.
    expect(b.locator("[data-cpo-save]").first).to_contain_text("Brouillon gardé")
    b.close()
    b = context.new_page()
    b.goto(home(sheet) + "modifier/")
    b.get_by_role("button", name="Reprendre ma saisie").click()
    expect(b.get_by_label("Intitulé")).to_have_value("Titre de la direction")
    save(b)
    choose(b, "Intitulé", MINE)
    save(b, "Enregistrer avec ces choix")
    expect(b.get_by_role("heading", level=1)).to_contain_text("Titre de la direction")
