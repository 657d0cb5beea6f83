"""The sections that signing tools append to a PDF: one file must have one meaning, whatever program reads it.

Each byte of what is appended must belong to an object that the section lists once, to the section, or be white space.
So nothing is left that a program could take up otherwise: no object twice, no forgotten object, no hybrid section.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from .syntax import Ambiguous, Item, Ref, item, space, unpacked, value

MOST_REVISIONS = 20
POINTER = re.compile(rb"[ \t\r\n\f\x00]*startxref[ \t\r\n]+(\d{1,10})[ \t\r\n]+%%EOF(?:\r\n|\r|\n)?")
RANGE = re.compile(rb"[ \t\r\n]*(\d{1,10}) (\d{1,7})[ ]*(?:\r\n|\r|\n)")
LINE = re.compile(rb"(\d{10}) (\d{5}) ([nf])(?: \r| \n|\r\n)")
COMMENT = re.compile(rb"%(?!%EOF|PDF)[^\r\n]{0,200}(?:\r\n|\r|\n)")
TRAILER = re.compile(rb"[ \t\r\n]*trailer(?=[ \t\r\n<])")
TRAILER_KEYS = {b"/Size", b"/Prev", b"/Root", b"/Info", b"/ID"}
STREAM_KEYS = {b"/Type", b"/W", b"/Index", b"/Length", b"/Filter", b"/DecodeParms"}

# Where an object is: ("at", offset, generation) or ("in", number of the object stream, rank).
Place = tuple[Any, ...]


@dataclass(frozen=True)
class Section:
    """A cross-reference section: where it begins and ends, what it lists and frees, its trailer."""

    start: int
    end: int
    places: dict[int, Place]
    free: frozenset[int]
    trailer: dict[bytes, Any]


@dataclass(frozen=True)
class Revision:
    """The bytes that one saving appended, and the objects (number, generation) that it defines."""

    start: int
    end: int
    objects: frozenset[tuple[int, int]]
    trailer: dict[bytes, Any] = field(repr=False)


def appended(data: bytes, base: int) -> tuple[list[Revision], int]:
    """Return the revisions after the first `base` bytes, and the number of bytes after the last one.

    Raises Ambiguous: `hidden_document` when the chain of sections does not lead to the end of the base.
    """
    sections = _chain(data, base)
    before: dict[int, Place] = {}
    for section in sections.base:
        before = section.places | before
    containers = {place[1] for place in before.values() if place[0] == "in"} | sections.tables
    revisions, start = [], base
    for section in sections.new:
        revision = _revision(data, start, section, before, containers)
        revisions.append(revision)
        before, start = before | section.places, revision.end
    return revisions, len(data) - start


# -- The chain of sections ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Chain:
    """The sections appended, oldest first; those of the base, newest first; the numbers of the base's tables."""

    new: list[Section]
    base: list[Section]
    tables: set[int]


def _chain(data: bytes, base: int) -> _Chain:
    last = _pointed(data, len(data))
    end_of_base = _pointed(data, base)
    if last == end_of_base:
        raise Ambiguous("trailing")
    if last < base:
        _check_readable(data, last)
        raise Ambiguous("hidden_document")
    new: list[Section] = []
    at = last
    while at >= base:
        new.append(_section(data, at, strict=True))
        if len(new) > MOST_REVISIONS:
            raise Ambiguous("too_many_revisions")
        previous = new[-1].trailer.get(b"/Prev")
        if not isinstance(previous, int) or previous >= at:
            raise Ambiguous("hidden_document")
        at = previous
    if at != end_of_base:
        raise Ambiguous("hidden_document")
    older: list[Section] = []
    while True:
        older.append(_section(data, at, strict=False))
        previous = older[-1].trailer.get(b"/Prev")
        if previous is None:
            break
        if not isinstance(previous, int) or not 0 < previous < at:
            raise Ambiguous
        at = previous
    tables = {number for one in older for number, place in one.places.items() if place[:2] == ("at", one.start)}
    return _Chain(new[::-1], older, tables)


