"""Chromium for the journeys: one browser per process, a clean profile per test, nothing beyond the live server."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.http import HttpRequest, HttpResponseBase
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from cpo.dev import system

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
TIMEOUT = 20_000  # milliseconds: a busy machine is slow, not wrong
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
# The network is closed by the resolver, not by a route for each request: a route would also turn the HTTP cache off,
# and each page asks for some twenty-five files.
FLAGS += ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the journeys, and play the longest first: a process that began them last would keep the others waiting."""
    own = [item for item in items if Path(__file__).parent in item.path.parents]
    for item in own:
        item.add_marker(pytest.mark.e2e)
        if not getattr(item.module, "OWN_DATABASE", False):
            item.add_marker(pytest.mark.django_db(transaction=True))
    long = {item: item.path.name == "test_journey.py" for item in own}
    items.sort(key=lambda item: (item not in long, not long.get(item)))


@pytest.fixture(scope="session", autouse=True)
def _kept_static_files() -> Iterator[None]:
    """Let the browser keep styles and scripts: its clock is not that of the tests, so that it would take every answer
    for an old one and ask for some twenty-five files again on each page."""
    serve = StaticFilesHandler.serve

    def cached_serve(self: StaticFilesHandler, request: HttpRequest) -> HttpResponseBase:
        response = serve(self, request)
        response["Cache-Control"] = "max-age=315360000, immutable"
        return response

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StaticFilesHandler, "serve", cached_serve)
        yield


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    paths = (shutil.which(name) for name in system.BROWSERS)
    path = os.environ.get("CHROMIUM") or next((path for path in paths if path), None)
    if path is None:
        pytest.fail(f"Chromium manque. Tapez : {system.apt_line(system.TEST_PROGRAMS.values())}", pytrace=False)
    # Playwright runs its own event loop in this thread; Django would take a query made here for one made inside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    expect.set_options(timeout=TIMEOUT)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def new_context(browser: Browser, live_server: Any) -> Iterator[Callable[..., BrowserContext]]:
    """Make browser contexts (one per person on stage): French, on Paris time, closed to the outside."""
    contexts: list[BrowserContext] = []

    def make(**options: Any) -> BrowserContext:
        defaults = {
            "base_url": live_server.url,
            "locale": "fr-FR",
            "timezone_id": "Europe/Paris",
            "viewport": {"width": 1280, "height": 900},
            "reduced_motion": "reduce",
        }
        context = browser.new_context(**{**defaults, **options})
        context.set_default_timeout(TIMEOUT)
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def page(new_context: Callable[..., BrowserContext]) -> Iterator[Page]:
    """A page of its own; a script error on it fails the test."""
    page = new_context().new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert not errors, f"Script errors: {errors}"


@pytest.fixture
def browser_of(new_context: Callable[..., BrowserContext], live_server: Any) -> Callable[..., Page]:
    """`browser_of(user)`: a page in a browser where that person is signed in."""

    def opened(user: Any, **options: Any) -> Page:
        context, client = new_context(**options), Client()
        client.force_login(user)
        context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
        return context.new_page()

    return opened


@pytest.fixture
def axe() -> Callable[..., None]:
    """`axe(page)` fails with each accessibility violation that axe-core finds, and where."""

    def check(page: Page, *, context: str = "document") -> None:
        page.wait_for_load_state()
        if not page.evaluate("typeof window.axe !== 'undefined'"):
            page.evaluate(AXE.read_text(encoding="utf-8"))  # not a script tag: the CSP would refuse it
        violations = page.evaluate(f"axe.run({context}, {{resultTypes: ['violations']}})")["violations"]
        lines = [
            f"{rule['id']} ({rule['impact']}): {rule['help']}\n"
            + "\n".join(f"    {json.dumps(node['target'])} {node['html'][:160]}" for node in rule["nodes"][:5])
            for rule in violations
        ]
        assert not lines, f"axe on {page.url}:\n" + "\n".join(lines)

    return check
