"""Chromium for the journeys: one browser per process, a new profile per test, no network beyond the live server."""

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
from tests import cost

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
TIMEOUT = 20_000  # milliseconds, enough for a busy machine
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
# The resolver closes the network. A route for each request would also turn the HTTP cache off, and each page loads some
# twenty-five files.
FLAGS += ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the journeys and run the longest first, so that the run does not end with a long one in one process."""
    own = [item for item in items if Path(__file__).parent in item.path.parents]
    for item in own:
        item.add_marker(pytest.mark.e2e)
        if not getattr(item.module, "OWN_DATABASE", False):
            item.add_marker(pytest.mark.django_db(transaction=True))
    long = {item: item.path.name == "test_journey.py" for item in own}
    items.sort(key=lambda item: (item not in long, not long.get(item)))


@pytest.fixture(scope="session", autouse=True)
def _kept_static_files() -> Iterator[None]:
    """Let the browser cache styles and scripts. Its clock is not that of the tests, so it would consider every answer
    stale and load some twenty-five files again on each page."""
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
    # Playwright runs its event loop in this thread, and Django would refuse a query here as one inside that loop.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    expect.set_options(timeout=TIMEOUT)
    playwright = sync_playwright().start()
    browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
    yield browser
    cost.close(lambda: (browser.close(), playwright.stop()))


@pytest.fixture
def new_context(browser: Browser, live_server: Any) -> Iterator[Callable[..., BrowserContext]]:
    """Create browser contexts, one per person: in French, on Paris time, without access to other hosts."""
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
    """A new page. A script error on it fails the test."""
    page = new_context().new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert not errors, f"Script errors: {errors}"


@pytest.fixture
def browser_of(new_context: Callable[..., BrowserContext], live_server: Any) -> Callable[..., Page]:
    """`browser_of(user)`: a page of a browser where that person is signed in."""

    def opened(user: Any, **options: Any) -> Page:
        context, client = new_context(**options), Client()
        client.force_login(user)
        context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
        return context.new_page()

    return opened


@pytest.fixture
def axe() -> Callable[..., None]:
    """`axe(page)` fails with the accessibility violations that axe-core finds, and their places."""

    def check(page: Page, *, context: str = "document") -> None:
        page.wait_for_load_state()
        if not page.evaluate("typeof window.axe !== 'undefined'"):
            page.evaluate(AXE.read_text(encoding="utf-8"))  # the CSP would refuse a script tag
        violations = page.evaluate(f"axe.run({context}, {{resultTypes: ['violations']}})")["violations"]
        lines = [
            f"{rule['id']} ({rule['impact']}): {rule['help']}\n"
            + "\n".join(f"    {json.dumps(node['target'])} {node['html'][:160]}" for node in rule["nodes"][:5])
            for rule in violations
        ]
        assert not lines, f"axe on {page.url}:\n" + "\n".join(lines)

    return check
