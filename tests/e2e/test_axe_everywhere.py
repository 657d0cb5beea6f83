"""Every page, in Chromium, for a person whom it is for, in a rich state: axe finds nothing at 1280 nor at 390 px.

Besides: French, one title of its own, one first heading, and no page that scrolls sideways on a phone. A page that no
group below visits fails the first test: it has to be added to a group, or to what is no page. The first visit of each
address is always made; those of the same address in other states and by other people are slow tests.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page

from tests.access.addresses import BLOCKS, names
from tests.access.places import Place, World
from tests.access.world import _files, _own_files, in_the_world, world_of  # noqa: F401

OWN_DATABASE = True  # see pytest_collection_modifyitems in conftest.py

Visit = tuple[str, str, str]  # person, place, block
WIDTHS = (1280, 390)


def visits(person: str, place: str, *blocks: str) -> list[Visit]:
    return [(person, place, block) for block in blocks]


GROUPS: dict[str, list[Visit]] = {
    "everybody": visits(
        "anon", "-", "login", "password-reset", "password-reset-done", "password-reset-confirm", "invitation-accept",
        "accessibility", "legal", "privacy", "help", "verify", "demo-mail-list", "demo-mail",
    ),
    "organisations": visits(
        "man", "-", "account", "password-change", "preferences", "organisation-list", "organisation-detail service",
        "organisation-edit service", "delegation-add service", "delegation-edit service", "invitation-add service",
        "role-change service", "role-end service",
    ) + visits("pre", "-", "organisation-detail association", "mandate association"),
    "reference data": visits(
        "adm", "-", "reference-home", "reference-values", "reference-axes", "reference-axis", "reference-indicators",
        "reference-indicator", "reference-model", "reference-model-version published", "reference-model-version draft",
    ),
    "reference texts": visits(
        "adm", "-", "reference-model-article published", "reference-model-article draft", "reference-model-whole draft",
        "reference-rules", "reference-rule", "reference-emails", "reference-email", "reference-territories",
        "reference-territory",
    ),
    "reference lists": visits(
        "adm", "-", "reference-examples", "reference-example", "reference-example-add", "reference-accounts",
        "reference-account", "reference-kinds", "reference-kind",
    ),
    "drafting": visits(
        "off", "state-turn", "convention-list", "convention-create", "convention-paper-create", "convention-detail",
        "convention-parties", "convention-values", "convention-contribution", "convention-articles",
        "funding-record", "funding-void", "convention-funding", "convention-article free", "convention-article locked",
        "convention-journal", "convention-journal-pdf",
    ) + visits("off", "paper", "convention-paper-original", "convention-documents"),
    "later acts": visits(
        "off", "active", "convention-acts", "act-open-amendment", "act-open-annual", "convention-consolidated",
        "convention-evidence",
    ) + visits("dir", "active", "act-open-adaptation") + visits("adm", "-", "texts-in-force")
    + visits(
        "off", "avenant", "convention-detail later", "act-terms", "act-changes", "convention-contribution later",
        "convention-transition refuse",
    ) + visits("dir", "notice", "convention-detail later", "convention-transition declare"),
    "negotiation": visits(
        "dir", "arml-turn", "convention-detail", "convention-versions", "convention-version",
        "convention-compare model-version", "convention-compare version-live", "render-progress",
        "convention-transition accept", "convention-transition propose", "convention-documents",
        "attachment-add association", "convention-values", "convention-contribution", "convention-article locked",
        "thread-propose", "thread-wording",
    ) + visits("off", "arml-turn", "convention-transition accept")
    + visits(
        "pre", "president-asked", "convention-detail", "convention-transition give_president_visa",
        "convention-transition refuse_president_visa",
    ) + visits("dir", "president-asked", "convention-transition accept"),
    "programme": visits(
        "dir", "arml-turn", "programme-detail", "programme-print", "programme-budget", "programme-structure",
        "sheet-create",
        "sheet-from-example", "sheets-take", "sheet-detail", "sheet-edit", "sheet-indicators", "sheet-budget",
        "sheet-delete", "programme-import", "programme-import-preview",
    ),
    "signature": visits(
        "pre", "signature", "convention-sign", "convention-record-signature", "convention-deposit-signature",
        "convention-documents", "convention-detail",
    ) + visits("man", "signature", "convention-transition reopen", "convention-transition abandon")
    + visits("man", "signed", "convention-documents", "convention-record-signature")
    + visits("man", "signature", "convention-versions", "outside-visa-add", "outside-visa-withdraw"),
    "in force": visits(
        "uml", "active", "convention-list", "convention-detail", "convention-parties", "convention-values",
        "convention-contribution", "convention-article free", "convention-versions", "convention-version",
        "convention-documents", "convention-journal", "programme-detail", "programme-budget", "sheet-detail",
        "convention-reports", "convention-funding",
    ),
    "the end": visits(
        "man", "overdue", "convention-ending", "convention-detail", "convention-terminate",
        "convention-transition withdraw_notice", "convention-dissolve", "home",
    ) + visits("pre", "noticed", "convention-ending", "notice-observe", "notice-prepare", "home")
    + visits("man", "prepared", "convention-ending", "notice-send")
    + visits("dir", "terminated", "convention-ending", "convention-documents", "convention-reports"),
    "the year, filled in": visits(
        "dir", "in_progress", "home", "report-list", "report-detail", "report-sheet", "report-general",
        "report-finance", "report-documents", "convention-reports",
    ) + visits("pre", "in_progress", "report-transition submit"),
    "the year, examined": visits(
        "off", "submitted", "home", "report-detail", "report-sheet", "report-general", "report-finance",
        "report-documents", "report-transition send_back",
    ) + visits("off", "admissible", "review", "report-list")
    + visits("dir", "to_complete", "report-detail", "report-sheet") + visits("off", "to_complete", "report-sheet"),
    "the year, concluded": visits("red", "concluded", "home", "dashboard", "dashboard-list", "report-detail", "review")
    + visits("adm", "concluded", "campaign-list", "campaign-open", "home"),
    "deadlines": visits(
        "off", "active", "deadline-list", "deadline-detail", "reminder-message", "search",
    ),
}  # fmt: skip

NO_PAGE = {
    "health": "JSON",
    "components": "checked in test_components.py, with components-convention and components-work",
    "components-convention": "checked in test_components.py",
    "components-work": "checked in test_components.py",
    "form-draft": "JSON",
    "convention-document": "PDF",
    "document-file": "PDF",
    "signature-file": "PDF",
    "outside-visa-file": "PDF",
    "attachment-file": "file",
    "funding-file": "file",
    "ending-file": "file",
    "convention-funding-csv": "CSV",
    "report-attachment": "file",
    "report-acknowledgement": "PDF",
    "programme-export": "XLSX",
    "programme-template": "XLSX",
    "convention-list-csv": "CSV",
    "convention-journal-csv": "CSV",
    "report-list-csv": "CSV",
    "deadline-list-csv": "CSV",
    "deadline-calendar": "iCalendar",
    "deadline-feed": "iCalendar",
} | dict.fromkeys(
    (
        "logout",
        "demo-login",
        "invitation-resend",
        "invitation-withdraw",
        "reference-indicator-national",
        "reference-model-publish",
        "reference-model-discard",
        "thread-create",
        "thread-reply",
        "thread-resolve",
        "thread-accept",
        "convention-visit",
        "sheet-duplicate",
        "sheet-move",
        "deadline-met",
    ),
    "only posted",
)


def test_every_page_is_visited():
    visited = {block.split()[0] for group in GROUPS.values() for _, _, block in group}
    assert visited | set(NO_PAGE) == names()
    assert not visited & set(NO_PAGE)


def firsts() -> dict[str, list[Visit]]:
    """Of each group, the visits of an address that no group before went to."""
    seen: set[str] = set()
    found: dict[str, list[Visit]] = {}
    for group, all_visits in GROUPS.items():
        found[group] = []
        for visit in all_visits:
            address = visit[2].split()[0]
            if address not in seen:
                seen.add(address)
                found[group].append(visit)
    return found


FIRSTS = firsts()
OTHERS = {group: [visit for visit in GROUPS[group] if visit not in FIRSTS[group]] for group in GROUPS}


@pytest.fixture(scope="module")
def db(
    django_db_setup: None,
    django_db_blocker: Any,
    request: pytest.FixtureRequest,
    _files: Any,  # noqa: F811
) -> Iterator[None]:
    """A copy of the world of the walks, which the server of the browser reads too: nothing is made for each test."""
    with in_the_world("pages", request.config, django_db_blocker, _files):
        yield


@pytest.fixture(scope="module")
def transactional_db(db: None) -> None:
    """In the place of pytest-django's, for the live server: the world stays."""


