"""Links from the pages of an act to the other acts of its convention: those that changed it, those in negotiation."""

from conventions.enums import ConventionState as State
from conventions.later.in_force import in_signing_order
from conventions.models import Act
from cpo.lib import clock
from cpo.lib.actor import Actor, reads_negotiation
from cpo.lib.wording import french

from .waiting import route


def replaced_by(act: Act, acts: list[Act]) -> Act | None:
    """Return the act in force today, when the page shows the text of an older one."""
    signed_acts, today = in_signing_order(acts), clock.today(act.dossier.time_zone)
    current = next((one for one in signed_acts if one.effective_on <= today), None)
    return current if current and act in signed_acts[signed_acts.index(current) + 1 :] else None


def lines(act: Act, acts: list[Act], actors: list[Actor]) -> list[dict[str, str]]:
    """Return the text and the address of each act that changes `act` or is in negotiation, to show under the title."""
    signed_acts = in_signing_order(acts)
    following = signed_acts[: signed_acts.index(act)][::-1] if act in signed_acts else []
    reads_open_acts = reads_negotiation(actors)
    change_word = "Suivi" if act.number else "Modifiée"
    rows = []
    for other in [*following, *(one for one in acts if one.state in Act.OPEN and one != act)]:
        if other.state == State.ACTIVE:
            words = f"{change_word} par {other.name_in_sentence}, en vigueur au {french.date(other.effective_on)}"
        elif reads_open_acts:
            words = f"{other.name} : {other.state_words.lower()}"
        else:
            continue
        rows.append({"text": words, "url": route("convention-detail", other.reference)})
    return rows