def _check_readable(data: bytes, at: int) -> None:
    try:
        _section(data, at, strict=False)
    except Ambiguous as error:
        raise Ambiguous("unreadable") from error


def _pointed(data: bytes, end: int) -> int:
    """The place that the last `startxref` before `end` gives."""
    match = POINTER.match(data, data.rfind(b"startxref", 0, end))
    if not match:
        raise Ambiguous
    return int(match[1])


def _section(data: bytes, at: int, *, strict: bool) -> Section:
    section = _table(data, at) if data.startswith(b"xref", at) else _stream(data, at)
    if b"/XRefStm" in section.trailer:
        raise Ambiguous("hybrid")
    allowed = TRAILER_KEYS | (set() if data.startswith(b"xref", at) else STREAM_KEYS)
    if strict and (section.trailer.get(b"/Encrypt") or not section.trailer.keys() <= allowed):
        raise Ambiguous("encrypted" if b"/Encrypt" in section.trailer else "misshapen")
    size = section.trailer.get(b"/Size")
    if not isinstance(size, int) or any(number >= size for number in section.places):
        raise Ambiguous
    return section


def _table(data: bytes, at: int) -> Section:
    places: dict[int, Place] = {}
    free: set[int] = set()
    start, at = at, at + len(b"xref")
    while match := RANGE.match(data, at):
        first, count, at = int(match[1]), int(match[2]), match.end()
        for number in range(first, first + count):
            line = LINE.match(data, at)
            if not line:
                raise Ambiguous
            _enter(places, free, number, line[3] == b"n", ("at", int(line[1]), int(line[2])))
            at = line.end()
    opened = TRAILER.match(data, at)
    if not opened:
        raise Ambiguous
    trailer, end = value(data, opened.end())
    if not isinstance(trailer, dict):
        raise Ambiguous
    return Section(start, end, places, frozenset(free), trailer)


def _enter(places: dict[int, Place], free: set[int], number: int, used: bool, place: Place) -> None:
    if number in places or number in free:
        raise Ambiguous("defined_twice")
    if used:
        places[number] = place
    else:
        free.add(number)


def _stream(data: bytes, at: int) -> Section:
    table = item(data, at, length_of=_no_length)
    trailer = table.value
    widths = trailer.get(b"/W") if isinstance(trailer, dict) and trailer.get(b"/Type") == b"/XRef" else None
    if not isinstance(widths, list) or len(widths) != 3 or any(width not in range(9) for width in widths):
        raise Ambiguous
    ranges = trailer.get(b"/Index") or [0, trailer.get(b"/Size")]
    rows, size = unpacked(table), sum(widths)
    if not isinstance(ranges, list) or len(ranges) % 2 or any(not isinstance(number, int) for number in ranges):
        raise Ambiguous
    numbers = [number for first, count in zip(ranges[::2], ranges[1::2], strict=True)
               for number in range(first, first + min(count, len(rows)))]  # fmt: skip
    if not size or len(rows) != size * len(numbers):
        raise Ambiguous
    places: dict[int, Place] = {}
    free: set[int] = set()
    for rank, number in enumerate(numbers):
        row = rows[rank * size : (rank + 1) * size]
        kind = int.from_bytes(row[: widths[0]], "big") if widths[0] else 1
        second = int.from_bytes(row[widths[0] : widths[0] + widths[1]], "big")
        third = int.from_bytes(row[widths[0] + widths[1] :], "big")
        if kind > 2:
            raise Ambiguous
        place = ("in", second, third) if kind == 2 else ("at", second, third)
        _enter(places, free, number, bool(kind), place)
    return Section(at, table.end, places, frozenset(free), trailer)


def _no_length(reference: Ref) -> int:
    raise Ambiguous


# -- What one revision defines -----------------------------------------------------------------------------------------


