"""The lines of an iCalendar file (RFC 5545): escaping, folding, the frame around the events."""

from collections.abc import Iterable, Iterator

from django.conf import settings

FOLD = 75  # octets, without the line break (RFC 5545, 3.1)
PUBLISH = "PUBLISH"


def escape(text: str) -> str:
    """Escape a TEXT value (RFC 5545, 3.3.11)."""
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return text.replace("\r\n", "\\n").replace("\n", "\\n")


def fold(line: str) -> str:
    """Break a content line at 75 octets, never inside a character; a continuation begins with a space."""
    parts, current, room = [], "", FOLD
    for character in line:
        size = len(character.encode())
        if size > room:
            parts.append(current)
            current, room = "", FOLD - 1
        current += character
        room -= size
    return "\r\n ".join([*parts, current])


def file(events: Iterable[str], *, name: str, method: str = PUBLISH) -> str:
    """The whole file, with CRLF line ends. `events`: the content lines of its events."""
    return "".join(f"{fold(line)}\r\n" for line in _lines(events, name, method))


def _lines(events: Iterable[str], name: str, method: str) -> Iterator[str]:
    yield "BEGIN:VCALENDAR"
    yield "VERSION:2.0"
    yield f"PRODID:-//{escape(settings.SITE_NAME)}//Échéances//FR"
    yield "CALSCALE:GREGORIAN"
    yield f"METHOD:{method}"
    if method == PUBLISH:
        yield f"X-WR-CALNAME:{escape(name)}"
        yield "REFRESH-INTERVAL;VALUE=DURATION:PT12H"
    yield from events
    yield "END:VCALENDAR"
