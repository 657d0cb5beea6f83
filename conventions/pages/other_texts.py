"""What the pages of an act say of the other acts of its convention: those that changed it, those being negotiated."""

from arml.enums import Standing
from conventions.enums import ConventionState as State
from conventions.later.in_force import in_signing_order
from conventions.models import Act
from cpo.lib import clock
from cpo.lib.actor import Actor
from cpo.lib.wording import french

from .waiting import route


def replaced_by(act: Act, acts: list[Act]) -> Act | None:
    """The act whose text is in force today, where the page shows a signed text that is not any more."""
    signed, today = in_signing_order(acts), clock.today(act.dossier.time_zone)
    current = next((one for one in signed if one.effective_on <= today), None)
    return current if current and act in signed[signed.index(current) + 1 :] else None


def told(act: Act, acts: list[Act], actors: list[Actor]) -> list[dict[str, str]]:
    """The acts that change the one that is read, or are being negotiated: said under its title, with their address."""
    signed = in_signing_order(acts)
    following = signed[: signed.index(act)][::-1] if act in signed else []
    party = any(actor.side or actor.standing == Standing.NATIONAL for actor in actors)
    changed = "Suivi" if act.number else "Modifiée"
    lines = []
    for other in [*following, *(one for one in acts if one.state in Act.OPEN and one != act)]:
        if other.state == State.ACTIVE:
            words = f"{changed} par {other.name_in_sentence}, en vigueur au {french.date(other.effective_on)}"
        elif party:
            words = f"{other.name} : {other.state_words.lower()}"
        else:
            continue
        lines.append({"text": words, "url": route("convention-detail", other.reference)})
    return lines
