"""The addresses of the walk: for each block of the table, where it leads in a place, and what one would post there.

A post is what the page's own form holds, as a browser would send it, with what `post` adds: what must be typed for the
post to be accepted. The name of a block is that of the address, with a word after it where one address has several.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.access.places import REPORT_STATES, SCAN, STATES, Place

Kwargs = dict[str, Any]


@dataclass(frozen=True)
class Block:
    """`takes`: whether a post exists that is accepted somewhere in these places. `empty`: whether a post without any
    value, tried in the first place, must meet the same right (the first place is where most people may post)."""

    places: tuple[str, ...] = ("-",)
    kwargs: Callable[[Place], Kwargs] = lambda place: {}
    post: Callable[[Place], dict[str, Any]] | None = None
    takes: bool = True
    empty: bool = True
    query: str = ""

    def path(self, name: str, place: Place) -> str:
        return reverse(name.split()[0], kwargs=self.kwargs(place)) + self.query


def file(name: str = "document.pdf", content: bytes = SCAN) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "application/pdf")


def number(place: Place) -> Kwargs:
    return {"number": place.number}


def of_convention(**more: Callable[[Place], Any]) -> Callable[[Place], Kwargs]:
    return lambda place: number(place) | {name: value(place) for name, value in more.items()}


def of_report(**more: Callable[[Place], Any]) -> Callable[[Place], Kwargs]:
    return lambda place: {
        "number": place.number,
        "year": place.report.year,
        **{name: value(place) for name, value in more.items()},
    }


def constant(value: Any) -> Callable[[Place], Any]:
    return lambda place: value


def typed(**values: Any) -> Callable[[Place], dict[str, Any]]:
    return lambda place: dict(values)


def names() -> set[str]:
    """Every name of the resolver."""

    def walk(patterns: list[Any]) -> set[str]:
        found: set[str] = set()
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                found |= walk(pattern.url_patterns)
            elif isinstance(pattern, URLPattern):
                found.add(pattern.name or str(pattern.pattern))
        return found

    return walk(get_resolver().url_patterns)


def on_convention(post: Any = None, *, states: tuple[str, ...] = STATES, **more: Callable[[Place], Any]) -> Block:
    return Block(states, of_convention(**more), post)


def on_report(post: Any = None, *, states: tuple[str, ...] = REPORT_STATES, **more: Callable[[Place], Any]) -> Block:
    return Block(states, of_report(**more), post)


__all__ = ["Block", "Place", "file", "names", "on_convention", "on_report"]
