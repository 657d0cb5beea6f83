"""Compare the answers for every address, person, state and method with the table in tests/access/table/.

People write the table from the promises of the product; it is never computed from the code. A test fails if the table
lacks an address, or has a block without an address. Nobody reaches the objects of another dossier.
"""

import datetime as dt

import pytest
from django.urls import reverse

from conventions.workflow import ACT, OWN_PAGES
from cpo.lib import clock
from reporting.workflow import REPORT
from tests.access import table
from tests.access.addresses import BLOCKS, names
from tests.access.people import COLUMNS
from tests.access.places import World
from tests.access.runner import Walk, one_of_each_class, one_of_each_group
from tests.access.walk import Asker
from tests.access.world import _files, _own_files, asker, db, world  # noqa: F401
from tests.factories.arml import make_user

TABLE = table.read()
METHODS = ("GET", "POST")
YEAR_PAGES = {"conclude": "meeting-conclusion", "sign": "report-sign"}


def test_every_address_is_in_the_walk_and_in_the_table():
    block_names = {name.split()[0] for name in BLOCKS}
    assert block_names == names(), "addresses without block, or blocks without address"
    assert set(TABLE) == set(BLOCKS), "blocks without rows, or rows without block"


def test_every_transition_is_in_the_walk():
    """On the page that all share, or on its own."""
    addresses = {name.split()[0] for name in BLOCKS}
    for transition in ACT.transitions:
        assert f"convention-transition {transition}" in BLOCKS or OWN_PAGES.get(transition) in addresses, transition
    for transition in REPORT.transitions:
        page = YEAR_PAGES.get(transition, f"report-transition {transition}")
        assert page in BLOCKS, transition


@pytest.mark.parametrize("name", BLOCKS)
def test_the_answers_are_those_of_the_table(name: str, world: World, asker: Asker):  # noqa: F811
    """Ask one person of each class of equal answers, in one state of each group of equal rows."""
    problems = _problems(Walk(world, asker, name, BLOCKS[name], TABLE[name]))
    assert not problems, "\n" + "\n".join(problems)


@pytest.mark.slow
@pytest.mark.parametrize("name", BLOCKS)
def test_the_answers_to_everybody_are_those_of_the_table(name: str, world: World, asker: Asker):  # noqa: F811
    """Everybody in one state of each group, and one person of each class in all the others."""
    problems = _problems(Walk(world, asker, name, BLOCKS[name], classes=TABLE[name]))
    assert not problems, "\n" + "\n".join(problems)


def test_everybody_is_asked_everywhere_and_every_row_and_class_has_its_turn():
    columns_asked = {
        (name, place): one_of_each_class(name, place, TABLE[name])
        for name, block in BLOCKS.items()
        for place in one_of_each_group(name, block.places, TABLE[name])
    }
    assert {column for columns in columns_asked.values() for column in columns} == set(COLUMNS)
    assert {place for _, place in columns_asked} == {place for block in BLOCKS.values() for place in block.places}
    for (name, place), columns in columns_asked.items():
        for method in METHODS:
            row = dict(zip(COLUMNS, table.expected(TABLE[name], method, place) or (), strict=False))
            assert {row[column] for column in columns if row} == set(row.values()), (name, place, method)
    for name, block in BLOCKS.items():
        rows = {(method, table.expected(TABLE[name], method, place)) for method in METHODS for place in block.places}
        places = one_of_each_group(name, block.places, TABLE[name])
        assert {(method, table.expected(TABLE[name], method, place)) for method in METHODS for place in places} == rows


def _problems(walk: Walk) -> list[str]:
    walk.run()
    answers = walk.answers.items()
    return [
        problem for (method, place), row in answers if (problem := _difference(walk, method, place, row))
    ] + walk.problems


def _difference(walk: Walk, method: str, state: str, row: dict[str, str]) -> str:
    expected_row = table.expected(TABLE[walk.name], method, state)
    if expected_row is None:
        return f"{method} {state}: no row"
    expected_codes = dict(zip(COLUMNS, expected_row, strict=True))
    cells = [
        f"{column} {code} (table: {expected_codes[column]})"
        for column, code in row.items()
        # A post with the same values is accepted, redirects, and writes nothing.
        if code != expected_codes[column] and (code, expected_codes[column]) != ("302", "ok")
    ]
    return f"{method} {state}: {', '.join(cells)}" if cells else ""


def test_every_row_of_the_table_is_of_a_state_that_is_walked():
    unknown = {
        (name, state)
        for name, block in BLOCKS.items()
        for _, state in TABLE.get(name, {})
        if state not in ("*", *block.places)
    }
    assert not unknown


# -- Objects of another dossier --------------------------------------------------------------------------------------

