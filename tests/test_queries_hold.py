"""No page breaks on what its address asks for: each parameter that a page reads is given what nobody should ask for.

Which parameters a page reads is learnt by watching it read them.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote_from_bytes, urlencode

import pytest
from django.core.handlers import wsgi
from django.http import QueryDict
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from tests.access import html, table
from tests.access.addresses import BLOCKS
from tests.access.people import COLUMNS
from tests.access.places import World
from tests.access.walk import Asker
from tests.access.world import _files, _own_files, asker, db, world  # noqa: F401
from tests.nasty import KNOWN, NASTY, few

TABLE = table.read()


class Watched(QueryDict):
    """A query that counts how often each name was asked of it."""

    read: Counter[str] = Counter()

    def __getitem__(self, key: str) -> Any:
        self.read[key] += 1
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.read[str(key)] += 1
        return super().__contains__(key)

    def get(self, key: str, default: Any = None) -> Any:
        self.read[key] += 1
        return super().get(key, default)

    def getlist(self, key: str, default: Any = None) -> Any:
        self.read[key] += 1
        return super().getlist(key, default)


@contextmanager
def watching(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    with monkeypatch.context() as patch:
        patch.setattr(wsgi, "QueryDict", Watched)
        Watched.read = Counter()
        yield Watched.read


def first_shown(name: str) -> tuple[str, str] | None:
    """The first place and person to whom the table promises the page, or None."""
    for label in BLOCKS[name].places:
        row = table.expected(TABLE[name], "GET", label)
        for column, answer in zip(COLUMNS, row or (), strict=False):
            if answer == "200":
                return label, column
    return None


SHOWN = {name: shown for name in BLOCKS if (shown := first_shown(name))}


FRAME = "home"  # the page where the frame of all pages is asked: it shows again the words that were searched
SEARCHED = "q"


def parameters(name: str, path: str, user: Any, asker: Asker, monkeypatch: pytest.MonkeyPatch) -> list[str]:  # noqa: F811
    """The names that the page reads, those that it reads only when another is given included."""
    names: set[str] = set()
    while True:
        with watching(monkeypatch) as read:
            body = asker.get(asked(path, urlencode(dict.fromkeys(sorted(names), "1"))), user).body
        forms = html.filters(body)
        # A form may read a copy of the query: its fields are in the page. Those that lead to another page are its own.
        found = {field.name for form in forms if form.action in ("", path.partition("?")[0]) for field in form.fields}
        found |= {key for key, times in read.items() if times > of_the_frame(name, key, forms)}
        if found <= names:
            return sorted(names)
        names |= found


def of_the_frame(name: str, key: str, forms: list[html.Form]) -> int:
    """How often the frame reads that name, which is one template for all pages: 0 on the page where it is asked."""
    searches = any(form.action == reverse("search") for form in forms)
    return int(key == SEARCHED and searches and name != FRAME)


def asked(path: str, query: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}{query}"


# -- Those that broke -------------------------------------------------------------------------------------------------

BROKE = [
    ("search", "q=²²²²"),
    ("search", "q=" + "9" * 19),
    ("dashboard-list", "axe=²"),
    ("dashboard-list", "axe=" + "9" * 19),
    ("dashboard-list", "mesure=indicateurs&indicateur=" + "9" * 19),
    ("sheet-create", "axe=²"),
    ("sheet-create", "axe=٣"),
    ("convention-versions", "de=²&a=1"),
    ("convention-versions", f"de=1&a={'9' * 19}"),
    ("convention-versions", "de=-1&a=1_0"),
    ("funding-record", "corrige=²"),
]


@pytest.mark.parametrize(("name", "query"), [case for case in BROKE if case[0] in SHOWN], ids=lambda part: part[:40])
def test_a_number_that_is_none_breaks_no_page(name: str, query: str, world: World, asker: Asker) -> None:  # noqa: F811
    label, column = SHOWN[name]
    place = world.place(label)
    answer = asker.get(asked(BLOCKS[name].path(name, place), query), place.people[column])
    assert answer.status in (200, 302, 404), answer.error


@pytest.mark.parametrize("number", ["9" * 10, "9" * 19, "9" * 30])
def test_a_number_in_an_address_that_no_column_holds_is_no_page(number: str, world: World, asker: Asker) -> None:  # noqa: F811
    label, column = SHOWN["convention-version"]
    place = world.place(label)
    path = BLOCKS["convention-version"].path("convention-version", place)
    head = path.rstrip("/").rpartition("/")[0]
    assert asker.get(path, place.people[column]).status == 200
    assert asker.get(f"{head}/{number}/", place.people[column]).status == 404
    assert asker.get(f"{head}/1/{number}/", place.people[column]).status == 404


# Each parameter alone gets these: together, the first that a page refuses would hide the others.
ALONE = ("²", "-1", "9" * 19, "9" * 5000, "2026-02-30", "0001-01-01", "9999-12-31", "\x0b", "\u202e1")


# -- All of them ------------------------------------------------------------------------------------------------------


def test_the_parameters_of_a_page_are_found(world: World, asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    label, column = SHOWN["dashboard-list"]
    place = world.place(label)
    path = BLOCKS["dashboard-list"].path("dashboard-list", place)
    names = parameters("dashboard-list", path, place.people[column], asker, monkeypatch)
    assert {"cycle", "annee", "axe", "indicateur", "mesure", "etat", "format", "page"} <= set(names)
    assert SEARCHED not in names


@pytest.mark.parametrize("name", ["search", FRAME])
def test_what_is_searched_is_asked_of_the_page_that_searches_and_of_the_frame_of_one_other(
    name: str,
    world: World,  # noqa: F811
    asker: Asker,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    label, column = SHOWN[name]
    place = world.place(label)
    path = BLOCKS[name].path(name, place)
    assert SEARCHED in parameters(name, path, place.people[column], asker, monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("name", SHOWN)
def test_no_page_breaks_whatever_its_address_asks_for(
    name: str,
    world: World,  # noqa: F811
    asker: Asker,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    label, column = SHOWN[name]
    place = world.place(label)
    path, user = BLOCKS[name].path(name, place), place.people[column]
    failures = []

    def ask(query: str) -> None:
        answer = asker.get(asked(path, query), user)
        if answer.status >= 500 or answer.written:
            failures.append(f"{query[:120]}: {answer.status} {answer.error} {answer.written}")

    names = parameters(name, path, user, asker, monkeypatch)
    for parameter in names:
        for text in ALONE:
            ask(urlencode({parameter: text}))
        ask(f"{parameter}={quote_from_bytes(bytes([0xED, 0xA0, 0x80, 0xFF]))}")  # a surrogate, and no UTF-8
    if names:
        for text in KNOWN:
            ask(urlencode(dict.fromkeys(names, text)))

        @few(8 * len(names))
        @given(st.sampled_from(names), NASTY)
        def drawn(parameter: str, text: str) -> None:
            ask(urlencode({parameter: text}))

        drawn()
    assert not failures, "\n".join(failures)
