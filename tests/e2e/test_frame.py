"""The head of a convention's pages: compact on every tab but « Synthèse », so that their content begins high."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.urls import resolve, reverse
from playwright.sync_api import Page, expect

from cpo.lib.work.waking import without_waking
from tests.factories import scenarios

HEAD, CONTENT = {1280: 170, 390: 320}, {1280: 400, 390: 600}  # in pixels


@pytest.fixture(autouse=True)
def _no_worker() -> Iterator[None]:
    with without_waking():
        yield


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844)])
def test_the_content_of_a_tab_begins_high(browser_of: Callable[..., Page], live_server: Any, width: int, height: int):
    scene = scenarios.with_later_act()
    scene.edit()
    scenarios.in_force(scene)
    first = scenarios.Scene(scene.convention)
    page = browser_of(first.officer, viewport={"width": width, "height": height})
    page.goto(live_server.url + reverse("convention-journal", args=[first.number]))
    menu = page.locator(".fr-sidemenu__link[href^='/']").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    tabs = {url.split("#")[0] for url in menu} - {reverse("convention-detail", args=[first.number])}
    names = {resolve(url).url_name for url in tabs}
    assert {"convention-payments", "convention-reports", "convention-ending", "convention-journal"} <= names, names
    beside = ("convention-funding", "convention-contribution", "convention-parties")  # opened from these tabs
    for url in sorted(tabs | {reverse(name, args=[first.number]) for name in beside}):
        page.goto(live_server.url + url)
        head, title = page.locator(".cpo-tete").bounding_box(), page.locator(".fr-col-lg-9 h2").first.bounding_box()
        assert head["height"] <= HEAD[width], url
        assert title["y"] < CONTENT[width], url


def test_the_points_that_the_next_step_lacks_unfold_under_it(browser_of: Callable[..., Page], live_server: Any):
    scene = scenarios.in_negotiation()
    scene.edit()
    page = browser_of(scene.director, viewport={"width": 1280, "height": 900})
    page.goto(live_server.url + reverse("programme-detail", args=[scene.number]))
    box = page.locator(".cpo-tete__suite")
    points = box.get_by_role("listitem")
    expect(points.first).to_be_hidden()
    box.get_by_text("à voir").click()
    expect(points.first).to_be_visible()
