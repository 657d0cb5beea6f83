"""Every page, in Chromium, for a person whom it is for, in a rich state: axe finds nothing at 1280 nor at 390 px.

Besides: French, one title of its own, one first heading, and no page that scrolls sideways on a phone. A page that no
group below visits fails the first test: it has to be added to a group, or to what is no page. Always visited are the
pages that together draw every part that two pages share; all the others are slow tests.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.template import Template, engines
from django.test import Client
from django.test.signals import template_rendered
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
        "accessibility", "legal", "privacy", "help", "signing-tools", "verify", "demo-mail-list",
        "demo-mail",
    ),
    "organisations": visits(
        "man", "-", "account", "password-change", "name-change", "address-change", "preferences", "organisation-list",
        "organisation-detail service",
        "organisation-edit service", "delegation-add service", "delegation-edit service", "invitation-add service",
        "role-change service", "role-end service",
    ) + visits("pre", "-", "organisation-detail association", "mandate association")
    + visits("off", "-", "address-confirm"),
    "associations": visits(
        "dir", "-", "association", "association-register members", "association-register fees",
        "association-add members", "association-add fees", "association-edit members", "association-remove members",
        "association-import", "association-import-preview",
    ) + visits("off", "-", "association-add notes", "association") + visits("rin", "-", "association"),
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
        "reference-account", "reference-jobs", "reference-kinds", "reference-kind", "reference-grids", "reference-grid",
        "reference-threshold",
        "undelivered-messages",
    ),
    "drafting": visits(
        "off", "state-turn", "convention-list", "convention-create", "convention-paper-create", "convention-detail",
        "convention-parties", "convention-values", "retained-values", "convention-contribution", "convention-articles",
        "funding-record", "funding-void", "convention-funding", "convention-article free", "convention-article locked",
        "convention-journal", "convention-journal-pdf", "draft-file",
    ) + visits("off", "paper", "convention-paper-original", "convention-documents", "convention-taking-over")
    + visits("dir", "recorded", "convention-taking-over", "convention-articles", "convention-consolidated")
    + visits("off", "recorded", "act-open-paper", "record-correct", "record-correct-row")
    + visits("off", "paper-avenant", "convention-article quoted", "convention-articles"),
    "later acts": visits(
        "off", "active", "convention-acts", "act-open-amendment", "act-open-annual", "convention-consolidated",
        "convention-evidence", "delivery-add",
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
        "convention-scans", "convention-signed-deposit", "convention-documents", "convention-detail",
    ) + visits("man", "signature", "convention-transition reopen", "convention-transition abandon")
    + visits("man", "signed", "convention-documents", "convention-record-signature")
    + visits("man", "signature", "convention-versions", "outside-visa-add", "outside-visa-withdraw"),
    "in force": visits(
        "uml", "active", "convention-list", "convention-detail", "convention-parties", "convention-values",
        "convention-contribution", "convention-article free", "convention-versions", "convention-version",
        "convention-documents", "convention-journal", "programme-detail", "programme-budget", "sheet-detail",
        "convention-reports", "convention-funding",
    ),
    "letters": visits("off", "active", "convention-letters", "letter-add", "letter-step send", "letter-batch-progress")
    + visits("man", "active", "control-grid", "letter-step sign", "letter-step void", "letter-batch")
    + visits("man", "-", "letter-list", "letter-templates", "letter-template"),
    "the end": visits(
        "man", "overdue", "convention-ending", "convention-detail", "convention-terminate",
        "convention-transition withdraw_notice", "convention-dissolve", "home",
    ) + visits("pre", "noticed", "convention-ending", "notice-observe", "notice-prepare", "home")
    + visits("man", "prepared", "convention-ending", "notice-send")
    + visits("dir", "terminated", "convention-ending", "convention-documents", "convention-reports"),
    "the year, filled in": visits(
        "dir", "in_progress", "home", "report-list", "report-detail", "report-sheet", "report-general",
        "report-finance", "report-documents", "convention-reports", "report-import", "report-import-preview",
    ) + visits("pre", "in_progress", "report-transition submit"),
    "the year, examined": visits(
        "off", "submitted", "home", "report-detail", "report-sheet", "report-general", "report-finance",
        "report-documents", "report-transition send_back", "report-version", "report-compare",
        "report-examination", "report-examine", "report-clarifications",
        "report-grid shown", "report-standing",
    ) + visits("off", "admissible", "report-list") + visits("man", "admissible", "report-transition reopen")
    + visits("dir", "to_complete", "report-detail", "report-sheet", "report-answers")
    + visits("off", "to_complete", "report-sheet", "report-clarification"),
    "the year, concluded": visits(
        "red", "concluded", "home", "dashboard", "dashboard-list", "dashboard-payments", "report-detail"
    )
    + visits("dir", "reviewed", "report-decisions")
    + visits("adm", "concluded", "campaign-list", "campaign-open", "home"),
    "meetings": visits("off", "held", "meeting-edit", "meeting-minutes", "meeting-transition cancel")
    + visits("man", "reviewed", "meeting-detail", "meeting-decisions", "meeting-conclusion", "meeting-sign")
    + visits("man", "reviewed", "meeting-scan", "meeting-deposit", "meeting-preparation")
    + visits("pre", "submitted", "report-detail", "report-sign", "report-scan", "report-deposit")
    + visits("dir", "active", "convention-meetings", "meeting-add", "meeting-transition record"),
    "evaluation": visits(
        "man", "terminated", "convention-evaluation", "evaluation-recommendation", "evaluation-transition conclude"
    )
    + visits("off", "active", "evaluation-assessment", "evaluation-grid", "evaluation-transition share")
    + visits("dir", "active", "convention-forecast", "forecast-edit", "forecast-transition send")
    + visits("off", "reviewed", "forecast-transition send_back")
    + visits("dir", "active", "convention-diagnosis", "diagnosis-edit"),
    "payments": visits(
        "man", "active", "convention-payments", "commitment-add", "commitment-void", "balance-release",
        "report-opening",
        "payment-transition certify", "payment-transition void", "convention-controls", "control-add", "correction-add",
        "control-transition close", "correction-transition decide",
    )
    + visits("man", "concluded", "correction-impute")
    + visits("off", "active", "payment-propose", "payment-transition order", "payment-transition pay"),
    "deadlines": visits(
        "off", "active", "chorus", "deadline-list", "calendar-address", "deadline-detail", "reminder-message", "search",
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
    "evaluation-open": "posted from convention-evaluation",
    "diagnosis-bring-forward": "posted from convention-diagnosis",
    "diagnosis-file-add": "posted from convention-diagnosis",
    "diagnosis-file": "file",
    "meeting-ics": "file for a calendar",
    "meeting-file": "file",
    "report-sheet-file": "file",
    "report-sheet-file-add": "posted from report-sheet",
    "report-sheet-file-remove": "posted from report-sheet",
    "meeting-file-add": "posted from meeting-detail",
    "signature-file": "PDF",
    "delivery-file": "file",
    "letter-file": "file",
    "outside-visa-file": "PDF",
    "attachment-file": "file",
    "funding-file": "file",
    "ending-file": "file",
    "convention-taking-over-file": "file",
    "convention-funding-csv": "CSV",
    "report-attachment": "file",
    "report-piece-check": "posted from report-documents",
    "report-acknowledgement": "PDF",
    "programme-export": "XLSX",
    "association-export": "XLSX",
    "programme-template": "XLSX",
    "convention-list-csv": "CSV",
    "convention-journal-csv": "CSV",
    "report-list-csv": "CSV",
    "deadline-list-csv": "CSV",
    "deadline-calendar": "iCalendar",
    "deadline-feed": "iCalendar",
    "chorus-export": "CSV",
    "clarification-file": "file",
    "control-file": "file",
    "report-blank": "XLSX",
    "report-export": "XLSX",
    "report-financial": "PDF",
    "report-form": "PDF",
    "report-standing-xlsx": "XLSX",
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
        "convention-nudge",
        "convention-visit",
        "sheet-duplicate",
        "sheet-move",
        "deadline-met",
        "chorus-record",
        "report-take-over",
    ),
    "only posted",
)


def test_every_page_is_visited():
    visited = {block.split()[0] for group in GROUPS.values() for _, _, block in group}
    assert visited | set(NO_PAGE) == names()
    assert not visited & set(NO_PAGE)


# Visits that together draw every part that two pages share (a component, a table, a form), and the home pages.
STRUCTURES = {
    *visits("anon", "-", "login", "verify"),
    *visits("man", "-", "delegation-add service", "name-change"),
    *visits("adm", "-", "reference-example", "reference-account"),
    *visits("off", "state-turn", "convention-contribution", "convention-create", "convention-detail"),
    *visits("off", "active", "act-open-amendment", "convention-consolidated"),
    *visits("off", "avenant", "act-changes"),
    *visits("dir", "recorded", "convention-articles"),
    *visits("off", "arml-turn", "convention-transition accept"),
    *visits("dir", "arml-turn", "programme-print", "programme-structure", "sheet-detail"),
    *visits("dir", "arml-turn", "convention-versions", "thread-propose", "render-progress"),
    *visits("pre", "signature", "convention-deposit-signature", "convention-sign"),
    *visits("uml", "active", "convention-funding"),
    *visits("man", "overdue", "convention-terminate", "home"),
    *visits("dir", "in_progress", "report-sheet", "report-list", "report-import"),
    *visits("off", "submitted", "report-sheet", "report-version", "report-standing", "report-grid shown"),
    *visits("pre", "submitted", "report-scan"),
    *visits("off", "active", "letter-add"),
    *visits("dir", "-", "association-add members"),
    *visits("off", "held", "meeting-edit", "meeting-transition cancel"),
    *visits("man", "active", "commitment-add"),
    *visits("man", "concluded", "correction-impute"),
    *visits("red", "concluded", "report-detail", "dashboard", "dashboard-payments"),
}  # fmt: skip
FIRSTS = {group: [visit for visit in GROUPS[group] if visit in STRUCTURES] for group in GROUPS}
OTHERS = {group: [visit for visit in GROUPS[group] if visit not in STRUCTURES] for group in GROUPS}


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


# The cells of figures that a browser breaks: a number would stand apart from its unit.
BROKEN_FIGURES = """[...document.querySelectorAll("td.fr-cell--right, .cpo-num")].filter((cell) => {
  const range = document.createRange();
  range.selectNodeContents(cell);
  return !cell.children.length && new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size > 1;
}).map((cell) => cell.textContent.trim())"""


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
        found += [f"{block}: « {text} » is on two lines at {width} px" for text in page.evaluate(BROKEN_FIGURES)]
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
    """On the pages whose parts all the others share."""
    wrong = wrong_on(FIRSTS[group], world, open_page, axe)
    assert not wrong, wrong


@pytest.mark.slow
@pytest.mark.parametrize("group", [group for group in GROUPS if OTHERS[group]])
def test_axe_finds_nothing_on_the_other_pages(
    group: str, world: World, open_page: Callable[[Any], Page], axe: Callable[[Page], None]
):
    wrong = wrong_on(OTHERS[group], world, open_page, axe)
    assert not wrong, wrong


@dataclass
class Drawn:
    templates: set[str]
    unknown: set[str]  # names that a template prints and nothing gives


# Optional names: their templates print nothing, or a default, without them.
OPTIONAL = {
    "add_error.expense", "add_error.resource", "after", "cell.expenses", "comment", "first", "item.object",
    "last.counted_on", "proposal.text", "request.GET.q", "total_label", "wrapper_class",
}  # fmt: skip


@pytest.fixture(scope="module")
def drawn(world: World) -> dict[Visit, Drawn]:
    """All the visits, drawn without a browser; a name that nothing gives is printed between two signs."""
    engine = engines["django"].engine
    pages: dict[Visit, Drawn] = {}
    templates: set[str] = set()

    def add(template: Template, **kwargs: Any) -> None:
        templates.add(str(template.name))

    template_rendered.connect(add)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "string_if_invalid", "¤%s¤")
        for visit in (visit for group in GROUPS.values() for visit in group):
            place, client = world.place(visit[1]), Client()
            if place.people[visit[0]] is not None:
                client.force_login(place.people[visit[0]], backend="arml.auth.EmailBackend")
            templates.clear()
            response = client.get(BLOCKS[visit[2]].path(visit[2], place), follow=True)
            names = set() if response.streaming else set(re.findall("¤([^¤]+)¤", response.content.decode()))
            pages[visit] = Drawn(set(templates), {name for name in names if name != "%s"})
    template_rendered.disconnect(add)
    return pages


@pytest.mark.slow
def test_every_part_that_two_pages_share_is_always_visited(drawn: dict[Visit, Drawn]):
    addresses: dict[str, set[str]] = defaultdict(set)
    for visit, page in drawn.items():
        for template in page.templates:
            addresses[template].add(visit[2].split()[0])
    shared = {template for template, pages in addresses.items() if len(pages) > 1}
    assert len(shared) > 50
    assert shared <= set().union(*(drawn[visit].templates for visit in STRUCTURES))


@pytest.mark.slow
def test_no_page_prints_a_name_that_nothing_gives(drawn: dict[Visit, Drawn]):
    """Django prints nothing in its place: a name that changed on one side only would go unseen."""
    unknown = {
        (name, visit[2])
        for visit, page in drawn.items()
        for name in page.unknown - OPTIONAL
        if not name.startswith("previous_texts.")
    }
    assert not unknown


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
