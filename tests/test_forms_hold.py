"""No form breaks on unusual input: the tests fill every text field of every form with bad values."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.access import html, table
from tests.access.addresses import BLOCKS
from tests.access.people import COLUMNS
from tests.access.places import World
from tests.access.walk import Asker
from tests.access.world import _files, _own_files, asker, db, world  # noqa: F401
from tests.nasty import NASTY as DRAWN
from tests.nasty import few
from tests.test_forms_wrong_values import page_of

TABLE = table.read()
TEXTS = {"text", "textarea", "email", "tel", "search", "url", "number", "date", "password"}
NO_VALUE = ("9" * 30, "NaN", "32/13/2025", "1e999", "9999-12-31", "Infinity", "0000-00-00", "--1", "01/01/0001")
# Values that a button or the page sets. With another value the page does not exist, and the form would not be read.
CHOSEN = {("demo-login", "compte"), ("report-documents", "kind"), ("meeting-decisions", "decision")}
NOT_LOOKED_AT = (403, 404, 405)  # refused before the form is read, so that nothing is tested
NASTY: dict[str, Callable[[int], str]] = {
    "neither number nor date": lambda rank: NO_VALUE[rank % len(NO_VALUE)],
    "the largest amount over the smallest": lambda rank: "0,01" if rank % 2 else "999999999999",
    "a very long text of code": lambda rank: "<script>{{ 1|add }}{% now %}\U0001f600</script>" * 500,
}


def first_accepted_post(name: str) -> tuple[str, str] | None:
    """The first place and person for which the table promises `ok` to a post, or None."""
    for label in BLOCKS[name].places:
        row = table.expected(TABLE[name], "POST", label)
        for column, answer in zip(COLUMNS, row or (), strict=False):
            if answer == "ok":
                return label, column
    return None


ACCEPTED = {
    name: place_and_person
    for name, block in BLOCKS.items()
    if block.takes and (place_and_person := first_accepted_post(name))
}
# Answers of the other addresses: they accept no post, or another block of the same address has the form.
ONLY_READ = {"405", "404", "log"}
SENT_ON = {"convention-ending", "reference-jobs"}  # no form of their own in these places


def test_an_address_without_form_is_only_read_or_has_its_form_in_another_state():
    others = {name for name, block in BLOCKS.items() if block.takes} - set(ACCEPTED)
    answers = {
        name: {code for (method, _), row in TABLE[name].items() if method == "POST" for code in row} for name in others
    }
    assert all(answers.values())
    families = {name.split()[0] for name in ACCEPTED}
    unknown = {name for name, codes in answers.items() if codes - ONLY_READ and name.split()[0] not in families}
    assert unknown == SENT_ON


@pytest.mark.slow
@pytest.mark.parametrize("name", ACCEPTED)
def test_no_form_breaks_whatever_is_typed(name: str, world: World, asker: Asker):  # noqa: F811
    block, (label, column) = BLOCKS[name], ACCEPTED[name]
    place = world.place(label)
    user, path = place.people[column], block.path(name, place)
    page_name = page_of(name)
    body = asker.get(BLOCKS[page_name].path(page_name, place), user).body
    form = html.richest([body], path)
    right = dict(block.post(place)) if block.post else {}
    fields = {field.name: field.kind for field in form.fields if field.kind in TEXTS} if form else {}
    names = [*fields, *(key for key, value in right.items() if isinstance(value, str) and key not in fields)]
    names = [field for field in names if (name, field) not in CHOSEN]
    failures = []
    for kind, nasty in NASTY.items():
        data: dict[str, Any] = (form.data() if form else {}) | (dict(block.post(place)) if block.post else {})
        data |= {field: nasty(rank) for rank, field in enumerate(names)}
        answer = asker.post(path, user, data)
        if answer.status >= 500 or answer.status in NOT_LOOKED_AT:
            failures.append(f"{kind}: {answer.status} {answer.error}")
    assert not failures, "\n".join(failures)


@pytest.mark.slow
@pytest.mark.parametrize("name", ACCEPTED)
def test_no_form_breaks_whatever_hypothesis_draws(name: str, world: World, asker: Asker):  # noqa: F811
    """Every field of every form of the page, hidden ones and lists too: a person may send what no page offers."""
    block, (label, column) = BLOCKS[name], ACCEPTED[name]
    place = world.place(label)
    user, path, page_name = place.people[column], block.path(name, place), page_of(name)
    body = asker.get(BLOCKS[page_name].path(page_name, place), user).body
    forms = [form for form in html.forms(body) if form.action in ("", path)] or [None]
    for form in forms:
        right = (form.data() if form else {}) | (dict(block.post(place)) if block.post else {})
        right = {key: value for key, value in right.items() if not hasattr(value, "read")}
        names = sorted({*right, *(field.name for field in form.fields if field.kind != "file")} if form else right)
        if names:
            _post_drawn(asker, path, user, right, names)


def _post_drawn(asker: Asker, path: str, user: Any, right: dict[str, Any], names: list[str]) -> None:  # noqa: F811
    @few(6)
    @given(st.lists(DRAWN, min_size=1, max_size=8), st.sampled_from([names, *([field] for field in names)]))
    def drawn(texts: list[str], chosen: list[str]) -> None:
        data = right | {field: texts[rank % len(texts)] for rank, field in enumerate(chosen)}
        answer = asker.post(path, user, data)
        assert answer.status < 500, f"{answer.error}\n{ {key: data[key] for key in chosen} }"

    drawn()