@pytest.fixture(scope="module")
def world(db: None) -> World:
    return world_of("pages")


@pytest.fixture
def open_page(new_context: Callable[..., BrowserContext], live_server: Any) -> Iterator[Callable[[Any], Page]]:
    """One browser per person, signed in; a script error fails the test."""
    pages: dict[Any, Page] = {}
    errors: list[str] = []

    def opened(user: Any) -> Page:
        if user not in pages:
            context = new_context()
            if user is not None:
                client = Client()
                client.force_login(user, backend="arml.auth.EmailBackend")
                cookie = client.cookies["sessionid"].value
                context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
            pages[user] = context.new_page()
            pages[user].on("pageerror", lambda error: errors.append(str(error)))
        return pages[user]

    yield opened
    assert not errors, f"Script errors: {errors}"


def problems(page: Page, place: Place, block: str, axe: Callable[[Page], None]) -> list[str]:
    """What is wrong with a page, at both widths."""
    found = []
    path = BLOCKS[block].path(block, place)
    page.set_viewport_size({"width": WIDTHS[0], "height": 900})
    response = page.goto(path)
    if response is None or response.status not in (200, 202, 409):
        return [f"{block}: {response and response.status} at {path}"]
    facts = page.evaluate(
        "({lang: document.documentElement.lang, title: document.title, h1: document.querySelectorAll('h1').length})"
    )
    if facts["lang"] != "fr" or not facts["title"].strip() or facts["h1"] != 1:
        found.append(f"{block}: {facts}")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            found.append(f"{block}: {wide} px wide at {width}")
        try:
            axe(page)
        except AssertionError as error:
            found.append(f"{block} at {width} px: {error}")
    return found


