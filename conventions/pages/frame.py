"""The frame of a convention's pages: title, state, turn, next step, side menu.

The tag `convention_frame` reads it, so that the pages of every application share it: they only pass `number` and `tab`.
"""

from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse

from arml.models import Dossier
from conventions import permissions as may
from conventions.agreement import accepted_by_both, turn_request
from conventions.enums import ConventionState as State
from conventions.models import Act
from conventions.workflow.ending import ON_ITS_PAGE
from cpo.lib import journal
from cpo.lib.actor import Actor
from cpo.lib.enums import Side
from cpo.lib.workflow import Option

from . import other_texts
from .act_page import ActPage
from .next_step import next_step, option_link
from .side_menu import TABS, side_menu
from .waiting import route, sides, turn_duration, turn_holder

ELSEWHERE = frozenset({"give_turn", *ON_ITS_PAGE})  # actions that other blocks or other pages offer
OPENINGS = ("open_amendment", "open_annual", "open_adaptation", "open_paper_act")
LATER_STEPS = ("Négociation", "Signature", "En vigueur")
LATER_STEP_OF = {State.NEGOTIATION: 1, State.SIGNATURE: 2, State.ACTIVE: 3}
LATER_AFTER = {
    1: "Signature, quand les deux parties auront accepté la même version",
    2: "En vigueur à sa date d’effet, quand toutes les parties auront signé et que l’acte aura été notifié",
}
STEPS = ("Brouillon", "Négociation", "Signature", "Exécution", "Clôture")
STEP_OF = {State.DRAFT: 1, State.NEGOTIATION: 2, State.SIGNATURE: 3, State.ACTIVE: 4, State.CLOSED: 5}
AFTER = {
    1: "Négociation, quand le projet aura été partagé avec l’association",
    2: "Signature, quand les deux parties auront accepté la même version",
    3: "Exécution, quand toutes les parties auront signé et que la convention aura été notifiée",
    4: "Clôture, après l’évaluation finale",
}
PAPER = "Exécution, quand l’original signé, les montants et les fiches auront été enregistrés"


@dataclass
class Frame:
    """Everything that `layout/convention.html` draws."""

    number: str
    act: Act
    actors: list[Actor]
    head: dict[str, Any]
    side_menu: list[dict[str, Any]]
    breadcrumb: list[dict[str, str]]
    back: dict[str, str] | None = None  # the compact head has this link instead of the breadcrumb
    others: list[dict[str, Any]] = field(default_factory=list)
    openings: list[dict[str, Any]] = field(default_factory=list)  # the acts that the person may open

    @property
    def convention(self) -> Any:
        return self.act.convention


def build(page: ActPage, tab: str = "", page_title: str = "") -> Frame:
    act = page.act
    current = next(((label, name) for key, label, name in TABS if key == tab), None)
    breadcrumb = [
        {"label": "Conventions", "url": reverse("convention-list")},
        {"label": act.convention.number, "url": reverse("convention-detail", args=[act.convention.number])},
    ]
    if not page.is_convention:
        name = act.name if act.number else "Convention telle que signée"
        breadcrumb.append({"label": name, "url": reverse("convention-detail", args=[page.number])})
    if current and tab != "synthese":
        breadcrumb.append({"label": current[0], "url": route(current[1], page.number)})
    if page_title and not (current and current[0] == page_title):
        breadcrumb.append({"label": page_title, "url": ""})
    main = _main_option(page.options)
    full = tab == "synthese" and not page_title
    return Frame(
        number=page.number,
        act=act,
        actors=page.actors,
        head=_head(page, main, full=full),
        side_menu=side_menu(page, tab),
        breadcrumb=breadcrumb,
        back=None if full else breadcrumb[-2] if page_title else breadcrumb[0],
        others=[
            option_link(act, one) for one in page.options if one is not main and one.transition.name not in ELSEWHERE
        ],
        openings=[option_link(act, one) for one in page.options if one.transition.name in OPENINGS],
    )


