"""Render the pages to compare: those of the walk (tests/access/), their refusals, and the HTML of each document."""

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

# One person for each variant of a page. The walk itself uses all of them.
PEOPLE = ("anon", "off", "man", "sig", "dir", "pre", "adm", "uml")
TYPISTS = ("off", "man", "pre", "adm", "anon")
REFUSED = ("convention-detail", "convention-sign", "thread-create", "reference-home", "meeting-minutes")
OWN_MODULES = ("cpo", "arml", "actions", "conventions", "reporting", "crispy_forms")


rendered: set[str] = set()  # the names of the templates that were loaded


def templates(folder: str) -> set[str]:
    return {str(path.relative_to(folder)) for path in Path(folder).rglob("*.html")}


class Folder(filesystem.Loader):
    """Load the templates of the current folder."""

    current = ""

    def get_dirs(self) -> list[str]:
        return [Folder.current]

    def get_contents(self, origin: Origin) -> str:
        rendered.add(origin.template_name)
        return super().get_contents(origin)


def settings_of(templates: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The template settings of the application, with `Folder` instead of its own folder."""
    one = dict(templates[0], DIRS=[], APP_DIRS=False)
    inner = ["tests.dom.pages.Folder", "django.template.loaders.app_directories.Loader"]
    one["OPTIONS"] = one["OPTIONS"] | {"loaders": [("django.template.loaders.cached.Loader", inner)]}
    return [one]


def forget() -> None:
    """Clear the caches that may contain HTML of the other folder: templates, and functions cached per process."""
    for engine in django_loader.engines.all():
        for one in engine.engine.template_loaders:
            if isinstance(one, cached.Loader):
                one.reset()
    for item in gc.get_objects():
        if type(item) is _lru_cache_wrapper and (item.__module__ or "").split(".")[0] in OWN_MODULES:
            item.cache_clear()
    cache.clear()


# Tokens, which change at each rendering whatever the templates.
TOKENS = re.compile(r"\b[A-Za-z0-9]{64}\b|\b[\w-]{16,}:[\w-]{6}:[\w-]{27,43}|\b[0-9a-f]{32}\b")


def mask(text: str) -> str:
    return TOKENS.sub("…", text)


class Pages:
    """Create the dossiers once, and render all their pages for each folder."""

    def __init__(self, words: list[str]) -> None:
        self.world, self.asker = World(), Asker()
        self.blocks = {
            name: block for name, block in BLOCKS.items() if not words or any(word in name for word in words)
        }
        for name, block in self.blocks.items():
            for label in block.places:  # create all rows now, so that both renderings find the same ones
                place = self.world.place(label)
                block.path(name, place)
                if block.post:
                    block.post(place)
        for label in [case.place for case in CASES if case.block in self.blocks] + [
            BLOCKS[name].places[0] for name in REFUSED
        ]:
            self.world.place(label)

    def draw(self, folder: str) -> Iterator[tuple[str, str]]:
        """Render each page with the templates of this folder. Yield its name and its HTML."""
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
        yield from self._named(pages.items(), f"GET {name} {label}")
        form = html.richest([page.body for page in pages.values() if page.code == "200"], path)
        data = (form.data() if form else {}) | (block.post(place) if block.post else {})
        if label in block.places[:2]:
            answers = ((person, self.asker.post(path, place.people[person], {})) for person in TYPISTS)
            yield from self._named(answers, f"POST nothing {name} {label}")
            answers = ((person, self.asker.post(path, place.people[person], dict(data))) for person in TYPISTS)
            yield from self._named(answers, f"POST {name} {label}")

    def _wrong(self) -> Iterator[tuple[str, str]]:
        """The forms that come back with error messages."""
        from tests.test_forms_wrong_values import data_of, page_of

        for case in CASES:
            if case.block not in self.blocks:
                continue
            place, block, page_name = self.world.place(case.place), BLOCKS[case.block], page_of(case.block)
            user = place.people[case.person]
            body = self.asker.get(BLOCKS[page_name].path(page_name, place), user).body
            data = data_of(case, body, block.post(place) if block.post else {})
            stale = (
                data | {"revision": "0"} if "revision" in data else data
            )  # as if another person had saved in the meantime
            for kind, values in (("wrong", data), ("stale", stale)):
                answer = self.asker.post(block.path(case.block, place), user, dict(values))
                yield from self._named([(case.person, answer)], f"POST {kind} {case.title}")

    def _refused(self) -> Iterator[tuple[str, str]]:
        """The error pages, which the walk does not render."""
        bare = get_resolver().resolve_error_handler
        del get_resolver().resolve_error_handler
        for name in REFUSED:
            block = BLOCKS[name]
            place = self.world.place(block.places[0])
            path = block.path(name, place)
            for kind, ask in (("GET", self.asker.get), ("POST", lambda path, user: self.asker.post(path, user, {}))):
                answers = [(person, ask(path, place.people[person])) for person in ("anon", "dir", "xof", "red")]
                yield from self._named(answers, f"refused {kind} {name}")
        get_resolver().resolve_error_handler = bare

    def _named(self, answers: Any, title: str) -> Iterator[tuple[str, str]]:
        for person, answer in answers:
            if answer.body:
                yield f"{title} {person} ({_status(answer)})", answer.body


def _status(answer: Answer) -> str:
    return f"{answer.status} {answer.error}".strip()


def documents() -> Iterator[tuple[str, str]]:
    """The HTML that WeasyPrint receives, for each kind of document."""
    from tests.reporting.test_documents import KINDS, OTHERS

    for kind, make in (KINDS | OTHERS).items():
        for number, page in enumerate(documents_of(make)):
            yield f"document {kind} {number}", page


def documents_of(make: Callable[[], bytes]) -> list[str]:
    """The pages of HTML of which a document is printed; a document that is no PDF, as text."""
    printed: list[str] = []
    with mock.patch.object(pdf, "html_to_pdf", _collector(printed)):
        content = make()
    return printed or [content.decode("utf-8", "replace")]


def _collector(printed: list[str]) -> Callable[..., bytes]:
    def keep(html: str, **options: Any) -> bytes:
        printed.append(html)
        return b"%PDF-"

    return keep


def switched() -> override_settings:
    from django.conf import settings

    return override_settings(TEMPLATES=settings_of(settings.TEMPLATES))
