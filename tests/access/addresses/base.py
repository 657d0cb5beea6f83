"""The addresses of the walk: each block of the table gives a path in a place, and the data to post there.

A post contains the data of the page's own form, as a browser sends it, and the values that `post` adds: those that a
person must type for the post to be accepted. A block has the name of its address. A word follows the name where one
address has several blocks.
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
    """`takes`: a post is accepted in at least one of these places. `empty`: the first place also gets a post without
    any value, and the same right must apply to it. The first place is the one where most people may post."""

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


def form_values(**values: Any) -> Callable[[Place], dict[str, Any]]:
    return lambda place: dict(values)


def names() -> set[str]:
    """The name of every route of the site."""

    def walk(patterns: list[Any]) -> set[str]:
        route_names: set[str] = set()
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                route_names |= walk(pattern.url_patterns)
            elif isinstance(pattern, URLPattern):
                route_names.add(pattern.name or str(pattern.pattern))
        return route_names

    return walk(get_resolver().url_patterns)


def on_convention(post: Any = None, *, states: tuple[str, ...] = STATES, **more: Callable[[Place], Any]) -> Block:
    return Block(states, of_convention(**more), post)


def on_report(post: Any = None, *, states: tuple[str, ...] = REPORT_STATES, **more: Callable[[Place], Any]) -> Block:
    return Block(states, of_report(**more), post)


__all__ = ["Block", "Place", "file", "names", "on_convention", "on_report"]
