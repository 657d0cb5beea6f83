"""The head of a convention's pages: compact on every tab but « Synthèse », so that their content begins high."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from cpo.lib.work.waking import without_waking
from tests.factories import scenarios

TABS = (
    *("programme-detail", "programme-budget", "convention-articles", "convention-contribution", "convention-acts"),
    *("convention-versions", "convention-documents", "convention-journal", "convention-parties"),
)
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
    for name in TABS:
        page.goto(live_server.url + reverse(name, args=[first.number]))
        head, title = page.locator(".cpo-tete").bounding_box(), page.locator(".fr-col-lg-9 h2").first.bounding_box()
        assert head["height"] <= HEAD[width], name
        assert title["y"] < CONTENT[width], name


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
