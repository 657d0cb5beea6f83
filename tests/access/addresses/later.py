"""Acts after the first: the pages that open them, their contents, their text, and the pages that any act has."""

from typing import Any

from tests.access.places import LATER, STATES

from .base import Block, form_values, on_convention
from .conventions import article
from .negotiation import transition, version

OPENABLE = ("active", *(state for state in STATES if state != "active"), "avenant")
REQUEST = form_values(topic="programme", purpose="Un objet.", cause="Une cause.", consequences="Des conséquences.")


def year(value: int) -> Any:
    return form_values(year=str(value), purpose="Un objet.")


def later(name: str, post: Any = None, **more: Any) -> tuple[str, Block]:
    """A page that any act has, for an act after the first. An unsigned act is not published."""
    return f"{name} later", on_convention(post, states=LATER, **more)


BLOCKS = {
    "convention-acts": on_convention(),
    "act-open-amendment": on_convention(REQUEST, states=OPENABLE),
    "act-open-annual": on_convention(year(2026), states=OPENABLE),
    "act-open-adaptation": on_convention(year(2026), states=OPENABLE),
    "act-open-paper": on_convention(
        form_values(kind="avenant", rank="1", purpose="Un objet.", effective_on="01/03/2026"),
        states=("recorded", "paper-act", "active", "draft"),
    ),
    "act-terms": on_convention(states=(*LATER, "active")),
    "act-changes": on_convention(states=(*LATER, "active")),
    "convention-consolidated": on_convention(),
    "convention-evidence": on_convention(),
    "texts-in-force": Block(kwargs=lambda place: {"cycle": place.act.convention.cycle.key}),
    "convention-transition open_amendment": transition("open_amendment", "active", takes=False),
    "convention-transition open_annual": transition("open_annual", "active", takes=False),
    "convention-transition open_adaptation": transition("open_adaptation", "active", takes=False),
    "convention-transition open_paper_act": transition("open_paper_act", "recorded", "active", takes=False),
    "record-correct": on_convention(
        form_values(notified_on="02/10/2025", reason="Mal lu."), states=("recorded", "paper", "active")
    ),
    "record-correct-row": on_convention(
        form_values(year="2026", label="Complément", amount="100", reason="Oublié."),
        states=("recorded", "paper", "active"),
        change=lambda place: "versement",
    ),
    "convention-transition correct_record": transition("correct_record", "recorded", "active", takes=False),
    "convention-transition declare": transition("declare", *LATER, "active"),
    "convention-transition refuse": transition("refuse", *LATER, "state-turn"),
    **dict(
        [
            later("convention-detail"),
            later("convention-parties"),
            later("convention-contribution"),
            later("convention-articles"),
            later("convention-article", form_values(reason="Un motif."), key=article("free")),
            later("convention-versions"),
            later("convention-version", n=version),
            later("convention-document"),
            later("convention-documents"),
            later("convention-journal"),
            later("convention-visit"),
            later("programme-detail"),
            later("programme-budget"),
            later("programme-export"),
            later("sheet-detail", key=lambda place: place.sheet.key),
            later("sheet-edit", key=lambda place: place.sheet.key),
            later("sheet-budget", key=lambda place: place.sheet.key),
        ]
    ),
}
