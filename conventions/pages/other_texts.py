"""Which text a page shows, since when, which acts made it; and links to the other acts of the convention."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from conventions.enums import ConventionState as State
from conventions.later.in_force import in_force_among, in_signing_order
from conventions.models import Act
from cpo.lib import clock
from cpo.lib.actor import reads_negotiation
from cpo.lib.wording import french

from .act_page import FIRST, ActPage
from .waiting import route


def address_of(act: Act) -> str:
    """The address of the pages of this very act, whatever changed it since."""
    return str(act.reference) if act.number else f"{act.convention.number}{FIRST}"


@dataclass(frozen=True)
class TextLine:
    """« Texte en vigueur depuis le 1er juillet 2026 : convention, avenant n° 1 », or what became of this text."""

    words: str
    acts: list[dict[str, str]]  # name and address of each act that made the text
    in_force_url: str = ""  # the pages of the text in force, when this is another one


def text_line(page: ActPage) -> TextLine | None:
    """Return the line under the title; None before the signature, and while the convention is the only act."""
    text, acts = page.text, page.acts
    if not text.is_active or not acts:
        return None
    signed_acts, today = in_signing_order(acts), clock.today(page.act.dossier.time_zone)
    rank = next((rank for rank, one in enumerate(signed_acts) if one.pk == text.pk), None)
    if rank is None:
        return None
    made_of = [{"name": _name(one), "url": _detail(address_of(one))} for one in reversed(signed_acts[rank:])]
    if page.is_convention:
        return TextLine(f"Texte en vigueur depuis le {french.date(text.effective_on)}", made_of)
    current = in_force_among(acts, today)
    following = signed_acts[rank - 1] if rank else None
    in_force_url = _detail(page.act.convention.number)
    return TextLine(_history(text, current, following, today), made_of, in_force_url if current != text else "")


def _history(text: Act, current: Act | None, following: Act | None, today: dt.date) -> str:
    start = french.date(text.effective_on)
    if text.effective_on > today:
        return f"Texte signé, en vigueur à partir du {start}"
    if current == text or following is None:
        return f"Texte en vigueur depuis le {start}"
    if following.effective_on <= text.effective_on:
        return f"Texte remplacé dès sa prise d’effet, le {start}, par {following.name_in_sentence}"
    last = following.effective_on - dt.timedelta(days=1)
    return f"Texte en vigueur du {start} au {french.date(last)}, puis modifié par {following.name_in_sentence}"


def _name(act: Act) -> str:
    return act.name[:1].lower() + act.name[1:]


def _detail(number: str) -> str:
    return reverse("convention-detail", args=[number])


def lines(page: ActPage) -> list[dict[str, str]]:
    """Return the text and the address of each signed act to come, and of each open act, to show under the title."""
    act, reads_open_acts = page.act, reads_negotiation(page.actors)
    today = clock.today(act.dossier.time_zone)
    rows = []
    for other in page.acts:
        if other in (act, page.text):
            continue
        if other.is_active and other.effective_on > today:
            words = f"Modifiée par {other.name_in_sentence} à partir du {french.date(other.effective_on)}"
        elif other.state in Act.OPEN and reads_open_acts:
            words = f"{other.name} : {other.state_words.lower()}"
        else:
            continue
        rows.append({"text": words, "url": route("convention-detail", other.reference)})
    return rows


def timeline(page: ActPage) -> list[dict[str, Any]]:
    """Return the acts that the person may read, in their order, with their state in words and what dates them."""
    acts = page.acts or [page.act]
    current = in_force_among(acts, clock.today(page.act.dossier.time_zone))
    signed_acts = in_signing_order(acts)
    applied = set(signed_acts[signed_acts.index(current) :]) if current in signed_acts else set()
    return [_act_line(one, applied) for one in acts]


def _act_line(act: Act, applied: set[Act]) -> dict[str, Any]:
    words, badge = act.state_words, act.state
    if act in applied:
        words = "Signée" if not act.number else "En vigueur"
    elif act.is_active:
        words, badge = "À venir", State.SIGNATURE
    return {
        "name": act.name,
        "url": _detail(address_of(act) if act.is_active else act.reference),
        "state": badge,
        "label": words,
        "facts": " · ".join(_dates(act)),
    }


def _dates(act: Act) -> list[str]:
    agreed = "e" if not act.number else ""
    facts = []
    if act.signed_on:
        facts.append(f"signé{agreed} le {french.date(act.signed_on)}")
    if act.notified_on:
        facts.append(f"notifié{agreed} le {french.date(act.notified_on)}")
    if act.is_active:
        facts.append(f"effet au {french.date(act.effective_on)}")
    elif act.asked_on:
        facts.append(f"demandé le {french.date(act.asked_on)}")
    return facts
