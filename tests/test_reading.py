"""The reading matrix: no list, journal, dashboard, export, search, calendar or e-mail tells more than the page behind.

Who reads what is taken from the pages themselves, asked as each person, never from the rules of the code.
"""

import difflib

import pytest

from tests.access import table
from tests.access.addresses import BLOCKS
from tests.access.addresses.conventions import funding
from tests.access.addresses.negotiation import deposit
from tests.access.addresses.reports import sheet_file
from tests.access.people import COLUMNS
from tests.access.places import CONVENTIONS, REPORTS, World
from tests.access.reading import Matrix, Reader, masked, problems, sees_a_plain_convention
from tests.access.runner import one_of_each_reader
from tests.access.walk import Asker
from tests.access.world import _files, _own_files, asker, db, world  # noqa: F401

TABLE = table.read()
PEOPLE = [column for column in COLUMNS if column != "anon"]
# Those for whom the pages differ most, where there is most to hide.
SOME_PEOPLE = ("cof", "tof", "dir", "red", "uml", "rin")
SOME_PLACES = ("avenant-sent", "noticed", "in_progress", "to_complete")


def reader(world: World, asker: Asker, place: str, column: str) -> Reader:  # noqa: F811
    return Reader(asker, world.place(place), column)


KEPT: dict[tuple[int, str], tuple[str, str]] = {}


@pytest.fixture
def whole(world: World) -> dict[tuple[int, str], tuple[str, str]]:  # noqa: F811
    """The answers to each person, once every place is made: a list of all dossiers is drawn once for a person."""
    for name in (*CONVENTIONS, *REPORTS):
        world.place(name)
    return KEPT


@pytest.mark.parametrize("place", SOME_PLACES)
def test_no_channel_tells_of_what_its_page_refuses(place: str, world: World, asker: Asker):  # noqa: F811
    matrix = Matrix(world.place(place))
    found = []
    for column in SOME_PEOPLE:
        found += problems(matrix, reader(world, asker, place, column), everywhere=column in ("dir", "rin"))
    assert not found, "\n" + "\n".join(found)


def test_a_signed_pdf_that_is_refused_is_told_to_those_alone_who_may_hand_it_in(world: World, asker: Asker):  # noqa: F811
    """Nor the journal, the documents, the lists or an e-mail tell an observer, or the other side, of it."""
    deposit(world.place("signature"))
    matrix, found, readers = Matrix(world.place("signature")), [], set()
    for column in PEOPLE:
        person = reader(world, asker, "signature", column)
        (thing,) = (thing for thing in matrix.things if thing.name.startswith("deposit"))
        if person.reads(thing.page):
            readers.add(column)
        found += problems(matrix, person, everywhere=False)
    assert not found, "\n" + "\n".join(found)
    assert readers == {"man", "dir", "pre"}, "the lead manager, and those who hand in for the association"


@pytest.mark.slow
@pytest.mark.parametrize("place", [*CONVENTIONS, *REPORTS])
def test_no_channel_tells_anybody_of_what_its_page_refuses_anywhere(
    place: str,
    world: World,  # noqa: F811
    asker: Asker,  # noqa: F811
    whole: dict[tuple[int, str], tuple[str, str]],
):
    """One person of each class: those to whom the table promises the same pages of that place."""
    matrix = Matrix(world.place(place))
    found = []
    for column in one_of_each_reader(place, BLOCKS, TABLE):
        if column == "anon":
            continue
        found += problems(matrix, Reader(asker, world.place(place), column, whole))
    assert not found, "\n" + "\n".join(found)


def differences(world: World, asker: Asker, plain: str, place: str, column: str) -> list[str]:  # noqa: F811
    """The lines of the channels of a place that the same person does not find in those of a plain one."""
    matrix, other = Matrix(world.place(place)), Matrix(world.place(plain))
    for one in (matrix.place, other.place):
        funding(one)  # the walk may have made one of them, whose amounts everybody reads
    here, there = reader(world, asker, place, column), reader(world, asker, plain, column)
    found = []
    for name, path in matrix.own_channels.items():
        (code, body), (plain_code, plain_body) = here.ask(path), there.ask(other.own_channels[name])
        assert code == plain_code, (name, code, plain_code)
        texts = [masked(plain_body, other.place).splitlines(), masked(body, matrix.place).splitlines()]
        found += [f"{column} {name}: {line}" for line in difflib.unified_diff(*texts, lineterm="", n=0)]
    return found


TWINS = {"active": ("avenant", "avenant-sent", "notice", "prepared", "noticed")}
TWINS |= {"open": ("in_progress", "submitted", "to_complete")}


@pytest.mark.parametrize(("plain", "place"), [("active", "avenant-sent"), ("active", "noticed"), ("open", "submitted")])
def test_what_is_closed_to_an_observer_changes_nothing_that_they_read(
    plain: str,
    place: str,
    world: World,  # noqa: F811
    asker: Asker,  # noqa: F811
):
    assert sees_a_plain_convention(Matrix(world.place(place)), reader(world, asker, place, "rin"))
    assert not differences(world, asker, plain, place, "rin")


@pytest.mark.slow
@pytest.mark.parametrize(("plain", "place"), [(plain, place) for plain, places in TWINS.items() for place in places])
def test_what_is_closed_to_a_person_changes_nothing_that_they_read(
    plain: str,
    place: str,
    world: World,  # noqa: F811
    asker: Asker,  # noqa: F811
):
    found, asked = [], []
    for column in PEOPLE:
        if sees_a_plain_convention(Matrix(world.place(place)), reader(world, asker, place, column)):
            asked.append(column)
            found += differences(world, asker, plain, place, column)
    assert {"uml", "rin", "rou", "xof", "xdi"} <= set(asked)
    assert not found, "\n" + "\n".join(found)


def test_everybody_reads_somewhere() -> None:
    asked = {column for place in (*CONVENTIONS, *REPORTS) for column in one_of_each_reader(place, BLOCKS, TABLE)}
    assert asked == set(COLUMNS)


def test_the_matrix_asks_about_each_kind_of_thing_and_somebody_reads_each(world: World, asker: Asker):  # noqa: F811
    """Without a thing that is read and one that is not, of each kind, the matrix proves nothing."""
    seen: dict[str, set[bool]] = {}
    for name in ("in_progress", "to_complete"):
        sheet_file(world.place(name))
    for place in SOME_PLACES:
        for column in ("off", "rin"):
            person = reader(world, asker, place, column)
            for thing in Matrix(person.place).things:
                seen.setdefault(thing.name.split()[0], set()).add(person.reads(thing.page))
    kinds = {"act", "fiche", "version", "thread", "notice", "report", "deadline", "attachment", "letter", "document"}
    assert seen == {kind: {True, False} for kind in kinds | {"file"}}
