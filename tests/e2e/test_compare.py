"""A person compares three versions, compares the last one with the national model, and prints the comparison."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from tests.factories import scenarios
from tests.factories.scenarios import PARAGRAPH, Scene


@pytest.fixture
def scene() -> Scene:
    """The association proposed version 3, and the State must answer."""
    return scenarios.three_versions()


@pytest.fixture
def reader(scene: Scene, page: Page, live_server: Any) -> Page:
    """The page of the officer, who is signed in."""
    client = Client()
    client.force_login(scene.officer)
    value = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": value, "url": live_server.url}])
    return page


def choose(page: Page, before: str, after: str) -> None:
    """Choose two versions in the form that both pages have."""
    for label, version in (("De", before), ("À", after)):
        field = page.get_by_label(label, exact=True)
        value = field.locator("option").filter(has_text=version).get_attribute("value")
        field.select_option(value)
    page.get_by_role("button", name="Comparer").click()


@pytest.mark.slow
def test_three_versions_are_compared_two_by_two_and_the_last_with_the_national_model(
    scene: Scene, reader: Page, axe: Callable[[Page], None]
) -> None:
    reader.goto(f"/conventions/{scene.number}/versions/")
    axe(reader)

    choose(reader, "Version 1", "Version 2")
    heading = reader.get_by_role("heading", level=1)
    expect(heading).to_have_text("Ce qui change entre la version 1 et la version 2")
    brief, insertions = reader.get_by_role("region", name="En bref"), reader.locator("ins:not(.cpo-deplace)")
    expect(brief).to_contain_text("3 articles modifiés sur 26")
    expect(brief).to_contain_text("1 fiche ajoutée")
    expect(brief).to_contain_text("120 000 € → 125 000 € (+5 000 €)")
    expect(brief).to_contain_text("Cinq mille euros de plus la première année.")
    expect(insertions.filter(has_text=PARAGRAPH)).to_be_visible()
    axe(reader)

    choose(reader, "Version 2", "Version 3")
    expect(heading).to_have_text("Ce qui change entre la version 2 et la version 3")
    expect(brief).to_contain_text("1 fiche supprimée, 1 modifiée")
    expect(reader.locator("ins.cpo-deplace").filter(has_text=PARAGRAPH)).to_contain_text("déplacé ici")
    expect(reader.locator("del.cpo-deplace")).to_contain_text("déplacé d’ici")
    expect(insertions.filter(has_text=PARAGRAPH)).to_have_count(0)
    target = reader.get_by_role("row", name="Stagiaires formés, cible 2025")
    expect(target.locator("del")).to_contain_text("100")
    expect(target.locator("ins")).to_contain_text("310")
    axe(reader)

    choose(reader, "Version 1", "Version 3")
    expect(heading).to_have_text("Ce qui change entre la version 1 et la version 3")
    expect(brief).to_contain_text("1 fiche modifiée")
    expect(reader.get_by_role("main")).not_to_contain_text("Observatoire")
    reader.get_by_role("link", name="Inverser les deux versions").click()
    expect(heading).to_have_text("Ce qui change entre la version 3 et la version 1")
    expect(reader.locator("del").filter(has_text=PARAGRAPH)).to_be_visible()

    choose(reader, "Modèle national", "Version 3")
    expect(heading).to_have_text("Ce qui change entre le modèle national et la version 3")
    expect(insertions.filter(has_text=PARAGRAPH)).to_be_visible()
    expect(reader.get_by_text("Motif de l’écart au modèle : Rencontres régulières")).to_be_visible()
    expect(reader.get_by_role("link", name="Inverser")).to_have_count(0)
    axe(reader)


def test_the_comparison_prints_without_menus_and_with_words_for_colours(scene: Scene, reader: Page) -> None:
    reader.goto(f"/conventions/{scene.number}/versions/2/3/")
    reader.evaluate("window.print = () => { window.printed = true }")
    reader.get_by_role("button", name="Imprimer").click()
    assert reader.evaluate("window.printed")

    reader.emulate_media(media="print")
    for element in (reader.get_by_role("navigation"), reader.get_by_role("form"), reader.get_by_role("button")):
        assert [one for one in element.all() if one.is_visible()] == []
    expect(reader.locator(".fr-footer")).to_be_hidden()
    insertion = reader.locator("ins.cpo-deplace").filter(has_text=PARAGRAPH)
    label = insertion.locator("span")
    assert label.evaluate("one => one.getBoundingClientRect().width") > 20  # the words « déplacé ici » are printed
    plain = "one => { const s = getComputedStyle(one); return [s.backgroundColor, s.color] }"
    around = insertion.locator("xpath=..").evaluate("one => getComputedStyle(one).color")
    assert insertion.evaluate(plain) == ["rgba(0, 0, 0, 0)", around]
    expect(reader.get_by_text("Imprimé le")).to_be_visible()


@pytest.mark.slow
def test_folded_parts_open_on_paper(scene: Scene, reader: Page) -> None:
    reader.goto(f"/conventions/{scene.number}/versions/3/")
    folded_part = reader.locator(".fr-collapse .cpo-fiche").first
    expect(folded_part).to_be_hidden()
    reader.emulate_media(media="print")
    expect(folded_part).to_be_visible()
    assert folded_part.evaluate("one => one.getBoundingClientRect().height") > 100


@pytest.mark.slow
def test_paper_is_light_even_for_who_reads_in_the_dark(reader: Page, scene: Scene) -> None:
    reader.goto(f"/conventions/{scene.number}/versions/2/3/")
    reader.evaluate("localStorage.setItem('scheme', 'dark')")
    reader.reload()
    paper = reader.locator("html")
    expect(paper).to_have_attribute("data-fr-theme", "dark")
    reader.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(paper).to_have_attribute("data-fr-theme", "light")
    reader.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(paper).to_have_attribute("data-fr-theme", "dark")