def _revision(data: bytes, start: int, section: Section, before: dict[int, Place], containers: set[int]) -> Revision:
    """Check that the objects that the section lists, and the section, are all that the revision holds."""
    if (section.free - {0}) & before.keys():
        raise Ambiguous("freed")
    places = {number: place for number, place in section.places.items() if before.get(number) != place}
    offsets = sorted(place[1] for place in places.values() if place[0] == "at")
    if containers & places.keys():
        raise Ambiguous("defined_twice")
    if any(not start <= offset <= section.start for offset in offsets):
        raise Ambiguous("elsewhere")
    if len(set(offsets)) != len(offsets):
        raise Ambiguous("defined_twice")
    at, items = start, {}
    for offset in offsets:
        if offset == section.start:
            continue
        _gap(data, at, offset)
        items[offset] = item(data, offset, length_of=lambda ref: _length(data, ref, places))
        at = items[offset].end
    _gap(data, at, section.start)
    for number, place in places.items():
        apart = place[0] == "at" and place[1] != section.start
        if apart and (items[place[1]].number, items[place[1]].generation) != (number, place[2]):
            raise Ambiguous
    _check_streams(places, items)
    match = POINTER.match(data, _after_comments(data, section.end))
    if not match or int(match[1]) != section.start:
        raise Ambiguous("trailing")
    objects = frozenset((number, _generation(place)) for number, place in places.items())
    return Revision(start, match.end(), objects, section.trailer)


def _generation(place: Place) -> int:
    return int(place[2]) if place[0] == "at" else 0


def _length(data: bytes, reference: Ref, places: dict[int, Place]) -> int | None:
    """The length of a stream, written as an object of the same revision."""
    place = places.get(reference.number)
    if not place or place[0] != "at":
        return None
    found = item(data, place[1], length_of=_no_length).value
    return found if isinstance(found, int) else None


def _after_comments(data: bytes, at: int) -> int:
    """The place after white space and comments. Some tools write their name there."""
    at = space(data, at)
    while match := COMMENT.match(data, at):
        at = space(data, match.end())
    return at


def _gap(data: bytes, at: int, end: int) -> None:
    """Refuse anything but white space between two objects. A comment may hold no word that opens an object."""
    if not data[at:end].strip(b" \t\r\n\f\x00"):
        return
    between = data[at:end]
    if any(word in between for word in (b"obj", b"xref", b"trailer", b"%PDF", b"%%EOF")):
        raise Ambiguous("left_over")
    if _after_comments(data, at) != end:
        raise Ambiguous("left_over")


def _check_streams(places: dict[int, Place], items: dict[int, Item]) -> None:
    """Each object stream of the revision holds the objects listed in it, once each, and no other."""
    by_number = {one.number: one for one in items.values()}
    listed: dict[int, dict[int, int]] = {}
    for number, place in places.items():
        if place[0] == "in":
            listed.setdefault(place[1], {})[place[2]] = number
    dictionaries = [one for one in items.values() if isinstance(one.value, dict)]
    streams = {one.number for one in dictionaries if one.value.get(b"/Type") == b"/ObjStm"}
    if streams != listed.keys():
        raise Ambiguous("left_over" if streams - listed.keys() else "misshapen")
    for number, ranks in listed.items():
        container = by_number[number]
        count, first = container.value.get(b"/N"), container.value.get(b"/First")
        if b"/Extends" in container.value or not isinstance(count, int) or not isinstance(first, int):
            raise Ambiguous
        content = unpacked(container)
        head = content[:first].split()
        if len(head) != 2 * count or any(not re.fullmatch(rb"[0-9]+", part) for part in head):
            raise Ambiguous
        if {rank: int(head[2 * rank]) for rank in range(count)} != ranks:
            raise Ambiguous("left_over")
        at = first
        for rank in range(count):
            if space(content, at) < first + int(head[2 * rank + 1]) or first + int(head[2 * rank + 1]) < at:
                raise Ambiguous("left_over")
            _, at = value(content, first + int(head[2 * rank + 1]))
        if content[at:].strip(b" \t\r\n\f\x00"):
            raise Ambiguous("left_over")
