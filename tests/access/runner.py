"""One block walked: every place, every person, GET then POST; the answers, and what is wrong in any case."""

from typing import Any

from . import html
from .addresses.base import Block
from .people import COLUMNS
from .places import Place, World
from .table import Block as Answers
from .walk import SESSION_TABLE, Answer, Asker

# The link of the message leaves the address for the session before the form is shown (Django's own handling).
MAY_WRITE_SESSION = {"password-reset-confirm"}
REFUSED = {"log", "404", "405"}


class Walk:
    """The answers of one block, and its problems: a failure, a GET that writes, a post that gets past its rule."""

    def __init__(self, world: World, asker: Asker, name: str, block: Block) -> None:
        self.world, self.asker, self.name, self.block = world, asker, name, block
        self.answers: Answers = {}
        self.problems: list[str] = []
        self.form: dict[str, Any] = {}
        self.accepted = False
        self.only_read = False  # a page that refuses every post before it looks at anything: asked in one place

    def run(self, places: tuple[str, ...] | None = None) -> "Walk":
        for label in places or self.block.places:
            place = self.world.place(label)
            path = self.block.path(self.name, place)
            pages = self._gets(label, path, place)
            found = html.richest(pages, path)
            if found is not None:
                self.form = found.data()
            if not self.only_read:
                self._posts(label, path, place)
        if self.form and self.block.takes and not self.accepted and places is None:
            self.problems.append("no post was accepted anywhere: what is posted is not valid")
        return self

    def _gets(self, label: str, path: str, place: Place) -> list[str]:
        codes, pages = [], []
        for column in COLUMNS:
            answer = self.asker.get(path, place.people[column])
            codes.append(answer.code)
            self._check(f"GET {label} {column}", answer)
            for statement in answer.writes:
                if not (SESSION_TABLE in statement and self.name in MAY_WRITE_SESSION):
                    self.problems.append(f"GET {label} {column} {path} writes: {statement}")
            if answer.code == "200":
                pages.append(answer.body)
        self.answers["GET", label] = tuple(codes)
        return pages

    def _posts(self, label: str, path: str, place: Place) -> None:
        codes = []
        also_empty = self.block.empty and label == self.block.places[0]
        for column in COLUMNS:
            user = place.people[column]
            data = self.form | (self.block.post(place) if self.block.post else {})  # files are read once: anew
            answer = self.asker.post(path, user, data)
            codes.append(answer.sent)
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
        self.answers["POST", label] = tuple(codes)
        self.only_read = set(codes) <= {"405", "log"}

    def _check(self, what: str, answer: Answer) -> None:
        if answer.status >= 500:
            self.problems.append(f"{what}: {answer.status} {answer.error}")