# Addresses with both a dossier (or an organisation) and one of its rows, and two places that have such a row.
CROSSED = {
    "thread-reply both": ("state-turn", "accepted"),
    "thread-resolve both": ("state-turn", "accepted"),
    "thread-propose": ("state-turn", "accepted"),
    "thread-accept": ("arml-turn", "accepted"),
    "document-file": ("signature", "signed"),
    "signature-file": ("signed", "active"),
    "convention-signed-deposit": ("signature", "signed"),
    "delivery-file": ("active", "noticed"),
    "funding-file": ("signature", "active"),
    "funding-void": ("state-turn", "active"),
    "commitment-void": ("active", "terminated"),
    "control-transition communicate": ("active", "terminated"),
    "control-grid": ("active", "terminated"),
    "control-file": ("active", "terminated"),
    "letter-step void": ("active", "terminated"),
    "letter-file": ("active", "terminated"),
    "correction-transition notify": ("active", "terminated"),
    "correction-impute": ("concluded", "reviewed"),
    "payment-transition certify": ("active", "terminated"),
    "outside-visa-file": ("signature", "active"),
    "outside-visa-withdraw": ("signature", "active"),
    "ending-file letter": ("noticed", "overdue"),
    "attachment-file open": ("state-turn", "accepted"),
    "sheet-detail": ("state-turn", "accepted"),
    "sheet-edit": ("state-turn", "accepted"),
    "sheet-indicators": ("state-turn", "accepted"),
    "sheet-budget": ("state-turn", "accepted"),
    "sheet-delete": ("state-turn", "accepted"),
    "sheet-duplicate": ("state-turn", "accepted"),
    "sheet-move": ("state-turn", "accepted"),
    "convention-taking-over-file": ("paper", "recorded"),
    "report-sheet": ("submitted", "admissible"),
    "report-attachment open": ("submitted", "admissible"),
    "report-attachment confidential": ("submitted", "admissible"),
    "report-piece-check": ("submitted", "certified"),
    "meeting-edit": ("held", "reviewed"),
    "meeting-preparation": ("reviewed", "concluded"),
    "meeting-detail": ("reviewed", "concluded"),
    "meeting-minutes": ("reviewed", "concluded"),
    "meeting-decisions": ("reviewed", "concluded"),
    "meeting-conclusion": ("reviewed", "concluded"),
    "meeting-sign": ("reviewed", "concluded"),
    "meeting-scan": ("reviewed", "concluded"),
    "meeting-deposit": ("reviewed", "concluded"),
    "meeting-ics": ("reviewed", "concluded"),
    "meeting-file-add": ("reviewed", "concluded"),
    "meeting-file": ("reviewed", "concluded"),
    "report-sheet-file-add": ("submitted", "admissible"),
    "report-sheet-file": ("submitted", "admissible"),
    "report-sheet-file-remove": ("submitted", "admissible"),
    "meeting-transition take_back": ("reviewed", "concluded"),
    "diagnosis-file": ("active", "reviewed"),
    "delegation-edit service": ("signed", "active"),
    "invitation-resend service": ("signed", "active"),
    "invitation-withdraw service": ("signed", "active"),
    "role-change service": ("signed", "active"),
    "role-end service": ("signed", "active"),
}
NO_CONVENTION = "CPO-2025-ZZZ-999"
OF_SEVERAL = {"letter-batch", "letter-batch-progress"}  # about several conventions: their addresses name none
OF_A_DOSSIER = [name for name, block in BLOCKS.items() if set(block.places) - {"-"} and name not in OF_SEVERAL]


def test_every_address_with_a_row_of_a_dossier_is_crossed(world: World):  # noqa: F811
    by_name = {"n", "a", "b", "name", "kind", "year", "number"}  # numbers and words, not keys of rows
    rows = {
        name.split()[0]
        for name in OF_A_DOSSIER
        if {"pk", "key"} & set(BLOCKS[name].kwargs(world.place(BLOCKS[name].places[0]))) - by_name
    }
    assert rows - {"convention-article"} <= {name.split()[0] for name in CROSSED}


@pytest.mark.parametrize("name", CROSSED)
def test_a_row_of_another_dossier_is_not_found_in_this_one(name: str, world: World, asker: Asker):  # noqa: F811
    """Even a member of both dossiers reaches a row only by the address of its own dossier."""
    block = BLOCKS[name]
    here, there = (world.place(place) for place in CROSSED[name])
    root = "number" if "number" in block.kwargs(here) else "key"
    own_kwargs, mixed_kwargs = block.kwargs(there), block.kwargs(there) | {root: block.kwargs(here)[root]}
    both = make_user("manager", there.lead)
    make_user("manager", here.lead, user=both)
    address = name.split()[0]
    for user in (both, here.people["adm"]):
        for ask in (asker.get, lambda path, user: asker.post(path, user, block.post(there) if block.post else {})):
            assert ask(reverse(address, kwargs=mixed_kwargs), user).code in (
                "404",
                "405",
                "403" if user != both else "404",
            )
    own_answers = {asker.get(reverse(address, kwargs=own_kwargs), both).code}
    own_answers.add(asker.post(reverse(address, kwargs=own_kwargs), both, {}).code)
    assert own_answers - {"404", "405"}, "nothing is proved: the row is not found in its own dossier either"


@pytest.mark.parametrize("name", OF_A_DOSSIER)
def test_a_convention_that_does_not_exist_is_not_found(name: str, world: World, asker: Asker):  # noqa: F811
    block = BLOCKS[name]
    place = world.place(block.places[0])
    path = reverse(name.split()[0], kwargs=block.kwargs(place) | {"number": NO_CONVENTION})
    for column in ("off", "adm"):
        assert asker.get(path, place.people[column]).code in ("404", "405")
        assert asker.post(path, place.people[column], {}).code in ("404", "405")


def test_a_role_that_ended_opens_nothing_any_more(world: World, asker: Asker):  # noqa: F811
    place = world.place("active")
    yesterday = clock.today(clock.PARIS) - dt.timedelta(days=1)
    former = make_user("officer", place.lead, membership__valid_until=yesterday)
    for name in ("convention-detail", "convention-documents", "programme-detail", "convention-journal"):
        assert asker.get(BLOCKS[name].path(name, place), former).code == "404"
    page = asker.get(reverse("convention-list"), former)
    assert page.code == "200" and place.number not in page.body
