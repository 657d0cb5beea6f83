"""Whatever is typed, no form breaks: every text of every form is filled with what nobody should type."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.access import html, table
from tests.access.addresses import BLOCKS
from tests.access.people import COLUMNS
from tests.access.places import Place, World
from tests.access.walk import Asker
from tests.access.world import _files, _own_files, asker, db, world  # noqa: F401
from tests.test_forms_wrong_values import page_of

TABLE = table.read()
TEXTS = {"text", "textarea", "email", "tel", "search", "url", "number", "date", "password"}
NO_VALUE = ("9" * 30, "NaN", "32/13/2025", "1e999", "9999-12-31", "Infinity", "0000-00-00", "--1", "01/01/0001")
NASTY: dict[str, Callable[[int], str]] = {
    "neither number nor date": lambda rank: NO_VALUE[rank % len(NO_VALUE)],
    "the largest amount over the smallest": lambda rank: "0,01" if rank % 2 else "999999999999",
    "a very long text of code": lambda rank: "<script>{{ 1|add }}{% now %}\U0001f600</script>" * 500,
}


def taken(name: str, world: World) -> tuple[Place, str] | None:  # noqa: F811
    """Where, and by whom, a post to this address is taken in hand, by the table."""
    for label in BLOCKS[name].places:
        row = table.expected(TABLE[name], "POST", label)
        for column, answer in zip(COLUMNS, row or (), strict=False):
            if answer == "ok":
                return world.place(label), column
    return None


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, block in BLOCKS.items() if block.takes])
def test_no_form_breaks_whatever_is_typed(name: str, world: World, asker: Asker):  # noqa: F811
    block = BLOCKS[name]
    found = taken(name, world)
    if found is None:
        return  # only read: the table says so
    place, column = found
    user, path = place.people[column], block.path(name, place)
    shown = page_of(name)
    body = asker.get(BLOCKS[shown].path(shown, place), user).body
    form = html.richest([body], path)
    right = dict(block.post(place)) if block.post else {}
    fields = {field.name: field.kind for field in form.fields if field.kind in TEXTS} if form else {}
    names = [*fields, *(key for key, value in right.items() if isinstance(value, str) and key not in fields)]
    broken = []
    for kind, nasty in NASTY.items():
        data: dict[str, Any] = (form.data() if form else {}) | (dict(block.post(place)) if block.post else {})
        data |= {field: nasty(rank) for rank, field in enumerate(names)}
        answer = asker.post(path, user, data)
        if answer.status >= 500:
            broken.append(f"{kind}: {answer.status} {answer.error}")
    assert not broken, "\n".join(broken)