def _main_option(options: list[Option]) -> Option | None:
    """Return the first action that is ready, else the first one; never a dangerous or a secondary action."""
    usual = [one for one in options if not one.transition.dangerous and not one.transition.aside]
    return next((option for option in usual if option.ready), usual[0] if usual else None)


def _subtitle(dossier: Dossier) -> str:
    """« avec la DREETS Bretagne et 2 autres services »: for the full head alone."""
    count = len(dossier.services.all())
    plural = "s" if count > 1 else ""
    return f"avec {dossier.lead.in_sentence}" + (f" et {count} autre{plural} service{plural}" if count else "")


def _head(page: ActPage, main: Option | None, *, full: bool) -> dict[str, Any]:
    act, actors, options = page.act, page.actors, page.options
    steps, step_of, after = (LATER_STEPS, LATER_STEP_OF, LATER_AFTER) if act.number else (STEPS, STEP_OF, AFTER)
    negotiated = act.is_signed_act and not (act.number and act.on_paper)
    step = step_of.get(State(act.shown_state)) if negotiated else None
    dossier = act.dossier
    turn, turn_label = turn_of(act, actors, options)
    return {
        "state": act.shown_state,
        "state_label": state_label(act, actors),
        "turn": turn,
        "turn_label": turn_label,
        "name": str(dossier.beneficiary),
        "full": full,
        "subtitle": _subtitle(dossier) if full else "",
        "from": act.effective_on,
        "until": page.text.ends_on,
        "step": step,
        "steps": len(steps),
        "step_title": steps[step - 1] if step else "",
        "step_next": _after(act, step, after),
        "text": other_texts.text_line(page),
        "acts": other_texts.lines(page),
        "next_step": next_step(act, actors, main),
        "turn_request": turn_request(act) if any(one.transition.name == "give_turn" for one in options) else None,
    }


def _after(act: Act, step: int | None, after: dict[int, str]) -> str:
    """Return the title of the next step, and what leads to it."""
    if step == 1 and act.on_paper:
        return PAPER
    if act.state == State.NEGOTIATION and accepted_by_both(act):
        return "Signature, quand le service chef de file l’aura ouverte"
    return after.get(step or 0, "")


def state_label(act: Act, actors: list[Actor]) -> str:
    """Return the words for the state of the act: readers of one state may get different words."""
    own = sides(actors)
    if act.number and (act.state in (State.ACTIVE, State.ABANDONED) or act.on_paper or not act.is_signed_act):
        return act.state_words
    if act.state == State.DRAFT and Side.STATE in own:
        return "Brouillon, invisible pour l’ARML"
    if act.state == State.NEGOTIATION and not own:
        return "Négociation, ARML" if act.turn == Side.BENEFICIARY else "Négociation, État"
    return State(act.shown_state).label


def turn_of(act: Act, actors: list[Actor], options: list[Option]) -> tuple[str, str]:
    """Return the kind of badge and its words, which tell this reader who has the turn; "" when nobody has it."""
    own = sides(actors)
    if act.state == State.SIGNATURE:
        names = {option.transition.name for option in options}
        if "sign" in names:
            return "sign", "À vous de signer"
        return ("mine", "La main est à vous") if "notify" in names else ("", "")
    if act.state != State.NEGOTIATION or act.on_paper or not own:
        return "", ""
    if any(may.holds_turn(actor, act.turn) for actor in actors):
        request_words = ", l’autre partie la redemande" if act.turn_asked_at else ""
        return "mine", f"La main est à vous{turn_duration(act)}{request_words}"
    request_words = ", redemandée" if act.turn_asked_at else ""
    return "theirs", f"La main est à {turn_holder(act, actors)}{turn_duration(act)}{request_words}"


def latest_entries(act: Act, actors: list[Actor], limit: int = 5) -> list[Any]:
    return list(journal.entries(act.dossier, actors)[:limit])
