"""A meeting as an iCalendar object: the invitation that leaves with an e-mail (RFC 5546), the event of the feed.

The identifier of a meeting never changes; its `sequence` grows with each change, so that a calendar replaces the event.
"""

import datetime as dt
from collections.abc import Iterable, Iterator

from django.conf import settings
from django.urls import reverse

from cpo.lib import clock
from cpo.lib.mail.emails import absolute, message_id
from reporting.models import Decision, Invitee, Meeting

from .ical import escape, file

REQUEST, CANCEL = "REQUEST", "CANCEL"


def invitation(meeting: Meeting, invitees: Iterable[Invitee], method: str) -> str:
    """The file of one message: REQUEST invites or changes, CANCEL takes back."""
    attendees = [_attendee(one) for one in invitees]
    return file(_event(meeting, method, attendees), method=method, name=meeting.title)


def of_feed(meetings: Iterable[Meeting], decisions: Iterable[Decision]) -> Iterator[str]:
    """The events of the personal calendar: what is planned, and what was decided for a day."""
    for meeting in meetings:
        yield from _event(meeting, "", [])
    for decision in decisions:
        yield from _decision(decision)


def _event(meeting: Meeting, method: str, attendees: list[str]) -> Iterator[str]:
    convention, page = meeting.convention, absolute(reverse("meeting-detail", args=_path(meeting)))
    about = [f"{convention.number}, {convention.dossier.beneficiary}", meeting.agenda.strip(), page]
    yield "BEGIN:VEVENT"
    yield f"UID:{message_id(f'reunion-{meeting.pk}')[1:-1]}"
    yield f"SEQUENCE:{meeting.sequence}"
    yield f"DTSTAMP:{_utc(clock.now())}"
    yield from _when(meeting)
    yield f"SUMMARY:{escape(f'{meeting.title} – {convention.dossier.beneficiary}')}"
    if meeting.place:
        yield f"LOCATION:{escape(meeting.place)}"
    yield f"DESCRIPTION:{escape(chr(10).join(part for part in about if part))}"
    yield f"URL:{page}"
    yield f"STATUS:{'CANCELLED' if method == CANCEL else 'CONFIRMED'}"
    if method:
        yield _organiser(meeting)
        yield from attendees
    yield "END:VEVENT"


def _path(meeting: Meeting) -> list[object]:
    return [meeting.convention.number, meeting.pk]


def _when(meeting: Meeting) -> Iterator[str]:
    """An instant is written in UTC, so that no definition of a zone is needed; without hours, the whole day."""
    day = meeting.day
    assert day is not None  # noqa: S101  only a meeting with a day is told
    if meeting.begins and meeting.ends:
        yield f"DTSTART:{_utc(meeting.begins)}"
        yield f"DTEND:{_utc(meeting.ends)}"
    else:
        yield f"DTSTART;VALUE=DATE:{day:%Y%m%d}"
        yield f"DTEND;VALUE=DATE:{day + dt.timedelta(days=1):%Y%m%d}"


def _utc(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y%m%dT%H%M%SZ")


def _organiser(meeting: Meeting) -> str:
    person = meeting.organiser
    name, address = (str(person), person.email) if person else (settings.SITE_NAME, settings.SUPPORT_EMAIL)
    return f"ORGANIZER;CN={_quoted(name)}:mailto:{address}"


def _attendee(invitee: Invitee) -> str:
    cn = f"CN={_quoted(invitee.name)}"
    return f"ATTENDEE;{cn};ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:{invitee.email}"


def _quoted(text: str) -> str:
    """A parameter value holds no quote (RFC 5545, 3.2)."""
    return '"' + text.replace('"', "’") + '"'


def _decision(decision: Decision) -> Iterator[str]:
    meeting, day = decision.meeting, decision.due_on
    assert day is not None  # noqa: S101  the feed reads the decisions that have a day
    page = absolute(reverse("meeting-detail", args=_path(meeting))) + "#decisions"
    about = [f"{meeting.convention.number}, {meeting.title}", decision.who, page]
    yield "BEGIN:VEVENT"
    yield f"UID:{message_id(f'decision-{decision.pk}')[1:-1]}"
    yield f"DTSTAMP:{_utc(clock.now())}"
    yield f"DTSTART;VALUE=DATE:{day:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{day + dt.timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{escape(f'Décision : {decision}')}"
    yield f"DESCRIPTION:{escape(chr(10).join(part for part in about if part))}"
    yield f"URL:{page}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"
