"""What pages show of an act without adding it all up at each request.

Every content write increments the programme's revision, so what follows from the content alone is remembered under
it. Decisions never read this: `workflow.apply` locks a fresh act, on which nothing is remembered.
"""

from typing import Any

from django.db.models import Prefetch
from django.urls import reverse

from conventions.cache import once
from cpo.lib import journal
from cpo.lib.enums import Side
from cpo.lib.models import JournalEntry

from .models import Acceptance, Act, Version, Visa


def latest_version(act: Act) -> Version | None:
    """The latest version without its content (a big JSON, read on demand), with its acceptances and visas."""
    return once(act, "latest_version", lambda: _latest(act))


def _latest(act: Act) -> Version | None:
    standing = Prefetch("acceptances", Acceptance.objects.filter(cancelled_at=None), to_attr="standing")
    visas = Prefetch("visas", Visa.objects.order_by("-at", "-id"), to_attr="given_visas")
    return act.versions.defer("content").order_by("-number").prefetch_related(standing, visas).first()


def live_sides(act: Act) -> set[str]:
    """The sides whose acceptance of the latest version stands."""
    version = latest_version(act)
    if version is None:
        return set()
    return {acceptance.side for acceptance in version.standing}  # type: ignore[attr-defined]


def accepted_by_both(act: Act) -> bool:
    return live_sides(act) == set(Side.values)


def agreement_undone(act: Act) -> Acceptance | None:
    """Both sides had accepted the latest version and neither does any more: an acceptance that tells by what."""
    version = latest_version(act)
    if version is None or live_sides(act):
        return None
    return once(act, "agreement_undone", lambda: _undone(version))


def _undone(version: Version) -> Acceptance | None:
    undone = list(version.acceptances.exclude(cancelled_at=None).order_by("-cancelled_at"))
    together = [one for one in undone if one.cancelled_at == undone[0].cancelled_at]
    return together[0] if {one.side for one in together} == set(Side.values) else None


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