def wrong_on(group: list[Visit], world: World, open_page: Callable[[Any], Page], axe: Callable[[Page], None]) -> str:
    found = []
    for person, name, block in group:
        place = world.place(name)
        found += problems(open_page(place.people[person]), place, block, axe)
    return "\n".join(found)


@pytest.mark.parametrize("group", [group for group in GROUPS if FIRSTS[group]])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    group: str, world: World, open_page: Callable[[Any], Page], axe: Callable[[Page], None]
):
    """On each page, as one person sees it in one state."""
    wrong = wrong_on(FIRSTS[group], world, open_page, axe)
    assert not wrong, wrong


@pytest.mark.slow
@pytest.mark.parametrize("group", [group for group in GROUPS if OTHERS[group]])
def test_axe_finds_nothing_in_the_other_states(
    group: str, world: World, open_page: Callable[[Any], Page], axe: Callable[[Page], None]
):
    wrong = wrong_on(OTHERS[group], world, open_page, axe)
    assert not wrong, wrong


def test_pages_that_say_no_are_pages_too(world: World, open_page: Callable[[Any], Page], axe: Callable[[Page], None]):
    """Not found, and not yours to do."""
    place = world.place("draft")
    page = open_page(place.people["sig"])
    for path, status in (
        (reverse("convention-detail", args=["CPO-0000-ZZZ-000"]), 404),
        (reverse("convention-create"), 403),
    ):
        response = page.goto(path)
        assert response is not None and response.status == status
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            axe(page)
