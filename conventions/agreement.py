"""The valid acceptances of the latest version, and what pages show of the agreement."""

from typing import Any

from django.urls import reverse

from conventions.reads import reads
from cpo.lib import journal
from cpo.lib.enums import Side
from cpo.lib.models import JournalEntry

from .models import Act, Version


def latest_version(act: Act) -> Version | None:
    """The latest version without its content."""
    return reads(act).latest_version


def accepting_sides(act: Act) -> set[str]:
    """The sides that have a valid (not cancelled) acceptance of the latest version."""
    return {one.side for one in reads(act).acceptances if one.cancelled_at is None}


def accepted_by_both(act: Act) -> bool:
    return accepting_sides(act) == set(Side.values)


def received_version(act: Act, side: str) -> dict[str, Any] | None:
    """The latest version if the other side proposed it: its note, and the address of the comparison; None otherwise."""
    version = latest_version(act)
    if version is None or version.side == side:
        return None
    previous = version.number - 1
    return {
        "note": version.note,
        "before": previous,
        "url": reverse("convention-compare", args=[act.reference, previous, version.number]),
    }


def last_entry(act: Act, verb: str) -> JournalEntry | None:
    return JournalEntry.objects.filter(root=journal.key(act.dossier), verb=verb).first()


def turn_request(act: Act) -> dict[str, Any]:
    """The request of the other side for the turn: its message, and the address of the button that gives the turn."""
    requester = (act.dossier.lead if act.turn == Side.BENEFICIARY else act.dossier.beneficiary).in_sentence
    return {
        "title": f"{requester[:1].upper()}{requester[1:]} redemande la main",
        "entry": last_entry(act, "ask_turn"),
        "url": reverse("convention-transition", args=[act.reference, "give_turn"]),
    }
