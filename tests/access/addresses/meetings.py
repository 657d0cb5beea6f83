"""Meetings: their list, one meeting with its minutes, decisions, signature, documents, and the conclusion of a year."""

import datetime as dt
from typing import Any

from conventions.models import Document
from cpo.lib import clock
from cpo.lib.files import stored
from reporting.models import Meeting, MeetingFile
from reporting.services.meetings import Plan, plan
from reporting.services.minutes import save_minutes
from tests.access.places import SCAN
from tests.factories.arml import PASSWORD

from .base import Block, Kwargs, Place, constant, file, form_values, of_convention, on_convention

YEARS = ("held", "reviewed", "concluded")
COMMITTEE = {"day": dt.date(2026, 10, 1), "place": "En visioconférence"}


def dialogue(place: Place) -> Meeting:
    assert place.report is not None
    return place.report.convention.meetings.get(kind="dialogue")


def of_dialogue(**more: Any) -> Any:
    def kwargs(place: Place) -> Kwargs:
        meeting = dialogue(place)
        return {"number": meeting.convention.number, "pk": meeting.pk, **{name: of(place) for name, of in more.items()}}

    return kwargs


def on_dialogue(post: Any = None, *, states: tuple[str, ...] = YEARS, **more: Any) -> Block:
    return Block(states, of_dialogue(**more), post)


def printed(place: Place) -> Kwargs:
    """The dialogue with its minutes printed."""

    def create() -> Document:
        meeting = dialogue(place)
        document = Document.objects.create(
            act=place.act,
            purpose="releve",
            label="Relevé",
            content_sha256="0" * 64,
            file=stored.store(SCAN + b" minutes\n%%EOF", "application/pdf"),
            pages=1,
            created_at=clock.now(),
        )
        Meeting.objects.filter(pk=meeting.pk).update(minutes=document)
        return document

    if place.name != "held":
        place.once("minutes", create)
    return of_dialogue()(place)


def unsigned_pdf(place: Place) -> dict[str, Any]:
    """A PDF that nobody signed: the form comes back with an error beside the file."""
    return {"party": place.act.parties.get(role="beneficiary").pk, "sha256": "", "file": file()}


def joined(place: Place) -> int:
    def create() -> MeetingFile:
        return MeetingFile.objects.create(
            meeting=dialogue(place),
            file=stored.store(SCAN, "application/pdf"),
            name="diagnostic.pdf",
            added_by=place.people["off"],
            added_at=clock.now(),
        )

    return place.once("meeting file", create).pk


def committee(place: Place) -> int:
    """A steering committee of the association, with its minutes written."""

    def create() -> Meeting:
        by = place.people["dir"]
        meeting = plan(convention=place.act.convention, kind="pilotage", year=2026, plan=Plan(**COMMITTEE), by=by)
        fields = {"attendees": "Les financeurs"}
        return save_minutes(meeting, fields=fields, attendance={}, decisions=(), by=by, expected_revision=None)

    return place.once("committee", create).pk


def decision(place: Place) -> dict[str, Any]:
    return {"decision": str(dialogue(place).decisions.values_list("pk", flat=True).first() or 0), "state": "done"}


PLAN = {"kind": "technique", "year": "2026", "day": "15/12/2026"}
SIGNED = {
    "signatory_name": "Une personne",
    "capacity": "responsable",
    "signed_on": "15/10/2026",
    "short_hash": "0123456789ab",
    "override_reason": "L’essai n’a pas le papier sous les yeux.",
}

BLOCKS: dict[str, Block] = {
    "convention-meetings": on_convention(states=("draft", "active", "abandoned")),
    "meeting-add": on_convention(form_values(**PLAN), states=("active", "state-turn")),
    "meeting-detail": on_dialogue(),
    "meeting-preparation": on_dialogue(),
    "meeting-edit": on_dialogue(form_values(place="Une autre salle")),
    "meeting-minutes": on_dialogue(form_values(attendees="Les deux parties et la Région")),
    "meeting-decisions": Block(("reviewed", "concluded", "held"), of_dialogue(), decision, empty=False),
    "meeting-conclusion": on_dialogue(form_values(conclusion="Le programme se poursuit.", opens="")),
    "meeting-sign": Block(("reviewed", "concluded", "held"), printed, form_values(etape="identite", password=PASSWORD)),
    "meeting-scan": Block(
        ("reviewed", "concluded", "held"), printed, lambda place: {"upload": file(content=SCAN), **SIGNED}
    ),
    "meeting-deposit": Block(("reviewed", "concluded", "held"), printed, unsigned_pdf, takes=False),
    "meeting-ics": on_dialogue(),
    "meeting-file-add": Block(YEARS, of_dialogue(), lambda place: {"upload": file()}),
    "meeting-file": on_dialogue(file=joined),
    "meeting-transition record": Block(
        ("active",), of_convention(pk=committee, name=constant("record")), form_values()
    ),
    "meeting-transition cancel": on_dialogue(form_values(comment="Reporté."), name=constant("cancel")),
    "meeting-transition take_back": Block(
        ("reviewed", "concluded", "held"),
        of_dialogue(name=constant("take_back")),
        form_values(comment="Une erreur."),
        takes=False,
    ),
}
