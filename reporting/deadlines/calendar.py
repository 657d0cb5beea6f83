"""Deadlines as an iCalendar feed (RFC 5545), one all-day event each. The feed has a personal, revocable address."""

import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import chain

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from arml.models import User
from cpo.lib import clock
from cpo.lib.mail.emails import absolute, message_id
from cpo.lib.wording import french
from cpo.lib.wording.numbers import whole_number
from reporting.models import Deadline

from .ical import escape, file

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


def calendar(deadlines: Iterable[Deadline], events: Iterable[str] = ()) -> str:
    """The whole feed. `events`: lines of the meetings and decisions of the person (`invitations.of_feed`)."""
    stamp = clock.now().astimezone(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    lines = (line for deadline in deadlines for line in _event(deadline, stamp))
    return file(chain(lines, events), name=f"Échéances – {settings.SITE_NAME}")


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
