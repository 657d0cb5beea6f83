"""Which acceptances of the latest version stand, and what pages show of the agreement."""

from typing import Any

from django.urls import reverse

from conventions.reads import reads
from cpo.lib import journal
from cpo.lib.enums import Side
from cpo.lib.models import JournalEntry

from .models import Act, Version


def latest_version(act: Act) -> Version | None:
    """The latest version without its content, with its acceptances and visas."""
    return reads(act).latest_version


def live_sides(act: Act) -> set[str]:
    """The sides whose acceptance of the latest version stands."""
    version = latest_version(act)
    if version is None:
        return set()
    return {acceptance.side for acceptance in version.standing}  # type: ignore[attr-defined]


def accepted_by_both(act: Act) -> bool:
    return live_sides(act) == set(Side.values)


def received(act: Act, side: str) -> dict[str, Any] | None:
    """The latest version when the other side proposed it: its covering note, and where to read what it changes."""
    version = latest_version(act)
    if version is None or version.side == side:
        return None
    before = version.number - 1
    arguments = [act.reference, before, version.number]
    return {
        "note": version.note,
        "before": before,
        "url": reverse("convention-compare", args=arguments) if before else "",
    }


def last_entry(act: Act, verb: str) -> JournalEntry | None:
    return JournalEntry.objects.filter(root=journal.key(act.dossier), verb=verb).first()


def turn_request(act: Act) -> dict[str, Any]:
    """The other side asks for the turn: its message, and the button that gives it back in one click."""
    asking = (act.dossier.lead if act.turn == Side.BENEFICIARY else act.dossier.beneficiary).in_sentence
    return {
        "title": f"{asking[:1].upper()}{asking[1:]} redemande la main",
        "entry": last_entry(act, "ask_turn"),
        "url": reverse("convention-transition", args=[act.reference, "give_turn"]),
    }
