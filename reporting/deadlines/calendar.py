"""Deadlines as an iCalendar feed (RFC 5545), one all-day event each. The feed has a personal, revocable address."""

import datetime as dt
from collections.abc import Iterable, Iterator

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from arml.models import User
from cpo.lib import clock
from cpo.lib.mail.emails import absolute, message_id
from cpo.lib.wording import french
from cpo.lib.wording.numbers import whole_number
from reporting.models import Deadline

FOLD = 75  # octets, without the line break (RFC 5545, 3.1)
SALT = "reporting.calendar"


def token(user: User) -> str:
    """The secret part of a person's feed address; it changes when they revoke it, on its own page."""
    signature = salted_hmac(SALT, f"{user.pk}:{user.calendar_serial}", algorithm="sha256").hexdigest()[:40]
    return f"{user.pk}-{signature}"


def owner(text: str) -> User | None:
    """The active person whose token this is, or None."""
    key = whole_number(text.partition("-")[0])
    user = User.objects.filter(pk=key, is_active=True).first() if key is not None else None
    return user if user and constant_time_compare(token(user), text) else None


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


def calendar(deadlines: Iterable[Deadline]) -> str:
    """The whole feed, with CRLF line ends."""
    return "".join(f"{fold(line)}\r\n" for line in _lines(deadlines))


def _lines(deadlines: Iterable[Deadline]) -> Iterator[str]:
    yield "BEGIN:VCALENDAR"
    yield "VERSION:2.0"
    yield f"PRODID:-//{escape(settings.SITE_NAME)}//Échéances//FR"
    yield "CALSCALE:GREGORIAN"
    yield "METHOD:PUBLISH"
    yield f"X-WR-CALNAME:{escape(f'Échéances – {settings.SITE_NAME}')}"
    yield "REFRESH-INTERVAL;VALUE=DURATION:PT12H"
    stamp = clock.now().astimezone(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    for deadline in deadlines:
        yield from _event(deadline, stamp)
    yield "END:VCALENDAR"


def _event(deadline: Deadline, stamp: str) -> Iterator[str]:
    convention, rule = deadline.convention, deadline.rule
    day, address = deadline.due_on, absolute(reverse("deadline-detail", kwargs={"pk": deadline.pk}))
    working = deadline.working_day
    description = [
        f"{convention.number}, {convention.dossier.beneficiary}",
        f"Premier jour ouvré : le {french.date(working)}." if working != day else "",
        rule.effect,
        address,
    ]
    year = f" {deadline.year}" if deadline.year else ""
    yield "BEGIN:VEVENT"
    yield f"UID:{message_id(f'echeance-{deadline.pk}')[1:-1]}"
    yield f"DTSTAMP:{stamp}"
    yield f"DTSTART;VALUE=DATE:{day:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{day + dt.timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{escape(f'{rule.label}{year} – {convention.dossier.beneficiary}')}"
    yield f"DESCRIPTION:{escape(chr(10).join(part for part in description if part))}"
    yield f"URL:{address}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"
