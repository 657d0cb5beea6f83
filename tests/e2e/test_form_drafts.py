"""Typed values survive a lost connection, session or tab, and a refusal. The page names the other people on it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect

from actions import services
from actions.models import ExampleSheet, Sheet
from cpo.lib.models import FormDraft
from tests.e2e.cast import expect_errors
from tests.factories.arml import PASSWORD
from tests.factories.conventions import make_act, member

KEPT = "Brouillon gardé"


@pytest.fixture
def sheet() -> Sheet:
    act = make_act(state="negotiation", side="beneficiary")
    examples = ExampleSheet.objects.filter(cycle=act.programme.cycle, code="3-A")
    return services.take_examples(programme=act.programme, by=member(act, "director"), examples=examples)[0]


@pytest.fixture
def context_of(new_context: Callable[..., BrowserContext], live_server: Any) -> Callable[..., BrowserContext]:
    def opened(user: Any) -> BrowserContext:
        context, client = new_context(), Client()
        client.force_login(user)
        context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
        return context

    return opened


def home(sheet: Sheet) -> str:
    return f"/conventions/{sheet.programme.act.convention.number}/programme/{sheet.key}/"


def state(page: Page) -> Any:
    return page.locator("[data-cpo-save]").first


def test_a_lost_connection_then_a_closed_tab_lose_nothing(sheet: Sheet, context_of: Callable[..., Any]) -> None:
    context = context_of(member(sheet.programme.act, "director"))
    page = context.new_page()
    page.goto(home(sheet) + "modifier/")
    page.get_by_label("Intitulé").fill("Un titre gardé")
    expect(state(page)).to_contain_text(KEPT)
    context.set_offline(True)
    page.get_by_label("Contexte").fill("Écrit sans connexion")
    expect(state(page)).to_contain_text("Connexion perdue")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(state(page)).to_contain_text("rien n’est parti")
    page.close(run_before_unload=False)
    context.set_offline(False)

    page = context.new_page()
    page.goto(home(sheet) + "modifier/")
    page.get_by_role("button", name="Reprendre ma saisie").click()
    expect(page.get_by_label("Intitulé")).to_have_value("Un titre gardé")
    expect(page.get_by_label("Contexte")).to_have_value("Écrit sans connexion")
    assert Sheet.objects.get(pk=sheet.pk).title == sheet.title, "a draft does not save the fiche"
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Un titre gardé")
    page.goto(home(sheet) + "modifier/")
    expect(page.get_by_role("button", name="Reprendre ma saisie")).to_have_count(0)
    assert not FormDraft.objects.exists()


@pytest.mark.slow
def test_back_on_line_the_draft_leaves_by_itself(sheet: Sheet, context_of: Callable[..., Any]) -> None:
    context = context_of(member(sheet.programme.act, "director"))
    page = context.new_page()
    page.goto(home(sheet) + "modifier/")
    context.set_offline(True)
    page.get_by_label("Contexte").fill("Écrit sans connexion")
    expect(state(page)).to_contain_text("Connexion perdue")
    context.set_offline(False)
    expect(state(page)).to_contain_text(KEPT)
    assert ["context", "Écrit sans connexion"] in FormDraft.objects.get().raw


@pytest.mark.slow
def test_a_server_that_comes_back_is_sent_what_waited(sheet: Sheet, context_of: Callable[..., Any]) -> None:
    page = context_of(member(sheet.programme.act, "director")).new_page()
    page.clock.install()
    page.goto(home(sheet) + "modifier/")
    page.route("**/saisies/", lambda route: route.fulfill(status=502))
    page.get_by_label("Contexte").fill("Écrit pendant une mise à jour")
    page.clock.run_for(2_000)
    expect(state(page)).to_contain_text("Connexion perdue")
    page.unroute("**/saisies/")
    page.clock.run_for(31_000)
    expect(state(page)).to_contain_text(KEPT)
    assert ["context", "Écrit pendant une mise à jour"] in FormDraft.objects.get().raw


@pytest.mark.slow
def test_signed_in_again_in_another_tab_one_goes_on_and_saves(sheet: Sheet, context_of: Callable[..., Any]) -> None:
    director = member(sheet.programme.act, "director")
    director.set_password(PASSWORD)
    director.save()
    context = context_of(director)
    page = context.new_page()
    page.clock.install()
    page.goto(home(sheet) + "modifier/")
    context.clear_cookies()
    page.get_by_label("Contexte").fill("Écrit entre deux sessions")
    page.clock.run_for(2_000)
    expect(state(page)).to_contain_text("Votre session a pris fin")
    other = context.new_page()
    other.goto("/connexion/")
    other.get_by_label("Adresse électronique professionnelle").fill(director.email)
    other.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    other.get_by_role("button", name="Se connecter", exact=True).click()
    expect(other.get_by_role("heading", level=1)).to_have_text("À faire")
    page.clock.run_for(31_000)
    expect(state(page)).to_contain_text(KEPT)
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(sheet.title)
    assert Sheet.objects.get(pk=sheet.pk).context == "Écrit entre deux sessions"


def test_a_session_that_ends_while_one_types_loses_nothing(sheet: Sheet, context_of: Callable[..., Any]) -> None:
    director = member(sheet.programme.act, "director")
    director.set_password(PASSWORD)
    director.save()
    page = context_of(director).new_page()
    page.goto(home(sheet) + "modifier/")
    Session.objects.all().delete()
    page.get_by_label("Contexte").fill("Écrit trop tard")
    expect(state(page)).to_contain_text("Votre session a pris fin")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    page.get_by_label("Adresse électronique professionnelle").fill(director.email)
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Se connecter", exact=True).click()
    page.get_by_role("button", name="Reprendre ma saisie").click()
    expect(page.get_by_label("Contexte")).to_have_value("Écrit trop tard")


@pytest.mark.slow
def test_refused_values_and_a_closed_tab_lose_nothing(sheet: Sheet, context_of: Callable[..., Any]) -> None:
    context = context_of(member(sheet.programme.act, "director"))
    page = context.new_page()
    page.goto(home(sheet) + "indicateurs/")
    page.get_by_label("Cible 2025").first.fill("douze")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect_errors(page, "« douze » n’est pas un nombre")
    expect(state(page)).to_contain_text(KEPT)
    page.close()
    page = context.new_page()
    page.goto(home(sheet) + "indicateurs/")
    page.get_by_role("button", name="Reprendre ma saisie").click()
    expect(page.get_by_label("Cible 2025").first).to_have_value("douze")


def test_added_rows_and_lines_come_back(sheet: Sheet, context_of: Callable[..., Any]) -> None:
    """The browser adds the indicator, and the server adds the line of the budget."""
    context = context_of(member(sheet.programme.act, "director"))
    page = context.new_page()
    page.goto(home(sheet) + "indicateurs/")
    page.get_by_role("button", name="Ajouter un indicateur").click()
    row = page.locator("[data-cpo-row]").last
    row.get_by_label("Libellé").fill("Territoires couverts")
    row.get_by_label("Cible 2025").fill("12")
    expect(state(page)).to_contain_text(KEPT)
    page.close()
    page = context.new_page()
    page.goto(home(sheet) + "indicateurs/")
    page.get_by_role("button", name="Reprendre ma saisie").click()
    row = page.locator("[data-cpo-row]").last
    expect(row.get_by_label("Libellé")).to_have_value("Territoires couverts")
    expect(row.get_by_label("Cible 2025")).to_have_value("12")

    page.goto(home(sheet) + "budget/")
    page.get_by_label("Ajouter un produit ou un financeur").select_option("758")
    page.locator("button[name=add][value=resource]").click()
    line = page.get_by_role("row", name="758 ")
    with page.expect_response(lambda answer: "1+200" in (answer.request.post_data or "")):
        line.locator("input[data-cpo-year='2025']").fill("1 200")
    page.close()
    page = context.new_page()
    page.goto(home(sheet) + "budget/")
    page.get_by_role("button", name="Reprendre ma saisie").click()
    expect(page.get_by_role("row", name="758 ").locator("input[data-cpo-year='2025']")).to_have_value("1 200")
    assert not sheet.resources.filter(account__code="758").exists()


@pytest.mark.slow
def test_two_people_on_a_page_see_each_other(sheet: Sheet, context_of: Callable[..., Any]) -> None:
    act = sheet.programme.act
    first, second = (context_of(member(act, role)).new_page() for role in ("director", "president"))
    first.goto(home(sheet) + "modifier/")
    expect(first.locator("[data-cpo-others]")).to_be_hidden()
    first.wait_for_load_state("networkidle")
    second.goto(home(sheet) + "modifier/")
    expect(second.locator("[data-cpo-others]")).to_contain_text(f"{member(act, 'director')} est aussi sur cette page")


@pytest.mark.slow
def test_a_draft_is_erased_and_enter_saves_the_form(sheet: Sheet, context_of: Callable[..., Any]) -> None:
    page = context_of(member(sheet.programme.act, "director")).new_page()
    page.goto(home(sheet) + "modifier/")
    page.get_by_label("Intitulé").fill("Un essai")
    expect(state(page)).to_contain_text(KEPT)
    page.reload()
    expect(page.get_by_role("button", name="Effacer cette saisie")).to_be_visible()
    page.get_by_label("Intitulé").fill("Un titre par Entrée")
    page.get_by_label("Intitulé").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Un titre par Entrée")

    page.goto(home(sheet) + "modifier/")
    page.get_by_label("Intitulé").fill("Un autre essai")
    expect(state(page)).to_contain_text(KEPT)
    page.reload()
    page.get_by_role("button", name="Effacer cette saisie").click()
    expect(page.get_by_role("button", name="Effacer cette saisie")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("button", name="Reprendre ma saisie")).to_have_count(0)
