"""The pages that are compared: those of the walk (tests/access/), their refusals, and the HTML of each document."""

import gc
import re
from collections.abc import Callable, Iterator
from functools import _lru_cache_wrapper
from pathlib import Path
from typing import Any
from unittest import mock

import time_machine
from django.core.cache import cache
from django.template import Origin
from django.template import loader as django_loader
from django.template.loaders import cached, filesystem
from django.test import override_settings
from django.urls import get_resolver

from cpo.lib.printing import pdf
from tests.access import html
from tests.access.addresses import BLOCKS
from tests.access.places import World
from tests.access.walk import Answer, Asker
from tests.access.wrong import CASES
from tests.conftest import START

# One person for each way in which a page differs; the walk itself asks for all of them.
PEOPLE = ("anon", "off", "man", "sig", "dir", "pre", "adm", "uml")
TYPISTS = ("off", "man", "pre", "adm", "anon")
REFUSED = ("convention-detail", "convention-sign", "thread-create", "reference-home", "review")
OWN_MODULES = ("cpo", "arml", "actions", "conventions", "reporting", "crispy_forms")


drawn: set[str] = set()  # the names of the templates that were asked for


def templates(folder: str) -> set[str]:
    return {str(path.relative_to(folder)) for path in Path(folder).rglob("*.html")}


class Folder(filesystem.Loader):
    """The templates of the folder that is being drawn."""

    current = ""

    def get_dirs(self) -> list[str]:
        return [Folder.current]

    def get_contents(self, origin: Origin) -> str:
        drawn.add(origin.template_name)
        return super().get_contents(origin)


def settings_of(templates: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The application's settings, with the folder that changes in the place of its own."""
    one = dict(templates[0], DIRS=[], APP_DIRS=False)
    inner = ["tests.dom.pages.Folder", "django.template.loaders.app_directories.Loader"]
    one["OPTIONS"] = one["OPTIONS"] | {"loaders": [("django.template.loaders.cached.Loader", inner)]}
    return [one]


def forget() -> None:
    """Nothing drawn with the other folder is used again: templates, and what is drawn once per process."""
    for engine in django_loader.engines.all():
        for one in engine.engine.template_loaders:
            if isinstance(one, cached.Loader):
                one.reset()
    for found in gc.get_objects():
        if isinstance(found, _lru_cache_wrapper) and (found.__module__ or "").split(".")[0] in OWN_MODULES:
            found.cache_clear()
    cache.clear()


# What is new at each drawing, whatever the templates.
TOKENS = re.compile(r"\b[A-Za-z0-9]{64}\b|\b[\w-]{16,}:[\w-]{6}:[\w-]{27,43}|\b[0-9a-f]{32}\b")


def mask(text: str) -> str:
    return TOKENS.sub("…", text)


class Pages:
    """Draws all the pages, twice or more, of dossiers that are made once."""

    def __init__(self, words: list[str]) -> None:
        self.world, self.asker = World(), Asker()
        self.blocks = {
            name: block for name, block in BLOCKS.items() if not words or any(word in name for word in words)
        }
        for name, block in self.blocks.items():
            for label in block.places:  # what the addresses need is made now: both drawings find the same rows
                place = self.world.place(label)
                block.path(name, place)
                if block.post:
                    block.post(place)
        for label in [case.place for case in CASES if case.block in self.blocks] + [
            BLOCKS[name].places[0] for name in REFUSED
        ]:
            self.world.place(label)

    def draw(self, folder: str) -> Iterator[tuple[str, str]]:
        """The name and the HTML of each page, with the templates of this folder."""
        Folder.current = folder
        forget()
        with time_machine.travel(START, tick=False):
            for name in self.blocks:
                for label in self.blocks[name].places:
                    yield from self._place(name, label)
            yield from self._wrong()
            yield from self._refused()
        yield from documents()

    def _place(self, name: str, label: str) -> Iterator[tuple[str, str]]:
        block, place = self.blocks[name], self.world.place(label)
        path = block.path(name, place)
        pages = {person: self.asker.get(path, place.people[person]) for person in PEOPLE}
        yield from self._said(pages.items(), f"GET {name} {label}")
        found = html.richest([page.body for page in pages.values() if page.code == "200"], path)
        data = (found.data() if found else {}) | (block.post(place) if block.post else {})
        if label in block.places[:2]:
            asked = ((person, self.asker.post(path, place.people[person], {})) for person in TYPISTS)
            yield from self._said(asked, f"POST nothing {name} {label}")
            asked = ((person, self.asker.post(path, place.people[person], dict(data))) for person in TYPISTS)
            yield from self._said(asked, f"POST {name} {label}")

    def _wrong(self) -> Iterator[tuple[str, str]]:
        """Forms that come back with what is wrong in them."""
        from tests.test_forms_wrong_values import page_of, typed

        for case in CASES:
            if case.block not in self.blocks:
                continue
            place, block, shown = self.world.place(case.place), BLOCKS[case.block], page_of(case.block)
            user = place.people[case.person]
            body = self.asker.get(BLOCKS[shown].path(shown, place), user).body
            data = typed(case, body, block.post(place) if block.post else {})
            stale = data | {"revision": "0"} if "revision" in data else data  # somebody saved in between
            for kind, sent in (("wrong", data), ("stale", stale)):
                answer = self.asker.post(block.path(case.block, place), user, dict(sent))
                yield from self._said([(case.person, answer)], f"POST {kind} {case.title}")

    def _refused(self) -> Iterator[tuple[str, str]]:
        """The pages that say no, which the walk does not draw."""
        bare = get_resolver().resolve_error_handler
        del get_resolver().resolve_error_handler
        for name in REFUSED:
            block = BLOCKS[name]
            place = self.world.place(block.places[0])
            path = block.path(name, place)
            for kind, ask in (("GET", self.asker.get), ("POST", lambda path, user: self.asker.post(path, user, {}))):
                answers = [(person, ask(path, place.people[person])) for person in ("anon", "dir", "xof", "red")]
                yield from self._said(answers, f"refused {kind} {name}")
        get_resolver().resolve_error_handler = bare

    def _said(self, answers: Any, title: str) -> Iterator[tuple[str, str]]:
        for person, answer in answers:
            if answer.body:
                yield f"{title} {person} ({_status(answer)})", answer.body


def _status(answer: Answer) -> str:
    return f"{answer.status} {answer.error}".strip()


def documents() -> Iterator[tuple[str, str]]:
    """The HTML that WeasyPrint receives, for each kind of document."""
    from tests.reporting.test_documents import KINDS, OTHERS

    for kind, make in (KINDS | OTHERS).items():
        printed: list[str] = []
        with mock.patch.object(pdf, "html_to_pdf", _kept(printed)):
            made = make()
        for number, page in enumerate(printed or [made.decode("utf-8", "replace")]):
            yield f"document {kind} {number}", page


def _kept(printed: list[str]) -> Callable[..., bytes]:
    def keep(html: str, **options: Any) -> bytes:
        printed.append(html)
        return b"%PDF-"

    return keep


def switched() -> override_settings:
    from django.conf import settings

    return override_settings(TEMPLATES=settings_of(settings.TEMPLATES))
