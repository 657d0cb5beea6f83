"""One block walked: every place, every person asked, GET then POST; the answers, and what is wrong in any case.

In the places of a group the table promises the same answers; to the persons of a class it promises the same answer. Who
is asked, and where: one person of each class in one place of each group; or, in the exhaustive walk, everybody in one
place of each group, and one person of each class in all the others. Whose turn it is comes with the address, so that
over the walk everybody is asked, and every place is entered.
"""

import zlib
from collections import defaultdict
from typing import Any

from . import html
from .addresses.base import Block
from .people import COLUMNS
from .places import Place, World
from .table import Block as Answers
from .table import expected
from .walk import SESSION_TABLE, Answer, Asker

# The link of the message leaves the address for the session before the form is shown (Django's own handling).
MAY_WRITE_SESSION = {"password-reset-confirm"}
REFUSED = {"log", "404", "405"}
NOT_TAKEN = {"log", "405"}


def one_of_each_class(name: str, place: str, promised: Answers) -> tuple[str, ...]:
    """One person for each pair of answers, to a GET and to a POST, that the table promises there."""
    rows = [row for method in ("GET", "POST") if (row := expected(promised, method, place))]
    classes: dict[tuple[str, ...], list[str]] = defaultdict(list)
    # Where the table promises nothing, everybody is a class.
    for column, answers in zip(COLUMNS, zip(*(rows or [tuple(COLUMNS)]), strict=True), strict=True):
        classes[answers].append(column)
    turn = zlib.crc32(f"{name} {place}".encode())
    chosen = {members[turn % len(members)] for members in classes.values()}
    return tuple(column for column in COLUMNS if column in chosen)


def one_of_each_reader(place: str, blocks: dict[str, Block], table: dict[str, Answers]) -> tuple[str, ...]:
    """One person for each list of answers that the table promises to a GET of all the addresses of that place, and of
    those without a dossier."""
    where = {name: at for name, block in blocks.items() for at in (place, "-") if at in block.places}
    rows = [expected(table[name], "GET", at) for name, at in where.items()]
    classes: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for column, answers in zip(COLUMNS, zip(*filter(None, rows), strict=True), strict=True):
        classes[answers].append(column)
    turn = zlib.crc32(place.encode())
    chosen = {members[turn % len(members)] for members in classes.values()}
    return tuple(column for column in COLUMNS if column in chosen)


def one_of_each_group(name: str, places: tuple[str, ...], promised: Answers) -> tuple[str, ...]:
    """One place for each pair of rows, of GET and of POST, that the table has for these places."""
    groups: dict[Any, list[str]] = defaultdict(list)
    for place in places:
        groups[expected(promised, "GET", place), expected(promised, "POST", place)].append(place)
    turn = zlib.crc32(name.encode())
    chosen = {group[turn % len(group)] for group in groups.values()}
    return tuple(place for place in places if place in chosen)


def is_posted_to(promised: Answers) -> bool:
    return any(set(row) - NOT_TAKEN for (method, _), row in promised.items() if method == "POST")


class Walk:
    """The answers of one block, and its problems: a failure, a GET that writes, a post that gets past its rule."""

    def __init__(
        self,
        world: World,
        asker: Asker,
        name: str,
        block: Block,
        promised: Answers | None = None,
        classes: Answers | None = None,
    ) -> None:
        """The rows of the table: `promised` where one person of each class, in one place of each group, is enough;
        `classes` where all places are entered, and one person of each class is enough but in one place of each group.
        """
        self.world, self.asker, self.name, self.block, self.promised = world, asker, name, block, promised
        self.classes = classes
        self.asked: tuple[str, ...] = tuple(COLUMNS)
        self.answers: dict[tuple[str, str], dict[str, str]] = {}  # by method and place, then by person
        self.problems: list[str] = []
        self.form: dict[str, Any] = {}
        self.accepted = False
        self.first = ""  # the place that is entered first, where forms are posted empty too
        # A page that refuses every post before it looks at anything: asked in one place, or nowhere.
        self.only_read = promised is not None and not is_posted_to(promised)

    def run(self, places: tuple[str, ...] | None = None) -> "Walk":
        entered = places or self.block.places
        if self.promised is not None:
            entered = one_of_each_group(self.name, entered, self.promised)
        self.first = entered[0]
        whole = one_of_each_group(self.name, entered, self.classes) if self.classes is not None else ()
        for label in entered:
            place = self.world.place(label)
            if self.promised is not None:
                self.asked = one_of_each_class(self.name, label, self.promised)
            elif self.classes is not None:
                everybody = label in whole
                self.asked = tuple(COLUMNS) if everybody else one_of_each_class(self.name, label, self.classes)
            path = self.block.path(self.name, place)
            pages = self._gets(label, path, place)
            found = html.richest(pages, path)
            if found is not None:
                self.form = found.data()
            if not self.only_read:
                self._posts(label, path, place)
        if self.promised is not None and not self.accepted:
            self._look_for_who_is_accepted(places or self.block.places)
        if self.form and self.block.takes and not self.accepted and places is None:
            self.problems.append("no post was accepted anywhere: what is posted is not valid")
        return self

    def _gets(self, label: str, path: str, place: Place) -> list[str]:
        codes: dict[str, str] = {}
        pages = []
        for column in self.asked:
            answer = self.asker.get(path, place.people[column])
            codes[column] = answer.code
            self._check(f"GET {label} {column}", answer)
            for statement in answer.writes:
                if not (SESSION_TABLE in statement and self.name in MAY_WRITE_SESSION):
                    self.problems.append(f"GET {label} {column} {path} writes: {statement}")
            if answer.code == "200":
                pages.append(answer.body)
        self.answers["GET", label] = codes
        return pages

    def _posts(self, label: str, path: str, place: Place) -> None:
        codes: dict[str, str] = {}
        also_empty = self.block.empty and label == self.first
        for column in self.asked:
            user = place.people[column]
            data = self.form | (self.block.post(place) if self.block.post else {})  # files are read once: anew
            answer = self.asker.post(path, user, data)
            codes[column] = answer.sent
            self._check(f"POST {label} {column}", answer)
            self.accepted = self.accepted or (answer.status == 302 and answer.code != "log")
            if answer.sent in REFUSED:
                if answer.writes and not all(SESSION_TABLE in statement for statement in answer.writes):
                    self.problems.append(f"POST {label} {column} was refused and wrote: {answer.writes[0]}")
                continue
            if not also_empty:
                continue
            empty = self.asker.post(path, user, {})
            self._check(f"empty POST {label} {column}", empty)
            if (empty.sent in ("403", "404")) != (answer.sent in ("403", "404")):
                self.problems.append(
                    f"POST {label} {column}: {answer.status} with values, {empty.status} with none: "
                    "the right is not asked before the values are"
                )
        self.answers.setdefault(("POST", label), {}).update(codes)
        self.only_read = set(codes.values()) <= NOT_TAKEN

    def _look_for_who_is_accepted(self, places: tuple[str, ...]) -> None:
        """Of a class, those whose post is taken in hand, one may be told of an error and another be accepted."""
        for label in places:
            place = self.world.place(label)
            for column, promise in zip(COLUMNS, expected(self.promised or {}, "POST", label) or (), strict=False):
                if promise == "ok" and column not in self.asked and not self.accepted:
                    self.asked = (column,)
                    self._posts(label, self.block.path(self.name, place), place)

    def _check(self, what: str, answer: Answer) -> None:
        if answer.status >= 500:
            self.problems.append(f"{what}: {answer.status} {answer.error}")
